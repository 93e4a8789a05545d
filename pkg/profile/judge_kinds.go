package profile

import "github.com/kubegatehouse/gatehouse/pkg/inventory"

// JudgedKinds are what [Judge] looks at, and what judging the members of workspaces takes.
func JudgedKinds() []inventory.Kind {
	return []inventory.Kind{
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Quotas,
		inventory.ServiceAccounts, inventory.ServiceRoles, inventory.ServiceRoleBindings, inventory.Controller,
		inventory.KalmBindings,
	}
}
