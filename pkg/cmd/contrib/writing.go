package contrib

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// writing are the flags that all commands that write share.
type writing struct {
	env    *cli.Env
	from   *workspaces.Flags
	change *change.Flags
	// creator is who Kalm's objects say made them; empty for whoever asks.
	creator string
	// needless are the kinds without which all is known that matters here; they are those of what was read last.
	needless []inventory.Kind
}

func newWriting(env *cli.Env) *writing {
	return &writing{env: env, from: workspaces.NewFlags(env), change: change.NewFlags(env)}
}

func (w *writing) addFlags(cmd *cobra.Command) {
	w.from.AddFlags(cmd)
	w.change.AddFlags(cmd)
	cmd.Flags().StringVar(&w.creator, "creator", "", "`NAME` that Kalm's objects give as their maker. Default: who asks the cluster.")
}

// options checks the shared flags before anything is read.
func (w *writing) options() (*change.Options, error) {
	o, err := w.change.Options()
	if err != nil {
		return nil, err
	}
	if err := w.from.Check(); err != nil {
		return nil, err
	}
	return o, o.CheckOffline(w.from.Offline())
}

// checkNamespace refuses the name of a namespace that is not there, as far as that is known. Of manifests only what is in
// the namespace was read, so that those of an unknown one are read anew.
func checkNamespace(ctx context.Context, from *workspaces.Flags, s *workspace.State, name string) error {
	if name == "" {
		return nil
	}
	err := contrib.CheckNamespace(s, name)
	if err != nil || !from.Offline() || s.Namespace(name) != nil || len(s.MembersAll(name)) > 0 {
		return err
	}
	all, err := from.Load(ctx, contrib.Wanted(""))
	if err != nil {
		return err
	}
	return contrib.CheckNamespace(all.State, name)
}

// load reads the members of a workspace, or of all when namespace is empty. What could not be read is told by
// [writing.finish]: a plan that is refused for it says so by itself.
func (w *writing) load(ctx context.Context, namespace string) (*workspaces.Loaded, error) {
	l, err := w.from.Load(ctx, contrib.Wanted(namespace))
	if err != nil {
		return nil, err
	}
	w.needless = append(contrib.Needless(l.State, namespace), unwanted(l.State)...)
	return l, w.introduce(ctx, l)
}

// unwanted are the kinds that the user leaves aside by --no-istio and --flavor native.
func unwanted(s *workspace.State) []inventory.Kind {
	var kinds []inventory.Kind
	if !s.Istio {
		kinds = append(kinds, inventory.Policies)
	}
	if s.Chosen == workspace.Native {
		kinds = append(kinds, inventory.KalmBindings)
	}
	return kinds
}

// introduce says who makes changes: see [workspaces.Loaded.Introduce].
func (w *writing) introduce(ctx context.Context, l *workspaces.Loaded) error {
	return l.Introduce(ctx, w.creator)
}

// loadAll reads the members of all workspaces, and who owns them: for what is about somebody wherever that is. What could
// not be read is told at once, but for kinds beside these.
func (w *writing) loadAll(ctx context.Context, beside ...inventory.Kind) (*workspaces.Loaded, error) {
	want := contrib.Wanted("")
	want.Kinds = append(want.Kinds, beside...)
	l, err := w.from.Load(ctx, want)
	if err != nil {
		return nil, err
	}
	w.needless = slices.DeleteFunc(contrib.Beside(), func(k inventory.Kind) bool { return k == inventory.Profiles })
	w.needless = append(w.needless, beside...)
	w.from.TellGaps(l, w.needless...)
	return l, w.introduce(ctx, l)
}

// loadOrEmpty is load for commands that need no state: a dry run of the client contacts nobody, and takes the cluster
// for an empty one unless manifests say what is there.
func (w *writing) loadOrEmpty(ctx context.Context, o *change.Options, namespace string) (*workspaces.Loaded, error) {
	if !o.ClientOnly() || w.from.Offline() {
		return w.load(ctx, namespace)
	}
	l := w.emptyCluster()
	return l, w.introduce(ctx, l)
}

// emptyCluster is the state of an empty cluster; it says so.
func (w *writing) emptyCluster() *workspaces.Loaded {
	l := w.from.Empty()
	w.env.Notef("note: no cluster was asked: this is what an empty one with the flavor %s would get (--from and --flavor change that)",
		l.State.Flavor)
	return l
}

// finish carries a plan out, and is an error when --strict asks for all to be read and it was not.
func (w *writing) finish(ctx context.Context, o *change.Options, l *workspaces.Loaded, task change.Task) error {
	if err := w.from.Finish(l, w.needless...); err != nil {
		return err
	}
	task.Server = l.Server
	return o.Carry(ctx, task)
}

// commandLine writes a command anew, for somebody else to run: what it is about, without how it connects or asks.
// The namespace is named where it came from the context.
func commandLine(cmd *cobra.Command, args []string, namespace string) string {
	words := []string{cmd.CommandPath()}
	for _, arg := range args {
		words = append(words, shell.Word(arg))
	}
	own := cmd.LocalNonPersistentFlags()
	cmd.Flags().Visit(func(f *pflag.Flag) {
		switch f.Name {
		case "namespace", "dry-run", "yes", "output", "preview", "field-manager", "from":
			return
		}
		if own.Lookup(f.Name) == nil {
			return
		}
		values := []string{f.Value.String()}
		if several, ok := f.Value.(pflag.SliceValue); ok {
			values = several.GetSlice()
		}
		for _, value := range values {
			if f.Value.Type() == "bool" && value == "true" {
				words = append(words, "--"+f.Name)
				continue
			}
			words = append(words, "--"+f.Name, shell.Word(value))
		}
	})
	if namespace != "" {
		words = append(words, "-n", namespace)
	}
	return strings.Join(words, " ")
}

// task is a plan with its notes.
func task(p plan.Plan, notes []string) change.Task { return change.Task{Plan: p, Notes: notes} }
