package contrib

import (
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// Spelling is the rule that compares names in all workspaces: who looks at one of them does not find all of it.
const Spelling = "KF008"

// Rules returns the rules that [Judge] judges by, and what each is silent without.
func Rules() []finding.Rule {
	bindings := []inventory.Kind{inventory.Profiles, inventory.RoleBindings}
	policies := append([]inventory.Kind{inventory.Policies}, bindings...)
	rules := []finding.Rule{
		{ID: "KF002", Needs: bindings},
		{ID: "KF003", Needs: policies},
		{ID: "KF004", Needs: policies},
		{ID: "KF005", Needs: policies},
		{ID: "KF006", Needs: bindings},
		{ID: "KF007", Needs: bindings},
		{ID: Spelling, Needs: bindings},
		{ID: "KF009", Needs: bindings},
		{ID: "KF010", Needs: bindings},
		{ID: "GH001", Needs: []inventory.Kind{inventory.RoleBindings}},
		{ID: "GH004", Needs: []inventory.Kind{inventory.RoleBindings}},
	}
	return append(rules, kalmRules()...)
}
