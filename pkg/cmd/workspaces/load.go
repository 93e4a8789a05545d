package workspaces

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/source"
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
	l := &Loaded{flags: f}
	read := l.readLive
	if f.Offline() {
		read = l.readFiles
	}
	inv, err := read(ctx, want)
	if err != nil {
		return nil, err
	}
	l.State = f.state(inv)
	return l, nil
}

// Empty returns the state of an empty cluster, for --dry-run=client: workspaces are Kubeflow's, with Istio, unless the
// flags say something else. It reads nothing and asks nobody.
func (f *Flags) Empty() *Loaded {
	if f.flavor == string(workspace.Native) {
		return &Loaded{flags: f, State: f.state(&inventory.Inventory{Served: map[inventory.Kind]bool{}})}
	}
	return &Loaded{flags: f, State: f.state(&inventory.Inventory{
		Served: map[inventory.Kind]bool{inventory.Profiles: true, inventory.Policies: true},
	})}
}

func (f *Flags) state(inv *inventory.Inventory) *workspace.State {
	options := workspace.Options{Flavor: workspace.Flavor(f.flavor), Config: f.config(inv), Now: f.env.Clock.Now()}
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

func (l *Loaded) readLive(ctx context.Context, want inventory.Want) (*inventory.Inventory, error) {
	env := l.flags.env
	flags := env.ConfigFlagsFor("")
	kube.LimitPlugins(flags, env.ErrOut)
	cluster, err := kube.New(flags, env.UserAgent(), env.ErrOut)
	if err != nil {
		return nil, err
	}
	l.Cluster, l.Server = cluster, source.Server(cluster)
	return source.LiveInventory(ctx, cluster, env.Clock, env.Warnf, want)
}

// once leaves out what was told of the manifests already: they may be read twice.
func (f *Flags) once(tell func(format string, args ...any)) func(format string, args ...any) {
	return func(format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		if slices.Contains(f.told, text) {
			return
		}
		f.told = append(f.told, text)
		tell("%s", text)
	}
}

func (l *Loaded) readFiles(ctx context.Context, want inventory.Want) (*inventory.Inventory, error) {
	env := l.flags.env
	options := source.FilesOptions{
		Stdin: env.In, Warn: l.flags.once(env.Warnf),
		Note: l.flags.once(func(format string, args ...any) { env.Notef("note: "+format, args...) }),
	}
	if slices.Contains(l.flags.from, "-") && env.In != nil {
		// Stdin comes once, and the rules of access may be asked for later.
		l.stdin = &bytes.Buffer{}
		options.Stdin = io.TeeReader(env.In, l.stdin)
	}
	return source.FileInventory(ctx, l.flags.from, options, want)
}
