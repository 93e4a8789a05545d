package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// must returns a valid plan.
func must(t *testing.T, steps ...plan.Step) plan.Plan {
	t.Helper()
	p, err := plan.New("", steps...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// with returns a copy of an object with a change.
func with(o *unstructured.Unstructured, change func(*unstructured.Unstructured)) *unstructured.Unstructured {
	o = o.DeepCopy()
	change(o)
	return o
}

func label(name, value string) func(*unstructured.Unstructured) {
	return func(o *unstructured.Unstructured) {
		labels := o.GetLabels()
		if labels == nil {
			labels = map[string]string{}
		}
		labels[name] = value
		o.SetLabels(labels)
	}
}

func subjects(names ...string) func(*unstructured.Unstructured) {
	return func(o *unstructured.Unstructured) {
		list := []any{}
		for _, name := range names {
			list = append(list, map[string]any{"kind": "User", "name": name})
		}
		o.Object["subjects"] = list
	}
}

func owner(name string) func(*unstructured.Unstructured) {
	return func(o *unstructured.Unstructured) {
		_ = unstructured.SetNestedField(o.Object, name, "spec", "owner", "name")
	}
}

// results returns "result object" of every step, and the state of its unit.
func results(out plan.Outcome) []string {
	var lines []string
	for _, u := range out.Units {
		lines = append(lines, strings.TrimSpace(string(u.State)+" "+u.Unit))
		for _, s := range u.Steps {
			lines = append(lines, "  "+string(s.Result)+" "+s.Step.String())
		}
	}
	return lines
}

// TestCompetition lets somebody else write between the read and our write, and looks at who wins.
func TestCompetition(t *testing.T) {
	t.Parallel()
	const (
		profile = "profile /dev"
		viewing = "rolebinding dev/view"
		editing = "rolebinding dev/edit"
	)
	transfer := func(t *testing.T, s *server) plan.Plan {
		old := s.find(t, profile)
		return must(t, plan.Step{Verb: plan.Update, Old: old, Object: with(old, owner("eve"))})
	}
	remove := func(t *testing.T, s *server) plan.Plan {
		return must(t, plan.Step{Verb: plan.Delete, Old: s.find(t, viewing)})
	}
	add := func(t *testing.T, _ *server) plan.Plan {
		return must(t, plan.Step{Verb: plan.Create, Object: object(t, bobEdits)})
	}
	tests := map[string]struct {
		plan     func(*testing.T, *server) plan.Plan
		meddle   func(*testing.T, *server)
		results  []string
		err      string
		requests []string // after the meddling
	}{
		"update, another field": {
			plan:     transfer,
			meddle:   func(_ *testing.T, s *server) { s.put(with(s.objects[profile], label("a", "b"))) },
			results:  []string{"done", "  configured update profile dev"},
			requests: []string{"patch " + profile, "get " + profile, "patch " + profile},
		},
		"update, the same field": {
			plan:    transfer,
			meddle:  func(_ *testing.T, s *server) { s.put(with(s.objects[profile], owner("mallory"))) },
			results: []string{"undone", "  failed update profile dev"},
			err: "update profile dev: somebody else changed spec.owner.name meanwhile\n" +
				"undone: nothing has changed",
			requests: []string{"patch " + profile, "get " + profile},
		},
		"update, the same change": {
			plan:     transfer,
			meddle:   func(_ *testing.T, s *server) { s.put(with(s.objects[profile], owner("eve"))) },
			results:  []string{"unchanged", "  unchanged update profile dev"},
			requests: []string{"patch " + profile, "get " + profile},
		},
		"update, gone": {
			plan:     transfer,
			meddle:   func(_ *testing.T, s *server) { s.drop(profile) },
			results:  []string{"undone", "  failed update profile dev"},
			err:      `update profile dev: profiles.kubeflow.org "dev" not found` + "\nundone: nothing has changed",
			requests: []string{"patch " + profile},
		},
		"update, made anew": {
			plan: transfer,
			meddle: func(t *testing.T, s *server) {
				s.drop(profile)
				s.put(object(t, oldOwner))
			},
			results: []string{"undone", "  failed update profile dev"},
			err: "update profile dev: it was deleted and made anew by somebody else meanwhile\n" +
				"undone: nothing has changed",
			requests: []string{"patch " + profile, "get " + profile},
		},
		"delete, another field": {
			plan:     remove,
			meddle:   func(_ *testing.T, s *server) { s.put(with(s.objects[viewing], label("a", "b"))) },
			results:  []string{"done", "  deleted delete rolebinding dev/view"},
			requests: []string{"delete " + viewing, "get " + viewing, "delete " + viewing},
		},
		"delete, another subject": {
			plan:    remove,
			meddle:  func(_ *testing.T, s *server) { s.put(with(s.objects[viewing], subjects("bob", "eve"))) },
			results: []string{"undone", "  failed delete rolebinding dev/view"},
			err: "delete rolebinding dev/view: somebody else changed subjects meanwhile\n" +
				"undone: nothing has changed",
			requests: []string{"delete " + viewing, "get " + viewing},
		},
		"delete, made anew": {
			plan: remove,
			meddle: func(t *testing.T, s *server) {
				s.drop(viewing)
				s.put(object(t, bobViews))
			},
			results:  []string{"undone", "  failed delete rolebinding dev/view"},
			requests: []string{"delete " + viewing, "get " + viewing},
			err: "delete rolebinding dev/view: somebody else made it anew meanwhile, just as it was\n" +
				"undone: nothing has changed",
		},
		"delete, gone": {
			plan:     remove,
			meddle:   func(_ *testing.T, s *server) { s.drop(viewing) },
			results:  []string{"unchanged", "  unchanged delete rolebinding dev/view"},
			requests: []string{"delete " + viewing},
		},
		"create, the same": {
			plan:     add,
			meddle:   func(t *testing.T, s *server) { s.put(with(object(t, bobEdits), label("by", "kfam"))) },
			results:  []string{"unchanged", "  unchanged create rolebinding dev/edit"},
			requests: []string{"create " + editing, "get " + editing},
		},
		"create, another subject": {
			plan:    add,
			meddle:  func(t *testing.T, s *server) { s.put(with(object(t, bobEdits), subjects("eve"))) },
			results: []string{"undone", "  failed create rolebinding dev/edit"},
			err: "create rolebinding dev/edit: it exists already, with another subjects[0].name\n" +
				"undone: nothing has changed",
			requests: []string{"create " + editing, "get " + editing},
		},
		"create, one subject more": {
			plan:    add,
			meddle:  func(t *testing.T, s *server) { s.put(with(object(t, bobEdits), subjects("bob", "eve"))) },
			results: []string{"undone", "  failed create rolebinding dev/edit"},
			err: "create rolebinding dev/edit: it exists already, with another subjects\n" +
				"undone: nothing has changed",
			requests: []string{"create " + editing, "get " + editing},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(object(t, oldOwner), object(t, bobViews))
			p := tc.plan(t, s)
			tc.meddle(t, s)
			out, err := plan.Apply(t.Context(), s, p, plan.Options{Clock: newClock()})
			if diff := cmp.Diff(tc.results, results(out)); diff != "" {
				t.Errorf("results (-want +got):\n%s", diff)
			}
			if got := fmt.Sprint(err); got != tc.err && (err != nil || tc.err != "") {
				t.Errorf("error:\n%s\nwant:\n%s", got, tc.err)
			}
			if diff := cmp.Diff(tc.requests, s.requests); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRollbackRespectsOthers fails the last step, after somebody else has changed what the first one made.
func TestRollbackRespectsOthers(t *testing.T) {
	t.Parallel()
	s := newServer()
	s.fault = func(r request) answer {
		if r.verb == "create" && r.object.GetKind() == "AuthorizationPolicy" {
			s.put(with(s.objects["rolebinding dev/edit"], subjects("bob", "eve")))
			return answer{before: forbidden(r.object)}
		}
		return answer{}
	}
	p := must(t, plan.Step{Verb: plan.Create, Object: object(t, bobEdits)}, plan.Step{Verb: plan.Create, Object: object(t, editPolicy)})
	out, err := plan.Apply(t.Context(), s, p, plan.Options{Clock: newClock()})
	want := []string{"between", "  created create rolebinding dev/edit", "  failed create authorizationpolicy dev/edit"}
	if diff := cmp.Diff(want, results(out)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	const text = `create authorizationpolicy dev/edit: authorizationpolicies.security.istio.io "edit" is forbidden: no; ` +
		"cannot take back create rolebinding dev/edit: somebody else changed subjects meanwhile; rolebinding dev/edit is created\n" +
		"done in part: run the same command again to complete it"
	if err == nil || err.Error() != text {
		t.Errorf("error:\n%v\nwant:\n%s", err, text)
	}
	if live := s.find(t, "rolebinding dev/edit"); len(live.Object["subjects"].([]any)) != 2 {
		t.Errorf("somebody else's subject is lost: %v", live.Object)
	}
}

// TestUnitsAreIndependent fails some of many units, and looks at the others, the summary and the progress.
func TestUnitsAreIndependent(t *testing.T) {
	t.Parallel()
	s := newServer()
	s.fault = func(r request) answer {
		if r.verb == "create" && r.object.GetKind() == "AuthorizationPolicy" && strings.HasSuffix(r.object.GetName(), "7") {
			return answer{before: forbidden(r.object)}
		}
		return answer{}
	}
	var steps []plan.Step
	for i := range 200 {
		name := fmt.Sprintf("m%03d", i)
		steps = append(steps,
			plan.Step{Verb: plan.Create, Unit: name, Object: with(object(t, bobEdits), func(o *unstructured.Unstructured) { o.SetName(name) })},
			plan.Step{Verb: plan.Create, Unit: name, Object: with(object(t, editPolicy), func(o *unstructured.Unstructured) { o.SetName(name) })})
	}
	var events []plan.Event
	out, err := plan.Apply(t.Context(), s, must(t, steps...), plan.Options{
		Clock: newClock(), Progress: func(e plan.Event) { events = append(events, e) },
	})
	if err == nil || !strings.HasSuffix(err.Error(), "\nand 10 more changes failed\n"+
		"done in part: of 200 changes 180 are done, 20 undone: run the same command again to complete it") {
		t.Errorf("error: %v", err)
	}
	if got := len(s.state()); got != 360 {
		t.Errorf("%d objects, want 360", got)
	}
	if got := len(s.requests); got != 420 { // 400 creates, 20 deletes, and not one read
		t.Errorf("%d requests, want 420", got)
	}
	if last := events[len(events)-1]; last.Total != 400 || len(events) != 420 {
		t.Errorf("%d events, the last one %d of %d; want 420 and 400", len(events), last.Done, last.Total)
	}
	if !slices.ContainsFunc(events, func(e plan.Event) bool { return e.Done == 400 }) {
		t.Error("no event says that all is done")
	}
	if !slices.IsSortedFunc(out.Units, func(a, b plan.UnitOutcome) int { return strings.Compare(a.Unit, b.Unit) }) {
		t.Error("the units are not in the order of the plan")
	}
}

// TestServerGoneOnce waits for a server that is gone once, not once for each unit.
func TestServerGoneOnce(t *testing.T) {
	t.Parallel()
	s := newServer()
	var down atomic.Int32
	s.fault = func(request) answer {
		if down.Add(1) > 100 {
			return answer{before: errDown}
		}
		return answer{}
	}
	var steps []plan.Step
	for i := range 300 {
		name := fmt.Sprintf("m%03d", i)
		steps = append(steps, plan.Step{
			Verb: plan.Create, Unit: name, Object: with(object(t, bobEdits), func(o *unstructured.Unstructured) { o.SetName(name) }),
		})
	}
	clock := newClock()
	begin := clock.Now()
	_, err := plan.Apply(t.Context(), s, must(t, steps...), plan.Options{Clock: clock})
	if err == nil || !strings.Contains(err.Error(), "the server does not answer: done in part: of 300 changes 100 are done, 200 undone: run the same") {
		t.Errorf("error: %v", err)
	}
	if waited := clock.Now().Sub(begin).Seconds(); waited > 16*15*2 {
		t.Errorf("waited %.0f s on the clock that all units share", waited)
	}
	if got := len(s.requests); got > 1000 {
		t.Errorf("%d requests to a server that is gone", got)
	}
}

// TestNamespaceOfAController creates a profile and a binding in its namespace, which comes only later.
func TestNamespaceOfAController(t *testing.T) {
	t.Parallel()
	s := newServer()
	missing := 0
	s.fault = func(r request) answer {
		if r.object.GetKind() == "RoleBinding" && missing < 3 {
			missing++
			return answer{before: status(404, "NotFound", `namespaces "dev" not found`)}
		}
		return answer{}
	}
	p := must(t, plan.Step{Verb: plan.Create, Object: object(t, oldOwner)}, plan.Step{Verb: plan.Create, Object: object(t, bobEdits)})
	out := apply(t, s, p)
	want := []string{"done", "  created create profile dev", "  created create rolebinding dev/edit"}
	if diff := cmp.Diff(want, results(out)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	// Without the profile in the plan, a namespace that isn't there is an error at once.
	missing = 0
	if _, err := plan.Apply(t.Context(), s, must(t, plan.Step{Verb: plan.Create, Object: with(object(t, bobEdits), func(o *unstructured.Unstructured) {
		o.SetName("other")
	})}), plan.Options{Clock: newClock()}); err == nil || missing != 1 {
		t.Errorf("error %v after %d tries, want one after 1", err, missing)
	}
}

// TestWithoutVersions changes and deletes objects that were read without UID and version, as from files.
func TestWithoutVersions(t *testing.T) {
	t.Parallel()
	s := newServer(object(t, oldOwner), object(t, bobViews), object(t, bobEdits))
	p := must(t,
		plan.Step{Verb: plan.Update, Old: object(t, oldOwner), Object: object(t, newOwner)},
		plan.Step{Verb: plan.Delete, Unit: "view", Old: object(t, bobViews)},
		plan.Step{Verb: plan.Delete, Unit: "edit", Old: with(object(t, bobEdits), subjects("eve"))},
	)
	out, err := plan.Apply(t.Context(), s, p, plan.Options{Clock: newClock(), Parallel: 1})
	want := []string{
		"done", "  configured update profile dev", "done view", "  deleted delete rolebinding dev/view",
		"undone edit", "  failed delete rolebinding dev/edit",
	}
	got := results(out)
	slices.SortFunc(out.Units, func(a, b plan.UnitOutcome) int { return strings.Compare(a.Unit, b.Unit) })
	if len(got) != len(want) || out.Units[1].State != plan.Undone || out.Units[0].State != plan.Done || out.Units[2].State != plan.Done {
		t.Errorf("results:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if err == nil || !strings.Contains(err.Error(), "delete rolebinding dev/edit: somebody else changed subjects[0].name meanwhile") {
		t.Errorf("error: %v", err)
	}
}

func TestApplyRefusesBadPlans(t *testing.T) {
	t.Parallel()
	s := newServer()
	bad := plan.Plan{Steps: []plan.Step{{Verb: plan.Create, Object: object(t, bobEdits)}, {Verb: plan.Delete}}}
	if _, err := plan.Apply(t.Context(), s, bad, plan.Options{}); err == nil || err.Error() != "delete: it has no object" {
		t.Errorf("error: %v", err)
	}
	if len(s.requests) != 0 {
		t.Errorf("requests: %v", s.requests)
	}
}
