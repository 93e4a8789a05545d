package profile

import (
	"fmt"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// judgeNative is GH002: the owner of a workspace of plain Kubernetes is somebody else than who holds its rights.
func judgeNative(s *workspace.State, w *workspace.Workspace) []finding.Finding {
	ns := w.Namespace
	if ns == nil || ns.DeletionTimestamp != nil || s.Inventory.Unmarked(inventory.Namespaces) ||
		!read(s, inventory.RoleBindings, w.Name) {
		return nil
	}
	f := finding.Finding{ID: "GH002", Severity: finding.Error, Object: "namespace " + w.Name}
	owner, err := rbac.ParseSubject(ns.Annotations[workspace.OwnerAnnotation])
	if err != nil {
		f.Message = "it is marked as a workspace, but its annotation " + workspace.OwnerAnnotation + " names nobody"
		f.Why = "kubectl profile transfer " + w.Name + " --owner NAME   gives it an owner."
		return []finding.Finding{f}
	}
	all := s.Bindings(w.Name)
	i := slices.IndexFunc(all, func(b *rbacv1.RoleBinding) bool { return b.Name == workspace.OwnerBinding })
	if i < 0 && slices.ContainsFunc(all, func(b *rbacv1.RoleBinding) bool { return isAdmin(b) && naming(b, owner) }) {
		// The binding has another name, as those that are made by hand.
		return nil
	}
	out := repairOf(w.Name)
	fix := "make " + owner.String() + " the owner of " + w.Name
	if i < 0 {
		f.Message = fmt.Sprintf("its owner %s holds no role %s in it", owner, workspace.Owner.ClusterRole(workspace.Native))
		f.Why = "Whoever the annotation names is shown as the owner, and may do nothing."
		out.create(workspace.NativeOwnerBinding(w.Name, owner), "the owner's rights")
		f.Fix = out.plan(fix)
		return []finding.Finding{f}
	}
	b := all[i]
	if isAdmin(b) && len(b.Subjects) == 1 && naming(b, owner) {
		return nil
	}
	f.Object = "rolebinding " + w.Name + "/" + b.Name
	f.Message = fmt.Sprintf("it is the owner's, but %s is not the only one who holds it, or not as %s",
		owner, workspace.Owner.ClusterRole(workspace.Native))
	f.Why = "Who is shown as the owner and who has the rights differ, as after a change of owner that was not finished.\n" +
		"kubectl profile transfer " + w.Name + " --owner NAME   finishes it for somebody else."
	want := workspace.NativeOwnerBinding(w.Name, owner)
	if b.RoleRef == want.RoleRef {
		after := b.DeepCopy()
		after.Subjects = want.Subjects
		out.update(b, after, "it is the owner's")
	} else {
		want.Labels, want.Annotations = b.Labels, b.Annotations
		out.remove(b, "a role can't be exchanged in a binding")
		out.create(want, "it is the owner's")
	}
	f.Fix = out.plan(fix)
	return []finding.Finding{f}
}

func isAdmin(b *rbacv1.RoleBinding) bool {
	return b.RoleRef.Kind == "ClusterRole" &&
		(b.RoleRef.Name == workspace.Owner.ClusterRole(workspace.Native) || b.RoleRef.Name == "cluster-admin")
}
