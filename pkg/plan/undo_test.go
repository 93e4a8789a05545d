package plan_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// undo makes the plan that takes an outcome back, and carries it out.
func undo(t *testing.T, s *server, out plan.Outcome) plan.Outcome {
	t.Helper()
	back, err := plan.Undo("undo", out)
	if err != nil {
		t.Fatalf("Undo: %v", err)
	}
	return apply(t, s, back)
}

// TestUndo takes back each command, does it again, and takes it back once more.
func TestUndo(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{ // the steps that take it back
		"add":    {"delete authorizationpolicy dev/edit", "delete rolebinding dev/edit"},
		"remove": {"create rolebinding dev/view", "create authorizationpolicy dev/view"},
		"set-role": {
			"create rolebinding dev/view", "create authorizationpolicy dev/view",
			"delete authorizationpolicy dev/edit", "delete rolebinding dev/edit",
		},
		"transfer": {"update profile dev", "create authorizationpolicy dev/view", "delete rolebinding dev/edit"},
	}
	for name, cmd := range commands() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(cmd.objects(t)...)
			before := s.state()
			out := apply(t, s, cmd.plan(t, s))
			after := s.state()
			back, err := plan.Undo("back to where it was", out)
			if err != nil || back.Summary != "back to where it was" || back.Validate() != nil {
				t.Fatalf("Undo = %q, %v; valid: %v", back.Summary, err, back.Validate())
			}
			if diff := cmp.Diff(tests[name], back.Strings()); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			for _, step := range back.Steps {
				if step.Why == "" {
					t.Errorf("%s: there is no reason", step)
				}
			}
			undone := apply(t, s, back)
			if diff := cmp.Diff(before, s.state()); diff != "" {
				t.Errorf("undone (-want +got):\n%s", diff)
			}
			redone := undo(t, s, undone)
			if diff := cmp.Diff(after, s.state()); diff != "" {
				t.Errorf("done again (-want +got):\n%s", diff)
			}
			undo(t, s, redone)
			if diff := cmp.Diff(before, s.state()); diff != "" {
				t.Errorf("undone again (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUndoAfterFaults spoils every request of every command in every way. What is known to be done is taken back whole;
// what is not known, not at all, and that is said.
func TestUndoAfterFaults(t *testing.T) {
	t.Parallel()
	for name, cmd := range commands() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			clean := newServer(cmd.objects(t)...)
			apply(t, clean, cmd.plan(t, clean))
			for what, fault := range faults() {
				for at := range len(clean.requests) {
					if problem := undoSpoilt(t, cmd, fault(at)); problem != "" {
						t.Errorf("%s at request %d: %s", what, at, problem)
					}
				}
			}
		})
	}
}

func undoSpoilt(t *testing.T, cmd command, fault func(request) answer) string {
	t.Helper()
	s := newServer(cmd.objects(t)...)
	before := s.state()
	p := cmd.plan(t, s)
	s.fault = fault
	out, applyErr := plan.Apply(t.Context(), s, p, plan.Options{Clock: newClock()})
	s.fault = nil
	left := s.state()
	back, err := plan.Undo("undo", out)
	if err != nil {
		known := out.Units[0].State == plan.Unknown || slices.ContainsFunc(out.Units[0].Steps, func(s plan.StepOutcome) bool { return s.Foreign })
		if !known || len(back.Steps) > 0 {
			return fmt.Sprintf("after %v there are %d steps and the error %v", results(out), len(back.Steps), err)
		}
		return ""
	}
	if len(back.Steps) == 0 && !maps.Equal(before, left) {
		return fmt.Sprintf("after %v (%v) there is nothing to undo", results(out), applyErr)
	}
	apply(t, s, back)
	if diff := cmp.Diff(before, s.state()); diff != "" {
		return fmt.Sprintf("after %v undone (-want +got):\n%s", results(out), diff)
	}
	return ""
}

