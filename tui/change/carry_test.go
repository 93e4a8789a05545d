package change_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

func TestCarry(t *testing.T) {
	t.Parallel()
	w := &world{text: company, carrying: true}
	p := propose(t, w, change.Wish{Verb: change.Add, Workspace: "dev", Subject: eve, Role: workspace.Viewer})
	var events []string
	result, err := w.maker().Carry(t.Context(), p, func(e plan.Event) { events = append(events, string(e.Result)+" "+e.Step.String()) })
	if err != nil || result.Err != nil || result.Left != nil || result.Back == nil {
		t.Fatalf("Carry = %+v, %v", result, err)
	}
	want := []string{
		"created create rolebinding dev/user-eve-x-com-clusterrole-view", "created create authorizationpolicy dev/user-eve-x-com-clusterrole-view",
	}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
	want = []string{
		"undo: give eve@x.com the role viewer in dev",
		"delete authorizationpolicy dev/user-eve-x-com-clusterrole-view", "delete rolebinding dev/user-eve-x-com-clusterrole-view",
	}
	if diff := cmp.Diff(want, slices.Concat([]string{result.Back.Summary}, result.Back.Strings())); diff != "" {
		t.Errorf("back (-want +got):\n%s", diff)
	}
	// Of what is not there any more nothing is undone.
	gone := propose(t, w, change.Wish{Verb: change.Undo, Back: result.Back})
	if !gone.Nothing() {
		t.Errorf("gone: %v, want nothing", gone.Plan.Strings())
	}
	back, err := w.maker().Carry(t.Context(), &change.Proposal{Plan: *result.Back}, nil)
	if err != nil || back.Back == nil || back.Back.Summary != "redo: give eve@x.com the role viewer in dev" {
		t.Fatalf("undone = %+v, %v", back, err)
	}
	again, err := w.maker().Carry(t.Context(), &change.Proposal{Plan: *back.Back}, nil)
	if err != nil || again.Back == nil || again.Back.Summary != "undo: give eve@x.com the role viewer in dev" {
		t.Fatalf("done again = %+v, %v", again, err)
	}
	want = []string{
		"create rolebinding", "create authorizationpolicy", "delete authorizationpolicy", "delete rolebinding",
		"create rolebinding", "create authorizationpolicy",
	}
	if diff := cmp.Diff(want, w.written); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
}

func TestCarryFails(t *testing.T) {
	t.Parallel()
	w := &world{text: company, carrying: true, forbidden: "AuthorizationPolicy"}
	p := propose(t, w, change.Wish{Verb: change.Add, Workspace: "dev", Subject: eve, Role: workspace.Viewer})
	result, err := w.maker().Carry(t.Context(), p, nil)
	const want = `create authorizationpolicy dev/user-eve-x-com-clusterrole-view: authorizationpolicys "user-eve-x-com-clusterrole-view" is forbidden: no` +
		"\nundone: nothing has changed"
	if err == nil || err.Error() != want || result == nil || result.Back != nil || result.Outcome.Units[0].State != plan.Undone {
		t.Errorf("Carry = %+v, %v, want %q", result, err, want)
	}
	if diff := cmp.Diff([]string{"create rolebinding", "delete rolebinding"}, w.written); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
}

// Who was taken out since the preview was shown does not come back by a change of his role.
func TestCarryReplacesNothing(t *testing.T) {
	t.Parallel()
	w := &world{text: company, carrying: true} // its server has no object any more
	p := propose(t, w, change.Wish{Verb: change.SetRole, Workspace: "dev", Subject: bob, Role: workspace.Viewer})
	result, err := w.maker().Carry(t.Context(), p, nil)
	const want = "delete authorizationpolicy dev/user-bob-x-com-clusterrole-edit: it is gone already: " +
		"somebody has changed this since it was shown; nothing was written"
	if err == nil || err.Error() != want || result != nil || w.written != nil {
		t.Errorf("Carry = %+v, %v, written %v, want %q", result, err, w.written, want)
	}
}
