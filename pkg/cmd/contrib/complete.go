package contrib

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// namespacesOf lists namespaces for --namespace: of the cluster, or of the --from sources of whichever command below
// root is being typed.
func namespacesOf(env *cli.Env, root *cobra.Command) cli.Lister {
	return func(ctx context.Context, _ string) ([]string, error) {
		from := workspaces.NewFlags(env)
		from.Take(root)
		l, err := from.Load(ctx, inventory.Want{Kinds: []inventory.Kind{inventory.Namespaces}})
		if err != nil {
			return nil, err
		}
		var names []string
		for _, ns := range l.State.Inventory.Namespaces {
			names = append(names, ns.Name)
		}
		return names, nil
	}
}

// completeMembers completes SUBJECT... with the members of the workspace.
func (w *writing) completeMembers() cobra.CompletionFunc {
	return w.env.Complete(func(ctx context.Context, _ []string, _ string) ([]string, error) {
		namespace := *w.env.Config.Namespace
		if namespace == "" && !w.from.Offline() {
			var err error
			if namespace, err = w.env.Namespace(); err != nil {
				return nil, err
			}
		}
		return subjectsIn(ctx, w.from, namespace)
	})
}

// completeNewSubjects completes SUBJECT... with everybody who is a member somewhere: who is new in a workspace is most
// likely one of them.
func (w *writing) completeNewSubjects() cobra.CompletionFunc {
	return w.env.Complete(func(ctx context.Context, _ []string, _ string) ([]string, error) {
		return subjectsIn(ctx, w.from, "")
	})
}

// completeAnyone completes up to most subjects with everybody who is a member somewhere.
func (w *writing) completeAnyone(most int) cobra.CompletionFunc {
	return w.env.Complete(func(ctx context.Context, args []string, _ string) ([]string, error) {
		if len(args) >= most {
			return nil, nil
		}
		return subjectsIn(ctx, w.from, "")
	})
}

// completeSubjectFlag completes a flag that takes a subject.
func completeSubjectFlag(cmd *cobra.Command, env *cli.Env, from *workspaces.Flags, flag string) {
	// It fails for a flag that does not exist, or that has a completion: mistakes that a test of the commands finds.
	_ = cmd.RegisterFlagCompletionFunc(flag, env.Complete(func(ctx context.Context, _ []string, _ string) ([]string, error) {
		return subjectsIn(ctx, from, "")
	}))
}

// subjectsIn lists the members of a workspace, or of all. It costs one list.
func subjectsIn(ctx context.Context, from *workspaces.Flags, namespace string) ([]string, error) {
	l, err := from.Load(ctx, inventory.Want{Kinds: []inventory.Kind{inventory.RoleBindings, inventory.KalmBindings}, Namespace: namespace})
	if err != nil {
		return nil, err
	}
	var names []string
	add := func(subject rbac.Subject) {
		names = append(names, subject.String())
		if subject == rbac.User(subject.Name) {
			names = append(names, subject.Name) // users may be written bare
		}
	}
	for _, m := range l.State.Members(namespace) {
		add(m.Subject)
	}
	for _, a := range contrib.SuspendedIn(l.State, namespace) {
		add(a.Subject)
	}
	return names, nil
}

// wideRoles are the words that Kalm has for the whole cluster.
func wideRoles() []cobra.Completion {
	words := make([]cobra.Completion, 0, len(workspace.Roles()))
	for _, role := range workspace.Roles() {
		words = append(words, string(kalm.Role(role).Everywhere()))
	}
	return words
}

// completeRole completes --role, with more words where the command takes more.
func completeRole(cmd *cobra.Command, more ...cobra.Completion) {
	words := make([]cobra.Completion, 0, len(workspace.Roles())+len(more))
	for _, role := range workspace.Roles() {
		words = append(words, string(role))
	}
	words = append(words, more...)
	// It fails for a flag that does not exist, or that has a completion: mistakes that a test of the commands finds.
	_ = cmd.RegisterFlagCompletionFunc("role", cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}
