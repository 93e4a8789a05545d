package contrib

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// wanted is what is read to know the members of a workspace, or of all when namespace is empty.
func wanted(namespace string) inventory.Want {
	return inventory.Want{
		Kinds: []inventory.Kind{
			inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Controller,
		},
		Namespace: namespace,
	}
}

// beside are the kinds that members can be read without: they tell what else there is to know, such as the flavor.
func beside() []inventory.Kind {
	return []inventory.Kind{inventory.Profiles, inventory.Namespaces, inventory.Controller}
}

// writing are the flags that all commands that write share.
type writing struct {
	env    *cli.Env
	from   *workspaces.Flags
	change *change.Flags
	// needless are the kinds without which all is known that matters here; they are those of what was read last.
	needless []inventory.Kind
}

func newWriting(env *cli.Env) *writing {
	return &writing{env: env, from: workspaces.NewFlags(env), change: change.NewFlags(env)}
}

func (w *writing) addFlags(cmd *cobra.Command) {
	w.from.AddFlags(cmd)
	w.change.AddFlags(cmd)
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

// needless are the kinds that the answer about the namespaces (of all when there are none) doesn't need, whether or not
// they could be read: those of [beside], and policies where no workspace has any.
func needless(s *workspace.State, namespaces ...string) []inventory.Kind {
	kinds := beside()
	native := func(namespace string) bool { return namespace != "" && s.FlavorOf(namespace) == workspace.Native }
	if len(namespaces) > 0 && !slices.ContainsFunc(namespaces, func(namespace string) bool { return !native(namespace) }) {
		kinds = append(kinds, inventory.Policies)
	}
	return kinds
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
	all, err := from.Load(ctx, wanted(""))
	if err != nil {
		return err
	}
	return contrib.CheckNamespace(all.State, name)
}

// load reads the members of a workspace, or of all when namespace is empty. What could not be read is told by
// [writing.finish]: a plan that is refused for it says so by itself.
func (w *writing) load(ctx context.Context, namespace string) (*workspaces.Loaded, error) {
	l, err := w.from.Load(ctx, wanted(namespace))
	if err != nil {
		return nil, err
	}
	w.needless = needless(l.State, namespace)
	return l, nil
}

// loadAll reads the members of all workspaces, and who owns them: for what is about somebody wherever that is. What could
// not be read is told at once.
func (w *writing) loadAll(ctx context.Context) (*workspaces.Loaded, error) {
	l, err := w.from.Load(ctx, wanted(""))
	if err != nil {
		return nil, err
	}
	w.needless = slices.DeleteFunc(beside(), func(k inventory.Kind) bool { return k == inventory.Profiles })
	w.from.TellGaps(l, w.needless...)
	return l, nil
}

// loadOrEmpty is load for commands that need no state: a dry run of the client contacts nobody, and takes the cluster
// for an empty one unless manifests say what is there.
func (w *writing) loadOrEmpty(ctx context.Context, o *change.Options, namespace string) (*workspaces.Loaded, error) {
	if !o.ClientOnly() || w.from.Offline() {
		return w.load(ctx, namespace)
	}
	return w.emptyCluster(), nil
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

// adviser tells whom to ask when the caller may not write the objects of members: command is what somebody with more
// rights would run, and skip says that it could do without new policies.
func adviser(s *workspace.State, command string, skip bool) func(rbacv1.PolicyRule, string) string {
	return func(rule rbacv1.PolicyRule, namespace string) string {
		ask := "ask an administrator to run: " + command
		if !slices.Contains(rule.Resources, string(inventory.Policies)) {
			if w, ok := s.Workspace(namespace); ok && w.Owner.Name != "" {
				return "ask the owner, " + w.Owner.String() + ", or an administrator to run: " + command
			}
			return ask
		}
		advice := "no role of Kubeflow lets anybody write AuthorizationPolicies, owners included: use the dashboard, or " + ask
		if skip && slices.Equal(rule.Verbs, []string{"create"}) {
			advice += "; --no-http gives the rights in Kubernetes alone"
		}
		return advice
	}
}

// commandLine writes a command anew, for somebody else to run: what it is about, without how it connects or asks.
// The namespace is named where it came from the context.
func commandLine(cmd *cobra.Command, args []string, namespace string) string {
	words := []string{cmd.CommandPath()}
	for _, arg := range args {
		words = append(words, shellWord(arg))
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
			words = append(words, "--"+f.Name, shellWord(value))
		}
	})
	if namespace != "" {
		words = append(words, "-n", namespace)
	}
	return strings.Join(words, " ")
}

// shellWord quotes a word for a POSIX shell where it needs to be.
func shellWord(s string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./-_", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !plain(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// task is a plan with its notes.
func task(p plan.Plan, notes []string) change.Task { return change.Task{Plan: p, Notes: notes} }
