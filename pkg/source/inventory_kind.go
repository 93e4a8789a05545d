package source

import (
	"fmt"
	"slices"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
)

// Groups of custom resources that inventories have.
const (
	groupKubeflow     = "kubeflow.org"
	groupIstio        = "security.istio.io"
	groupIstioOld     = "rbac.istio.io"
	systemNamespace   = "kubeflow" // where Kubeflow runs, unless it is said
	kindDeployment    = "Deployment"
	kindConfigMap     = "ConfigMap"
	kindProfile       = "Profile"
	versionOfProfiles = "v1"
)

// shelved is one resource that an inventory has objects of.
type shelved struct {
	want  inventory.Kind
	group string
	// versions are those that a server may have, in the order in which it is asked for them.
	versions []string
	// read are further ones that manifests may have.
	read           []string
	resource, kind string
	namespaced     bool
	// custom says that a cluster may be without the resource.
	custom bool
	// whole says that all objects are read, whichever namespace a command concerns: their names don't say, or they are
	// referred to across namespaces.
	whole bool
	// home is the only namespace that is read, whatever the command concerns; empty for others than operators and what is
	// theirs. Of manifests, any that is the home of a resource of the same kind will do.
	home string
	// part is what a live cluster is asked for; only says of an object of a manifest whether it is wanted. Nil is for all.
	part kube.Part
	only func(content map[string]any) bool
	// hides says that objects hold secrets, which no error may show.
	hides bool
	shelf func() shelf
}

// called is how gaps and progress call the objects.
func (s *shelved) called() string {
	if s.want == inventory.KalmBindings || s.want == inventory.TokenSecrets {
		return s.want.Called()[0]
	}
	return s.resource
}

// of returns the cluster, limited to what is wanted of the resource.
func (s *shelved) of(cluster *kube.Cluster) *kube.Cluster { return cluster.Only(s.part) }

// controller reports whether the resource is read in the namespace in which Kubeflow runs.
func (s *shelved) controller() bool { return s.want == inventory.Controller }

func (s *shelved) in(version string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: s.group, Version: version, Resource: s.resource}
}

// inventoryResources returns all resources that inventories have.
func inventoryResources() []shelved {
	typed := func(want inventory.Kind, gv schema.GroupVersion, kind string, namespaced bool, shelf func() shelf) shelved {
		return shelved{
			want: want, group: gv.Group, versions: []string{gv.Version}, resource: string(want), kind: kind,
			namespaced: namespaced, shelf: shelf,
		}
	}
	custom := func(want inventory.Kind, group, kind string, into func(*inventory.Inventory) *[]*unstructured.Unstructured, versions ...string) shelved {
		return shelved{
			want: want, group: group, versions: versions, resource: string(want), kind: kind, namespaced: true, custom: true,
			shelf: func() shelf { return &customShelf{into: field(into)} },
		}
	}
	var (
		core       = corev1.SchemeGroupVersion
		deployment = typed(inventory.Controller, appsv1.SchemeGroupVersion, kindDeployment, true, newShelf(deployments))
		configMap  = typed(inventory.Controller, core, kindConfigMap, true, newShelf(configMaps))
		profile    = custom(inventory.Profiles, groupKubeflow, kindProfile, profiles, versionOfProfiles)
		notebook   = custom(inventory.Notebooks, groupKubeflow, "Notebook", notebooks, "v1", "v1beta1")
	)
	deployment.resource, configMap.resource = "deployments", "configmaps"
	profile.namespaced, profile.read = false, []string{"v1beta1"}
	notebook.read = []string{"v1alpha1"}
	return slices.Concat([]shelved{
		deployment, configMap, profile, notebook,
		typed(inventory.Namespaces, core, kindNamespace, false, newShelf(namespaces)),
		typed(inventory.RoleBindings, rbacv1.SchemeGroupVersion, kindRoleBinding, true, newShelf(roleBindings)),
		builtIn[rbacv1.Role](inventory.Roles, rbacv1.SchemeGroupVersion, "roles", kindRole),
		typed(inventory.Quotas, core, "ResourceQuota", true, newShelf(quotas)),
		typed(inventory.LimitRanges, core, "LimitRange", true, newShelf(limitRanges)),
		typed(inventory.NetworkPolicies, networkingv1.SchemeGroupVersion, "NetworkPolicy", true, newShelf(networkPolicies)),
		typed(inventory.ServiceAccounts, core, kindServiceAccount, true, newShelf(serviceAccounts)),
		typed(inventory.Pods, core, "Pod", true, newShelf(pods)),
		typed(inventory.Volumes, core, "PersistentVolumeClaim", true, newShelf(volumes)),
		typed(inventory.Events, core, "Event", true, newShelf(events)),
		custom(inventory.Policies, groupIstio, "AuthorizationPolicy", policies, "v1beta1", "v1"),
		custom(inventory.ServiceRoles, groupIstioOld, "ServiceRole", leftovers, "v1alpha1"),
		custom(inventory.ServiceRoleBindings, groupIstioOld, "ServiceRoleBinding", leftovers, "v1alpha1"),
		secretResource(),
	}, k0rdentResources(), queueResources(), kalmResources(), tokenResources())
}

