package world_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// TestNext changes what was read, in the snapshot and beside it: the next world must be the one that is made of nothing.
func TestNext(t *testing.T) {
	t.Parallel()
	w := acme(t)
	w.Warm()
	tests := map[string]struct {
		change func(*source.Moment)
		// shared says that the rights are the same, and need not be worked out again.
		shared bool
	}{
		"nothing": {change: func(*source.Moment) {}, shared: true},
		"a binding is gone from the inventory": {shared: true, change: func(m *source.Moment) {
			inv := *m.Inventory
			inv.RoleBindings = slices.Delete(slices.Clone(inv.RoleBindings), 3, 4)
			m.Inventory = &inv
		}},
		"queues and clusters are gone": {shared: true, change: func(m *source.Moment) {
			inv := *m.Inventory
			inv.Custom = nil
			m.Inventory = &inv
		}},
		"a binding is gone": {change: func(m *source.Moment) {
			inv, snapshot := *m.Inventory, *m.Snapshot
			inv.RoleBindings = slices.Delete(slices.Clone(inv.RoleBindings), 3, 4)
			snapshot.Bindings = slices.Delete(slices.Clone(snapshot.Bindings), 7, 8)
			m.Inventory, m.Snapshot = &inv, &snapshot
		}},
		"a role is gone": {change: func(m *source.Moment) {
			snapshot := *m.Snapshot
			snapshot.Roles = slices.Delete(slices.Clone(snapshot.Roles), 5, 6)
			m.Snapshot = &snapshot
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := w.Moment
			test.change(&m)
			got, want := w.Next(m, w.Frame, now()), world.New(m, w.Frame, now())
			if shared := got.Index == w.Index; shared != test.shared {
				t.Errorf("the index is shared: %t", shared)
			}
			for what, told := range map[string][2][]string{
				"namespaces": {namespaceTexts(want), namespaceTexts(got)},
				"roles":      {roleTexts(want), roleTexts(got)},
				"entries":    {entryTexts(want), entryTexts(got)},
			} {
				if diff := cmp.Diff(told[0], told[1]); diff != "" || len(told[0]) == 0 {
					t.Errorf("%s (-new +next):\n%s", what, diff)
				}
			}
			if diff := cmp.Diff(want.Findings(), got.Findings()); diff != "" {
				t.Errorf("findings (-new +next):\n%s", diff)
			}
		})
	}
}

func namespaceTexts(w *world.World) []string {
	var out []string
	for _, n := range w.Namespaces() {
		out = append(out, n.Name+" "+n.Counts.String()+" "+n.Owner.String()+" "+n.Status.Why)
		for _, m := range n.Members {
			out = append(out, n.Name+" "+m.Subject.String()+" "+m.RoleText()+" "+string(m.How))
		}
	}
	return out
}

func roleTexts(w *world.World) []string {
	var out []string
	for _, r := range w.Roles() {
		text := r.ID.String()
		for _, b := range r.Bindings {
			text += " " + b.KindName()
			for _, s := range b.Subjects {
				text += " " + s.String()
			}
		}
		out = append(out, text)
	}
	return out
}

func entryTexts(w *world.World) []string {
	var out []string
	for _, e := range w.Entries() {
		out = append(out, e.What+" "+e.Text)
	}
	return out
}
