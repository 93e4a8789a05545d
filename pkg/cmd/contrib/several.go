package contrib

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// readsAtOnce is how many workspaces are read at the same time for somebody who may not read all with one request.
const readsAtOnce = 8

// loadSeveral reads the members of the namespaces: of one by itself, of several together. Where the caller may not do
// that, as an owner of a few workspaces may not, each is read by itself.
func (w *writing) loadSeveral(ctx context.Context, namespaces []string) (*workspaces.Loaded, error) {
	if len(namespaces) == 1 {
		return w.load(ctx, namespaces[0])
	}
	l, err := w.from.Load(ctx, contrib.Wanted(""))
	if err != nil {
		return nil, err
	}
	if l.Cluster != nil && len(l.State.Inventory.Missing(inventory.RoleBindings)) > 0 {
		if l, err = w.loadEach(ctx, namespaces); err != nil {
			return nil, err
		}
	}
	w.needless = contrib.Needless(l.State, namespaces...)
	return l, w.introduce(ctx, l)
}

func (w *writing) loadEach(ctx context.Context, namespaces []string) (*workspaces.Loaded, error) {
	all := make([]*workspaces.Loaded, len(namespaces))
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(readsAtOnce)
	for i, namespace := range namespaces {
		group.Go(func() error {
			var err error
			all[i], err = w.from.Load(groupCtx, contrib.Wanted(namespace))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	states := make([]*workspace.State, 0, len(all))
	for _, l := range all {
		states = append(states, l.State)
	}
	all[0].State = merged(states)
	return all[0], nil
}

// merged returns the state of several workspaces, each of which was read by itself, in the order of their names. What
// concerns the whole cluster is that of the first.
func merged(states []*workspace.State) *workspace.State {
	first := states[0]
	inv := *first.Inventory
	inv.Served = maps.Clone(inv.Served)
	kalmed := slices.Clone(inv.Objects(inventory.KalmBindings))
	for _, s := range states[1:] {
		other := s.Inventory
		inv.Profiles = slices.Concat(inv.Profiles, other.Profiles)
		inv.Namespaces = slices.Concat(inv.Namespaces, other.Namespaces)
		inv.RoleBindings = slices.Concat(inv.RoleBindings, other.RoleBindings)
		inv.Policies = slices.Concat(inv.Policies, other.Policies)
		inv.Gaps = slices.Concat(inv.Gaps, other.Gaps)
		kalmed = append(kalmed, other.Objects(inventory.KalmBindings)...)
		for kind, served := range other.Served {
			inv.Served[kind] = inv.Served[kind] || served
		}
	}
	if len(kalmed) > 0 {
		if inv.Custom = maps.Clone(inv.Custom); inv.Custom == nil {
			inv.Custom = map[inventory.Kind][]*unstructured.Unstructured{}
		}
		inv.Custom[inventory.KalmBindings] = distinct(kalmed)
	}
	return &workspace.State{
		Inventory: &inv, Flavor: first.Flavor, Chosen: first.Chosen, Istio: first.Istio, Config: first.Config, Pinned: first.Pinned,
		Now: first.Now, Asker: first.Asker,
	}
}

// distinct returns objects by namespace and name, each once: those of Kalm's own namespace were read with every workspace.
func distinct(objects []*unstructured.Unstructured) []*unstructured.Unstructured {
	slices.SortStableFunc(objects, func(a, b *unstructured.Unstructured) int {
		return cmp.Or(cmp.Compare(a.GetNamespace(), b.GetNamespace()), cmp.Compare(a.GetName(), b.GetName()))
	})
	return slices.CompactFunc(objects, func(a, b *unstructured.Unstructured) bool {
		return a.GetNamespace() == b.GetNamespace() && a.GetName() == b.GetName()
	})
}
