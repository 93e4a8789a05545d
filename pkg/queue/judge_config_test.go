package queue_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

// In a cluster a config that nobody has looked at is told from one that is as it should be; manifests have no status.
func TestJudgeNotLookedAt(t *testing.T) {
	t.Parallel()
	const (
		fresh = "{kind: KaiwoQueueConfig, metadata: {name: kaiwo}}"
		ready = "{kind: KaiwoQueueConfig, metadata: {name: kaiwo}, status: {status: READY}}"
	)
	tests := map[string]struct {
		live      bool
		manifests string
		want      []string
	}{
		"no status":               {true, fresh, []string{"info kaiwoqueueconfig kaiwo"}},
		"manifests":               {false, fresh, []string{}},
		"ready":                   {true, ready, []string{}},
		"no status, and dead":     {true, fresh + "\n---\n" + operatorOf("kaiwo-system", ""), []string{"error deployment kaiwo-system/kaiwo-controller-manager"}},
		"ready, and dead by now":  {true, ready + "\n---\n" + operatorOf("kaiwo-system", "status: {replicas: 1}"), []string{"error deployment kaiwo-system/kaiwo-controller-manager"}},
		"no status, and it works": {true, fresh + "\n---\n" + operatorOf("kaiwo-system", "status: {availableReplicas: 1}"), []string{"info kaiwoqueueconfig kaiwo"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := read(t, tt.manifests)
			inv.Live, inv.Served = tt.live, map[inventory.Kind]bool{inventory.QueueConfigs: true}
			inv.Custom[inventory.QueueOperators] = inv.Custom["deployments"]
			got := foundLines("QA001", queue.Judge(queue.NewState(inv, nil, time.Time{})))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A config that Kaiwo passes over is something to judge, though it has no queues.
func TestAny(t *testing.T) {
	t.Parallel()
	for manifests, want := range map[string]bool{
		"{kind: KaiwoQueueConfig, metadata: {name: other}}":                              true,
		"{kind: ClusterQueue, metadata: {name: q}}":                                      true,
		"{kind: LocalQueue, metadata: {name: q, namespace: d}, spec: {clusterQueue: q}}": true,
		"{kind: Job, metadata: {name: q}}":                                               false,
	} {
		inv := read(t, manifests)
		inv.Served = map[inventory.Kind]bool{inventory.QueueConfigs: true}
		if got := queue.Any(inv); got != want {
			t.Errorf("%s: %t, want %t", manifests, got, want)
		}
		found := queue.Judge(queue.NewState(inv, nil, time.Time{}))
		if named := len(of("QA001", finding.Error, found)) > 0; named != (want && inv.Custom[inventory.QueueConfigs] != nil) {
			t.Errorf("%s: found %v", manifests, found)
		}
	}
}
