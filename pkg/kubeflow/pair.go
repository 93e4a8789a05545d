package kubeflow

import (
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// PairBinding returns the role binding of a contributor as the API server stores kfam's. short is admin, edit or view.
// Users carry the annotations "user" and "role", groups "group" and "role"; service accounts carry none, since kfam would
// list them as people.
func PairBinding(namespace string, subject rbac.Subject, short string) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		TypeMeta: metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "RoleBinding"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: PairName(subject, short), Annotations: PairAnnotations(subject, short),
		},
		RoleRef:  roleRef(ClusterRole(short)),
		Subjects: []rbacv1.Subject{subject.RBAC()},
	}
}

// PairPolicy returns the policy of a contributor, or nil for a service account: its pods carry no user's name.
func PairPolicy(namespace string, subject rbac.Subject, short string, cfg Config) *unstructured.Unstructured {
	spec := PolicySpec(subject, cfg)
	if spec == nil {
		return nil
	}
	return policyObject(namespace, PairName(subject, short), PairAnnotations(subject, short), spec)
}

// PairAnnotations returns the annotations of both objects of a pair; nil for a service account.
func PairAnnotations(subject rbac.Subject, short string) map[string]string {
	switch subject.Kind {
	case rbacv1.UserKind:
		return map[string]string{UserAnnotation: subject.Name, RoleAnnotation: short}
	case rbacv1.GroupKind:
		return map[string]string{GroupAnnotation: subject.Name, RoleAnnotation: short}
	}
	return nil
}

// IsPair reports whether the annotations are those of a contributor's objects: "role", and "user" or "group". As for kfam,
// it is enough that they are there: they may be empty.
func IsPair(a map[string]string) bool {
	_, role := a[RoleAnnotation]
	_, user := a[UserAnnotation]
	_, group := a[GroupAnnotation]
	return role && (user || group)
}

func roleRef(clusterRole string) rbacv1.RoleRef {
	return rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: clusterRole}
}

func policyObject(namespace, name string, annotations map[string]string, spec map[string]any) *unstructured.Unstructured {
	out := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	out.SetGroupVersionKind(PolicyKind)
	out.SetNamespace(namespace)
	out.SetName(name)
	out.SetAnnotations(annotations)
	return out
}