// TestUndoMeanwhile lets somebody else write between a change and its undo.
func TestUndoMeanwhile(t *testing.T) {
	t.Parallel()
	const (
		profile = "profile /dev"
		viewing = "rolebinding dev/view"
	)
	create := func(t *testing.T, _ *server) plan.Step {
		return plan.Step{Verb: plan.Create, Object: object(t, bobEdits)}
	}
	update := func(t *testing.T, s *server) plan.Step {
		old := s.find(t, profile)
		return plan.Step{Verb: plan.Update, Old: old, Object: with(old, owner("eve"))}
	}
	remove := func(t *testing.T, s *server) plan.Step { return plan.Step{Verb: plan.Delete, Old: s.find(t, viewing)} }
	tests := map[string]struct {
		step   func(*testing.T, *server) plan.Step
		meddle func(*testing.T, *server)
		result string
		err    string
		// there is what is there in the end, by name; nil for what the undo should leave.
		there []string
	}{
		"created, and labelled by somebody": {
			step:   create,
			meddle: func(_ *testing.T, s *server) { s.put(with(s.objects["rolebinding dev/edit"], label("a", "b"))) },
			result: "deleted", there: []string{profile, viewing},
		},
		"created, and given to others": {
			step:   create,
			meddle: func(_ *testing.T, s *server) { s.put(with(s.objects["rolebinding dev/edit"], subjects("bob", "eve"))) },
			result: "failed", err: "delete rolebinding dev/edit: somebody else changed subjects meanwhile",
			there: []string{profile, "rolebinding dev/edit", viewing},
		},
		"created, and gone": {
			step:   create,
			meddle: func(_ *testing.T, s *server) { s.drop("rolebinding dev/edit") },
			result: "unchanged", there: []string{profile, viewing},
		},
		"created, and made anew alike": {
			step: create,
			meddle: func(t *testing.T, s *server) {
				s.drop("rolebinding dev/edit")
				s.put(object(t, bobEdits))
			},
			result: "failed", err: "somebody else made it anew meanwhile", there: []string{profile, "rolebinding dev/edit", viewing},
		},
		"changed, and labelled by somebody": {
			step:   update,
			meddle: func(_ *testing.T, s *server) { s.put(with(s.objects[profile], label("a", "b"))) },
			result: "configured", there: []string{profile, viewing},
		},
		"changed, and changed again": {
			step:   update,
			meddle: func(_ *testing.T, s *server) { s.put(with(s.objects[profile], owner("mallory"))) },
			result: "failed", err: "update profile dev: somebody else changed spec.owner.name meanwhile", there: []string{profile, viewing},
		},
		"changed, and changed back": {
			step:   update,
			meddle: func(_ *testing.T, s *server) { s.put(with(s.objects[profile], owner("ann"))) },
			result: "unchanged", there: []string{profile, viewing},
		},
		"changed, and gone": {
			step:   update,
			meddle: func(_ *testing.T, s *server) { s.drop(profile) },
			result: "failed", err: `profiles.kubeflow.org "dev" not found`, there: []string{viewing},
		},
		"deleted, and made anew alike": {
			step:   remove,
			meddle: func(t *testing.T, s *server) { s.put(object(t, bobViews)) },
			result: "unchanged", there: []string{profile, viewing},
		},
		"deleted, and made anew for others": {
			step:   remove,
			meddle: func(t *testing.T, s *server) { s.put(with(object(t, bobViews), subjects("eve"))) },
			result: "failed", err: "create rolebinding dev/view: it exists already, with another subjects", there: []string{profile, viewing},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(object(t, oldOwner), object(t, bobViews))
			out := apply(t, s, must(t, tt.step(t, s)))
			tt.meddle(t, s)
			meddled := s.state()
			back, err := plan.Undo("undo", out)
			if err != nil {
				t.Fatalf("Undo: %v", err)
			}
			_, tried := plan.DryRun(t.Context(), s, back, plan.Options{Clock: newClock()})
			undone, err := plan.Apply(t.Context(), s, back, plan.Options{Clock: newClock()})
			if got := string(undone.Units[0].Steps[0].Result); got != tt.result {
				t.Errorf("result %q, want %q", got, tt.result)
			}
			for _, one := range []error{tried, err} {
				if text := fmt.Sprint(one); (one != nil) != (tt.err != "") || !strings.Contains(text, tt.err) {
					t.Errorf("error %q, want %q", text, tt.err)
				}
			}
			if diff := cmp.Diff(tt.there, slices.Sorted(maps.Keys(s.state()))); diff != "" {
				t.Errorf("what is there (-want +got):\n%s", diff)
			}
			if tt.err != "" && !maps.Equal(meddled, s.state()) {
				t.Errorf("somebody's work was touched:\n%s", cmp.Diff(meddled, s.state()))
			}
		})
	}
}

