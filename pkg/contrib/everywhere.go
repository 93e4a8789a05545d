package contrib

import (
	"fmt"
	"slices"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Offboard plans that a subject loses what it has in all workspaces, and whatever a member has anywhere else. owned are
// the workspaces that the subject owns, sorted: they are left to whoever transfers them.
func Offboard(s *workspace.State, subject rbac.Subject) (p plan.Plan, owned, notes []string, err error) {
	d := newDraft(s)
	owned = d.owned(subject)
	for _, r := range d.roomsOf(subject) {
		if leaving := d.ofMembers(r, subject); len(leaving) > 0 {
			d.refuse(r.leave(subject, leaving, Label(subject)+" leaves"))
		}
	}
	d.noteCase(subject)
	d.noteUnread()
	d.notes.add("", "roles through groups, and cluster-wide ones, are not looked at: kubectl whocan rules %s shows them", shell(Label(subject)))
	p, notes, err = d.finish("remove " + Label(subject) + " everywhere")
	return p, owned, notes, err
}

// Expire plans that grants that have ended by s.Now go, wherever they are.
func Expire(s *workspace.State) (plan.Plan, []string, error) {
	d := newDraft(s)
	count := 0
	members := s.MembersAll("")
	for i := range members {
		m := &members[i]
		if !m.Expired(s.Now) || protected(m) {
			continue
		}
		count++
		if r := d.enter(m.Workspace, false, ""); r != nil {
			d.refuse(r.leave(m.Subject, []*workspace.Member{m}, "it has ended at "+m.Expires.Format(time.RFC3339)))
		}
	}
	d.noteUnread()
	return d.finish(fmt.Sprintf("remove %d grants that have ended", count))
}

// owned returns the names of the workspaces that a subject owns.
func (d *draft) owned(subject rbac.Subject) []string {
	var out []string
	for _, w := range d.state.Workspaces() {
		if w.Owner == subject || slices.ContainsFunc(w.Members, func(m workspace.Member) bool {
			return m.How == workspace.ByOwnership && m.Subject == subject
		}) {
			out = append(out, w.Name)
		}
	}
	return out
}

// roomsOf returns the rooms in which a subject has anything, by name.
func (d *draft) roomsOf(subject rbac.Subject) []*room {
	var out []*room
	members := d.state.MembersAll("")
	for i := range members {
		if m := &members[i]; m.Subject == subject && (len(out) == 0 || out[len(out)-1].name != m.Workspace) {
			if r := d.enter(m.Workspace, false, ""); r != nil {
				out = append(out, r)
			}
		}
	}
	return out
}

// ofMembers returns the grants of a subject that are a member's: in a workspace, all but the owner's; in another
// namespace, those that are marked. The rest is noted.
func (d *draft) ofMembers(r *room, subject rbac.Subject) []*workspace.Member {
	guests := r.guests(subject)
	if r.isWorkspace {
		return guests
	}
	return slices.DeleteFunc(guests, func(m *workspace.Member) bool {
		if proven(m) {
			return false
		}
		d.notes.add(Label(subject), "rolebinding %s/%s gives %s; %s is no workspace: it stays as it is",
			r.name, m.Binding.Name, m.RoleText(), r.name)
		return true
	})
}

// noteCase notes members whose names differ from the subject's by their case only.
func (d *draft) noteCase(subject rbac.Subject) {
	if subject.Kind != rbacv1.UserKind {
		return
	}
	for _, m := range d.state.MembersAll("") {
		if m.Subject != subject && m.Subject.Kind == rbacv1.UserKind && strings.EqualFold(m.Subject.Name, subject.Name) {
			d.notes.add(Label(m.Subject), "is a member of %s: names differ by their case only, and this plan does not touch it", m.Workspace)
		}
	}
}

// noteUnread notes that there may be more than could be read.
func (d *draft) noteUnread() {
	for _, kind := range []inventory.Kind{inventory.RoleBindings, inventory.Profiles} {
		for _, gap := range d.state.Inventory.Missing(kind) {
			d.notes.add("", "there may be more: %s cannot be read (%s)", gap.What, gap.Cause)
		}
	}
}
