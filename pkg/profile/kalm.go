package profile

import (
	"cmp"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// keptByKalm refuses to do something to an application of Kalm's, which has no profile, nor one owner whom anything but a
// role names.
func keptByKalm(verb, name, next string) error {
	return workspace.Refuse(next, "%s profile %q: it is an application of Kalm's, which keeps its members itself", verb, name)
}

// makeKalm adds the steps for an application of Kalm's that is not there: a namespace with the label that makes it one, the
// RoleBinding that its owner has in Kalm, and what else the spec asks for.
func (d *draft) makeKalm(s *workspace.State, spec Spec) {
	labels := map[string]string{kalm.EnabledLabel: kalm.EnabledValue, "istio-injection": "enabled"}
	d.create("makes the application", &corev1.Namespace{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: spec.Name, Labels: merged(spec.Labels, labels), Annotations: merged(spec.Annotations, nil)},
	})
	d.create("the owner's role in Kalm", kalm.NewBinding(kalm.Binding{
		Namespace: spec.Name, Subject: spec.Owner.Name, Group: spec.Owner.Kind == rbacv1.GroupKind, Role: kalm.Owner,
		Creator: cmp.Or(s.Asker, spec.Owner.Name),
	}))
	if len(spec.Quota.Hard) > 0 {
		d.create("what the workspace may use", nativeQuota(spec.Name, spec.Quota))
	}
	d.makeOptional(s, spec)
	d.note("profile %s: a role of Kalm's gives nothing in the Kubernetes API", spec.Name)
}

// checkKalmOwner says whether a subject can own an application of Kalm's.
func checkKalmOwner(name string, owner rbac.Subject) error {
	switch {
	case owner.Kind == rbacv1.ServiceAccountKind:
		return workspace.Refuse("", "owner %s: Kalm knows users and groups, and no service accounts", owner)
	case name == kalm.TrapNamespace:
		return workspace.Refuse("", "profile %q: Kalm takes the roles of a namespace of this name for those of the whole cluster", name)
	}
	if err := kalm.CheckSubject(owner.Name, owner.Kind == rbacv1.GroupKind); err != nil {
		return workspace.Refuse("", "owner %s: %w", owner, err)
	}
	return nil
}