// TestUndoTakesBackItsOwn says what of an outcome is taken back, and what is in the way.
func TestUndoTakesBackItsOwn(t *testing.T) {
	t.Parallel()
	made := with(object(t, bobEdits), func(o *unstructured.Unstructured) { o.SetUID("u"); o.SetResourceVersion("2") })
	before := with(object(t, bobViews), func(o *unstructured.Unstructured) {
		o.SetUID("v")
		o.SetResourceVersion("1")
		o.Object["status"] = map[string]any{"a": "b"}
	})
	changed := with(before, func(o *unstructured.Unstructured) {
		subjects("bob", "eve")(o)
		o.SetResourceVersion("2")
	})
	created := plan.StepOutcome{Step: plan.Step{Verb: plan.Create, Object: object(t, bobEdits)}, Result: plan.Created, Object: made}
	configured := plan.StepOutcome{
		Step: plan.Step{Verb: plan.Update, Object: changed, Old: before}, Result: plan.Configured, Object: changed, Before: before,
	}
	deleted := plan.StepOutcome{Step: plan.Step{Verb: plan.Delete, Old: before}, Result: plan.Deleted, Before: before}
	as := func(s plan.StepOutcome, change func(*plan.StepOutcome)) plan.StepOutcome {
		change(&s)
		return s
	}
	result := func(r plan.Result) func(*plan.StepOutcome) { return func(s *plan.StepOutcome) { s.Result = r } }
	unit := func(name string, steps ...plan.StepOutcome) plan.UnitOutcome {
		return plan.UnitOutcome{Unit: name, Steps: steps}
	}
	tests := map[string]struct {
		units []plan.UnitOutcome
		steps []plan.Step
		err   string
	}{
		"nothing": {},
		"created": {
			units: []plan.UnitOutcome{unit("a", created)},
			steps: []plan.Step{{Verb: plan.Delete, Old: made, Why: "it was not there before", Unit: "a"}},
		},
		"configured": {
			units: []plan.UnitOutcome{unit("a", configured)},
			steps: []plan.Step{{
				Verb: plan.Update, Old: changed, Why: "it was so before", Unit: "a",
				Object: with(object(t, bobViews), func(o *unstructured.Unstructured) { o.SetUID("v"); o.SetResourceVersion("2") }),
			}},
		},
		"deleted": {
			units: []plan.UnitOutcome{unit("a", deleted)},
			steps: []plan.Step{{Verb: plan.Create, Object: object(t, bobViews), Why: "it was there before", Unit: "a"}},
		},
		"configured, with nothing that was changed": {
			units: []plan.UnitOutcome{unit("a", as(configured, func(s *plan.StepOutcome) { s.Object = before }))},
		},
		"not done": {
			units: []plan.UnitOutcome{unit("a", as(created, result(plan.AsWanted)), as(deleted, result(plan.TakenBack)),
				as(created, result(plan.Failed)), as(created, result(plan.NotStarted)))},
		},
		"done in part": {
			units: []plan.UnitOutcome{unit("a", created, as(deleted, result(plan.Failed)))},
			steps: []plan.Step{{Verb: plan.Delete, Old: made, Why: "it was not there before", Unit: "a"}},
		},
		"in doubt": {
			units: []plan.UnitOutcome{unit("a", created, as(deleted, result(plan.Doubtful))), unit("b", deleted)},
			steps: []plan.Step{{Verb: plan.Create, Object: object(t, bobViews), Why: "it was there before", Unit: "b"}},
			err:   "delete rolebinding dev/view: it is not known whether it was done",
		},
		"perhaps somebody else's": {
			units: []plan.UnitOutcome{unit("a", as(created, func(s *plan.StepOutcome) { s.Foreign = true }))},
			err:   "create rolebinding dev/edit: its answer was lost, so it may be somebody else's",
		},
		"never read": {
			units: []plan.UnitOutcome{unit("a", as(deleted, func(s *plan.StepOutcome) { s.Before = nil }))},
			err:   "delete rolebinding dev/view: what it was like before was not read",
		},
		"all that is in the way": {
			units: []plan.UnitOutcome{unit("a", as(created, result(plan.Doubtful)), as(deleted, func(s *plan.StepOutcome) { s.Before = nil }))},
			err: "create rolebinding dev/edit: it is not known whether it was done\n" +
				"delete rolebinding dev/view: what it was like before was not read",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := plan.Undo("", plan.Outcome{Units: tt.units})
			message := ""
			if err != nil {
				message = err.Error()
			}
			if diff := cmp.Diff(tt.err, message); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(append([]plan.Step{}, tt.steps...), got.Steps); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
		})
	}
}

// TestUndoOfWhatWasReadAnew restores what was there right before a write, and not what the plan was made from.
func TestUndoOfWhatWasReadAnew(t *testing.T) {
	t.Parallel()
	s := newServer(object(t, oldOwner), object(t, bobViews))
	profile, viewing := s.find(t, "profile /dev"), s.find(t, "rolebinding dev/view")
	p := must(t,
		plan.Step{Verb: plan.Update, Old: profile, Object: with(with(profile, owner("eve")), label("team", "a"))},
		plan.Step{Verb: plan.Delete, Old: viewing})
	// Somebody makes one of the two changes to the profile, and labels both objects.
	s.put(with(with(profile, label("team", "a")), label("x", "y")))
	s.put(with(viewing, label("x", "y")))
	before := s.state()
	out := apply(t, s, p)
	undo(t, s, out)
	if diff := cmp.Diff(before, s.state()); diff != "" {
		t.Errorf("undone (-want +got):\n%s", diff)
	}
}