// wantedResources returns the resources of the kinds that are wanted. The error names a kind that nobody knows.
func wantedResources(want inventory.Want) ([]shelved, error) {
	all := inventoryResources()
	for _, kind := range want.Kinds {
		if !slices.ContainsFunc(all, func(s shelved) bool { return s.want == kind }) {
			return nil, fmt.Errorf("read inventory: there is no kind %q", kind)
		}
	}
	return slices.DeleteFunc(all, func(s shelved) bool { return !slices.Contains(want.Kinds, s.want) || s.twice(want.Namespace) }), nil
}

// twice reports whether the objects of the resource's home are among those that are read of the kind in a namespace, or
// everywhere, when that is empty.
func (s *shelved) twice(namespace string) bool {
	return s.want == inventory.KalmBindings && s.home != "" && (namespace == "" || namespace == s.home)
}

// Where the objects of each kind are in an inventory.
func deployments(inv *inventory.Inventory) *[]*appsv1.Deployment { return &inv.Deployments }

func configMaps(inv *inventory.Inventory) *[]*corev1.ConfigMap { return &inv.ConfigMaps }

func namespaces(inv *inventory.Inventory) *[]*corev1.Namespace { return &inv.Namespaces }

func roleBindings(inv *inventory.Inventory) *[]*rbacv1.RoleBinding { return &inv.RoleBindings }
func quotas(inv *inventory.Inventory) *[]*corev1.ResourceQuota     { return &inv.Quotas }
func limitRanges(inv *inventory.Inventory) *[]*corev1.LimitRange   { return &inv.LimitRanges }

func networkPolicies(inv *inventory.Inventory) *[]*networkingv1.NetworkPolicy {
	return &inv.NetworkPolicies
}

func serviceAccounts(inv *inventory.Inventory) *[]*corev1.ServiceAccount { return &inv.ServiceAccounts }
func pods(inv *inventory.Inventory) *[]*corev1.Pod                       { return &inv.Pods }
func volumes(inv *inventory.Inventory) *[]*corev1.PersistentVolumeClaim  { return &inv.Volumes }
func events(inv *inventory.Inventory) *[]*corev1.Event                   { return &inv.Events }
func profiles(inv *inventory.Inventory) *[]*unstructured.Unstructured    { return &inv.Profiles }

func policies(inv *inventory.Inventory) *[]*unstructured.Unstructured { return &inv.Policies }

func notebooks(inv *inventory.Inventory) *[]*unstructured.Unstructured { return &inv.Notebooks }

func leftovers(inv *inventory.Inventory) *[]*unstructured.Unstructured { return &inv.Leftovers }
