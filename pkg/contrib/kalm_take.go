package contrib

import (
	"fmt"
	"maps"
	"slices"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func isGroup(s rbac.Subject) bool { return s.Kind == rbacv1.GroupKind }

func kindOf(s rbac.Subject) string {
	if isGroup(s) {
		return "group"
	}
	return "user"
}

// takeKalm plans that a RoleBinding of Kalm's goes.
func (r *room) takeKalm(u *unit, m *workspace.Member, why string) {
	s := r.kalmSlot(m.Kalm.Name)
	if s.now == nil || s.kept {
		return
	}
	s.put(u, nil, why)
}

// removeKalm plans that a subject loses its roles in Kalm, or the one named. It reports whether there was any. What
// suspends somebody stays: taking it away would give.
func (r *room) removeKalm(subject rbac.Subject, role workspace.Role) bool {
	found := false
	for _, m := range r.kalmed[subject] {
		switch {
		case m.Kalm.Role == kalm.Suspended:
			r.draft.notes.add(Label(subject), "stays suspended: kubectl contrib suspend --unsuspend %s ends that", paste(Label(subject)))
		case role == "" || m.Role == role:
			found = true
			r.takeKalm(r.unit(subject), m, Label(subject)+" is removed")
		}
	}
	return found
}

// heldEverywhere returns the role that a subject has in all workspaces of Kalm's, nil when it has none, or this is none.
func (r *room) heldEverywhere(subject rbac.Subject) *workspace.Member {
	if !r.isKalm() || r.name == kalm.SystemNamespace {
		return nil
	}
	for _, m := range r.draft.state.Everywhere() {
		if m.Subject == subject {
			return &m
		}
	}
	return nil
}

// dismissKalm plans that all of a subject's RoleBindings of Kalm's go, that which suspends it too: to Kalm's login whoever
// is named by one is a guest, whatever it says. It reports whether there was any.
func (r *room) dismissKalm(subject rbac.Subject, why string) bool {
	for _, m := range r.kalmed[subject] {
		r.takeKalm(r.unit(subject), m, why)
	}
	return len(r.kalmed[subject]) > 0
}

// pruneKalm is [room.prune] in Kalm: of what is there, roles in the workspace alone.
func (r *room) pruneKalm(named map[rbac.Subject]bool) {
	for _, subject := range slices.SortedFunc(maps.Keys(r.kalmed), rbac.CompareSubjects) {
		if named[subject] {
			continue
		}
		for _, m := range r.kalmRoles(subject, false) {
			r.takeKalm(r.unit(subject), m, Label(subject)+" is not in the list")
		}
	}
}

// expireKalm plans that those of the members go whose RoleBinding of Kalm's is past its date, and returns how many do. The
// date of what suspends somebody counts for nothing in Kalm, and must not here.
func (d *draft) expireKalm(members []workspace.Member) int {
	count := 0
	for i := range members {
		m := &members[i]
		if !m.OfKalm() || m.Kalm.Role == kalm.Suspended || d.state.Beyond(m.Workspace) || !m.Expired(d.state.Now) {
			continue
		}
		if r := d.enter(m.Workspace, false, ""); r != nil {
			r.takeKalm(r.unit(m.Subject), m, "it has ended at "+m.Expires.Format(time.RFC3339))
			count++
		}
	}
	return count
}

// renameKalm plans that the new name has what the old one has in Kalm. Subjects can't be changed there: each RoleBinding is
// made anew. Being suspended goes along.
func (r *room) renameKalm(old, to rbac.Subject) error {
	u := r.unit(old)
	r.units[to] = u
	why := Label(old) + " is " + Label(to) + " now"
	for _, m := range r.kalmed[old] {
		g := Grant{
			Workspace: r.name, Subject: to, Role: m.Role, Expires: m.Expires, ClusterWide: m.Kalm.Role.Cluster(),
		}
		if m.Kalm.Role.Gives() {
			if m.Expired(r.draft.state.Now) {
				r.takeKalm(u, m, "it has ended at "+m.Expires.Format(time.RFC3339))
				continue
			}
			if err := r.checkKalm(g); err != nil {
				return err
			}
			same, other := r.heldInKalm(g)
			if has := slices.Concat(same, other); len(has) > 0 && has[0].Role.Rank() >= m.Role.Rank() && lasts(has[0].Expires, m.Expires) {
				r.draft.notes.add(Label(to), "has the role %s in %s, and keeps it", has[0].RoleText(), r.name)
			} else if err := r.giveKalm(g, same, other); err != nil {
				return err
			}
		} else if err := r.moveKalm(u, m, to, why); err != nil {
			return err
		}
		r.takeKalm(u, m, why)
	}
	return nil
}

// moveKalm plans a binding that gives nothing for another name: what suspends somebody, or has him listed.
func (r *room) moveKalm(u *unit, m *workspace.Member, to rbac.Subject, why string) error {
	if slices.ContainsFunc(r.kalmed[to], func(other *workspace.Member) bool { return other.Kalm.Role == m.Kalm.Role }) {
		return nil
	}
	if injects(to.Name) {
		return workspace.Refuse("", "rename %s to %s: Kalm writes the name into its policy as text, where it would mean something else",
			Label(m.Subject), Label(to))
	}
	b := *m.Kalm
	b.Subject, b.Name = to.Name, ""
	if r.draft.state.Asker != "" {
		b.Creator = r.draft.state.Asker
	}
	o := kalm.NewBinding(b)
	s := r.kalmSlot(o.GetName())
	if s.now != nil {
		o.SetName(o.GetName() + "-" + string(b.Role))
		s = r.kalmSlot(o.GetName())
	}
	if s.now != nil {
		return fmt.Errorf("rename %s to %s: the name %s is taken in %s", Label(m.Subject), Label(to), o.GetName(), r.name)
	}
	s.put(u, o, why)
	return nil
}
