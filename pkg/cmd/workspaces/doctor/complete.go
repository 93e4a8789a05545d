package doctor

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// completeNames completes the names of workspaces, with two requests at most.
func completeNames(env *cli.Env, sources *workspaces.Flags) cobra.CompletionFunc {
	return env.Complete(func(ctx context.Context, args []string, _ string) ([]string, error) {
		loaded, err := sources.Load(ctx, inventory.Want{Kinds: []inventory.Kind{inventory.Profiles, inventory.Namespaces}})
		if err != nil {
			return nil, err
		}
		var names []string
		for _, w := range loaded.State.Workspaces() {
			if !slices.Contains(args, w.Name) {
				names = append(names, w.Name)
			}
		}
		return names, nil
	})
}
