package profile

import (
	"cmp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Transfer returns the plan that hands a workspace on to another owner, and keeps the old one as a member when keepOldAs
// is a role.
//
// Kubeflow has no such operation: its controller only compares an annotation of the namespace with the Profile, and never
// repairs the annotations by which the dashboard knows the owner. So the plan changes all five places: the annotation of
// the namespace, the Profile, and in the owner's role binding and policy both the annotations and the content. What the
// new owner was given as a contributor goes away. Any mixture of old and new, as a transfer by hand leaves behind, is
// completed by a transfer to the same owner. When all is as it should be, the plan is empty.
func Transfer(s *workspace.State, name string, to rbac.Subject, keepOldAs workspace.Role) (plan.Plan, []string, error) {
	w, err := find(s, name)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	if w.Flavor == workspace.Kalm {
		return plan.Plan{}, nil, keptByKalm("transfer", name, "kubectl contrib add "+to.String()+" --role owner -n "+name+" makes another owner; kubectl contrib remove takes one away")
	}
	if err := checkOwner(w.Flavor, to); err != nil {
		return plan.Plan{}, nil, err
	}
	if w.Status.Phase == workspace.Terminating || w.Status.Phase == workspace.Stuck {
		return plan.Plan{}, nil, workspace.Refuse("", "transfer profile %q: it is being deleted", name)
	}
	h := &handover{draft: newDraft(name), state: s, workspace: &w, to: to}
	if w.Flavor == workspace.Native {
		err = h.native(keepOldAs)
	} else {
		err = h.kubeflow(keepOldAs)
	}
	if err != nil {
		return plan.Plan{}, nil, err
	}
	if len(h.steps) == 0 {
		h.note("profile %s belongs to %s already, in every place that says so", name, to)
	}
	p, notes, err := h.finish("hand profile " + name + " on to " + to.String())
	p.Steps = h.keepingFirst(p.Steps)
	return p, notes, err
}

// handover is a transfer while it is put together.
type handover struct {
	*draft
	state     *workspace.State
	workspace *workspace.Workspace
	to        rbac.Subject
	// old is the owner before; the zero subject when nothing names another than the new one.
	old rbac.Subject
	// member is what the objects are called that keep the old owner as a member; empty when none is made.
	member string
	// byHand says that the old owner loses rights that only the namespace tells to be an owner's.
	byHand bool
}

// keepingFirst puts the steps that make the old owner a member before all others, and the one that changes the namespace
// behind all others where nothing else names him: while steps are not done, something still does, so that the same
// transfer completes one that was interrupted.
func (h *handover) keepingFirst(steps []plan.Step) []plan.Step {
	rank := func(s plan.Step) int {
		switch {
		case s.Verb == plan.Create && s.Object.GetName() == h.member:
			return 0
		case h.byHand && s.Verb == plan.Update && s.Object.GetKind() == "Namespace":
			return 2
		}
		return 1
	}
	slices.SortStableFunc(steps, func(a, b plan.Step) int { return cmp.Compare(rank(a), rank(b)) })
	return steps
}

// kubeflow changes the five places in which Kubeflow knows the owner.
func (h *handover) kubeflow(keepOldAs workspace.Role) error {
	s, w := h.state, h.workspace
	switch {
	case w.Profile == nil:
		return noProfile(s, "transfer", w.Name)
	case keepOldAs == workspace.Owner:
		return workspace.Refuse("--keep-old-as editor", "transfer profile %q: a Kubeflow profile has one owner: "+
			"a second one would be shown as the owner, and could not manage it", w.Name)
	}
	if err := checkPlaces(s, w); err != nil {
		return err
	}
	binding, bound := pick(s.Bindings(w.Name), w.Name, kubeflow.OwnerBinding)
	policy, guarded := pick(s.Policies(w.Name), w.Name, kubeflow.OwnerPolicy)
	if w.Namespace != nil && w.Namespace.Annotations[kubeflow.OwnerAnnotation] == "" && !bound && !isOwned(w.Namespace) {
		return workspace.Refuse("kubectl profile adopt "+w.Name+" --owner "+h.to.String()+" takes it over",
			"transfer profile %q: the namespace of this name was never the profile's", w.Name)
	}
	read, err := kubeflow.ReadProfile(w.Profile)
	if err != nil {
		return err
	}
	owner := kubeflowOwner(h.to)
	h.findOld(read.Owner, binding, policy)

	if ns := w.Namespace; ns != nil {
		next := ns.DeepCopy()
		next.Annotations = merged(ns.Annotations, map[string]string{kubeflow.OwnerAnnotation: owner.Name})
		h.update("the controller compares it with the profile's owner", ns, next)
	}
	if read.Owner.Kind != owner.Kind || read.Owner.Name != owner.Name {
		next := w.Profile.DeepCopy()
		wanted := kubeflow.NewProfile(w.Name, owner, nil, nil)
		value, _, err := unstructured.NestedMap(wanted.Object, "spec", "owner")
		if err == nil {
			err = unstructured.SetNestedMap(next.Object, value, "spec", "owner")
		}
		if err != nil {
			return err
		}
		h.update("the owner", w.Profile, next)
	}
	marks := map[string]string{kubeflow.UserAnnotation: owner.Name, kubeflow.RoleAnnotation: workspace.Owner.Short()}
	if bound {
		next := binding.DeepCopy()
		next.Annotations = merged(binding.Annotations, marks)
		next.Subjects = []rbacv1.Subject{owner}
		h.update("the owner's rights; the dashboard knows the owner by its annotations, which the controller never repairs", binding, next)
	}
	if guarded {
		next := policy.DeepCopy()
		next.SetAnnotations(merged(policy.GetAnnotations(), marks))
		if err := admitOwner(next, owner.Name, s.ConfigFor(w.Name)); err != nil {
			return err
		}
		h.update("lets the owner in, and no longer the old one", policy, next)
	}
	h.dropGrants(rbac.User(owner.Name))
	h.tellOld(keepOldAs)
	return h.keepOld(keepOldAs)
}

// checkPlaces refuses a transfer when one of the places that name the owner cannot be read: what is not seen would go on
// naming the old one, who would keep his rights.
func checkPlaces(s *workspace.State, w *workspace.Workspace) error {
	var gaps []rbac.Gap
	if w.Namespace == nil {
		gaps = s.Inventory.Missing(inventory.Namespaces)
	}
	gaps = append(gaps, s.Inventory.Missing(inventory.RoleBindings)...)
	if s.Istio && w.Flavor == workspace.Kubeflow {
		gaps = append(gaps, s.Inventory.Missing(inventory.Policies)...)
	}
	gaps = slices.DeleteFunc(gaps, func(gap rbac.Gap) bool { return gap.Namespace != "" && gap.Namespace != w.Name })
	if len(gaps) == 0 {
		return nil
	}
	var whats []string
	for _, gap := range gaps {
		whats = append(whats, gap.What)
	}
	return workspace.Refuse(takes(gaps), "transfer profile %q: cannot read %s, which may name the old owner",
		w.Name, strings.Join(whats, ", "))
}

// findOld finds out whose the workspace was: the first of the places that names another than the new owner.
func (h *handover) findOld(spec rbacv1.Subject, binding *rbacv1.RoleBinding, policy *unstructured.Unstructured) {
	var candidates []rbac.Subject
	add := func(who rbac.Subject) { candidates = append(candidates, who) }
	if who, ok := rbac.NewSubject(spec, h.workspace.Name); ok {
		add(who)
	}
	if ns := h.workspace.Namespace; ns != nil {
		add(rbac.User(ns.Annotations[kubeflow.OwnerAnnotation]))
	}
	if binding != nil {
		for _, subject := range binding.Subjects {
			if who, ok := rbac.NewSubject(subject, binding.Namespace); ok {
				add(who)
			}
		}
		add(rbac.User(binding.Annotations[kubeflow.UserAnnotation]))
	}
	if policy != nil {
		add(rbac.User(policy.GetAnnotations()[kubeflow.UserAnnotation]))
	}
	for _, who := range candidates {
		if who.Name != "" && who != h.to {
			h.old = who
			return
		}
	}
}

// admitOwner lets an owner in by the header conditions of the policy. A policy without one gets the controller's spec.
func admitOwner(policy *unstructured.Unstructured, owner string, cfg kubeflow.Config) error {
	rules, _, err := unstructured.NestedSlice(policy.Object, "spec", "rules")
	found := false
	if err == nil {
		for _, rule := range rules {
			fields, _ := rule.(map[string]any)
			when, _ := fields["when"].([]any)
			for _, condition := range when {
				if c, ok := condition.(map[string]any); ok && c["key"] == "request.headers["+cfg.UserIDHeader+"]" {
					c["values"] = []any{cfg.UserIDPrefix + owner}
					found = true
				}
			}
		}
	}
	if found {
		return unstructured.SetNestedSlice(policy.Object, rules, "spec", "rules")
	}
	policy.Object["spec"] = kubeflow.OwnerPolicySpec(policy.GetNamespace(), owner, cfg)
	return nil
}

// dropGrants takes away what the new owner was given as a contributor. What somebody bound by hand stays.
func (h *handover) dropGrants(who rbac.Subject) {
	const why = "the owner needs no other role"
	seen := map[string]bool{}
	for _, m := range h.state.MembersAll(h.workspace.Name) {
		if m.Subject != who || m.How == workspace.ByOwnership {
			continue
		}
		if b := m.Binding; b != nil {
			if !workspace.Annotated(b.Annotations) {
				h.note("profile %s: rolebinding %s, made by hand, names %s too; it stays", m.Workspace, b.Name, who)
				continue
			}
			h.withdraw(why, b, who)
		}
		if p := m.Policy; p != nil && p.GetName() != kubeflow.OwnerPolicy && workspace.Annotated(p.GetAnnotations()) && !seen[p.GetName()] {
			seen[p.GetName()] = true
			users := kubeflow.PolicyUsers(p, h.state.ConfigFor(m.Workspace))
			if slices.ContainsFunc(users, func(user string) bool { return user != who.UserName() }) {
				h.note("profile %s: authorizationpolicy %s lets in others too; it stays", m.Workspace, p.GetName())
				continue
			}
			h.delete(why, p)
		}
	}
}

// withdraw takes a subject out of a binding, and the binding away when it names nobody else.
func (d *draft) withdraw(why string, binding *rbacv1.RoleBinding, who rbac.Subject) {
	next := binding.DeepCopy()
	next.Subjects = slices.DeleteFunc(next.Subjects, func(s rbacv1.Subject) bool { return is(s, binding.Namespace, who) })
	if len(next.Subjects) == 0 {
		d.delete(why, binding)
		return
	}
	if last := next.Subjects[0]; len(next.Subjects) == 1 && last.Kind == rbacv1.UserKind && next.Annotations[kubeflow.UserAnnotation] == who.UserName() {
		// The dashboard lists who is annotated.
		next.Annotations[kubeflow.UserAnnotation] = last.Name
	}
	d.update(why, binding, next)
}

// isOwned reports whether a namespace goes with a Profile.
func isOwned(ns *corev1.Namespace) bool {
	return slices.ContainsFunc(ns.OwnerReferences, isProfileReference)
}
