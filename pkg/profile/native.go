package profile

import (
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Names of the objects of native workspaces. The owner's binding has the name [workspace.OwnerBinding], the service
// accounts are called like Kubeflow's.
const (
	QuotaName       = "gatehouse-quota"
	LimitRangeName  = "gatehouse-limits"
	DefaultDenyName = "gatehouse-default-deny"
)

// nativeNamespace is the namespace that makes a workspace.
func nativeNamespace(spec Spec) *corev1.Namespace {
	return &corev1.Namespace{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{
			Name:        spec.Name,
			Labels:      merged(spec.Labels, map[string]string{workspace.Label: "true"}),
			Annotations: merged(spec.Annotations, map[string]string{workspace.OwnerAnnotation: spec.Owner.String()}),
		},
	}
}

func nativeQuota(namespace string, quota corev1.ResourceQuotaSpec) *corev1.ResourceQuota {
	return &corev1.ResourceQuota{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ResourceQuota"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: QuotaName},
		Spec:       *quota.DeepCopy(),
	}
}

// limitRange gives containers that say nothing the requests and limits without which a quota refuses them. The amounts
// are those of a small service: whoever needs more has to say so.
func limitRange(namespace string) *corev1.LimitRange {
	return &corev1.LimitRange{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "LimitRange"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: LimitRangeName},
		Spec: corev1.LimitRangeSpec{Limits: []corev1.LimitRangeItem{{
			Type: corev1.LimitTypeContainer,
			DefaultRequest: corev1.ResourceList{
				corev1.ResourceCPU: resource.MustParse("100m"), corev1.ResourceMemory: resource.MustParse("128Mi"),
			},
			Default: corev1.ResourceList{
				corev1.ResourceCPU: resource.MustParse("1"), corev1.ResourceMemory: resource.MustParse("512Mi"),
			},
		}}},
	}
}

// defaultDeny lets in traffic of the same namespace, and no other.
func defaultDeny(namespace string) *networkingv1.NetworkPolicy {
	return &networkingv1.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: networkingv1.SchemeGroupVersion.String(), Kind: "NetworkPolicy"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: DefaultDenyName},
		Spec: networkingv1.NetworkPolicySpec{
			PolicyTypes: []networkingv1.PolicyType{networkingv1.PolicyTypeIngress},
			Ingress:     []networkingv1.NetworkPolicyIngressRule{{From: []networkingv1.NetworkPolicyPeer{{PodSelector: &metav1.LabelSelector{}}}}},
		},
	}
}

// account is a service account for workloads, with a role in its own namespace.
type account struct {
	name string
	role workspace.Role
}

// accounts are those that a Kubeflow profile has too, so that the same workloads run in both.
func accounts() []account {
	return []account{{kubeflow.EditorAccount, workspace.Editor}, {kubeflow.ViewerAccount, workspace.Viewer}}
}

func (a account) object(namespace string) *corev1.ServiceAccount {
	return &corev1.ServiceAccount{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "ServiceAccount"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: a.name},
	}
}

func (a account) binding(namespace string) *rbacv1.RoleBinding {
	return &rbacv1.RoleBinding{
		TypeMeta:   metav1.TypeMeta{APIVersion: rbacv1.SchemeGroupVersion.String(), Kind: "RoleBinding"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: a.name},
		RoleRef:    a.role.Ref(workspace.Native),
		Subjects:   []rbacv1.Subject{rbac.ServiceAccount(namespace, a.name).RBAC()},
	}
}
