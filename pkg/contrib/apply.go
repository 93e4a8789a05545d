package contrib

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Apply plans that every grant is there as it says, and that its subject has no other role in that workspace. A grant that
// has ended already is not given. With prune, the other members of the workspaces that desired names are removed: those
// that can be proven to be members, and neither owners nor the accounts that Kubeflow makes. What cannot be proven is
// noted.
func Apply(s *workspace.State, desired []Grant, prune bool) (plan.Plan, []string, error) {
	d := newDraft(s)
	named := map[string]map[rbac.Subject]bool{}
	for _, g := range d.distinct(desired) {
		if named[g.Workspace] == nil {
			named[g.Workspace] = map[rbac.Subject]bool{}
		}
		r := d.enter(g.Workspace, true, g.at())
		switch {
		case r == nil:
		case !g.Expires.IsZero() && !g.Expires.After(s.Now):
			d.notes.add(Label(g.Subject), "%sthe grant in %s has ended at %s: it is not given", g.at(), g.Workspace,
				g.Expires.UTC().Format(time.RFC3339))
		case r.owns(g.Subject) && g.RoleRef == nil && g.Role == workspace.Owner:
			d.notes.add(Label(g.Subject), "is the owner of %s: nothing to give", g.Workspace)
			named[g.Workspace][g.Subject] = true
		default:
			named[g.Workspace][g.Subject] = true
			d.refuse(r.apply(g))
		}
	}
	if prune {
		for _, name := range slices.Sorted(maps.Keys(named)) {
			if r := d.enter(name, false, ""); r != nil {
				d.refuse(r.prune(named[name]))
			}
		}
	}
	text := fmt.Sprintf("apply %d members of %d workspaces", len(desired), len(named))
	if len(named) == 1 {
		text = fmt.Sprintf("apply %d members of %s", len(desired), desired[0].Workspace)
	}
	return d.finish(text)
}

func (r *room) apply(g Grant) error {
	if err := r.checkGrant(g); err != nil {
		return err
	}
	return r.give(g, true, rbac.Subject{})
}

// prune removes the members who are not named.
func (r *room) prune(named map[rbac.Subject]bool) error {
	for _, subject := range slices.SortedFunc(maps.Keys(r.members), rbac.CompareSubjects) {
		if named[subject] {
			continue
		}
		var leaving []*workspace.Member
		for _, m := range r.guests(subject) {
			switch {
			case proven(m):
				leaving = append(leaving, m)
			case m.Binding != nil && m.Role != "":
				r.draft.notes.add(Label(subject), "not in the list, but rolebinding %s/%s (%s) does not say that it is a member's: it stays",
					r.name, m.Binding.Name, m.RoleText())
			}
		}
		if len(leaving) == 0 {
			continue
		}
		if err := r.leave(subject, leaving, Label(subject)+" is not in the list"); err != nil {
			return err
		}
	}
	return nil
}
