package world

import (
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

// Tokens answers questions about the tokens of machines: those of ours, those that Secrets hold, and those of Kalm.
func (w *World) Tokens() *token.State { return w.tokens() }

// HasTokens reports whether there are tokens of machines. [World.Tokens] takes a while on a huge cluster, and is not asked
// where there are none.
func (w *World) HasTokens() bool {
	return len(w.Inventory.Objects(inventory.AccessTokens))+len(w.Inventory.Objects(inventory.TokenSecrets)) > 0 ||
		slices.ContainsFunc(w.Inventory.ServiceAccounts, func(sa *corev1.ServiceAccount) bool { return sa.Labels[token.Label] != "" })
}
