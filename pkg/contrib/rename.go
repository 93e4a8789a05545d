package contrib

import (
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Rename plans that what a subject has as a member, anywhere, is another one's: role, date and a policy left out on
// purpose stay. New objects are made before the old ones go; where both have one name, as with a change of case, the
// object is changed in place. Somebody who has a role of the same strength or a stronger one already keeps that. Workspaces
// that the subject owns are noted: only a transfer moves them.
func Rename(s *workspace.State, old, to rbac.Subject) (plan.Plan, []string, error) {
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
			d.notes.add("", "%s owns %s: kubectl profile transfer %s --owner %s", Label(old), name, name, shell(Label(to)))
		}
		d.noteUnread()
	}
	return d.finish(fmt.Sprintf("rename %s to %s", Label(old), Label(to)))
}

func (r *room) rename(old, to rbac.Subject) error {
	members := r.draft.ofMembers(r, old)
	for _, m := range members {
		if err := r.checkTake(m); err != nil {
			return err
		}
	}
	u := r.unit(old)
	why := Label(old) + " is " + Label(to) + " now"
	strongest := r.strongest(members)
	if strongest == nil {
		if err := r.finishRename(u, members, to); err != nil {
			return err
		}
	}
	for _, m := range members {
		switch {
		case m.Binding != nil && !proven(m):
			r.replaceSubject(u, m, to, why)
			continue
		case m == strongest:
			if err := r.handOver(u, m, to); err != nil {
				return err
			}
		}
	}
	for _, m := range members {
		if m.Binding == nil || proven(m) {
			r.take(u, m, why)
		}
	}
	return nil
}

// strongest returns the grant that the new name is to have: an interrupted change of role may have left two.
func (r *room) strongest(members []*workspace.Member) *workspace.Member {
	var best *workspace.Member
	for _, m := range members {
		if m.Binding == nil || !proven(m) {
			continue
		}
		if best == nil || m.Role.Rank() > best.Role.Rank() {
			best = m
		}
	}
	return best
}

// handOver gives the grant of m to somebody else, unless that one has as much already.
func (r *room) handOver(u *unit, m *workspace.Member, to rbac.Subject) error {
	if r.owns(to) {
		r.draft.notes.add(Label(to), "is the owner of %s, and needs no other role there", r.name)
		return nil
	}
	g := grantOf(m)
	g.Subject, g.Name = to, ""
	w := r.want(g)
	h := r.held(&w)
	for _, other := range append(h.same, h.other...) {
		switch {
		case other.RoleRef == m.RoleRef:
			// An interrupted run may have left it without its policy.
			r.draft.notes.add(Label(to), "has the role %s in %s already", other.RoleText(), r.name)
			g = grantOf(other)
		case other.Role.Rank() > m.Role.Rank():
			r.draft.notes.add(Label(to), "has the stronger role %s in %s, and keeps it", other.RoleText(), r.name)
			return nil
		}
	}
	r.units[to] = u
	return r.give(g, true, m.Subject)
}

// finishRename does what is left where an interrupted run has renamed the binding already, and not its policy.
func (r *room) finishRename(u *unit, members []*workspace.Member, to rbac.Subject) error {
	for _, left := range members {
		for _, m := range r.guests(to) {
			if left.Binding == nil && m.Binding != nil && proven(m) && m.Role == left.Role {
				r.units[to] = u
				return r.give(grantOf(m), false, left.Subject)
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
