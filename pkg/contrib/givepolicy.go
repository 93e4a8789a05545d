package contrib

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// givePolicy plans the policy of a grant whose binding has, or gets, the name binding.
func (r *room) givePolicy(u *unit, w *wanted, keep *workspace.Member, binding string, from rbac.Subject) error {
	if w.spec == nil {
		return nil
	}
	name := binding
	if keep != nil && shared(keep) || len(validation.IsDNS1123Subdomain(name)) > 0 {
		// The names of bindings may hold what those of policies may not, and a shared name is not the subject's.
		name = w.name
	}
	if keep != nil && keep.Policy != nil && r.exclusive(keep.Policy, w.Subject) {
		name = keep.Policy.GetName()
	}
	s := r.policy(name)
	if s.now != nil && name != w.name && !r.exclusive(s.now, w.Subject, from) {
		// The binding has a name under which somebody else's policy is.
		s, name = r.policy(w.name), w.name
	}
	s.kept = true
	if s.now == nil {
		if name == w.name {
			if err := r.checkName(w); err != nil {
				return err
			}
		}
		s.put(u, w.policy(name), fmt.Sprintf("lets %s in through the gateway", Label(w.Subject)))
		return nil
	}
	if !r.exclusive(s.now, w.Subject, from) {
		return r.collision(w, from, r.describeUsers(s.now))
	}
	now, has := s.now, s.now.GetAnnotations()
	annotations, outdated := w.annotations(r.flavor, has, false), r.outdated(now, w)
	if outdated || !maps.Equal(annotations, has) {
		now = now.DeepCopy()
		now.SetAnnotations(annotations)
	}
	if outdated {
		now.Object["spec"] = w.spec
	}
	s.put(u, now, fmt.Sprintf("lets %s in as the gateway is configured", Label(w.Subject)))
	return nil
}

// outdated reports whether a policy has to be written anew: it lets in somebody else, or nobody, or not as the
// configuration says. Where nothing tells the configuration, a policy that names the user is more likely to be right than
// Kubeflow's defaults.
func (r *room) outdated(p *unstructured.Unstructured, w *wanted) bool {
	subject := []rbac.Subject{w.Subject}
	users := kubeflow.PolicyUsers(p, r.config)
	admitted := len(users) == 1 && containsSubject(subject, rbac.User(users[0]))
	if groups := kubeflow.PolicyGroups(p); len(users) == 0 && len(groups) == 1 {
		admitted = containsSubject(subject, rbac.Group(groups[0]))
	}
	if !admitted {
		return true
	}
	known := r.draft.state.Pinned || r.config.Source != kubeflow.DefaultConfig().Source
	return known && len(kubeflow.PolicyDiffers(p, r.config)) > 0
}

// giveUp plans that what the grant makes superfluous goes: other roles, second bindings, policies of no binding.
func (r *room) giveUp(u *unit, w *wanted, h *held, keep *workspace.Member, replace bool) error {
	why := fmt.Sprintf("%s has the role %s instead", Label(w.Subject), w.RoleText())
	if keep != nil && !r.binding(keep.Binding.Name).kept {
		// The subject gets a binding of its own, out of one that it shared.
		r.take(u, keep, why)
	}
	for _, m := range h.same {
		if replace && m.Binding.Name != keep.Binding.Name && proven(m) {
			r.take(u, m, "the role is held twice")
		}
	}
	for _, m := range h.other {
		if !replace {
			continue
		}
		if err := r.checkTake(m); err != nil {
			return err
		}
		r.take(u, m, why)
	}
	if w.NoHTTP && r.meshed() {
		r.shut(u, w, h, replace)
		return nil
	}
	for _, m := range h.alone {
		if w.spec != nil {
			r.takePolicy(u, m.Policy.GetName(), w.Subject, "it belongs to no role binding")
		}
	}
	return nil
}

// shut plans that no policy lets the subject in. Where another role stays, its policy does.
func (r *room) shut(u *unit, w *wanted, h *held, replace bool) {
	why := fmt.Sprintf("%s is to have no way in through the gateway", Label(w.Subject))
	for _, m := range slices.Concat(h.alone, h.same) {
		if m.Policy != nil {
			r.takePolicy(u, m.Policy.GetName(), w.Subject, why)
		}
	}
	if replace || len(h.other) == 0 {
		r.sweep(u, w.Subject, why)
	} else {
		r.noteStillIn(w.Subject)
	}
	if r.unread(inventory.Policies) != nil {
		r.draft.notes.add(Label(w.Subject), "policies of %s cannot be read: whether an old one lets in is not known", r.name)
	}
}
