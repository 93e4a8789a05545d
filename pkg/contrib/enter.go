package contrib

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// enter returns the room of a workspace in which something is to be given or taken; nil when that cannot be, which is
// then among the draft's refusals, once.
func (d *draft) enter(name string, giving bool, at string) *room {
	r := d.rooms[name]
	if r == nil {
		if err := d.checkThere(name, at); err != nil {
			d.rooms[name] = &room{draft: d, name: name, closed: true}
			d.refuse(err)
			return nil
		}
		r = d.room(name)
		gap := r.unread(inventory.RoleBindings)
		if r.isKalm() {
			gap = d.state.KalmGap(name)
		}
		if gap != nil {
			r.closed = true
			next := gapHint(gap)
			if w, ok := d.state.Workspace(name); ok && w.Owner.Name != "" {
				next = "ask the owner, " + w.Owner.String() + ", or an administrator; " + next
			}
			d.refuse(workspace.Refuse(next, "%schange the members of %s: its role bindings cannot be read: %s", at, name, gap.Cause))
		}
	}
	if r.closed {
		return nil
	}
	if giving && !r.opened {
		r.opened = true
		if err := cmp.Or(r.checkOpen(at), r.checkFlavor(at)); err != nil {
			r.closed = true
			d.refuse(err)
			return nil
		}
	}
	return r
}

// CheckNamespace refuses the name of a namespace that is not there, as far as that is known; the refusal names those that
// may have been meant.
func CheckNamespace(s *workspace.State, name string) error { return newDraft(s).checkThere(name, "") }

// CheckOpen refuses a namespace in which nobody can be given anything now: one that is not there, that is not yet, or that is
// being deleted.
func CheckOpen(s *workspace.State, name string) error {
	d := newDraft(s)
	if err := d.checkThere(name, ""); err != nil {
		return err
	}
	return d.room(name).checkOpen("")
}

// checkThere refuses names of namespaces that are not there, as far as that is known.
func (d *draft) checkThere(name, at string) error {
	s := d.state
	switch {
	case name == "":
		return workspace.Refuse("-n NAME names it", "%swhich workspace is meant?", at)
	case len(validation.IsDNS1123Label(name)) > 0:
		return workspace.Refuse("kubectl profile list shows the workspaces", "%sworkspace %q: it is no name of a namespace", at, name)
	case s.Namespace(name) != nil, s.Profile(name) != nil, len(s.Bindings(name)) > 0, !s.Inventory.Served[inventory.Namespaces],
		len(s.Inventory.Missing(inventory.Namespaces)) > 0:
		return nil
	case !s.Inventory.Live && len(s.Inventory.Namespaces)+len(s.Inventory.Profiles) == 0:
		// Manifests of members often come without their namespaces.
		return nil
	}
	next := "kubectl profile list shows the workspaces"
	if near := d.nearest(name); len(near) > 0 {
		next = "did you mean " + strings.Join(near, ", ") + "? " + next
	}
	return workspace.Refuse(next, "%sworkspace %s: there is no such namespace", at, name)
}

// checkOpen refuses to give a role where it could not last.
func (r *room) checkOpen(at string) error {
	s, name := r.draft.state, r.name
	ns := s.Namespace(name)
	switch {
	case ns != nil && (ns.DeletionTimestamp != nil || ns.Status.Phase == corev1.NamespaceTerminating),
		r.status.Phase == workspace.Terminating, r.status.Phase == workspace.Stuck:
		return workspace.Refuse("kubectl profile describe "+name+" says what it waits for", "%sworkspace %s: it is being deleted", at, name)
	case ns == nil && s.Inventory.Live && s.Profile(name) != nil && s.Inventory.Served[inventory.Namespaces] &&
		len(s.Inventory.Missing(inventory.Namespaces)) == 0:
		return workspace.Refuse("kubectl profile wait "+name, "%sworkspace %s: its namespace has not been made yet", at, name)
	case r.checkChosen(at) != nil:
		return r.checkChosen(at)
	case !r.isWorkspace && ns != nil && (!workspace.IsKalm(ns) || !s.KalmServed()) && !r.isKalm() && len(s.Inventory.Missing(inventory.Profiles)) == 0:
		r.draft.notes.add("", "%s is a namespace, but no workspace: kubectl profile adopt %s makes it one", name, name)
	case r.status.Phase == workspace.Conflict:
		r.draft.notes.add("", "workspace %s is in conflict: %s", name, r.status.Why)
	}
	if r.isKalm() && ns == nil && name != kalm.SystemNamespace {
		r.draft.notes.add("", "whether %s has the label %s=%s is not known: without it, a role of Kalm's counts for nothing there",
			name, kalm.EnabledLabel, kalm.EnabledValue)
	}
	return nil
}

// checkChosen refuses what would not be of the flavor that is asked for: a role in Kubernetes is none in Kalm, and may give
// what was not meant.
func (r *room) checkChosen(at string) error {
	s, name := r.draft.state, r.name
	switch {
	case s.Chosen != workspace.Kalm:
		return nil
	case r.isKalm() && s.Inventory.Live && !s.KalmServed() && s.KalmGap(name) == nil:
		return workspace.Refuse("leave --flavor out", "%sworkspace %s: Kalm is not installed: the cluster knows no role bindings of its", at, name)
	case r.isKalm():
		return nil
	case r.flavor == workspace.Kubeflow, r.isWorkspace:
		return workspace.Refuse("leave --flavor out", "%sworkspace %s: it is of the flavor %s, and no application of Kalm's", at, name, r.flavor)
	}
	return workspace.Refuse(
		"kubectl label namespace "+name+" "+kalm.EnabledLabel+"="+kalm.EnabledValue+" makes it one; without --flavor, members are those of Kubernetes",
		"%sworkspace %s: it is no application of Kalm's", at, name)
}

// checkFlavor refuses to give a role where it is not known whose the namespace is, and nobody has said: one in Kubernetes
// gives other rights than one in Kalm.
func (r *room) checkFlavor(at string) error {
	if r.draft.state.Chosen != "" || r.name == kalm.SystemNamespace || !mayBeKalms(r.draft.state, r.name) {
		return nil
	}
	return workspace.Refuse("say it with --flavor native|kubeflow|kalm",
		"%sworkspace %s: whether it is an application of Kalm's is not known: its namespace cannot be read", at, r.name)
}

// nearest returns up to three workspaces whose names are like the one that is not there, the most like first.
func (d *draft) nearest(name string) []string {
	type candidate struct {
		name     string
		distance int
	}
	var found []candidate
	for _, ns := range d.state.Inventory.Namespaces {
		if n := distance(name, ns.Name); n <= max(2, len(name)/4) || strings.Contains(ns.Name, name) {
			found = append(found, candidate{ns.Name, n})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return a.distance - b.distance })
	var out []string
	for _, c := range found[:min(len(found), shown)] {
		out = append(out, c.name)
	}
	return out
}

// distance counts the bytes to put in, take out or replace to make b of a.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
