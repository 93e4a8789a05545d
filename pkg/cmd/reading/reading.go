// Package reading reads what commands work on: the wanted objects of a cluster, or of what --from names. It holds the
// flags that say which, tells what could not be read, and reads the rules of access when a command asks for them. The
// plugins share it.
package reading

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// Flags are the flags that say where the objects come from.
type Flags struct {
	env    *cli.Env
	from   []string
	strict bool
	// namespace is where objects of manifests are that name none; empty for "default".
	namespace string

	// lock keeps files from being read several times at once: stdin comes once, and each remark is made once.
	lock sync.Mutex
	// told are the remarks on manifests that were made.
	told []string
	// stdin is what came from stdin; nil when it was not read.
	stdin *bytes.Buffer
}

// Reading is what was read.
type Reading struct {
	Inventory *inventory.Inventory
	// Cluster is the live cluster, and Server carries out plans on it; both are nil when none was asked.
	Cluster *kube.Cluster
	Server  plan.Server

	flags *Flags
	told  bool // of the gaps

	lock   sync.Mutex
	rights *rbac.Index
}

// NewFlags returns the flags of a command. They stand for none given until [Flags.AddFlags] adds them.
func NewFlags(env *cli.Env) *Flags { return &Flags{env: env} }

// AddFlags adds --from and --strict to a command. Calling it again changes nothing: several parts of a command may share
// the flags.
func (f *Flags) AddFlags(cmd *cobra.Command) {
	fs := cmd.Flags()
	if fs.Lookup("from") != nil {
		return
	}
	fs.StringArrayVar(&f.from, "from", nil, "Read `FILE|DIR|-` (manifests, dumps, snapshots) instead of a cluster. Repeatable.")
	fs.BoolVar(&f.strict, "strict", false, "Exit with 2 when not everything could be read.")
}

// Offline reports whether manifests are read (--from), so that no cluster is asked.
func (f *Flags) Offline() bool { return len(f.from) > 0 }

// Sources returns what --from names, in the order given.
func (f *Flags) Sources() []string { return slices.Clone(f.from) }

// Nothing is a reading of nothing: no cluster is asked, and no manifests are read.
func (f *Flags) Nothing(inv *inventory.Inventory) *Reading { return &Reading{Inventory: inv, flags: f} }

// Read reads the wanted objects from the cluster, or from what --from names. What could not be read is part of the
// result: see [Flags.TellGaps].
func (f *Flags) Read(ctx context.Context, want inventory.Want) (*Reading, error) {
	r := &Reading{flags: f}
	read := r.live
	if f.Offline() {
		read = r.files
	}
	inv, err := read(ctx, want)
	if err != nil {
		return nil, err
	}
	r.Inventory = inv
	return r, nil
}

// Secrets adds the named Secrets of a live cluster to the inventory, with what of them could not be read; manifests were
// read with theirs. A Secret that is not there is simply not added.
func (r *Reading) Secrets(ctx context.Context, names []types.NamespacedName) error {
	if r.Cluster == nil || len(names) == 0 {
		return nil
	}
	secrets, gaps, err := source.LiveSecrets(ctx, r.Cluster, names)
	if err != nil {
		return err
	}
	r.Inventory.Secrets = append(r.Inventory.Secrets, secrets...)
	r.Inventory.Gaps = append(r.Inventory.Gaps, gaps...)
	return nil
}

func (r *Reading) live(ctx context.Context, want inventory.Want) (*inventory.Inventory, error) {
	env := r.flags.env
	flags := env.ConnectionFor("")
	kube.LimitPlugins(flags, env.ErrOut)
	cluster, err := kube.New(flags, env.UserAgent(), env.ErrOut)
	if err != nil {
		return nil, err
	}
	r.Cluster, r.Server = cluster, source.Server(cluster)
	return source.LiveInventory(ctx, cluster, env.Clock, env.Warnf, want)
}

func (r *Reading) files(ctx context.Context, want inventory.Want) (*inventory.Inventory, error) {
	env := r.flags.env
	r.flags.lock.Lock()
	defer r.flags.lock.Unlock()
	return source.FileInventory(ctx, r.flags.from, source.FilesOptions{
		Stdin: r.flags.input(), Warn: r.flags.once(env.Warnf), DefaultNamespace: r.flags.namespace,
		Note: r.flags.once(func(format string, args ...any) { env.Notef("note: "+format, args...) }),
	}, want)
}

// input is stdin, which comes once, while files may be read several times: for other kinds, or for the rules of access.
func (f *Flags) input() io.Reader {
	switch {
	case f.stdin != nil:
		return bytes.NewReader(f.stdin.Bytes())
	case !slices.Contains(f.from, "-") || f.env.In == nil:
		return f.env.In
	}
	f.stdin = &bytes.Buffer{}
	return io.TeeReader(f.env.In, f.stdin)
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

// With returns flags that read a file beside what these read, and no cluster. Objects that name no namespace are in the
// given one.
func (f *Flags) With(file, namespace string) *Flags {
	return &Flags{
		env: f.env, from: append(slices.Clone(f.from), file), strict: f.strict, namespace: namespace, told: f.told, stdin: f.stdin,
	}
}

// Strict reports whether a partial answer is an error.
func (f *Flags) Strict() bool { return f.strict }
