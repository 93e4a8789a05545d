package profile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

const waitLong = `
Wait until workspaces are ready, or gone.

Kubeflow stores no conditions on its Profiles, so "kubectl wait" has nothing to wait for; here the status is computed
from the objects, and what is missing is told meanwhile. Waiting ends early when it is of no use: in a conflict, or when
a deletion is stuck.

Exit codes: 0 all are as wanted, 1 not in time, or never by themselves, 2 error.`

const waitExample = `
# Until two workspaces can be used
{cmd} wait team-vision team-nlp --timeout 5m

# In a script: is it gone? Look once
{cmd} wait team-vision --for deleted --timeout 0 --from examples/acme`

// waitFlags is what was typed.
type waitFlags struct {
	env     *cli.Env
	sources *workspaces.Flags
	goal    string
	timeout time.Duration
}

func newWaitCommand(env *cli.Env) *cobra.Command {
	f := &waitFlags{env: env, sources: workspaces.NewFlags(env)}
	cmd := &cobra.Command{
		Use:               "wait NAME...",
		Short:             "Wait until workspaces are ready, or gone",
		Long:              waitLong,
		Example:           env.Examples(waitExample),
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeNames(env, f.sources, 0),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case f.goal != string(untilReady) && f.goal != string(untilDeleted):
				return cli.UsageError(fmt.Errorf("bad --for %q: want ready or deleted", f.goal))
			case f.timeout < 0:
				return cli.UsageError(fmt.Errorf("bad --timeout %s: it is below 0", f.timeout))
			}
			return f.run(cmd.Context(), args)
		},
	}
	cli.Predicate(cmd)
	f.sources.AddFlags(cmd)
	fs := cmd.Flags()
	fs.StringVar(&f.goal, "for", string(untilReady), "Wait until they are `ready|deleted`.")
	fs.DurationVar(&f.timeout, "timeout", defaultTimeout, "Wait for this `TIME` at most, such as 30s or 5m; 0 looks once.")
	completeFixed(cmd, "for", string(untilReady), string(untilDeleted))
	return cmd
}

func (f *waitFlags) run(ctx context.Context, names []string) error {
	err := newWaiter(f.env, f.sources, f.timeout).until(ctx, goal(f.goal), names...)
	if missed, ok := errors.AsType[*notReached](err); ok {
		return cli.ExitWith(cli.ExitNo, missed)
	}
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := fmt.Fprintf(f.env.Out, "profile %s is %s\n", printer.Escape(name), f.goal); err != nil {
			return fmt.Errorf("write output: %w", err)
		}
	}
	return nil
}
