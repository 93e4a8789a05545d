package source

import (
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

const groupKalm = "core.kalm.dev"

// kalmSystem is where Kalm runs. Source: api/auth of kalmhq/kalm.
const kalmSystem = "kalm-system"

// kalmResources returns the resources that say who may do what with Kalm. Bindings come a second time for the namespace in
// which Kalm runs: its roles for the whole cluster and its suspensions are there, and count in every other namespace.
func kalmResources() []shelved {
	kalm := func(want inventory.Kind, kind string, namespaced bool) shelved {
		return document(want, groupKalm, kind, namespaced, "v1alpha1")
	}
	hiding := func(s shelved, hide hiding) shelved {
		want := s.want
		s.hides = true
		s.shelf = func() shelf { return &customShelf{into: filed(want), customDecoder: customDecoder{hide: hide}} }
		return s
	}
	bindings := kalm(inventory.KalmBindings, kindRoleBinding, true)
	bindings.resource = string(inventory.RoleBindings)
	everywhere := bindings
	everywhere.home = kalmSystem
	return []shelved{
		bindings, everywhere,
		hiding(kalm(inventory.AccessTokens, kindAccessToken, false), hideToken),
		hiding(kalm(inventory.SingleSignOns, kindSingleSignOn, true), hideSSO),
		kalm(inventory.ProtectedEndpoints, "ProtectedEndpoint", true),
		kalm(inventory.KalmComponents, "Component", true),
	}
}
