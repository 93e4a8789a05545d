package contrib

import (
	"fmt"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// SetRole plans that members have the roles of the grants and no other ones in the workspace: the new pair is made before
// the old one goes. What a grant leaves open stays as it is: an empty Expires keeps the date, unless Never is set, and NoHTTP
// false keeps a policy left out on purpose left out; [Add] makes it. Bindings that serve other ends are not touched. A subject
// without a role is refused, and so is the owner.
func SetRole(s *workspace.State, grants ...Grant) (plan.Plan, []string, error) {
	d := newDraft(s)
	grants = d.distinct(grants)
	for _, g := range grants {
		if r := d.enter(g.Workspace, true, g.at()); r != nil {
			d.refuse(r.setRole(g))
		}
	}
	if len(grants) == 1 {
		g := grants[0]
		return d.finish(fmt.Sprintf("set the role of %s in %s to %s", Label(g.Subject), g.Workspace, g.RoleText()))
	}
	return d.finish(fmt.Sprintf("set the roles of %d members", len(grants)))
}

func (r *room) setRole(g Grant) error {
	if r.isKalm() {
		return r.setRoleKalm(g)
	}
	if err := r.checkGrant(g); err != nil {
		return err
	}
	w := r.want(g)
	h := r.held(&w)
	if len(h.same)+len(h.other) == 0 {
		next := fmt.Sprintf("kubectl contrib add %s --role %s -n %s", shell.Word(Label(g.Subject)), shell.Word(g.RoleText()), r.name)
		if like := r.spelledLike(g.Subject); len(like) > 0 {
			next = "did you mean " + Label(like[0]) + "? else " + next
		}
		return workspace.Refuse(next, "%sset the role of %s in %s: no role there yet", g.at(), Label(g.Subject), r.name)
	}
	// What an interrupted run has made already speaks first.
	model := h.keep(&w)
	if model == nil {
		model = slices.MaxFunc(h.other, func(a, b *workspace.Member) int { return a.Role.Rank() - b.Role.Rank() })
	}
	what := fmt.Sprintf("set the role of %s in %s", Label(g.Subject), r.name)
	if text := badDate(model.Binding); text != "" && g.silent() {
		return workspace.Refuse("give a date with --expires, or --expires never", "%s%s: the grant ends at %q, which is no date", g.at(), what, text)
	}
	if err := r.asBefore(&g, model, what); err != nil {
		return err
	}
	if model.Binding.Annotations[workspace.HTTPAnnotation] == "false" && !g.NoHTTP &&
		(isToken(model) || kubeflow.PolicySpec(g.Subject, kubeflow.Config{}) != nil) {
		g.NoHTTP = true
		r.draft.notes.add(Label(g.Subject), "has no way in through the gateway, as before")
	}
	return r.give(g, giving{replace: true})
}
