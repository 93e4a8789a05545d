package source

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// Groups of k0rdent, and of what it makes clusters with.
const (
	groupK0rdent      = "k0rdent.mirantis.com"
	groupFlux         = "helm.toolkit.fluxcd.io"
	groupControlPlane = "controlplane.cluster.x-k8s.io"
	groupCluster      = "cluster.x-k8s.io"
)

// k0rdentResources returns the resources that say how clusters of k0rdent are made. Versions are those that KCM 1.6 to
// 1.12 and the parts that it installs serve; manifests may be older.
func k0rdentResources() []shelved {
	resource := func(want inventory.Kind, group, kind string, versions ...string) shelved {
		return shelved{
			want: want, group: group, versions: versions, resource: string(want), kind: kind, namespaced: true, custom: true,
			shelf: func() shelf { return &customShelf{into: filed(want)} },
		}
	}
	k0rdent := func(want inventory.Kind, kind string) shelved { return resource(want, groupK0rdent, kind, "v1beta1") }
	older := func(s shelved, versions ...string) shelved {
		s.read = versions
		return s
	}
	cluster := func(want inventory.Kind, kind string) shelved {
		s := older(k0rdent(want, kind), "v1alpha1")
		s.namespaced, s.whole = false, true
		return s
	}
	return []shelved{
		k0rdent(inventory.ClusterAuthentications, "ClusterAuthentication"),
		older(k0rdent(inventory.ClusterDeployments, "ClusterDeployment"), "v1alpha1"),
		older(k0rdent(inventory.ClusterTemplates, "ClusterTemplate"), "v1alpha1"),
		older(k0rdent(inventory.Credentials, "Credential"), "v1alpha1"),
		cluster(inventory.AccessManagements, "AccessManagement"),
		cluster(inventory.Managements, "Management"),
		cluster(inventory.Releases, "Release"),
		cluster(inventory.Regions, "Region"),
		older(resource(inventory.HelmReleases, groupFlux, "HelmRelease", "v2", "v2beta2"), "v2beta1"),
		resource(inventory.K0sControlPlanes, groupControlPlane, "K0sControlPlane", "v1beta2", "v1beta1"),
		resource(inventory.K0smotronControlPlanes, groupControlPlane, "K0smotronControlPlane", "v1beta2", "v1beta1"),
		older(resource(inventory.Machines, groupCluster, "Machine", "v1beta2", "v1beta1"), "v1alpha4"),
	}
}

// filed is where the objects of a kind are that has no field of its own.
func filed(kind inventory.Kind) documents {
	return func(inv *inventory.Inventory, add func(*[]*unstructured.Unstructured)) {
		list := inv.Custom[kind]
		if add(&list); len(list) == 0 {
			return
		}
		if inv.Custom == nil {
			inv.Custom = map[inventory.Kind][]*unstructured.Unstructured{}
		}
		inv.Custom[kind] = list
	}
}

// field is where the objects of a kind are that has one.
func field(of func(*inventory.Inventory) *[]*unstructured.Unstructured) documents {
	return func(inv *inventory.Inventory, add func(*[]*unstructured.Unstructured)) { add(of(inv)) }
}
