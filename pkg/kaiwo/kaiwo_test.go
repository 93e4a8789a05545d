package kaiwo_test

import (
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
)

func TestParseSettings(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		object map[string]any
		want   kaiwo.Settings
	}{
		"none": {nil, kaiwo.Settings{DefaultQueue: "kaiwo"}},
		"all": {
			map[string]any{"spec": map[string]any{
				"defaultClusterQueueName": "gpu", "dynamicallyUpdateDefaultClusterQueue": true,
				"resourceMonitoring": map[string]any{"terminateUnderutilized": true},
			}},
			kaiwo.Settings{DefaultQueue: "gpu", Dynamic: true, Terminates: true},
		},
		"nonsense": {
			map[string]any{"spec": map[string]any{"defaultClusterQueueName": 7, "dynamicallyUpdateDefaultClusterQueue": "yes", "resourceMonitoring": 1}},
			kaiwo.Settings{DefaultQueue: "kaiwo"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := kaiwo.ParseSettings(tt.object); got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}
