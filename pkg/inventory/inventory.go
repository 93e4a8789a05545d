// Package inventory holds the objects that workspaces are made of, as a source read them: profiles, namespaces, role
// bindings, Istio policies, quotas and what else a command asks for.
//
// An [Inventory] is a value: nothing here talks to a cluster. Objects are whole, so that a plan can be made from them;
// managed fields are left out. What could not be read is part of it (Gaps).
package inventory

import (
	"slices"
	"strings"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Kind is a kind of objects that can be asked for.
type Kind string

// The kinds, by their resource names.
const (
	Profiles            Kind = "profiles"              // kubeflow.org
	Namespaces          Kind = "namespaces"            //
	RoleBindings        Kind = "rolebindings"          // rbac.authorization.k8s.io
	Policies            Kind = "authorizationpolicies" // security.istio.io
	Quotas              Kind = "resourcequotas"
	LimitRanges         Kind = "limitranges"
	NetworkPolicies     Kind = "networkpolicies" // networking.k8s.io
	ServiceAccounts     Kind = "serviceaccounts"
	Pods                Kind = "pods"
	Volumes             Kind = "persistentvolumeclaims"
	Notebooks           Kind = "notebooks" // kubeflow.org
	Events              Kind = "events"
	ServiceRoles        Kind = "serviceroles"        // rbac.istio.io, gone since Istio 1.6
	ServiceRoleBindings Kind = "servicerolebindings" // rbac.istio.io, gone since Istio 1.6
	// Controller asks for the Deployments and ConfigMaps of the namespace in which Kubeflow runs: they say how the
	// profile controller is configured.
	Controller Kind = "controller"
)

// Want says what a command needs; a source fetches no more than that.
type Want struct {
	Kinds []Kind
	// Namespace is the only workspace that the command concerns; empty for all. When it is set, namespaced kinds are
	// read in it alone, and of Profiles and Namespaces only those of that name.
	Namespace string
	// System is the namespace in which Kubeflow runs; empty for "kubeflow".
	System string
}

// Inventory is what was read. Slices are sorted by namespace and name. Typed objects carry their kind and version.
// The zero value is empty and complete.
type Inventory struct {
	// Source names where the objects come from: a context, a file, a directory.
	Source string
	// Taken is when the objects were read; zero for manifests.
	Taken time.Time
	// Live says that an API server stores the objects, so that plans made from them can be carried out.
	Live bool
	// Served says of each kind that was asked for whether there is such a kind: of a live cluster, whether it is served,
	// also when objects of it could not be read; of manifests, whether one is there, or the definition of the kind. Kinds
	// that Kubernetes itself has are always.
	Served map[Kind]bool

	Profiles        []*unstructured.Unstructured
	Namespaces      []*corev1.Namespace
	RoleBindings    []*rbacv1.RoleBinding
	Policies        []*unstructured.Unstructured
	Quotas          []*corev1.ResourceQuota
	LimitRanges     []*corev1.LimitRange
	NetworkPolicies []*networkingv1.NetworkPolicy
	ServiceAccounts []*corev1.ServiceAccount
	Pods            []*corev1.Pod
	Volumes         []*corev1.PersistentVolumeClaim
	Notebooks       []*unstructured.Unstructured
	Events          []*corev1.Event
	// Leftovers are objects of Istio's first RBAC: ServiceRoles and ServiceRoleBindings.
	Leftovers []*unstructured.Unstructured
	// Deployments and ConfigMaps are those of the namespace in which Kubeflow runs.
	Deployments []*appsv1.Deployment
	ConfigMaps  []*corev1.ConfigMap

	// Gaps says what could not be read, and which rule would make it readable. Empty means complete.
	Gaps []rbac.Gap
}

// Namespace returns the namespace of that name, or nil.
func (inv *Inventory) Namespace(name string) *corev1.Namespace {
	i := slices.IndexFunc(inv.Namespaces, func(n *corev1.Namespace) bool { return n.Name == name })
	if i < 0 {
		return nil
	}
	return inv.Namespaces[i]
}

// Profile returns the Kubeflow profile of that name, or nil.
func (inv *Inventory) Profile(name string) *unstructured.Unstructured {
	i := slices.IndexFunc(inv.Profiles, func(p *unstructured.Unstructured) bool { return p.GetName() == name })
	if i < 0 {
		return nil
	}
	return inv.Profiles[i]
}

// Missing returns the gaps that concern a kind: those whose missing rule names it, or whose text begins with it when no
// rule would help. It is nil when all of the kind was read.
func (inv *Inventory) Missing(kind Kind) []rbac.Gap {
	var out []rbac.Gap
	for _, gap := range inv.Gaps {
		first, _, _ := strings.Cut(gap.What, " ")
		if gap.Missing == nil && first == string(kind) || gap.Missing != nil && slices.Contains(gap.Missing.Resources, string(kind)) {
			out = append(out, gap)
		}
	}
	return out
}
