package contrib

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Offboard plans that a subject loses what it has in all workspaces, and whatever a member has anywhere else. owned are
// the workspaces that the subject owns, sorted: they are left to whoever transfers them. What a deleted profile has left to
// its owner goes too: there is nobody to transfer it from. Grants of queues are left to package queue, which takes them whole.
func Offboard(s *workspace.State, subject rbac.Subject) (p plan.Plan, owned, notes []string, err error) {
	d := newDraft(s)
	owned = d.owned(subject)
	why := Label(subject) + " leaves"
	for _, r := range d.roomsOf(subject) {
		r.forgetAll(subject, "", why)
		inKalm := r.dismissKalm(subject, why)
		leaving := slices.DeleteFunc(d.ofMembers(r, subject), func(m *workspace.Member) bool { return QueueOf(m) != "" })
		if len(leaving) > 0 {
			d.refuse(r.dismiss(subject, leaving, why))
		} else if !inKalm && !r.owns(subject) {
			r.sweep(r.unit(subject), subject, why)
		}
	}
	d.noteCase(subject)
	d.notes.add("", "roles through groups, and cluster-wide ones, are not looked at: kubectl whocan rules %s shows them", shell.Word(Label(subject)))
	p, notes, err = d.finish("remove " + Label(subject) + " everywhere")
	return p, owned, notes, err
}

// Expire plans that grants that have ended by s.Now go, wherever they are. left are those that can't go, with the reason:
// what one workspace is like must not keep grants of others alive.
func Expire(s *workspace.State) (p plan.Plan, notes []string, left []error, err error) {
	d := newDraft(s)
	count := 0
	members := s.MembersAll("")
	for first := 0; first < len(members); {
		next := first + 1
		for next < len(members) && members[next].Workspace == members[first].Workspace && members[next].Subject == members[first].Subject {
			next++
		}
		count += d.expire(members[first:next])
		first = next
	}
	count += d.expireSuspended()
	left, d.errs = d.errs, nil
	what := "remove a grant that has ended"
	if count != 1 {
		what = fmt.Sprintf("remove %d grants that have ended", count)
	}
	if count == 0 {
		what = "remove grants that have ended"
	}
	p, notes, err = d.finish(what)
	return p, notes, left, err
}

// expire plans that those of a subject's grants in a workspace go that have ended, and returns how many do.
func (d *draft) expire(members []workspace.Member) int {
	var over []*workspace.Member
	for i := range members {
		if m := &members[i]; !m.OfKalm() && m.Expired(d.state.Now) {
			over = append(over, m)
		}
	}
	inKalm := d.expireKalm(members)
	if len(over) == 0 {
		return inKalm
	}
	r := d.enter(over[0].Workspace, false, "")
	if r == nil {
		return inKalm
	}
	if over = slices.DeleteFunc(over, r.protected); len(over) == 0 {
		return inKalm
	}
	m := over[0]
	if err := r.dismiss(m.Subject, over, "it has ended at "+m.Expires.Format(time.RFC3339)); err != nil {
		d.refuse(err)
		return inKalm
	}
	return inKalm + len(over)
}

// owned returns the names of the workspaces that a subject owns.
func (d *draft) owned(subject rbac.Subject) []string {
	var out []string
	for _, w := range d.state.Workspaces() {
		if w.Flavor == workspace.Kalm {
			continue // a role like any other
		}
		if w.Owner == subject || slices.ContainsFunc(w.Members, func(m workspace.Member) bool {
			return isOwner(&m, w.Owner) && m.Subject == subject
		}) {
			out = append(out, w.Name)
		}
	}
	return out
}

// roomsOf returns the rooms in which a subject has anything, or would have without a suspension, or which a policy lets it
// into, by name.
func (d *draft) roomsOf(subject rbac.Subject) []*room {
	names := map[string]bool{}
	for _, m := range d.state.MembersAll("") {
		names[m.Workspace] = names[m.Workspace] || m.Subject == subject
	}
	for _, away := range SuspendedIn(d.state, "") {
		names[away.Binding.Namespace] = names[away.Binding.Namespace] || away.Subject == subject
	}
	for _, p := range d.state.Inventory.Policies {
		if in := p.GetNamespace(); !names[in] {
			names[in] = slices.Contains(admitted(p, d.state.ConfigFor(in)), subject)
		}
	}
	var out []*room
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if names[name] {
			if r := d.enter(name, false, ""); r != nil {
				out = append(out, r)
			}
		}
	}
	return out
}

// ofMembers returns the grants of a subject that are a member's: in a workspace, all but the owner's; in another
// namespace, those that are marked. The rest is noted.
func (d *draft) ofMembers(r *room, subject rbac.Subject) []*workspace.Member {
	guests := r.leavers(subject)
	if r.isWorkspace {
		return guests
	}
	return slices.DeleteFunc(guests, func(m *workspace.Member) bool {
		if proven(m) || isOwner(m, r.owner) || QueueOf(m) != "" {
			return false
		}
		d.notes.add(Label(subject), "rolebinding %s/%s gives %s; %s is no workspace: it stays as it is",
			r.name, m.Binding.Name, heldAs(m), r.name)
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
