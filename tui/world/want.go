package world

import "github.com/kubegatehouse/gatehouse/pkg/inventory"

// Want returns what the screens are made from, beside roles and bindings. Of Secrets there are those that stand for tokens,
// and of these the metadata alone: nothing that the browser shows needs to know what a Secret holds. Pods are not among it,
// of which only those of a namespace that is looked at are read, nor is what waits in queues, of which there may be more than
// of everything else.
func Want() inventory.Want {
	return inventory.Want{Kinds: []inventory.Kind{
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Quotas,
		inventory.ServiceAccounts, inventory.ServiceRoles, inventory.ServiceRoleBindings, inventory.Controller,

		inventory.ClusterAuthentications, inventory.ClusterDeployments, inventory.ClusterTemplates, inventory.Credentials,
		inventory.AccessManagements, inventory.Managements, inventory.Releases, inventory.Regions, inventory.HelmReleases,
		inventory.K0sControlPlanes, inventory.K0smotronControlPlanes, inventory.Machines,

		inventory.QueueConfigs, inventory.KaiwoConfigs, inventory.ClusterQueues, inventory.LocalQueues, inventory.ResourceFlavors,
		inventory.PriorityClasses, inventory.QueueOperators,

		inventory.KalmBindings, inventory.AccessTokens, inventory.SingleSignOns, inventory.ProtectedEndpoints, inventory.KalmComponents,

		inventory.TokenSecrets,
	}}
}
