package plan_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

func TestJoin(t *testing.T) {
	t.Parallel()
	old := with(object(t, bobViews), func(o *unstructured.Unstructured) {
		subjects("bob", "eve", "ann")(o)
		o.SetUID("u")
		o.SetResourceVersion("1")
	})
	fresh := object(t, bobViews)
	update := func(unit string, changes ...func(*unstructured.Unstructured)) plan.Step {
		next := old.DeepCopy()
		for _, change := range changes {
			change(next)
		}
		return plan.Step{Verb: plan.Update, Old: old, Object: next, Unit: unit, Why: "update " + unit}
	}
	remove := func(unit string) plan.Step {
		return plan.Step{Verb: plan.Delete, Old: old, Unit: unit, Why: "delete " + unit}
	}
	create := func(unit string, changes ...func(*unstructured.Unstructured)) plan.Step {
		next := fresh.DeepCopy()
		for _, change := range changes {
			change(next)
		}
		return plan.Step{Verb: plan.Create, Object: next, Unit: unit, Why: "create " + unit}
	}
	other := plan.Step{Verb: plan.Create, Object: object(t, editPolicy), Unit: "b"}
	tests := map[string]struct {
		plans [][]plan.Step
		want  []string // verb, unit and reason of each step
		// object holds subjects and labels of the last step's object.
		object string
		err    string
	}{
		"none": {},
		"strangers": {
			plans: [][]plan.Step{{create("a")}, {other}},
			want:  []string{"create a: create a", "create b: "},
		},
		"equal creates": {
			plans: [][]plan.Step{{create("a")}, {create("a")}},
			want:  []string{"create a: create a"},
		},
		"other creates": {
			plans: [][]plan.Step{{create("a")}, {create("b", subjects("eve"))}},
			err:   "create rolebinding dev/view: another plan creates it with another subjects",
		},
		"updates of two fields": {
			plans:  [][]plan.Step{{update("a", label("x", "1"))}, {update("b", label("y", "2")), other}},
			want:   []string{"update a, b: update a; update b", "create a, b: "},
			object: "",
		},
		"updates of one list": {
			plans:  [][]plan.Step{{update("a", subjects("bob", "ann"))}, {update("b", subjects("bob", "eve", "zoe"))}},
			want:   []string{"update a, b: update a; update b"},
			object: `{"labels":null,"subjects":["bob","zoe"]}`,
		},
		"updates of one label": {
			plans: [][]plan.Step{{update("a", label("x", "1"))}, {update("b", label("x", "2"))}},
			err:   "update rolebinding dev/view: another plan changes its metadata.labels.x too",
		},
		"the same update": {
			plans:  [][]plan.Step{{update("a", label("x", "1"))}, {update("a", label("x", "1"))}},
			want:   []string{"update a: update a"},
			object: `{"labels":{"x":"1"},"subjects":["bob","eve","ann"]}`,
		},
		"update, then delete": {
			plans: [][]plan.Step{{update("a", label("x", "1"))}, {remove("b")}},
			want:  []string{"delete a, b: delete b"},
		},
		"delete, then update": {
			plans: [][]plan.Step{{remove("a")}, {update("b", label("x", "1"))}},
			want:  []string{"delete a, b: delete a"},
		},
		"deletes": {
			plans: [][]plan.Step{{remove("a")}, {remove("b")}},
			want:  []string{"delete a, b: delete a; delete b"},
		},
		"replace, then delete": {
			plans: [][]plan.Step{{remove("a"), create("a")}, {remove("a")}},
			want:  []string{"delete a: delete a"},
		},
		"delete, then replace": {
			plans: [][]plan.Step{{remove("a")}, {remove("a"), create("a")}},
			want:  []string{"delete a: delete a", "create a: create a"},
		},
		"update, then replace": {
			plans:  [][]plan.Step{{update("a", label("x", "1"))}, {remove("a"), create("a", subjects("bob", "eve", "ann"))}},
			want:   []string{"delete a: delete a", "create a: create a; update a"},
			object: `{"labels":{"x":"1"},"subjects":["bob","eve","ann"]}`,
		},
		"create and update": {
			plans: [][]plan.Step{{create("a")}, {update("a", label("x", "1"))}},
			err:   "update rolebinding dev/view: another plan disagrees whether it exists",
		},
		"create and delete": {
			plans: [][]plan.Step{{create("a")}, {remove("a")}},
			err:   "delete rolebinding dev/view: another plan creates it",
		},
		"many units": {
			plans: [][]plan.Step{{remove("a")}, {remove("b")}, {remove("c")}, {remove("d")}, {remove("e")}},
			want:  []string{"delete a, b, c and 2 more: delete a; delete b; delete c; delete d; delete e"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var plans []plan.Plan
			for _, steps := range tc.plans {
				plans = append(plans, must(t, steps...))
			}
			p, err := plan.Join("all", plans...)
			if got := fmt.Sprint(err); tc.err != "" || err != nil {
				if got != tc.err {
					t.Errorf("error %s, want %s", got, tc.err)
				}
				return
			}
			var got []string
			for _, s := range p.Steps {
				got = append(got, fmt.Sprintf("%s %s: %s", s.Verb, s.Unit, s.Why))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("steps (-want +got):\n%s", diff)
			}
			if tc.object != "" {
				if diff := cmp.Diff(tc.object, gist(p.Steps[len(p.Steps)-1].Object)); diff != "" {
					t.Errorf("object (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// Who is in the way can be left out, and how many plans there are makes no difference.
func TestJoinDisagreeing(t *testing.T) {
	t.Parallel()
	create := func(value string) plan.Plan {
		return must(t, plan.Step{Verb: plan.Create, Object: with(object(t, bobViews), label("x", value)), Unit: value})
	}
	_, err := plan.Join("all", create("1"), create("2"), plan.Plan{Steps: []plan.Step{{Verb: plan.Create}}}, create("1"), create("3"))
	var at []int
	for _, d := range plan.Disagreeing(err) {
		at = append(at, d.Plan)
	}
	if diff := cmp.Diff([]int{1, 2, 4}, at); diff != "" {
		t.Errorf("plans (-want +got):\n%s", diff)
	}
	if got := plan.Disagreeing(errors.New("something else")); got != nil {
		t.Errorf("of another error: %v", got)
	}
}

// Thousands of fixes are joined, whether or not they share objects.
func BenchmarkJoin(b *testing.B) {
	account := func(name, unit string) plan.Step {
		o := &unstructured.Unstructured{}
		o.SetAPIVersion("v1")
		o.SetKind("ServiceAccount")
		o.SetNamespace("dev")
		o.SetName(name)
		return plan.Step{Verb: plan.Create, Object: o, Unit: unit}
	}
	for _, together := range []bool{false, true} {
		var plans []plan.Plan
		for i := range 5000 {
			unit := fmt.Sprint("unit ", i)
			steps := []plan.Step{account(fmt.Sprint("own-", i), unit)}
			if together {
				steps = append(steps, account("shared", unit))
			}
			p, err := plan.New("one", steps...)
			if err != nil {
				b.Fatal(err)
			}
			plans = append(plans, p)
		}
		b.Run(fmt.Sprintf("together=%t", together), func(b *testing.B) {
			for b.Loop() {
				if _, err := plan.Join("all", plans...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func gist(o *unstructured.Unstructured) string {
	names := []string{}
	list, _ := o.Object["subjects"].([]any)
	for _, s := range list {
		names = append(names, s.(map[string]any)["name"].(string))
	}
	data, _ := json.Marshal(map[string]any{"labels": o.GetLabels(), "subjects": names})
	return string(data)
}
