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
// has ended already is not given. A grant that is there under any name is left as it is, as far as it holds what the list
// says: it may lack a policy that NoHTTP rules out, whether on purpose or not.
//
// With prune, the other members of the workspaces that desired names are removed, and all of further workspaces: those that
// can be proven to be members, and neither owners nor the accounts that Kubeflow makes. What cannot be proven is noted.
func Apply(s *workspace.State, desired []Grant, prune bool, workspaces ...string) (plan.Plan, []string, error) {
	d := newDraft(s)
	named := map[string]map[rbac.Subject]bool{}
	for _, name := range workspaces {
		if prune {
			named[name] = map[rbac.Subject]bool{}
		}
	}
	var given []Grant
	for _, g := range d.distinct(desired) {
		if named[g.Workspace] == nil {
			named[g.Workspace] = map[rbac.Subject]bool{}
		}
		r := d.enter(g.Workspace, true, g.at())
		switch {
		case r == nil:
			continue
		case !g.Expires.IsZero() && !g.Expires.After(s.Now):
			d.notes.add(Label(g.Subject), "%sthe grant in %s has ended at %s: it is not given", g.at(), g.Workspace,
				g.Expires.UTC().Format(time.RFC3339))
			continue
		case r.owns(g.Subject) && g.RoleRef == nil && g.Role == workspace.Owner:
			d.notes.add(Label(g.Subject), "is the owner of %s: nothing to give", g.Workspace)
		default:
			given = append(given, g)
		}
		named[g.Workspace][g.Subject] = true
	}
	if prune {
		// Who goes makes room for names that somebody else is to have.
		for _, name := range slices.Sorted(maps.Keys(named)) {
			if r := d.enter(name, false, ""); r != nil {
				d.refuse(r.prune(named[name]))
			}
		}
	}
	for _, g := range given {
		d.refuse(d.rooms[g.Workspace].apply(g))
	}
	where := fmt.Sprintf("%d workspaces", len(named))
	if len(named) == 1 {
		where = slices.Collect(maps.Keys(named))[0]
	}
	noun := "members"
	if len(desired) == 1 {
		noun = "member"
	}
	return d.finish(fmt.Sprintf("apply %d %s of %s", len(desired), noun, where))
}

func (r *room) apply(g Grant) error {
	if r.isKalm() {
		return r.applyKalm(g)
	}
	if err := r.checkGrant(g); err != nil {
		return err
	}
	return r.give(g, giving{replace: true, list: true})
}

// prune removes the members who are not named.
func (r *room) prune(named map[rbac.Subject]bool) error {
	if err := r.checkChosen(""); err != nil {
		return err
	}
	if r.isKalm() {
		r.pruneKalm(named)
		return nil
	}
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
					r.name, m.Binding.Name, heldAs(m))
			}
		}
		if len(leaving) == 0 {
			continue
		}
		if err := r.dismiss(subject, leaving, Label(subject)+" is not in the list"); err != nil {
			return err
		}
	}
	return nil
}
