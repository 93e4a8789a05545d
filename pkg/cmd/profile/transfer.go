package profile

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const transferLong = `
Give a workspace to another owner.

Kubeflow says in five places who owns a workspace: the Profile, the namespace's annotation, the binding namespaceAdmin
and the policy ns-owner-access-istio with their annotations. Changed alone, the Profile stops its controller for good,
and the old owner keeps everything; so all five are changed here, in the order that works, and looked at again
afterwards. A transfer that somebody has left half done is completed by the same command.

What the new owner held as a contributor goes: an owner needs no more. The old owner has nothing any more, unless
--keep-old-as says so.

Exit codes: 0 done or nothing to do, 1 error.`

const transferExample = `
# To somebody else; the old owner may go on working in it
{cmd} transfer team-vision --owner bob@acme.example --keep-old-as editor

# What would change, against manifests
{cmd} transfer team-vision --owner bob@acme.example --from examples/acme --dry-run=client`

// transferFlags is what was typed.
type transferFlags struct {
	writing
	owner, keep string
}

func newTransferCommand(env *cli.Env) *cobra.Command {
	f := &transferFlags{writing: newWriting(env)}
	cmd := &cobra.Command{
		Use:               "transfer NAME --owner SUBJECT",
		Short:             "Give a workspace to another owner",
		Long:              transferLong,
		Example:           env.Examples(transferExample),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeNames(env, f.sources, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f.addFlags(cmd)
	cmd.Flags().StringVar(&f.owner, "owner", "", "`SUBJECT` who owns it from now on. Required.")
	cmd.Flags().StringVar(&f.keep, "keep-old-as", "", "Let the old owner stay, as `editor|viewer`.")
	completeFixed(cmd, "keep-old-as", string(workspace.Editor), string(workspace.Viewer))
	return cmd
}

// transferOptions is what run needs; only options makes one.
type transferOptions struct {
	*transferFlags
	name string
	to   rbac.Subject
	role workspace.Role
	how  *change.Options
}

func (f *transferFlags) options(args []string) (*transferOptions, error) {
	o := &transferOptions{transferFlags: f, name: args[0]}
	var err error
	if f.owner == "" {
		return nil, cli.UsageError(errors.New("to whom? want --owner SUBJECT"))
	}
	if o.to, err = rbac.ParseSubject(f.owner); err != nil {
		return nil, cli.UsageError(err)
	}
	if f.keep != "" {
		if o.role, err = workspace.ParseRole(f.keep); err != nil {
			return nil, cli.UsageError(err)
		}
		if o.role == workspace.Owner {
			return nil, cli.UsageError(errors.New("bad --keep-old-as: a workspace has one owner: want editor or viewer"))
		}
	}
	o.how, err = f.changeOptions()
	return o, err
}

func (o *transferOptions) run(ctx context.Context) error {
	loaded, p, notes, err := o.plan(ctx)
	if err != nil {
		return err
	}
	nothing := len(p.Changes().Steps) == 0
	if err := o.carry(ctx, o.how, loaded, p, notes); err != nil || nothing || o.how.DryRun() {
		return err
	}
	return o.verify(ctx)
}

func (o *transferOptions) plan(ctx context.Context) (*workspaces.Loaded, plan.Plan, []string, error) {
	loaded, err := o.load(ctx, o.name)
	if err != nil {
		return nil, plan.Plan{}, nil, err
	}
	if err := o.mayChange(loaded, o.name); err != nil {
		return nil, plan.Plan{}, nil, err
	}
	p, notes, err := profile.Transfer(loaded.State, o.name, o.to, o.role)
	if err != nil {
		return nil, plan.Plan{}, nil, o.explain(loaded, err)
	}
	return loaded, p, notes, nil
}

// verify looks at everything again: the controller reacts to what was written, and all places have to agree after it.
func (o *transferOptions) verify(ctx context.Context) error {
	const looks, pause = 5, 500 * time.Millisecond
	clk := ticking(o.env.Clock)
	var left []plan.Step
	for range looks {
		_, p, _, err := o.plan(ctx)
		if err != nil {
			return fmt.Errorf("profile %s was handed on to %s, but that cannot be verified: %w", o.name, o.to, err)
		}
		if left = p.Changes().Steps; len(left) == 0 {
			o.env.Notef("verified: every place says that %s owns %s", o.to, o.name)
			return nil
		}
		if err := sleep(ctx, clk, pause); err != nil {
			return err
		}
	}
	var errs []error
	for _, step := range left {
		errs = append(errs, fmt.Errorf("verify transfer of %s: still to do: %s", o.name, step))
	}
	return cli.Hint(errors.Join(errs...), "the same command completes it; if it does not, something writes against it")
}
