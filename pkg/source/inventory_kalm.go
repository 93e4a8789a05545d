package source

import (
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

const groupKalm = "core.kalm.dev"

// kalmResources returns the resources that say who may do what with Kalm. Bindings are read whole: those of its own
// namespace count everywhere.
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
	bindings.resource, bindings.whole = string(inventory.RoleBindings), true
	return []shelved{
		bindings,
		hiding(kalm(inventory.AccessTokens, kindAccessToken, false), hideToken),
		hiding(kalm(inventory.SingleSignOns, kindSingleSignOn, true), hideSSO),
		kalm(inventory.ProtectedEndpoints, "ProtectedEndpoint", true),
		kalm(inventory.KalmComponents, "Component", true),
	}
}
