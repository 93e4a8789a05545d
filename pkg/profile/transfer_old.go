package profile

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// native changes the two places in which a native workspace knows its owner.
func (h *handover) native(keepOldAs workspace.Role) error {
	w := h.workspace
	if w.Namespace == nil {
		return workspace.Refuse("it takes rights to get and list namespaces", "transfer profile %q: its namespace cannot be read", w.Name)
	}
	if err := checkPlaces(h.state, w); err != nil {
		return err
	}
	if h.old = w.Owner; h.old == h.to {
		h.old = rbac.Subject{}
	}
	next := w.Namespace.DeepCopy()
	if w.Owner != h.to {
		next.Annotations = merged(next.Annotations, map[string]string{workspace.OwnerAnnotation: h.to.String()})
	}
	h.update("names the owner", w.Namespace, next)

	binding, bound := pick(h.state.Bindings(w.Name), w.Name, workspace.OwnerBinding)
	held := ownersByHand(h.state, w.Name, h.to)
	if w.Owner != h.to {
		// What he was given as a member makes way for what he gets as the owner.
		held = slices.DeleteFunc(held, func(b *rbacv1.RoleBinding) bool { return b.Annotations[workspace.RoleAnnotation] != "" })
	}
	switch {
	case bound && binding.RoleRef == workspace.Owner.Ref(workspace.Native):
		changed := binding.DeepCopy()
		changed.Annotations = merged(binding.Annotations, map[string]string{workspace.RoleAnnotation: string(workspace.Owner)})
		changed.Subjects = []rbacv1.Subject{h.to.RBAC()}
		h.update("the owner's rights", binding, changed)
		for _, subject := range binding.Subjects {
			if who, ok := rbac.NewSubject(subject, w.Name); ok && who != h.to && h.old.Name == "" {
				h.old = who // a transfer that changed the annotation only
			}
		}
	case bound || len(held) == 0:
		h.makeOwner(h.state, w.Name, h.to)
	}
	for _, b := range h.state.Bindings(w.Name) {
		switch {
		case b.Name == workspace.OwnerBinding:
		case h.old.Name != "" && workspace.RoleOf(b.RoleRef) == workspace.Owner && naming(b, h.old) && keepOldAs != workspace.Owner:
			h.withdraw("the old owner's rights as an administrator", b, h.old)
			h.byHand = true
		case slices.Contains(held, b):
		case b.Annotations[workspace.RoleAnnotation] != "" && naming(b, h.to):
			h.withdraw("the owner needs no other role", b, h.to)
		}
	}
	return h.keepOld(keepOldAs)
}

// tellOld says what the old owner keeps.
func (h *handover) tellOld(keepOldAs workspace.Role) {
	if h.old.Name == "" {
		return
	}
	for _, m := range h.state.MembersAll(h.workspace.Name) {
		if m.Subject == h.old && m.How != workspace.ByOwnership && m.Role != keepOldAs {
			h.note("profile %s: the old owner %s keeps what %s gives: %s", m.Workspace, h.old, m.ObjectName(), m.RoleText())
		}
	}
}

// keepOld makes the old owner a member.
func (h *handover) keepOld(role workspace.Role) error {
	name := h.workspace.Name
	switch {
	case role == "":
		return nil
	case h.old.Name == "":
		h.note("profile %s: nothing names another owner than %s, so there is nobody to keep", name, h.to)
		return nil
	}
	for _, m := range h.state.Members(name) {
		if role == workspace.Owner && m.Subject == h.old && m.How == workspace.ByOwnership && m.Binding.Name != workspace.OwnerBinding {
			return nil // made by hand, it stays
		}
		if m.Subject == h.old && m.How != workspace.ByOwnership && m.Binding != nil && m.Role.Rank() >= role.Rank() {
			h.completePair(&m)
			return nil
		}
	}
	binding := memberBinding(h.workspace.Flavor, name, h.old, role)
	if holds(h.state.Bindings(name), name, binding.Name) || holds(h.state.Policies(name), name, binding.Name) {
		return workspace.Refuse("transfer it without --keep-old-as, then kubectl contrib add "+h.old.String()+" --role "+string(role)+" -n "+name+" --name NAME",
			"transfer profile %q: the old owner cannot be kept as %s: an object called %s is there already", name, role, binding.Name)
	}
	if h.workspace.Flavor == workspace.Kubeflow {
		if err := kubeflow.CheckPair(h.old.Name, role.Short()); err != nil {
			return workspace.Refuse("", "transfer profile %q: keep the old owner: %w", name, err)
		}
	}
	h.member = binding.Name
	h.create("the old owner stays as "+string(role), binding)
	h.admitOld(role)
	return nil
}

// completePair adds the policy to a role binding of the old owner that lost it, or did not get it yet.
func (h *handover) completePair(m *workspace.Member) {
	if m.How != workspace.ByBinding || m.Binding.Annotations[workspace.HTTPAnnotation] == "false" ||
		len(h.state.Inventory.Missing(inventory.Policies)) > 0 || m.Role.Short() == "" {
		return
	}
	if name := kubeflow.PairName(h.old, m.Role.Short()); name == m.Binding.Name && !holds(h.state.Policies(m.Workspace), m.Workspace, name) {
		h.member = name
		h.admitOld(m.Role)
	}
}

// admitOld lets the old owner in through the mesh.
func (h *handover) admitOld(role workspace.Role) {
	name := h.workspace.Name
	if h.workspace.Flavor != workspace.Kubeflow || !h.state.Istio {
		return
	}
	if policy := kubeflow.PairPolicy(name, h.old, role.Short(), h.state.ConfigFor(name)); policy != nil {
		h.create("lets the old owner in as a member", policy)
	}
}

// memberBinding is the role binding of a member, as package contrib makes it.
func memberBinding(flavor workspace.Flavor, namespace string, who rbac.Subject, role workspace.Role) *rbacv1.RoleBinding {
	if flavor == workspace.Kubeflow {
		binding := kubeflow.PairBinding(namespace, who, role.Short())
		if who.Kind == rbacv1.ServiceAccountKind {
			binding.Annotations = map[string]string{workspace.RoleAnnotation: string(role)}
		}
		return binding
	}
	return workspace.NativeBinding(namespace, who, role.Ref(workspace.Native))
}
