// Package inventory holds objects as a source read them: what workspaces are made of, such as profiles, namespaces, role
// bindings, Istio policies and quotas, and what says how k0rdent makes clusters, and what else a command asks for.
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
	Roles               Kind = "roles"                 // rbac.authorization.k8s.io, in [Inventory.Custom]
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

// The kinds of k0rdent and of what it makes clusters with. Their objects are in [Inventory.Custom].
const (
	ClusterAuthentications Kind = "clusterauthentications" // k0rdent.mirantis.com
	ClusterDeployments     Kind = "clusterdeployments"     // k0rdent.mirantis.com
	ClusterTemplates       Kind = "clustertemplates"       // k0rdent.mirantis.com
	Credentials            Kind = "credentials"            // k0rdent.mirantis.com
	AccessManagements      Kind = "accessmanagements"      // k0rdent.mirantis.com, cluster-scoped
	Managements            Kind = "managements"            // k0rdent.mirantis.com, cluster-scoped
	Releases               Kind = "releases"               // k0rdent.mirantis.com, cluster-scoped
	Regions                Kind = "regions"                // k0rdent.mirantis.com, cluster-scoped
	HelmReleases           Kind = "helmreleases"           // helm.toolkit.fluxcd.io
	K0sControlPlanes       Kind = "k0scontrolplanes"       // controlplane.cluster.x-k8s.io
	K0smotronControlPlanes Kind = "k0smotroncontrolplanes" // controlplane.cluster.x-k8s.io
	Machines               Kind = "machines"               // cluster.x-k8s.io
)

// The kinds of queues, and of what waits in them. Their objects are in [Inventory.Custom].
const (
	QueueConfigs    Kind = "kaiwoqueueconfigs"       // kaiwo.silogen.ai, cluster-scoped
	KaiwoConfigs    Kind = "kaiwoconfigs"            // config.kaiwo.silogen.ai, cluster-scoped
	KaiwoJobs       Kind = "kaiwojobs"               // kaiwo.silogen.ai
	KaiwoServices   Kind = "kaiwoservices"           // kaiwo.silogen.ai
	ClusterQueues   Kind = "clusterqueues"           // kueue.x-k8s.io, cluster-scoped
	LocalQueues     Kind = "localqueues"             // kueue.x-k8s.io
	Workloads       Kind = "workloads"               // kueue.x-k8s.io
	ResourceFlavors Kind = "resourceflavors"         // kueue.x-k8s.io, cluster-scoped
	PriorityClasses Kind = "workloadpriorityclasses" // kueue.x-k8s.io, cluster-scoped
	Jobs            Kind = "jobs"                    // batch
	// QueueOperators asks for what says how Kaiwo and Kueue run: the Deployments of the namespace kaiwo-system, and the
	// ConfigMaps of kueue-system.
	QueueOperators Kind = "queueoperators"
	// Webhooks are MutatingWebhookConfigurations and ValidatingWebhookConfigurations.
	Webhooks Kind = "webhooks"
)

// The kinds of Kalm, all of core.kalm.dev. Their objects are in [Inventory.Custom], without what is secret in them: see
// [Digest] and [Hidden].
const (
	KalmBindings       Kind = "rolebindings.core.kalm.dev" // its RoleBindings, not those of RBAC
	AccessTokens       Kind = "accesstokens"               // cluster-scoped
	SingleSignOns      Kind = "singlesignonconfigs"
	ProtectedEndpoints Kind = "protectedendpoints"
	KalmComponents     Kind = "components"
)

// TokenSecrets are the Secrets that stand for tokens: those of service accounts that hold one for ever, and those that a
// token made by us is bound to. A live cluster is asked for their metadata alone, and what they hold is never among it;
// field type says which they are. Their objects are in [Inventory.Custom].
const TokenSecrets Kind = "token secrets"

// Secrets are never listed: a source that is a live cluster passes them over, since they are read by their names once
// other objects have said which are needed. Manifests give those that they hold.
const Secrets Kind = "secrets"

// Want says what a command needs; a source fetches no more than that.
type Want struct {
	Kinds []Kind
	// Namespace is the only workspace that the command concerns; empty for all. When it is set, namespaced kinds are
	// read in it alone, and of Profiles and Namespaces only those of that name. The other cluster-scoped kinds are read
	// whole, since their names say nothing about namespaces: AccessManagements, Managements, Releases, Regions, AccessTokens,
	// webhooks and those of queues. So are the Secrets of manifests, which objects of other namespaces may name. Of
	// KalmBindings those of Kalm's own namespace come too, since they count everywhere. QueueOperators are in their own
	// namespaces.
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
	// Custom are the objects of the kinds that have no field of their own, those of k0rdent among them.
	Custom map[Kind][]*unstructured.Unstructured
	// Secrets are those of manifests, or those that were read of a cluster by name. What they hold is to be computed with,
	// and never shown; the annotation in which kubectl repeats it is left out.
	Secrets []*corev1.Secret

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

// Objects returns the objects of a kind that has no field of its own. There are none of any other kind.
func (inv *Inventory) Objects(kind Kind) []*unstructured.Unstructured { return inv.Custom[kind] }

// Secret returns the Secret of that name, or nil.
func (inv *Inventory) Secret(namespace, name string) *corev1.Secret {
	i := slices.IndexFunc(inv.Secrets, func(s *corev1.Secret) bool { return s.Namespace == namespace && s.Name == name })
	if i < 0 {
		return nil
	}
	return inv.Secrets[i]
}

// Withheld returns the gap because of which a Secret could not be read, or nil: then [Inventory.Secret] has it, or it is
// not there.
func (inv *Inventory) Withheld(namespace, name string) *rbac.Gap {
	for _, gap := range inv.Missing(Secrets) {
		elsewhere := gap.Namespace != "" && gap.Namespace != namespace
		other := gap.Missing != nil && len(gap.Missing.ResourceNames) > 0 && !slices.Contains(gap.Missing.ResourceNames, name) ||
			gap.Missing == nil && gap.Namespace != "" && !strings.HasPrefix(gap.What, string(Secrets)+" "+name+" ")
		if !elsewhere && !other && inv.Secret(namespace, name) == nil {
			return &gap
		}
	}
	return nil
}

// AnnotationsOf is what a gap says that is missing where objects of a kind were read without their annotations.
func AnnotationsOf(kind Kind) string { return "annotations of " + string(kind) }

// Unmarked reports whether objects of a kind were read without their annotations: then it is not known what these say,
// such as until when a role binding is meant.
func (inv *Inventory) Unmarked(kind Kind) bool {
	return slices.ContainsFunc(inv.Gaps, func(gap rbac.Gap) bool { return gap.What == AnnotationsOf(kind) })
}
