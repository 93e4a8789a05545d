package reading

import (
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Join returns a reading that stands for several with the same flags: its gaps are those of all, each once. Its objects
// are those of the first.
func Join(all ...*Reading) *Reading {
	first := all[0]
	out := &Reading{Cluster: first.Cluster, Server: first.Server, flags: first.flags}
	out.Rejoin(all...)
	return out
}

// Rejoin takes over the gaps of the readings that a reading was joined of, when they may have more of them.
func (r *Reading) Rejoin(all ...*Reading) {
	inv := *all[0].Inventory
	inv.Gaps = nil
	for _, other := range all {
		for _, gap := range other.Inventory.Gaps {
			if !slices.ContainsFunc(inv.Gaps, func(g rbac.Gap) bool { return g.What == gap.What && g.Namespace == gap.Namespace }) {
				inv.Gaps = append(inv.Gaps, gap)
			}
		}
	}
	r.Inventory = &inv
}
