package profile

import (
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// FollowUp returns the plan for what a spec wants inside the namespace of a Kubeflow profile that exists by now: labels,
// annotations, and a limit range. For a native workspace, where [Create] does all of it, there is nothing left to do.
func FollowUp(s *workspace.State, spec Spec) (plan.Plan, []string, error) {
	if err := checkMetadata(spec.Labels, spec.Annotations); err != nil {
		return plan.Plan{}, nil, err
	}
	w, err := find(s, spec.Name)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	d := newDraft(w.Name)
	switch {
	case w.Namespace == nil:
		return plan.Plan{}, nil, workspace.Refuse("kubectl profile wait "+w.Name+" tells when it is there",
			"set up profile %q: its namespace is not there yet", w.Name)
	case w.Status.Phase == workspace.Conflict:
		return plan.Plan{}, nil, workspace.Refuse("kubectl profile adopt "+w.Name+" takes a namespace over",
			"set up profile %q: %s", w.Name, w.Status.Why)
	}
	d.followUp(s, &w, spec)
	return d.finish("set up the namespace of profile " + w.Name)
}

// followUp adds the steps for what a spec wants in the namespace of a Kubeflow profile.
func (d *draft) followUp(s *workspace.State, w *workspace.Workspace, spec Spec) {
	d.label(w.Namespace, spec)
	for _, key := range slices.Sorted(maps.Keys(spec.Labels)) {
		if value, known := s.Config.NamespaceLabels[key]; known && value == "" {
			d.note("profile %s: Kubeflow's controller takes the label %s away: its labels file says so", w.Name, key)
		}
	}
	if spec.LimitRange && !holds(s.Inventory.LimitRanges, w.Name, LimitRangeName) {
		d.create("defaults for containers that ask for nothing", limitRange(w.Name))
	}
}

// label adds the step that puts the labels and annotations of a spec on a namespace.
func (d *draft) label(ns *corev1.Namespace, spec Spec) {
	next := ns.DeepCopy()
	next.Labels = merged(ns.Labels, spec.Labels)
	next.Annotations = merged(ns.Annotations, spec.Annotations)
	d.update("labels and annotations as they are wanted", ns, next)
}

// adjustNative brings a native workspace to a spec.
func (d *draft) adjustNative(s *workspace.State, w *workspace.Workspace, spec Spec) {
	next := w.Namespace.DeepCopy()
	next.Labels = merged(w.Namespace.Labels, spec.Labels)
	next.Annotations = merged(w.Namespace.Annotations, spec.Annotations)
	d.keep("labels and annotations as they are wanted", w.Namespace, next)
	d.bindOwner(s, w.Name, spec.Owner)
	d.adjustNativeQuota(s, w.Name, spec.Quota)
	d.makeOptional(s, spec)
}

// bindOwner adds the steps after which a binding of a native workspace gives the owner its role: that of our name, unless
// somebody has made another one by hand.
func (d *draft) bindOwner(s *workspace.State, namespace string, owner rbac.Subject) {
	if holds(s.Bindings(namespace), namespace, workspace.OwnerBinding) || len(ownersByHand(s, namespace, owner)) == 0 {
		d.makeOwner(s, namespace, owner)
	}
}

// makeOwner adds the steps after which the owner's binding of a native workspace is there, and names the owner.
func (d *draft) makeOwner(s *workspace.State, namespace string, owner rbac.Subject) {
	wanted := workspace.NativeOwnerBinding(namespace, owner)
	old, found := pick(s.Bindings(namespace), namespace, workspace.OwnerBinding)
	switch {
	case !found && len(s.Inventory.Missing(inventory.RoleBindings)) > 0:
		d.note("profile %s: its role bindings cannot be read: that of the owner is left as it is", namespace)
	case !found:
		d.create("the owner's rights", wanted)
	case old.RoleRef != wanted.RoleRef:
		d.delete("a role binding cannot change its role: it is made anew", old)
		d.create("the owner's rights", wanted)
	default:
		next := old.DeepCopy()
		next.Annotations = merged(old.Annotations, wanted.Annotations)
		if !naming(old, owner) {
			next.Subjects = append(next.Subjects, owner.RBAC())
		}
		d.update("the owner's rights", old, next)
	}
}

// ownersByHand returns the bindings by which an owner holds the role of one in a native workspace, and that are not called
// as ours is.
func ownersByHand(s *workspace.State, namespace string, owner rbac.Subject) []*rbacv1.RoleBinding {
	var out []*rbacv1.RoleBinding
	for _, b := range s.Bindings(namespace) {
		if b.Name != workspace.OwnerBinding && workspace.RoleOf(b.RoleRef) == workspace.Owner && naming(b, owner) {
			out = append(out, b)
		}
	}
	return out
}

// naming reports whether a binding names a subject.
func naming(binding *rbacv1.RoleBinding, who rbac.Subject) bool {
	return slices.ContainsFunc(binding.Subjects, func(s rbacv1.Subject) bool { return is(s, binding.Namespace, who) })
}

// is reports whether a binding's subject means somebody.
func is(s rbacv1.Subject, namespace string, who rbac.Subject) bool {
	found, ok := rbac.NewSubject(s, namespace)
	return ok && found == who
}

// adjustNativeQuota adds the step that brings the quota to what a spec says, if it says anything.
func (d *draft) adjustNativeQuota(s *workspace.State, namespace string, quota corev1.ResourceQuotaSpec) {
	if quota.Hard == nil && len(quota.Scopes) == 0 {
		return
	}
	old, found := pick(s.Quotas(namespace), namespace, QuotaName)
	switch {
	case !found && len(quota.Hard) == 0:
	case !found:
		d.create("what the workspace may use", nativeQuota(namespace, quota))
	case len(quota.Hard) == 0:
		d.delete("no quota is wanted", old)
	case !slices.Equal(old.Spec.Scopes, quota.Scopes):
		d.delete("a quota cannot change its scopes: it is made anew", old)
		d.create("what the workspace may use", nativeQuota(namespace, quota))
	default:
		next := old.DeepCopy()
		next.Spec = *quota.DeepCopy()
		d.update("what the workspace may use", old, next)
	}
}
