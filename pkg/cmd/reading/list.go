package reading

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// ListCommand makes a command without arguments that lists what is in one namespace, or with -A, which all is set by, in all of
// them. Its other flags are added by sources, and those of the form of the answer by form. It has no name yet: it may be the bare call.
func ListCommand(
	env *cli.Env, sources interface{ AddFlags(*cobra.Command) }, form *printer.Flags, all *bool,
	run func(ctx context.Context, p printer.Printer) error,
) *cobra.Command {
	cmd := &cobra.Command{
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              cli.Printing(form, func(ctx context.Context, p printer.Printer, _ []string) error { return run(ctx, p) }),
	}
	sources.AddFlags(cmd)
	form.AddFlags(cmd.Flags())
	env.AddAllNamespaces(cmd.Flags(), all)
	return cmd
}
