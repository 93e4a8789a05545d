package dialog_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/dialog"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// object returns an object with a field.
func object(kind, name string, field ...any) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind,
		"metadata": map[string]any{"name": name, "namespace": "team-nlp"},
	}}
	if kind == "Secret" {
		o.SetAPIVersion("v1")
	}
	for i := 0; i < len(field); i += 2 {
		o.Object[field[i].(string)] = field[i+1]
	}
	return o
}

// giving is a plan that gives a role, and does nothing else.
func giving() plan.Plan {
	ref := map[string]any{"apiGroup": rbacv1.GroupName, "kind": "ClusterRole", "name": "view"}
	return plan.Plan{Summary: "give bob@acme.example the role viewer in team-nlp", Steps: []plan.Step{
		{Verb: plan.Create, Object: object("RoleBinding", "bob-view", "roleRef", ref), Why: "the role itself"},
		{Verb: plan.Update, Object: object("Role", "same"), Old: object("Role", "same")},
	}}
}

// turning is a plan with a step of each kind.
func turning() plan.Plan {
	secret := func(value string) *unstructured.Unstructured {
		return object("Secret", "token", "data", map[string]any{"key": value})
	}
	p := giving()
	p.Steps = append(p.Steps,
		plan.Step{Verb: plan.Update, Object: secret("c2VjcmV0"), Old: secret("aGlkZGVu")},
		plan.Step{Verb: plan.Delete, Old: object("RoleBinding", "bob-edit")},
	)
	return p
}

func actions(verbs string, resources ...string) []rbac.Action {
	var out []rbac.Action
	for _, resource := range resources {
		for verb := range strings.FieldsSeq(verbs) {
			out = append(out, rbac.Action{Verb: verb, Resource: resource, Namespace: "team-nlp"})
		}
	}
	return out
}

func proposals() map[string]*change.Proposal {
	bob := rbac.User("bob@acme.example")
	gains := change.Effect{Subject: bob, Namespace: "team-nlp", Gained: actions("watch get list", "pods", "configmaps")}
	loses := gains
	loses.Lost = append(actions("create delete", "pods"), rbac.Action{Verb: "get", Path: "/metrics"})
	many := plan.Plan{Summary: "much"}
	for i := range 30 {
		many.Steps = append(many.Steps, plan.Step{Verb: plan.Create, Object: object("Role", fmt.Sprintf("r-%02d", i))})
	}
	tooMany := plan.Plan{Summary: "too much"}
	for i := range 201 {
		tooMany.Steps = append(tooMany.Steps, plan.Step{Verb: plan.Create, Object: object("Role", fmt.Sprintf("r-%03d", i))})
	}
	long := strings.Repeat("long-", 2000)
	return map[string]*change.Proposal{
		"gives": {Plan: giving(), Tried: true, Effects: []change.Effect{gains}, Notes: []string{"he has a role in team-vision too"}, Command: "kubectl contrib add bob@acme.example --role viewer -n team-nlp"},
		"turns": {Plan: turning(), Effects: []change.Effect{loses, {Subject: rbac.Group("x")}}, Command: "kubectl contrib set-role bob@acme.example"},
		"warns": {Plan: giving(), Effects: []change.Effect{gains}, Remarks: []string{"warning: bob@acme.example can then read secrets", "note: not all roles can be read"}},
		"refused": {Plan: giving(), Remarks: []string{"ask an owner of team-nlp"}, Refused: []plan.Refused{{
			Rule:      rbacv1.PolicyRule{APIGroups: []string{rbacv1.GroupName}, Resources: []string{"rolebindings"}, Verbs: []string{"create"}},
			Namespace: "team-nlp", Steps: giving().Steps[:1], Reason: "no rule allows it",
		}, {Rule: rbacv1.PolicyRule{Verbs: []string{"get"}, NonResourceURLs: []string{"/x"}}}}},
		"dry run": {Plan: giving(), DryRun: workspace.Refuse("ask somebody who holds them", "admission webhook denied it:\nteam-nlp is frozen")},
		"nothing": {Plan: plan.Plan{Summary: "give bob the role viewer", Steps: giving().Steps[1:]}, Notes: []string{"he has it already"}},
		"empty":   {},
		"bare":    {Plan: plan.Plan{Steps: giving().Steps[:1]}},
		"many":    {Plan: many},
		"crowd":   {Plan: tooMany},
		"hostile": {
			Plan:    plan.Plan{Summary: "give \x1b[31m" + long, Steps: []plan.Step{{Verb: plan.Create, Object: object("Role", long, "x", "a\u202eb\x07")}}},
			Effects: []change.Effect{{Subject: rbac.User("团队" + long), Gained: actions("get", long)}}, Command: "kubectl contrib add 'x\x1b]0;y\x07'",
		},
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	for name, p := range proposals() {
		carry, copied := dialog.CarryMsg{Proposal: p}, tea.Msg(nil)
		if p.Command != "" {
			copied = dialog.CopyMsg{Command: p.Command}
		}
		var byY tea.Msg = carry
		if slices.Contains([]string{"refused", "dry run", "nothing", "empty"}, name) {
			byY = nil
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scripts{
				"y":      {keys: "y", want: byY, open: byY == nil},
				"enter":  {keys: "enter", open: byY != nil},
				"c":      {keys: "c", want: copied, open: true},
				"esc":    {keys: "esc"},
				"n":      {keys: "n"},
				"scroll": {keys: "down pgdown up space end home x", open: true},
			}.run(t, func() dialog.Dialog { return dialog.NewPreview(p) })
		})
	}
}

