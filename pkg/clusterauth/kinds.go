package clusterauth

import "github.com/kubegatehouse/gatehouse/pkg/inventory"

// Kinds are what tells of ClusterAuthentications and the clusters that use them.
func Kinds() []inventory.Kind {
	return []inventory.Kind{
		inventory.ClusterAuthentications, inventory.ClusterDeployments, inventory.ClusterTemplates, inventory.Credentials,
		inventory.Managements, inventory.Releases, inventory.Secrets,
	}
}

// RolloutKinds are what tells, beside [Kinds], what a change does to control planes.
func RolloutKinds() []inventory.Kind {
	return append(Kinds(), inventory.Regions, inventory.HelmReleases, inventory.K0sControlPlanes, inventory.K0smotronControlPlanes,
		inventory.Machines)
}

// JudgedKinds are what [Judge] looks at: beside [RolloutKinds] what tells which copies AccessManagement makes.
func JudgedKinds() []inventory.Kind {
	return append(RolloutKinds(), inventory.AccessManagements, inventory.Namespaces)
}
