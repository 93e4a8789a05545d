package judge_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/judge"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

func TestOnce(t *testing.T) {
	t.Parallel()
	fix := &plan.Plan{}
	tests := map[string]struct{ found, want []finding.Finding }{
		"ended grant of a queue": {
			found: []finding.Finding{{ID: "GH001", Object: "a", Fix: fix}, {ID: "KF003", Object: "a"}, {ID: "QA108", Object: "a", Fix: fix}},
			want:  []finding.Finding{{ID: "KF003", Object: "a"}, {ID: "QA108", Object: "a", Fix: fix}},
		},
		"end that is no date": {
			found: []finding.Finding{{ID: "GH004", Object: "a"}, {ID: "QA108", Object: "a"}},
			want:  []finding.Finding{{ID: "QA108", Object: "a"}},
		},
		"other objects": {
			found: []finding.Finding{{ID: "GH001", Object: "a", Fix: fix}, {ID: "QA108", Object: "b", Fix: fix}},
			want:  []finding.Finding{{ID: "GH001", Object: "a", Fix: fix}, {ID: "QA108", Object: "b", Fix: fix}},
		},
		"one that others alone can repair": {
			found: []finding.Finding{{ID: "GH001", Object: "a", Fix: fix}, {ID: "QA108", Object: "a"}},
			want:  []finding.Finding{{ID: "GH001", Object: "a", Fix: fix}, {ID: "QA108", Object: "a"}},
		},
		"members alone": {found: []finding.Finding{{ID: "GH001", Object: "a"}}, want: []finding.Finding{{ID: "GH001", Object: "a"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, judge.Once(tt.found)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}