func TestPreviewLooks(t *testing.T) {
	t.Parallel()
	for name, p := range proposals() {
		looks(t, "preview_"+strings.ReplaceAll(name, " ", "_"), dialog.NewPreview(p))
	}
	looks(t, "preview_scrolled", play(seen(dialog.NewPreview(proposals()["turns"])), tea.MouseWheelMsg{Button: tea.MouseWheelDown}).dialog)
	styled(t, "preview_turns", dialog.NewPreview(proposals()["turns"]))
}

// All of a proposal can be read on any screen, and nothing of a secret.
func TestPreviewWhole(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{78, 22}, {38, 10}, {20, 5}} {
		d := dialog.NewPreview(proposals()["turns"])
		var seen strings.Builder
		for range 120 {
			content, _ := draw(t, d, size[0], size[1], &theme.Theme{})
			for line := range strings.SplitSeq(content, "\n") {
				seen.WriteString(strings.Trim(line, "│ ") + " ")
			}
			play(d, key("pgdown"))
		}
		all := strings.Join(strings.Fields(seen.String()), " ")
		for _, want := range []string{"bob-view", "- delete", "configmaps", "/metrics:", "loses", "(not", "set-role"} {
			if !strings.Contains(all, want) {
				t.Errorf("%v: nobody can read %q ", size, want)
			}
		}
		for _, secret := range []string{"c2VjcmV0", "aGlkZGVu"} {
			if strings.Contains(all, secret) {
				t.Errorf("%v: a secret is shown", size)
			}
		}
	}
}

func TestProgress(t *testing.T) {
	t.Parallel()
	p := turning()
	looks(t, "progress_bare", dialog.NewProgress(proposals()["bare"]))
	d := dialog.NewProgress(&change.Proposal{Plan: p})
	looks(t, "progress_begins", d)
	for i, result := range []plan.Result{plan.Created, plan.AsWanted, plan.Failed, plan.NotStarted} {
		d.Step(plan.Event{Done: i + 1, Total: 4, Step: p.Steps[i], Result: result})
	}
	d.Step(plan.Event{Done: 4, Total: 4, Step: p.Steps[0], Result: plan.TakenBack})
	d.Step(plan.Event{Done: 4, Total: 4, Step: plan.Step{Verb: plan.Create, Object: object("Role", "unknown")}, Result: plan.Created})
	looks(t, "progress_ends", d)
	styled(t, "progress", d)
	if got := play(d, keys("esc enter q y")...); got.done || len(got.outcomes) > 0 {
		t.Errorf("progress was broken off: %+v", got)
	}
}

