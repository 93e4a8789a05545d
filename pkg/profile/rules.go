package profile

import (
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// Rules returns the rules that [Judge] and [JudgeIdentity] judge by, and what each is silent without.
func Rules() []finding.Rule {
	var (
		profiles   = []inventory.Kind{inventory.Profiles}
		namespaces = []inventory.Kind{inventory.Profiles, inventory.Namespaces}
		bindings   = []inventory.Kind{inventory.Profiles, inventory.RoleBindings}
		policies   = []inventory.Kind{inventory.Profiles, inventory.RoleBindings, inventory.Policies}
	)
	return []finding.Rule{
		{ID: "KF001", Needs: namespaces},
		{ID: "KF005", Needs: policies},
		{ID: "KF006", Needs: bindings},
		{ID: "KF011", Needs: namespaces},
		{ID: "KF012", Needs: namespaces},
		{ID: "KF013", Needs: namespaces},
		{ID: "KF014", Needs: []inventory.Kind{inventory.Profiles, inventory.Quotas}},
		{ID: "KF015", Needs: profiles},
		{ID: "KF016", Needs: []inventory.Kind{inventory.Profiles, inventory.Namespaces, inventory.ServiceAccounts}},
		{ID: "KF017", Needs: namespaces},
		{ID: "KF018", Needs: []inventory.Kind{inventory.Profiles, inventory.ServiceRoles, inventory.ServiceRoleBindings}},
		{ID: "KF019", Needs: bindings},
		{ID: "KF020", Needs: slices.Concat(policies, []inventory.Kind{inventory.Namespaces, inventory.ServiceAccounts})},
		{ID: "GH002", Needs: []inventory.Kind{inventory.Namespaces, inventory.RoleBindings}},
	}
}
