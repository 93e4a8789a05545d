package queue_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

// Whoever asks about some queues is told what concerns them, of all that is found: no less, and no more.
func TestConcerned(t *testing.T) {
	t.Parallel()
	for _, check := range queue.Checks() {
		if strings.HasPrefix(check.ID, "QA3") {
			continue
		}
		t.Run(check.ID, func(t *testing.T) {
			t.Parallel()
			s := base(t).with(t, check.ID+".yaml").state(t)
			all := queue.Judge(s)
			for i := range s.Queues() {
				name := s.Queues()[i].Name
				var want []string
				for _, f := range all {
					if slices.Contains(s.Concerned(&f), name) {
						want = append(want, f.ID+" "+f.Object)
					}
				}
				var got []string
				for _, f := range queue.JudgeWith(s, queue.JudgeOptions{Queues: []string{name}}) {
					got = append(got, f.ID+" "+f.Object)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("queue %s (-of all +asked about):\n%s", name, diff)
				}
			}
		})
	}
}

// A LocalQueue that leads to another queue than that of its name concerns both, if the other lets its namespace in.
func TestConcernedElsewhere(t *testing.T) {
	t.Parallel()
	const local = `
apiVersion: kueue.x-k8s.io/v1beta1
kind: LocalQueue
metadata: {name: b, namespace: dev}
spec: {clusterQueue: a}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: ClusterQueue
metadata: {name: b}
spec: {namespaceSelector: {}}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: ClusterQueue
metadata: {name: a}
spec: {namespaceSelector: `
	for selector, want := range map[string][]string{"{}}": {"a", "b"}, "null}": {"b"}} {
		s := queue.NewState(read(t, local+selector), nil, time.Time{})
		if diff := cmp.Diff(want, s.Concerned(&finding.Finding{ID: "QA004", Object: "localqueue dev/b"})); diff != "" {
			t.Errorf("selector %s (-want +got):\n%s", selector, diff)
		}
	}
}

func TestConcernedBy(t *testing.T) {
	t.Parallel()
	s := stateOf(t, "../../examples/queues/lab")
	every := make([]string, 0, len(s.Queues()))
	for i := range s.Queues() {
		every = append(every, s.Queues()[i].Name)
	}
	tests := map[string]struct {
		finding finding.Finding
		want    []string
	}{
		"its own":                {finding.Finding{ID: "QA007", Object: "clusterqueue audio"}, []string{"audio"}},
		"one that is not there":  {finding.Finding{ID: "QA012", Object: "clusterqueue none"}, nil},
		"where it leads":         {finding.Finding{ID: "QA008", Object: "localqueue other/sneaky"}, []string{"team-a"}},
		"where it should lead":   {finding.Finding{ID: "QA004", Object: "localqueue nlp/nlp"}, []string{"nlp"}},
		"the config as a whole":  {finding.Finding{ID: "QA001", Object: "kaiwoqueueconfig kaiwo", Message: "its status is FAILED"}, every},
		"one that it speaks of":  {finding.Finding{ID: "QA107", Object: "namespace nlp", Message: "x was granted queue audio, and has nothing here"}, []string{"audio"}},
		"those of the namespace": {finding.Finding{ID: "QA106", Object: "namespace nlp", Message: "who submits"}, []string{"nlp"}},
		"a namespace of none":    {finding.Finding{ID: "QA102", Object: "rolebinding gone/x", Message: "it lets x submit"}, nil},
		"who administers all":    {finding.Finding{ID: "QA104", Object: "clusterrolebinding x", Message: "it lets x write ClusterQueues"}, every},
		"an operator":            {finding.Finding{ID: "QA301", Object: "serviceaccount kaiwo-system/x"}, every},
		"a class for all":        {finding.Finding{ID: "QA012", Object: "workloadpriorityclass urgent"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, s.Concerned(&tt.finding)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