func TestProgressFollows(t *testing.T) {
	t.Parallel()
	p := proposals()["many"]
	d := dialog.NewProgress(p)
	shows := func(name string) bool {
		content, _ := draw(t, d, 60, 12, &theme.Theme{})
		return strings.Contains(content, name)
	}
	for i, s := range p.Plan.Steps {
		d.Step(plan.Event{Done: i + 1, Total: 30, Step: s, Result: plan.Created})
		if name := s.Object.GetName(); !shows(name) {
			t.Fatalf("%s is not in sight", name)
		}
	}
	play(d, key("home"))
	d.Step(plan.Event{Done: 30, Total: 30, Step: p.Plan.Steps[29], Result: plan.TakenBack})
	if !shows("r-00") || shows("r-29") {
		t.Error("who scrolls is moved elsewhere")
	}
}

func TestOutcome(t *testing.T) {
	t.Parallel()
	p := turning()
	step := func(i int, r plan.Result) plan.StepOutcome { return plan.StepOutcome{Step: p.Steps[i], Result: r} }
	unit := func(state plan.State, steps ...plan.StepOutcome) plan.Outcome {
		return plan.Outcome{Units: []plan.UnitOutcome{{State: state, Steps: steps}}}
	}
	err := workspace.Refuse("try again", "create rolebinding team-nlp/bob-view: forbidden\nundone: nothing has changed")
	for name, d := range map[string]dialog.Dialog{
		"done":     dialog.NewOutcome(&change.Result{Outcome: unit(plan.Done, step(0, plan.Created), step(1, plan.AsWanted), step(3, plan.Deleted)), Back: &p}, nil),
		"left":     dialog.NewOutcome(&change.Result{Outcome: unit(plan.Done, step(2, plan.Configured)), Back: &p, Left: errors.New("the secret was not read")}, nil),
		"in part":  dialog.NewOutcome(&change.Result{Outcome: unit(plan.Between, step(0, plan.Created), step(2, plan.Failed), step(3, plan.NotStarted)), Err: err, Back: &p}, err),
		"unknown":  dialog.NewOutcome(&change.Result{Outcome: unit(plan.Unknown, step(0, plan.Doubtful)), Err: err}, nil),
		"undone":   dialog.NewOutcome(&change.Result{Outcome: unit(plan.Undone, step(0, plan.TakenBack), step(2, plan.Failed)), Err: err}, err),
		"no world": dialog.NewOutcome(nil, err),
	} {
		looks(t, "outcome_"+strings.ReplaceAll(name, " ", "_"), d)
		for _, k := range []string{"enter", "esc", "q"} {
			if got := play(d, key("x"), key("down"), key(k)); !got.done || len(got.outcomes) > 0 {
				t.Errorf("%s, %s: %+v, want an end", name, k, got)
			}
		}
	}
	back := dialog.NewOutcome(&change.Result{Outcome: unit(plan.Done, step(0, plan.Created)), Back: &p}, nil)
	want := []tea.Msg{dialog.WishMsg{Wish: change.Wish{Verb: change.Undo, Back: &p}}}
	if got := play(back, key("u")); !got.done || !reflect.DeepEqual(got.outcomes, want) {
		t.Errorf("u: done %v, outcome %v", got.done, got.outcomes)
	}
	if got := play(dialog.NewOutcome(nil, err), key("u")); got.done || len(got.outcomes) > 0 {
		t.Errorf("u undoes what was not done: %+v", got)
	}
	styled(t, "outcome", dialog.NewOutcome(&change.Result{Outcome: unit(plan.Between, step(0, plan.Created), step(2, plan.Failed)), Err: err, Back: &p}, err))
}

func TestPreviewKeys(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][]string{
		"gives":   {"y carry it out", "esc leave", "c copy the command", "↑↓ scroll"},
		"many":    {"y carry it out", "esc leave", "↑↓ scroll"},
		"refused": {"esc leave", "↑↓ scroll"},
	} {
		if diff := cmp.Diff(want, names(dialog.NewPreview(proposals()[name]))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestPreviewHostile(t *testing.T) {
	t.Parallel()
	d := dialog.NewPreview(proposals()["hostile"])
	content, _ := draw(t, d, 78, 22, theme.New(true))
	if plain := text.Plain(content); strings.ContainsAny(plain, "\x1b\x07\u202e") {
		t.Errorf("sent to the terminal:\n%q", plain)
	}
}
