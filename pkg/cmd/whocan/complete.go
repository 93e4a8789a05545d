package whocan

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
)

// completeAction completes VERB RESOURCE [NAME].
func (in *inputs) completeAction(at *place) cobra.CompletionFunc {
	return in.env.Complete(func(ctx context.Context, args []string, prefix string) ([]string, error) {
		return in.guide(at).action(ctx, args, prefix)
	})
}

// completeSubject completes SUBJECT.
func (in *inputs) completeSubject(at *place) cobra.CompletionFunc {
	return in.env.Complete(func(ctx context.Context, args []string, prefix string) ([]string, error) {
		if len(args) > 0 {
			return nil, nil
		}
		return in.guide(at).subjects(ctx, prefix)
	})
}

// completeResource completes RESOURCE [NAME].
func (in *inputs) completeResource(at *place) cobra.CompletionFunc {
	return in.env.Complete(func(ctx context.Context, args []string, prefix string) ([]string, error) {
		return in.guide(at).action(ctx, append([]string{""}, args...), prefix)
	})
}

// completeGroups completes --group.
func (in *inputs) completeGroups(cmd *cobra.Command, at *place) {
	in.completeFlag(cmd, "group", func(ctx context.Context, _ []string, _ string) ([]string, error) {
		return in.guide(at).groups(ctx)
	})
}

// completeSubjectFlag completes --subject.
func (in *inputs) completeSubjectFlag(cmd *cobra.Command, at *place) {
	in.completeFlag(cmd, "subject", func(ctx context.Context, _ []string, prefix string) ([]string, error) {
		return in.guide(at).subjects(ctx, prefix)
	})
}

// completeVerbs completes --verbs, for the resource that is named already.
func (in *inputs) completeVerbs(cmd *cobra.Command, at *place) {
	in.completeFlag(cmd, "verbs", func(ctx context.Context, args []string, prefix string) ([]string, error) {
		resource := ""
		if len(args) > 0 {
			resource = args[0]
		}
		return in.guide(at).verbList(ctx, resource, prefix)
	})
}

func (in *inputs) completeFlag(
	cmd *cobra.Command, flag string, list func(context.Context, []string, string) ([]string, error),
) {
	// It fails for a flag that does not exist, or that has a completion: mistakes that a test of the commands finds.
	_ = cmd.RegisterFlagCompletionFunc(flag, in.env.Complete(list))
}

func (in *inputs) guide(at *place) *guide { return &guide{in: in, at: at} }

// namespacesOf lists the namespaces for --namespace, of the cluster, or of the --from sources of whichever command
// below root is being typed.
func namespacesOf(env *cli.Env, root *cobra.Command) cli.Lister {
	return func(ctx context.Context, _ string) ([]string, error) {
		in := &inputs{env: env, from: reading.Typed(root)}
		return in.guide(&place{env: env}).namespaces(ctx)
	}
}
