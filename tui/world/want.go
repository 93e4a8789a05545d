package world

import "github.com/kubegatehouse/gatehouse/pkg/inventory"

// Want returns what the screens are made from, beside roles and bindings. Secrets are not among it: nothing that the browser
// shows needs to know what they hold. Nor are pods, of which only those of a namespace that is looked at are read.
func Want() inventory.Want {
	return inventory.Want{Kinds: []inventory.Kind{
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Quotas,
		inventory.ServiceAccounts, inventory.ServiceRoles, inventory.ServiceRoleBindings, inventory.Controller,

		inventory.ClusterAuthentications, inventory.ClusterDeployments, inventory.ClusterTemplates, inventory.Credentials,
		inventory.AccessManagements, inventory.Managements, inventory.Releases, inventory.Regions, inventory.HelmReleases,
		inventory.K0sControlPlanes, inventory.K0smotronControlPlanes, inventory.Machines,

		inventory.QueueConfigs, inventory.ClusterQueues, inventory.LocalQueues,
	}}
}
