package question_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/question"
)

func TestNearVerbs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		verb string
		want []string
	}{
		"case":    {"GET", []string{"get"}},
		"meaning": {"read", []string{"get", "list"}},
		"slip":    {"delte", []string{"delete"}},
		"own":     {"frobnicate", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, question.NearVerbs(tt.verb, []string{"get", "list"})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
