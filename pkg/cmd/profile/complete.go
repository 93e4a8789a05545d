package profile

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// completeNames completes the names of workspaces; most is how many arguments are names, 0 for all of them.
func completeNames(env *cli.Env, sources *workspaces.Flags, most int) cobra.CompletionFunc {
	return env.Complete(func(ctx context.Context, args []string, _ string) ([]string, error) {
		if most > 0 && len(args) >= most {
			return nil, nil
		}
		names, err := workspaceNames(ctx, sources)
		return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(args, name) }), err
	})
}

// workspaceNames lists the workspaces with two requests at most.
func workspaceNames(ctx context.Context, sources *workspaces.Flags) ([]string, error) {
	loaded, err := sources.Load(ctx, inventory.Want{Kinds: []inventory.Kind{inventory.Profiles, inventory.Namespaces}})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, w := range loaded.State.Workspaces() {
		names = append(names, w.Name)
	}
	return names, nil
}

// namespacesOf lists the workspaces for --namespace, of the cluster, or of the --from sources of whichever command below
// root is being typed.
func namespacesOf(env *cli.Env, root *cobra.Command) cli.Lister {
	return func(ctx context.Context, _ string) ([]string, error) {
		sources := workspaces.NewFlags(env)
		sources.Take(root)
		return workspaceNames(ctx, sources)
	}
}

// completeNamespaces completes the names of namespaces that are no workspaces.
func completeNamespaces(env *cli.Env, sources *workspaces.Flags) cobra.CompletionFunc {
	return env.Complete(func(ctx context.Context, args []string, _ string) ([]string, error) {
		if len(args) > 0 {
			return nil, nil
		}
		loaded, err := sources.Load(ctx, inventory.Want{Kinds: []inventory.Kind{inventory.Profiles, inventory.Namespaces}})
		if err != nil {
			return nil, err
		}
		var names []string
		for _, ns := range loaded.State.Inventory.Namespaces {
			if _, taken := loaded.State.Workspace(ns.Name); !taken {
				names = append(names, ns.Name)
			}
		}
		return names, nil
	})
}

// completeFixed completes a flag with fixed values. It fails for a flag that does not exist, or that has a completion:
// mistakes that a test of the commands finds.
func completeFixed(cmd *cobra.Command, flag string, values ...string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}
