package plan_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// command is a stand-in for one of the suite: it reads what is there and plans what it takes to have what is wanted.
type command struct {
	before []string // objects that are there
	after  []string // objects as they should be
	gone   []string // names of those that should go
	// holds must be true of what is there, at any time.
	holds func(map[string]*unstructured.Unstructured) bool
}

func (c command) plan(t *testing.T, s *server) plan.Plan {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	var steps []plan.Step
	for _, text := range c.after {
		want := object(t, text)
		live, ok := s.objects[id(want)]
		if !ok {
			steps = append(steps, plan.Step{Verb: plan.Create, Object: want})
			continue
		}
		next := live.DeepCopy()
		merge(next.Object, want.Object)
		steps = append(steps, plan.Step{Verb: plan.Update, Object: next, Old: live.DeepCopy()})
	}
	for _, name := range c.gone {
		if live, ok := s.objects[name]; ok {
			steps = append(steps, plan.Step{Verb: plan.Delete, Old: live.DeepCopy()})
		}
	}
	p, err := plan.New("", steps...)
	if err != nil {
		t.Fatalf("plan: %v", err)
	}
	return p
}

const (
	bobViews = `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: view, namespace: dev, annotations: {user: bob, role: view}},
		subjects: [{kind: User, name: bob}], roleRef: {kind: ClusterRole, name: view}}`
	bobEdits = `{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: edit, namespace: dev, annotations: {user: bob, role: edit}},
		subjects: [{kind: User, name: bob}], roleRef: {kind: ClusterRole, name: edit}}`
	viewPolicy = `{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: view, namespace: dev}, spec: {rules: [{when: [{key: user, values: [bob]}]}]}}`
	editPolicy = `{apiVersion: security.istio.io/v1beta1, kind: AuthorizationPolicy, metadata: {name: edit, namespace: dev}, spec: {rules: [{when: [{key: user, values: [bob]}]}]}}`
	oldOwner   = `{apiVersion: kubeflow.org/v1, kind: Profile, metadata: {name: dev}, spec: {owner: {kind: User, name: ann}}}`
	newOwner   = `{apiVersion: kubeflow.org/v1, kind: Profile, metadata: {name: dev}, spec: {owner: {kind: User, name: eve}}}`
)

func commands() map[string]command {
	holdsAny := func(names ...string) func(map[string]*unstructured.Unstructured) bool {
		return func(objects map[string]*unstructured.Unstructured) bool {
			return slices.ContainsFunc(names, func(name string) bool { return objects[name] != nil })
		}
	}
	return map[string]command{
		"add":    {after: []string{bobEdits, editPolicy}},
		"remove": {before: []string{bobViews, viewPolicy}, gone: []string{"rolebinding dev/view", "authorizationpolicy dev/view"}},
		"set-role": {
			before: []string{bobViews, viewPolicy}, after: []string{bobEdits, editPolicy},
			gone:  []string{"rolebinding dev/view", "authorizationpolicy dev/view"},
			holds: holdsAny("rolebinding dev/view", "rolebinding dev/edit"),
		},
		"transfer": {
			before: []string{oldOwner, bobViews, viewPolicy}, after: []string{newOwner, bobEdits},
			gone:  []string{"authorizationpolicy dev/view"},
			holds: holdsAny("profile /dev"),
		},
	}
}

// faults are what may happen to the request of an index, and to those after it.
func faults() map[string]func(at int) func(request) answer {
	once := func(a func(request) answer) func(int) func(request) answer {
		return func(at int) func(request) answer {
			return func(r request) answer {
				if r.index == at {
					return a(r)
				}
				return answer{}
			}
		}
	}
	// kill ends the server at a request, for so many more.
	kill := func(a answer, requests int) func(int) func(request) answer {
		return func(at int) func(request) answer {
			return func(r request) answer {
				switch {
				case r.index == at:
					return a
				case r.index > at && r.index <= at+requests:
					return answer{before: errDown}
				}
				return answer{}
			}
		}
	}
	return map[string]func(int) func(request) answer{
		"killed before, back later": kill(answer{before: errKilled}, 3),
		"killed after, back later":  kill(answer{after: errKilled}, 3),
		"killed before, for good":   kill(answer{before: errKilled}, 1<<30),
		"killed after, for good":    kill(answer{after: errKilled}, 1<<30),
		"down, for good":            kill(answer{before: errDown}, 1<<30),
		"reset after":               once(func(request) answer { return answer{after: errReset} }),
		"timeout after":             once(func(request) answer { return answer{after: errTimeout} }),
		"timeout before":            once(func(request) answer { return answer{before: errTimeout} }),
		"500 before":                once(func(request) answer { return answer{before: broken()} }),
		"500 after":                 once(func(request) answer { return answer{after: broken()} }),
		"429":                       once(func(request) answer { return answer{before: tooMany()} }),
		"403":                       once(func(r request) answer { return answer{before: forbidden(r.object)} }),
		"409 for nothing":           once(func(request) answer { return answer{before: status(409, "Conflict", "modified")} }),
		"403 for good": func(at int) func(request) answer {
			return func(r request) answer {
				if r.index >= at && r.verb != "get" {
					return answer{before: forbidden(r.object)}
				}
				return answer{}
			}
		},
		"timeout after, then 403 for good": func(at int) func(request) answer {
			return func(r request) answer {
				switch {
				case r.index == at:
					return answer{after: errTimeout}
				case r.index > at && r.verb != "get":
					return answer{before: forbidden(r.object)}
				}
				return answer{}
			}
		},
	}
}

