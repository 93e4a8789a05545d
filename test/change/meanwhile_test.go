package change_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

const (
	bobEdits = "user-bob-x-com-clusterrole-edit"
	zoeViews = "user-zoe-x-com-clusterrole-view"
)

// states returns the states of units, and of their steps.
func states(out plan.Outcome) []string {
	lines := []string{}
	for _, u := range out.Units {
		lines = append(lines, string(u.State)+": "+u.Unit)
		for _, s := range u.Steps {
			lines = append(lines, "  "+string(s.Result)+": "+s.Step.String())
		}
	}
	return lines
}

// TestMeanwhile lets somebody change an object after it was proposed to change it: that is not done, and said.
func TestMeanwhile(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		wish   change.Wish
		meddle func(p *place)
		err    string
		states []string
	}{
		"binding": {
			wish:   change.Wish{Verb: change.Remove, Subject: rbac.User("bob@x.com")},
			meddle: func(p *place) { p.patch(bindings, bobEdits, `{"subjects": [{"kind": "User", "name": "eve@x.com"}]}`) },
			err:    "delete rolebinding NS/" + bobEdits + ": somebody else changed subjects[0].name meanwhile\nundone: nothing has changed",
			states: []string{
				"undone: bob@x.com in NS", "  taken back: delete authorizationpolicy NS/" + bobEdits, "  failed: delete rolebinding NS/" + bobEdits,
			},
		},
		"date": {
			wish: change.Wish{Verb: change.Expire, Subject: rbac.User("carol@x.com")},
			meddle: func(p *place) {
				p.patch(bindings, "user-carol-x-com-clusterrole-view", `{"metadata": {"annotations": {"gatehouse.dev/expires": "2031-01-01T00:00:00Z"}}}`)
			},
			err: "update rolebinding NS/user-carol-x-com-clusterrole-view: somebody else changed metadata.annotations[gatehouse.dev/expires] meanwhile\n" +
				"undone: nothing has changed",
			states: []string{"undone: carol@x.com in NS", "  failed: update rolebinding NS/user-carol-x-com-clusterrole-view"},
		},
		"name": {
			wish: change.Wish{Verb: change.Add, Subject: rbac.User("zoe@x.com"), Role: workspace.Viewer},
			meddle: func(p *place) {
				p.apply(bindingText(zoeViews, "kubeflow-view", "eve@x.com"))
			},
			err: "create rolebinding NS/" + zoeViews + ": it exists already, with another metadata.annotations\nundone: nothing has changed",
			states: []string{
				"undone: zoe@x.com in NS", "  failed: create rolebinding NS/" + zoeViews, "  not started: create authorizationpolicy NS/" + zoeViews,
			},
		},
		"something else": {
			wish:   change.Wish{Verb: change.Remove, Subject: rbac.User("bob@x.com")},
			meddle: func(p *place) { p.patch(bindings, bobEdits, `{"metadata": {"labels": {"a": "b"}}}`) },
			states: []string{
				"done: bob@x.com in NS", "  deleted: delete authorizationpolicy NS/" + bobEdits, "  deleted: delete rolebinding NS/" + bobEdits,
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, m := newPlace(t, "meanwhile-"+strings.ReplaceAll(name, " ", "-")), makerOf(t, "")
			tt.wish.Workspace = p.name
			proposal := propose(t, m, tt.wish)
			tt.meddle(p)
			meddled := p.state()
			result, err := m.Carry(t.Context(), proposal, nil)
			if diff := cmp.Diff(strings.ReplaceAll(tt.err, "NS", p.name), text(err)); diff != "" || !errors.Is(result.Err, err) {
				t.Errorf("result's error %v; error (-want +got):\n%s", result.Err, diff)
			}
			want := strings.Split(strings.ReplaceAll(strings.Join(tt.states, "\n"), "NS", p.name), "\n")
			if diff := cmp.Diff(want, states(result.Outcome)); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if tt.err != "" {
				if diff := cmp.Diff(meddled, p.state()); diff != "" || result.Back != nil {
					t.Errorf("back %v; something is left (-want +got):\n%s", result.Back, diff)
				}
				return
			}
			// What comes back is what was there last.
			do(t, m, change.Wish{Verb: change.Undo, Back: result.Back})
			if diff := cmp.Diff(meddled, p.state()); diff != "" {
				t.Errorf("undone (-want +got):\n%s", diff)
			}
		})
	}
}

// text is the text of an error, empty for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestUndoRefused lets somebody change what a change has made: it is not taken back, and the proposal says why, before
// anything is written and afterwards.
func TestUndoRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		wish   change.Wish
		meddle func(p *place)
		err    string
	}{
		"created": {
			wish:   change.Wish{Verb: change.Add, Subject: rbac.User("zoe@x.com"), Role: workspace.Viewer},
			meddle: func(p *place) { p.patch(bindings, zoeViews, `{"subjects": [{"kind": "User", "name": "eve@x.com"}]}`) },
			err:    "delete rolebinding NS/" + zoeViews + ": somebody else changed subjects[0].name meanwhile",
		},
		"updated": {
			wish:   change.Wish{Verb: change.Remove, Subject: rbac.User("dan@x.com")},
			meddle: func(p *place) { p.patch(bindings, "both", `{"subjects": [{"kind": "User", "name": "fay@x.com"}]}`) },
			err:    "update rolebinding NS/both: somebody else changed subjects meanwhile",
		},
		"deleted": {
			wish: change.Wish{Verb: change.Remove, Subject: rbac.User("bob@x.com")},
			meddle: func(p *place) {
				p.apply(bindingText(bobEdits, "kubeflow-edit", "eve@x.com"))
			},
			err: "create rolebinding NS/" + bobEdits + ": it exists already, with another metadata.annotations",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, m := newPlace(t, "refused-"+name), makerOf(t, "")
			tt.wish.Workspace = p.name
			result := do(t, m, tt.wish)
			early := propose(t, m, change.Wish{Verb: change.Undo, Back: result.Back})
			tt.meddle(p)
			meddled := p.state()
			late, err := m.Propose(t.Context(), change.Wish{Verb: change.Undo, Back: result.Back})
			if err != nil {
				t.Fatalf("Propose: %v", err)
			}
			want := strings.ReplaceAll(tt.err, "NS", p.name)
			if !strings.Contains(text(late.DryRun), want) {
				t.Errorf("tried, it says %v, want %q", late.DryRun, want)
			}
			if refused, err := m.Carry(t.Context(), late, nil); refused != nil || !strings.Contains(text(err), want) {
				t.Errorf("Carry = %v, %v, want no result and %q", refused, err, want)
			}
			carried, err := m.Carry(t.Context(), early, nil)
			if !strings.Contains(text(err), want) || !strings.HasSuffix(text(err), "undone: nothing has changed") || carried.Back != nil {
				t.Errorf("Carry = %v, %v, want that nothing has changed", carried.Back, err)
			}
			if diff := cmp.Diff(meddled, p.state()); diff != "" {
				t.Errorf("somebody's work was touched (-want +got):\n%s", diff)
			}
		})
	}
}
