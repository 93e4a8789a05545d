package screen

import (
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// Kinds returns the pages of everything that make sense for a world, in the order of menus: those about queues and about
// clusters of k0rdent only where there are such kinds, also when their objects may not be read.
func Kinds(w *world.World) []Kind {
	kinds := []Kind{Namespaces, Grants, Roles, Bindings, Subjects, WhoCan, Findings}
	for _, system := range []struct {
		kind  Kind
		needs []inventory.Kind
	}{
		{Queues, []inventory.Kind{inventory.QueueConfigs, inventory.ClusterQueues}},
		{ClusterAuths, []inventory.Kind{inventory.ClusterAuthentications}},
		{Clusters, []inventory.Kind{inventory.ClusterDeployments}},
	} {
		if slices.ContainsFunc(system.needs, func(k inventory.Kind) bool { return w.Inventory.Served[k] }) {
			kinds = append(kinds, system.kind)
		}
	}
	return kinds
}
