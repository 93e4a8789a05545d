package contrib

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// isOwner reports whether a member is the owner of its workspace. Whoever else stands in the binding of a native owner is
// a guest: the namespace says who the owner is. Kubeflow's controller takes others out of the binding that it keeps.
func isOwner(m *workspace.Member, owner rbac.Subject) bool {
	if m.How != workspace.ByOwnership {
		return false
	}
	return m.Flavor == workspace.Kubeflow || m.Subject == owner || !names(m.Binding, owner)
}

// protected reports whether a member is the work of whatever made the workspace, and not of its members.
func (r *room) protected(m *workspace.Member) bool {
	switch {
	case isOwner(m, r.owner):
		return true
	case m.OfKalm():
		return false
	case m.Binding == nil:
		// Without Kubeflow no policy is a member's, whatever it says.
		return m.Flavor != workspace.Kubeflow || m.Policy.GetName() == kubeflow.OwnerPolicy
	case isAccount(m.Subject, m.Workspace) && m.Binding.Name == m.Subject.Name:
		return true
	}
	return m.Subject.IsSystem() && !proven(m)
}

// guests returns the grants of a subject that are the workspace's to give and to take: neither its owner's, nor those of
// what runs there.
func (r *room) guests(subject rbac.Subject) []*workspace.Member {
	return slices.DeleteFunc(slices.Clone(r.members[subject]), r.protected)
}

// leavers returns the grants of a subject that can be taken away on demand: those of a guest and, where the profile is
// gone, what it has left to its owner. Nothing keeps that any more.
func (r *room) leavers(subject rbac.Subject) []*workspace.Member {
	return slices.DeleteFunc(slices.Clone(r.members[subject]), func(m *workspace.Member) bool {
		return r.protected(m) && (!r.orphaned || !isOwner(m, r.owner))
	})
}

// owns reports whether the subject is the owner, by the profile or by the owner's binding.
func (r *room) owns(subject rbac.Subject) bool {
	if r.orphaned {
		return false
	}
	return subject == r.owner || slices.ContainsFunc(r.members[subject], func(m *workspace.Member) bool {
		return isOwner(m, r.owner)
	})
}

// isOrphaned reports whether a namespace is what a deleted profile has left: all profiles are known, and it has none.
func (r *room) isOrphaned() bool {
	s := r.draft.state
	return !r.isWorkspace && r.flavor == workspace.Kubeflow && s.Inventory.Served[inventory.Profiles] &&
		len(s.Inventory.Missing(inventory.Profiles)) == 0
}

// isAccount reports whether the subject is one of the two accounts under which the pods of a workspace run.
func isAccount(subject rbac.Subject, namespace string) bool {
	return subject.Kind == rbacv1.ServiceAccountKind && subject.Namespace == namespace &&
		(subject.Name == kubeflow.EditorAccount || subject.Name == kubeflow.ViewerAccount)
}
