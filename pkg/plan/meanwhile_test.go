package plan_test

import (
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// What somebody else does to the same objects at the same moment is neither overwritten nor passed over.
func TestMeanwhile(t *testing.T) {
	t.Parallel()
	grant := object(t, `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: bob, namespace: dev},
		roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit},
		subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: bob}]}`)
	dated := grant.DeepCopy()
	dated.SetAnnotations(map[string]string{"gatehouse.dev/expires": "2026-12-01T00:00:00Z"})
	noted := grant.DeepCopy()
	noted.SetAnnotations(map[string]string{"example.com/note": "x"})
	tests := map[string]struct {
		step  func(s *server) plan.Step
		state plan.State
		says  string
	}{
		"made for a while": {
			step: func(s *server) plan.Step {
				s.put(dated)
				return plan.Step{Verb: plan.Create, Object: grant}
			},
			state: plan.Undone, says: "with another metadata.annotations[gatehouse.dev/expires]",
		},
		"made with a note of somebody's": {
			step: func(s *server) plan.Step {
				s.put(noted)
				return plan.Step{Verb: plan.Create, Object: grant}
			},
			state: plan.Unchanged,
		},
		"deleted and made anew alike": {
			step: func(s *server) plan.Step {
				old := s.put(grant)
				s.drop(id(old))
				s.put(grant)
				return plan.Step{Verb: plan.Delete, Old: old}
			},
			state: plan.Undone, says: "somebody else made it anew meanwhile",
		},
		"deleted and made anew for a while": {
			step: func(s *server) plan.Step {
				old := s.put(grant)
				s.drop(id(old))
				s.put(dated)
				return plan.Step{Verb: plan.Delete, Old: old}
			},
			state: plan.Unchanged,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer()
			s.allowed = func(authorizationv1.ResourceAttributes) bool { return true }
			p, err := plan.New("try", test.step(s))
			if err != nil {
				t.Fatal(err)
			}
			out, err := plan.Apply(t.Context(), s, p, plan.Options{Clock: newClock()})
			if out.Units[0].State != test.state {
				t.Errorf("state %s, want %s (%v)", out.Units[0].State, test.state, err)
			}
			if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("error %v, want %q", err, test.says)
			}
		})
	}
}

// A server that is too busy for one namespace, as a webhook may say, is no reason to give up on the others.
func TestBusyForOne(t *testing.T) {
	t.Parallel()
	s := newServer()
	s.fault = func(r request) answer {
		if strings.Contains(r.String(), "full") {
			return answer{before: tooMany()}
		}
		return answer{}
	}
	steps := []plan.Step{}
	for _, namespace := range []string{"a", "full", "z"} {
		steps = append(steps, plan.Step{Verb: plan.Create, Object: binding(namespace, "x"), Unit: namespace})
	}
	p, err := plan.New("try", steps...)
	if err != nil {
		t.Fatal(err)
	}
	last := plan.Event{}
	out, err := plan.Apply(t.Context(), s, p, plan.Options{
		Clock: newClock(), Parallel: 1, Progress: func(e plan.Event) { last = e },
	})
	for i, want := range []plan.State{plan.Done, plan.Undone, plan.Done} {
		if out.Units[i].State != want {
			t.Errorf("unit %s: %s, want %s (%v)", out.Units[i].Unit, out.Units[i].State, want, err)
		}
	}
	if last.Done != last.Total {
		t.Errorf("progress ends at %d of %d", last.Done, last.Total)
	}
}
