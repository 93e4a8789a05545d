package contrib

import (
	"fmt"
	"slices"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Rename plans that what a subject has as a member, anywhere, is another one's: role, date, a policy left out on purpose
// and what people have put on the objects stay. New objects are made before the old ones go; where both have one name, as
// with a change of case, the object is changed in place. Somebody who has a role as strong, for as long, already keeps that;
// of two dates of one role the later one counts. owned are the workspaces that the subject owns, sorted: only a transfer
// moves them.
func Rename(s *workspace.State, old, to rbac.Subject) (p plan.Plan, owned, notes []string, err error) {
	d := newDraft(s)
	switch {
	case old == to:
		d.refuse(workspace.Refuse("", "rename %s: it is the name already", Label(old)))
	case old.Kind != to.Kind:
		d.refuse(workspace.Refuse("", "rename %s to %s: they are of different kinds", Label(old), Label(to)))
	case to.Name == "":
		d.refuse(workspace.Refuse("", "rename %s: the new name is empty", Label(old)))
	default:
		for _, r := range d.roomsOf(old) {
			d.refuse(r.rename(old, to))
		}
		for _, name := range d.owned(old) {
			if owner := d.room(name).owner; owner != old {
				// Half a transfer, to somebody who is not to lose the workspace again.
				d.notes.add("", "%s still has the rights of an owner in %s: kubectl profile transfer %s --owner %s completes that transfer",
					Label(old), name, name, shell.Word(Label(owner)))
				continue
			}
			owned = append(owned, name)
		}
	}
	p, notes, err = d.finish(fmt.Sprintf("rename %s to %s", Label(old), Label(to)))
	return p, owned, notes, err
}

func (r *room) rename(old, to rbac.Subject) error {
	if err := r.renameKalm(old, to); err != nil {
		return err
	}
	members := r.draft.ofMembers(r, old)
	for _, m := range members {
		if err := r.checkTake(m); err != nil {
			return err
		}
	}
	u := r.unit(old)
	why := Label(old) + " is " + Label(to) + " now"
	r.renameSuspended(old, to, why)
	moving := toMove(members)
	if len(moving) == 0 {
		if err := r.finishRename(u, members, to); err != nil {
			return err
		}
	}
	for _, m := range members {
		if m.Binding != nil && !moves(m) {
			r.replaceSubject(u, m, to, why)
		}
	}
	for _, m := range moving {
		if err := r.handOver(u, m, to, len(moving) == 1); err != nil {
			return err
		}
	}
	for _, m := range members {
		if m.Binding == nil || moves(m) {
			r.take(u, m, why)
		}
	}
	switch {
	case r.owns(old):
	case len(moving) > 0:
		r.sweep(u, old, why)
	default:
		r.noteStillIn(old)
	}
	return nil
}

// moves reports whether a grant is made anew for the new name: its binding says that it is a member's, or its policy does.
func moves(m *workspace.Member) bool { return proven(m) || m.Policy != nil && !shared(m) }

// toMove returns the grants that the new name is to have, the strongest first: all that no other one makes superfluous.
// An interrupted change of role may have left two.
func toMove(members []*workspace.Member) []*workspace.Member {
	bound := slices.DeleteFunc(slices.Clone(members), func(m *workspace.Member) bool { return m.Binding == nil || !moves(m) })
	slices.SortStableFunc(bound, func(a, b *workspace.Member) int { return b.Role.Rank() - a.Role.Rank() })
	var out []*workspace.Member
	for i, m := range bound {
		if !slices.ContainsFunc(bound, func(other *workspace.Member) bool {
			return other != m && covers(other, m) && (!covers(m, other) || slices.Index(bound, other) < i)
		}) {
			out = append(out, m)
		}
	}
	return out
}

// covers reports whether a grant holds all that another one does, for as long. Roles of one's own hold nobody knows what.
func covers(m, other *workspace.Member) bool {
	strong := m.RoleRef == other.RoleRef || other.Role.Rank() > 0 && m.Role.Rank() >= other.Role.Rank()
	return strong && lasts(m.Expires, other.Expires)
}

// lasts reports whether a date is not before another one; zero is never.
func lasts(end, other time.Time) bool { return end.IsZero() || !other.IsZero() && !end.Before(other) }

// handOver gives the grant of m to somebody else, unless that one has as much already.
func (r *room) handOver(u *unit, m *workspace.Member, to rbac.Subject, alone bool) error {
	if r.owns(to) {
		r.draft.notes.add(Label(to), "is the owner of %s, and needs no other role there", r.name)
		return nil
	}
	g := grantOf(m)
	g.Subject, g.Name = to, ""
	w := r.want(g)
	h := r.held(&w)
	for _, other := range h.other {
		if covers(other, m) {
			r.draft.notes.add(Label(to), "has the stronger role %s in %s, and keeps it", heldAs(other), r.name)
			return nil
		}
	}
	for _, other := range h.same {
		// An interrupted run may have left it without its policy.
		r.draft.notes.add(Label(to), "has the role %s in %s already", heldAs(other), r.name)
		if lasts(other.Expires, g.Expires) {
			g.Expires = other.Expires
		}
		g.NoHTTP = g.NoHTTP && closed(other)
	}
	replace := alone
	for _, other := range h.other {
		// What outlasts the new grant, or is of another sort, stays beside it.
		replace = replace && other.Role.Rank() > 0 && g.Role.Rank() > other.Role.Rank() && lasts(g.Expires, other.Expires)
		g.NoHTTP = g.NoHTTP && closed(other)
	}
	r.units[to] = u
	return r.give(g, giving{replace: replace, from: m.Subject, like: m})
}

// closed reports whether a member of a Kubeflow workspace is without a policy on purpose.
func closed(m *workspace.Member) bool {
	return m.Flavor == workspace.Kubeflow && m.Policy == nil && m.Binding.Annotations[workspace.HTTPAnnotation] == "false"
}

// finishRename does what is left where an interrupted run has renamed the binding already, and not its policy.
func (r *room) finishRename(u *unit, members []*workspace.Member, to rbac.Subject) error {
	for _, left := range members {
		for _, m := range r.guests(to) {
			if left.Binding == nil && m.Binding != nil && proven(m) && m.Role == left.Role {
				r.units[to] = u
				return r.give(grantOf(m), giving{from: left.Subject, like: left})
			}
		}
	}
	return nil
}

// replaceSubject writes the new name into a binding that says nothing about whose it is: all else stays.
func (r *room) replaceSubject(u *unit, m *workspace.Member, to rbac.Subject, why string) {
	s := r.binding(m.Binding.Name)
	now := s.now.DeepCopy()
	var subjects []rbacv1.Subject
	present := names(now, to)
	for _, one := range now.Subjects {
		who, ok := rbac.NewSubject(one, now.Namespace)
		switch {
		case !ok || who != m.Subject:
			subjects = append(subjects, one)
		case !present:
			subjects = append(subjects, to.RBAC())
			present = true
		}
	}
	now.Subjects = subjects
	s.put(u, now, why)
	if m.Policy != nil {
		r.draft.notes.add("", "authorizationpolicy %s/%s names %s, and rolebinding %s does not say whose it is: look at it by hand",
			r.name, m.Policy.GetName(), Label(m.Subject), m.Binding.Name)
	}
}
