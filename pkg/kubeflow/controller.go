package kubeflow

import (
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
)

// ControllerObjects returns all that the profile controller makes for a profile, in its order, as the API server stores
// it: namespace, owner's policy, both service accounts with their role bindings, the owner's role binding, and the quota
// when there is one. They refer to the profile as their owner when it has a UID.
func ControllerObjects(p Profile, cfg Config) []runtime.Object {
	out := []runtime.Object{
		NamespaceObject(p, cfg),
		OwnerPolicyObject(p, cfg),
		AccountObject(p, EditorAccount), AccountBinding(p, EditorAccount),
		AccountObject(p, ViewerAccount), AccountBinding(p, ViewerAccount),
		OwnerRoleBinding(p),
	}
	if quota := QuotaObject(p); quota != nil {
		out = append(out, quota)
	}
	return out
}

// NamespaceObject returns the namespace that the controller makes for a profile. When the labels file is not known, it is
// taken to be [DefaultNamespaceLabels].
func NamespaceObject(p Profile, cfg Config) *corev1.Namespace {
	file := cfg.NamespaceLabels
	if file == nil {
		file = DefaultNamespaceLabels()
	}
	return &corev1.Namespace{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{
			Name:            p.Name,
			Labels:          SetNamespaceLabels(map[string]string{InjectionLabel: InjectionEnabled}, file),
			Annotations:     map[string]string{OwnerAnnotation: p.Owner.Name},
			OwnerReferences: p.references(),
		},
	}
}

// OwnerPolicyObject returns the owner's policy.
func OwnerPolicyObject(p Profile, cfg Config) *unstructured.Unstructured {
	out := policyObject(p.Name, OwnerPolicy, ownerAnnotations(p), OwnerPolicySpec(p.Name, p.Owner.Name, cfg))
	out.SetOwnerReferences(p.references())
	return out
}

// OwnerRoleBinding returns the owner's role binding.
func OwnerRoleBinding(p Profile) *rbacv1.RoleBinding {
	return p.binding(OwnerBinding, "admin", ownerAnnotations(p), withGroup(p.Owner))
}

// AccountObject returns a service account of the controller: default-editor or default-viewer.
func AccountObject(p Profile, name string) *corev1.ServiceAccount {
	return &corev1.ServiceAccount{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"},
		ObjectMeta: metav1.ObjectMeta{Namespace: p.Name, Name: name, OwnerReferences: p.references()},
	}
}

// AccountBinding returns the role binding of a service account of the controller. It has no annotations, and therefore is
// no contributor's.
func AccountBinding(p Profile, name string) *rbacv1.RoleBinding {
	short := "edit"
	if name == ViewerAccount {
		short = "view"
	}
	return p.binding(name, short, nil, rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: p.Name, Name: name})
}

// QuotaObject returns the quota of a profile, or nil when it sets no limit: scopes alone are none.
func QuotaObject(p Profile) *corev1.ResourceQuota {
	if len(p.Quota.Hard) == 0 {
		return nil
	}
	return &corev1.ResourceQuota{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ResourceQuota"},
		ObjectMeta: metav1.ObjectMeta{Namespace: p.Name, Name: Quota, OwnerReferences: p.references()},
		Spec:       *p.Quota.DeepCopy(),
	}
}

// OwnerReference returns the reference by which the controller's objects go with the profile.
func OwnerReference(p Profile) metav1.OwnerReference {
	yes := true
	return metav1.OwnerReference{
		APIVersion: ProfileKind.GroupVersion().String(), Kind: ProfileKind.Kind, Name: p.Name, UID: p.UID,
		Controller: &yes, BlockOwnerDeletion: &yes,
	}
}

func (p Profile) references() []metav1.OwnerReference {
	if p.UID == "" {
		return nil
	}
	return []metav1.OwnerReference{OwnerReference(p)}
}

func (p Profile) binding(name, short string, annotations map[string]string, subject rbacv1.Subject) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		TypeMeta: metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "RoleBinding"},
		ObjectMeta: metav1.ObjectMeta{
			Namespace: p.Name, Name: name, Annotations: annotations, OwnerReferences: p.references(),
		},
		RoleRef:  roleRef(ClusterRole(short)),
		Subjects: []rbacv1.Subject{subject},
	}
}

func ownerAnnotations(p Profile) map[string]string {
	return map[string]string{UserAnnotation: p.Owner.Name, RoleAnnotation: "admin"}
}
