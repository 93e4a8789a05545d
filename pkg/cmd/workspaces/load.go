package workspaces

import (
	"cmp"
	"context"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Load reads the wanted objects from the cluster, or from what --from names, and makes the state of them. Want.System is
// that of the flags. What could not be read is part of the result: see [Flags.TellGaps].
func (f *Flags) Load(ctx context.Context, want inventory.Want) (*Loaded, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	want.System = f.system
	if f.noIstio {
		want.Kinds = slices.DeleteFunc(slices.Clone(want.Kinds), func(k inventory.Kind) bool { return k == inventory.Policies })
	}
	r, err := f.Read(ctx, want)
	if err != nil {
		return nil, err
	}
	return &Loaded{Reading: r, State: f.state(r.Inventory, want.Namespace), flags: f}, nil
}

// Empty returns the state of an empty cluster, for --dry-run=client: workspaces are Kubeflow's, with Istio, unless the
// flags say something else. It reads nothing and asks nobody.
func (f *Flags) Empty() *Loaded {
	inv := &inventory.Inventory{Served: map[inventory.Kind]bool{inventory.Profiles: true, inventory.Policies: true}}
	switch workspace.Flavor(f.flavor) {
	case workspace.Native:
		inv = &inventory.Inventory{Served: map[inventory.Kind]bool{}}
	case workspace.Kalm:
		inv = &inventory.Inventory{Served: map[inventory.Kind]bool{inventory.KalmBindings: true}}
	case workspace.Kubeflow:
	}
	return &Loaded{Reading: f.Nothing(inv), State: f.state(inv, ""), flags: f}
}

func (f *Flags) state(inv *inventory.Inventory, only string) *workspace.State {
	options := workspace.Options{Flavor: workspace.Flavor(f.flavor), Config: f.config(inv), Now: f.env.Clock.Now(), Only: only}
	if f.noIstio {
		options.Istio = new(bool)
	}
	return workspace.NewState(inv, options)
}

// config returns the configuration that the flags give, with the rest as it is found; nil when they give none.
func (f *Flags) config(inv *inventory.Inventory) *kubeflow.Config {
	if !f.overrides() {
		return nil
	}
	config := foundConfig(inv)
	config.UserIDHeader = cmp.Or(f.header, config.UserIDHeader)
	config.NotebookPrincipal = cmp.Or(f.notebookPrincipal, config.NotebookPrincipal)
	if f.changed(flagPrefix) {
		config.UserIDPrefix = f.prefix
	}
	if len(f.gateways) > 0 {
		config.GatewayPrincipals = slices.Clone(f.gateways)
	}
	config.Source = "flags"
	return &config
}

// foundConfig returns the configuration of the controller, or else the one that the first owner's policy shows, or else
// the usual one.
func foundConfig(inv *inventory.Inventory) kubeflow.Config {
	if config, ok := kubeflow.DiscoverConfig(inv.Deployments, inv.ConfigMaps); ok {
		return config
	}
	for _, policy := range inv.Policies {
		if config, ok := kubeflow.ConfigFromOwnerPolicy(policy); ok {
			return config
		}
	}
	return kubeflow.DefaultConfig()
}
