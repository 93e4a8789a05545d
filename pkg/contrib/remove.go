package contrib

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Remove plans that subjects lose a role in a workspace, or all that they have there when role is empty: bindings and
// policies, both, one or none of which may be there, under any name. A binding that names others too loses the subject
// only. Somebody who has nothing there is noted; the owner is refused, with what would make somebody else the owner. Grants
// of queues stay, with what takes them.
func Remove(s *workspace.State, in string, subjects []rbac.Subject, role workspace.Role) (plan.Plan, []string, error) {
	d := newDraft(s)
	subjects = slices.Clone(subjects)
	slices.SortFunc(subjects, rbac.CompareSubjects)
	subjects = slices.Compact(subjects)
	if r := d.enter(in, false, ""); r != nil {
		r.removeAll(subjects, role)
	}
	what := "remove "
	if role != "" {
		what = "take the role " + string(role) + " from "
	}
	if len(subjects) == 1 {
		return d.finish(what + Label(subjects[0]) + from(role) + in)
	}
	return d.finish(fmt.Sprintf("%s%d subjects%s%s", what, len(subjects), from(role), in))
}

func from(role workspace.Role) string {
	if role != "" {
		return " in "
	}
	return " from "
}

// removeAll is [room.remove] for all. Who asks for Kalm's members alone loses nothing else.
func (r *room) removeAll(subjects []rbac.Subject, role workspace.Role) {
	refusal := r.checkChosen("")
	for _, subject := range subjects {
		if refusal == nil {
			r.draft.refuse(r.remove(subject, role))
		} else if !r.removeKalm(subject, role) {
			r.draft.refuse(refusal)
			return
		}
	}
}

func (r *room) remove(subject rbac.Subject, role workspace.Role) error {
	why := Label(subject) + " is removed"
	forgot := r.forgetAll(subject, role, why)
	inKalm := r.removeKalm(subject, role)
	if has := r.heldEverywhere(subject); inKalm && has != nil {
		r.draft.notes.add(Label(subject), "keeps %s in all workspaces: kubectl contrib remove %s --cluster-wide takes that away",
			has.RoleText(), paste(Label(subject)))
	}
	guests, queued := r.departing(subject)
	if role != "" {
		queued = nil // no role of a member's
	}
	if inKalm && (len(guests) == 0 || !r.isWorkspace) {
		return r.leaveQueues(subject, queued, false)
	}
	owner := r.owns(subject)
	leaving := slices.DeleteFunc(slices.Clone(guests), func(m *workspace.Member) bool { return role != "" && m.Role != role })
	switch {
	case owner && (len(leaving) == 0 || role == workspace.Owner && len(guests) == 0):
		return workspace.Refuse("kubectl profile transfer "+r.name+" --owner NEW makes somebody else the owner",
			"remove %s from %s: %s is the owner", Label(subject), r.name, Label(subject))
	case len(leaving) == 0 && isAccount(subject, r.name) && len(r.members[subject]) > 0:
		return workspace.Refuse("the pods of the workspace run under it",
			"remove %s from %s: Kubeflow made it, and makes it again", Label(subject), r.name)
	case len(leaving) == 0:
		found := role == "" && r.sweep(r.unit(subject), subject, why) || forgot
		if !found && len(queued) == 0 {
			r.noteAbsent(subject, guests)
		}
		return r.leaveQueues(subject, queued, !found)
	case owner:
		r.draft.notes.add(Label(subject), "stays the owner of %s", r.name)
	}
	if err := r.leaveQueues(subject, queued, false); err != nil {
		return err
	}
	return r.dismiss(subject, leaving, why)
}

// dismiss plans that members go and, when nothing is left of the subject, that no policy of others lets it in.
func (r *room) dismiss(subject rbac.Subject, leaving []*workspace.Member, why string) error {
	if err := r.leave(subject, leaving, why); err != nil {
		return err
	}
	ours := slices.DeleteFunc(slices.Clone(leaving), func(m *workspace.Member) bool { return QueueOf(m) != "" })
	if all, _ := r.departing(subject); len(ours) == len(all) && !r.owns(subject) {
		r.sweep(r.unit(subject), subject, why)
	}
	return nil
}

// leave plans that members go, and notes what it leaves.
func (r *room) leave(subject rbac.Subject, leaving []*workspace.Member, why string) error {
	for _, m := range leaving {
		if err := r.checkTake(m); err != nil {
			return err
		}
	}
	for _, m := range leaving {
		if m.Binding != nil && !Counts(m) {
			r.draft.notes.add(Label(subject), "rolebinding %s/%s, which gives %s, was made by other means: it goes too",
				r.name, m.Binding.Name, heldAs(m))
		}
		r.take(r.unit(subject), m, why)
	}
	return nil
}

// noteAbsent says that there is nothing to take away, and what may have been meant.
func (r *room) noteAbsent(subject rbac.Subject, guests []*workspace.Member) {
	if len(guests) > 0 {
		roles := []string{}
		for _, m := range guests {
			roles = append(roles, heldAs(m))
		}
		r.draft.notes.add(Label(subject), "has another role in %s (%s): nothing to remove", r.name, strings.Join(roles, ", "))
		return
	}
	if has := r.kalmRoles(subject, r.name == kalm.SystemNamespace); len(has) > 0 {
		r.draft.notes.add(Label(subject), "has another role in %s (%s): nothing to remove", r.name, has[0].RoleText())
		return
	}
	if has := r.heldEverywhere(subject); has != nil {
		r.draft.notes.add(Label(subject), "has no role of %s's own, and %s in all workspaces: kubectl contrib remove %s --cluster-wide takes that away",
			r.name, has.RoleText(), paste(Label(subject)))
		return
	}
	r.draft.notes.add(Label(subject), "is no member of %s: nothing to remove", r.name)
	for _, other := range r.spelledLike(subject) {
		r.draft.notes.add("", "%s is one: names differ by their case", Label(other))
	}
}
