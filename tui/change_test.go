package tui_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// live is the browser on the page of the workspace dev of a cluster in memory.
func live(t *testing.T, c *cluster) *tui.Stage {
	t.Helper()
	return staged(t, c.moment(t), 120, 40, func(o *tui.Options) {
		o.Frame = world.Frame{Context: "memory", Namespace: "dev"}
		o.Changes = change.New(c, now, "kubectl-gatehouse")
		o.Start = screen.Place{Kind: screen.Workspace, Name: "dev"}
	})
}

// wrote fails unless that is all that was written.
func wrote(t *testing.T, c *cluster, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, c.written); diff != "" {
		t.Errorf("written (-want +got):\n%s", diff)
	}
}

const eveViews = "rolebinding dev/contrib-user-eve-x-com-view-25ae6fd8"

// addEve fills in the form by which eve becomes a viewer, up to the preview.
func addEve(s *tui.Stage) {
	s.Press("a")
	s.Type("eve@x.com")
	s.Press("tab", "ctrl+u")
	s.Type("viewer")
	s.Press("enter", "enter")
}

// A member is added with a preview, arrives, is taken back by the undo, and given again by the undo of that.
func TestAddAndUndo(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	s := live(t, c)
	addEve(s)
	sees(t, s, "eve@x.com gains 1 right in dev, such as get pods", "tried on the server, which takes it",
		"kubectl contrib add eve@x.com --role viewer -n dev", "+ create "+eveViews)
	wrote(t, c)
	s.Press("y")
	sees(t, s, "done", "create "+eveViews, "u undoes it")
	s.Press("enter")
	s.Publish(c.moment(t))
	sees(t, s, "+user:eve@x.com", "1 viewer", "u undo the last change")

	s.Press("u")
	sees(t, s, "undo: give eve@x.com the role viewer in dev", "eve@x.com loses 1 right in dev", "- delete "+eveViews)
	s.Press("y")
	sees(t, s, "done", "delete "+eveViews)
	s.Press("u") // at once, above what came of it
	sees(t, s, "redo: give eve@x.com the role viewer in dev", "+ create "+eveViews)
	s.Press("y", "enter")
	s.Publish(c.moment(t))
	sees(t, s, "user:eve@x.com")
	wrote(t, c, "create "+eveViews, "delete "+eveViews, "create "+eveViews)
}

// A member is removed from his row.
func TestRemove(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	s := live(t, c)
	s.Press("down")
	sees(t, s, "x remove")
	s.Press("x")
	sees(t, s, "bob@x.com loses", "- delete rolebinding dev/bob-edits")
	s.Press("esc")
	misses(t, s, "preview")
	wrote(t, c)
	s.Press("x", "y", "enter")
	wrote(t, c, "delete rolebinding dev/bob-edits")
	s.Publish(c.moment(t))
	misses(t, s, "user:bob@x.com")
}

// A role is changed from the row of its member.
func TestSetRole(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	s := live(t, c)
	s.Press("down", "r")
	sees(t, s, "change the role", "bob@x.com")
	s.Press("ctrl+u")
	s.Type("viewer")
	s.Press("ctrl+s")
	sees(t, s, "bob@x.com loses", "kubectl contrib set-role bob@x.com --role viewer -n dev")
	s.Press("y", "enter")
	s.Publish(c.moment(t))
	sees(t, s, "user:bob@x.com", "1 viewer")
	misses(t, s, "1 editor")
}

// What may not be done is not offered below its preview, nor done.
func TestForbidden(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.forbids = true
	s := live(t, c)
	addEve(s)
	sees(t, s, "it takes a rule that you lack in dev", "esc leave  c copy the command")
	misses(t, s, "carry it out")
	s.Press("y")
	sees(t, s, "preview")
	wrote(t, c)
}

// What the server refuses while it is carried out is told, and nothing is there to be undone.
func TestRefused(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	s := live(t, c)
	addEve(s)
	c.refuse = errors.New("the webhook says no")
	s.Press("y")
	sees(t, s, "nothing is done", "the webhook", "nothing has changed")
	s.Press("enter", "u")
	sees(t, s, "nothing to undo")
	wrote(t, c)
}

// What somebody has left before it was worked out does not come back.
func TestPreviewTooLate(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	s := live(t, c)
	s.Press("down")
	s.Touch("x")
	sees(t, s, "working it out")
	s.Touch("esc")
	s.Settle()
	misses(t, s, "preview", "working it out", "bob-edits (")
	wrote(t, c)
}