// overcome are the faults that a plan gets over by itself.
var overcome = []string{
	"killed before, back later", "killed after, back later", "reset after", "timeout after", "timeout before",
	"500 before", "500 after", "429", "409 for nothing",
}

// TestFaults spoils every request of every command in every way, and looks at what is left: the old state, the new one,
// or one that the same command completes, as the outcome says; nothing lost, nothing doubled, at any time.
func TestFaults(t *testing.T) {
	t.Parallel()
	for name, cmd := range commands() {
		for fault, spoil := range faults() {
			t.Run(name+"/"+fault, func(t *testing.T) {
				t.Parallel()
				clean := newServer(cmd.objects(t)...)
				apply(t, clean, cmd.plan(t, clean))
				for at := range len(clean.requests) + 1 {
					state := spoilAt(t, cmd, clean.state(), at, spoil(at))
					if slices.Contains(overcome, fault) && state != plan.Done {
						t.Errorf("fault at request %d: state %s, want it to be overcome", at, state)
					}
				}
			})
		}
	}
}

func (c command) objects(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	var out []*unstructured.Unstructured
	for _, text := range c.before {
		out = append(out, object(t, text))
	}
	return out
}

func apply(t *testing.T, s *server, p plan.Plan) plan.Outcome {
	t.Helper()
	out, err := plan.Apply(t.Context(), s, p, plan.Options{Clock: newClock()})
	if err != nil {
		t.Fatalf("Apply: %v", err)
	}
	return out
}

func spoilAt(t *testing.T, cmd command, after map[string]string, at int, fault func(request) answer) plan.State {
	t.Helper()
	s := newServer(cmd.objects(t)...)
	before := s.state()
	lost := false
	s.changed = func(objects map[string]*unstructured.Unstructured) {
		lost = lost || cmd.holds != nil && !cmd.holds(objects)
	}
	p := cmd.plan(t, s)
	s.fault = fault
	out, err := plan.Apply(t.Context(), s, p, plan.Options{Clock: newClock()})
	s.fault = nil
	if len(out.Units) != 1 {
		t.Fatalf("at %d: %d units, want 1", at, len(out.Units))
	}
	problem := check(out.Units[0], err, before, after, s.state())
	apply(t, s, cmd.plan(t, s))
	if diff := cmp.Diff(after, s.state()); diff != "" {
		problem += "\nnot completed by the same command (-want +got):\n" + diff
	}
	if lost {
		problem += "\naccess was lost meanwhile"
	}
	if problem != "" {
		t.Errorf("fault at request %d: %s\nerror: %v\nrequests:\n%s", at, problem, err, strings.Join(s.requests, "\n"))
	}
	return out.Units[0].State
}

// check compares what an outcome says with what is there.
func check(unit plan.UnitOutcome, err error, before, after, now map[string]string) string {
	says := map[plan.State]string{
		plan.Undone: "undone: nothing has changed", plan.Between: "done in part: run the same command again",
		plan.Unknown: "not known: the old state, the new one, or something between: run the same command again",
	}
	var want map[string]string
	switch unit.State {
	case plan.Done, plan.Unchanged:
		if err != nil || unit.Err != nil {
			return fmt.Sprintf("state %s with an error", unit.State)
		}
		want = after
	case plan.Undone:
		want = before
	case plan.Between, plan.Unknown:
		want = now
	}
	if unit.State != plan.Done && unit.State != plan.Unchanged && (err == nil || !strings.Contains(err.Error(), says[unit.State])) {
		return fmt.Sprintf("state %s does not say %q", unit.State, says[unit.State])
	}
	if !maps.Equal(want, now) {
		return fmt.Sprintf("state %s does not hold (-want +got):\n%s", unit.State, cmp.Diff(want, now))
	}
	return ""
}

// TestInterrupted ends the context at every request: nothing new is begun, what was begun is taken back.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	for name, cmd := range commands() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clean := newServer(cmd.objects(t)...)
			apply(t, clean, cmd.plan(t, clean))
			for at := range len(clean.requests) {
				s := newServer(cmd.objects(t)...)
				before := s.state()
				p := cmd.plan(t, s)
				ctx, cancel := context.WithCancel(t.Context())
				s.fault = func(r request) answer {
					if r.index == at {
						cancel()
					}
					return answer{}
				}
				out, err := plan.Apply(ctx, s, p, plan.Options{})
				want, state := before, plan.Undone
				if at == len(clean.requests)-1 {
					want, state = clean.state(), plan.Done
				} else if err == nil || err.Error() != "interrupted: undone: nothing has changed" || errors.Is(err, context.Canceled) {
					t.Errorf("interrupted at %d: error %v", at, err)
				}
				if out.Units[0].State != state {
					t.Errorf("interrupted at %d: state %s, want %s", at, out.Units[0].State, state)
				}
				if diff := cmp.Diff(want, s.state()); diff != "" {
					t.Errorf("interrupted at %d (-want +got):\n%s", at, diff)
				}
			}
		})
	}
}
