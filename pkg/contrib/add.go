package contrib

import (
	"fmt"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Add plans that every grant is there as it says, its policy too. What is there already counts, whoever made it and whatever
// its name, and ends as before where nothing else is asked for; what is missing of it is completed. A subject that has
// another role in the workspace is refused, and so are the owner and a grant that has ended, without a new date.
func Add(s *workspace.State, grants ...Grant) (plan.Plan, []string, error) {
	d := newDraft(s)
	grants = d.distinct(grants)
	for _, g := range grants {
		if r := d.enter(g.Workspace, true, g.at()); r != nil {
			d.refuse(r.add(g))
		}
	}
	return d.finish(summary(grants))
}

func (r *room) add(g Grant) error {
	if r.isKalm() {
		return r.addKalm(g)
	}
	if err := r.checkGrant(g); err != nil {
		return err
	}
	w := r.want(g)
	h := r.held(&w)
	if len(h.same) == 0 && len(h.other) > 0 {
		has := heldAs(h.other[0])
		return workspace.Refuse(
			fmt.Sprintf("kubectl contrib set-role %s --role %s -n %s", shell.Word(Label(g.Subject)), shell.Word(g.RoleText()), r.name),
			"%sgive %s the role %s in %s: the role there is %s", g.at(), Label(g.Subject), g.RoleText(), r.name, has)
	}
	how := giving{keepDate: g.silent()}
	if keep := h.keep(&w); keep != nil {
		if text := badDate(keep.Binding); text != "" && g.silent() {
			r.noteUndated(g, text)
		}
		if err := r.asBefore(&g, keep, fmt.Sprintf("give %s the role %s in %s", Label(g.Subject), g.RoleText(), r.name)); err != nil {
			return err
		}
	}
	return r.give(g, how)
}

// checkGrant refuses grants that make no sense to whatever the subject has.
func (r *room) checkGrant(g Grant) error {
	switch {
	case g.Subject.Name == "":
		return workspace.Refuse("", "%sgive a role in %s: to whom?", g.at(), r.name)
	case r.owns(g.Subject):
		return workspace.Refuse("kubectl profile transfer "+r.name+" --owner NEW makes somebody else the owner",
			"%sgive %s the role %s in %s: %s is the owner already", g.at(), Label(g.Subject), g.RoleText(), r.name, Label(g.Subject))
	case isAccount(g.Subject, r.name) && r.flavor == workspace.Kubeflow:
		return workspace.Refuse("roles for a service account of your own leave the pods of the workspace as they are",
			"%sgive %s the role %s in %s: Kubeflow keeps the role of this account", g.at(), Label(g.Subject), g.RoleText(), r.name)
	case !g.Expires.IsZero() && !g.Expires.After(r.draft.state.Now):
		return workspace.Refuse("--expires takes a time to come, such as 7d or 2030-01-31",
			"%sgive %s the role %s in %s: it would have ended at %s", g.at(), Label(g.Subject), g.RoleText(), r.name,
			g.Expires.UTC().Format(time.RFC3339))
	}
	return nil
}

// distinct leaves out grants that are there twice, and refuses two for one subject that differ.
func (d *draft) distinct(grants []Grant) []Grant {
	type key struct {
		workspace string
		subject   rbac.Subject
		wide      bool
	}
	seen := make(map[key]Grant, len(grants))
	out := make([]Grant, 0, len(grants))
	for _, g := range grants {
		k := key{g.Workspace, g.Subject, g.ClusterWide}
		first, twice := seen[k]
		if !twice {
			seen[k] = g
			out = append(out, g)
			continue
		}
		if !first.equal(g) {
			d.refuse(workspace.Refuse("a subject has one role in a workspace",
				"%s%s is given %s and %s in %s", g.at(), Label(g.Subject), first.RoleText(), g.RoleText(), g.Workspace))
		}
	}
	return out
}

// equal reports whether two grants ask for the same, wherever they were read.
func (g Grant) equal(other Grant) bool {
	return g.Workspace == other.Workspace && g.Subject == other.Subject && g.RoleText() == other.RoleText() &&
		g.Expires.Equal(other.Expires) && g.Never == other.Never && g.NoHTTP == other.NoHTTP && g.Name == other.Name && g.ClusterWide == other.ClusterWide
}

// summary says in a line what a plan for grants is for.
func summary(grants []Grant) string {
	if len(grants) == 1 {
		g := grants[0]
		return fmt.Sprintf("give %s the role %s in %s", Label(g.Subject), g.RoleText(), g.Workspace)
	}
	workspaces := map[string]bool{}
	roles := map[string]bool{}
	for _, g := range grants {
		workspaces[g.Workspace] = true
		roles[g.RoleText()] = true
	}
	role, where := "a role", fmt.Sprintf("%d workspaces", len(workspaces))
	if len(roles) == 1 {
		role = "the role " + grants[0].RoleText()
	}
	if len(workspaces) == 1 {
		where = grants[0].Workspace
	}
	return fmt.Sprintf("give %d subjects %s in %s", len(grants), role, where)
}
