package profile

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
)

const registerLong = `
Make the workspace that Kubeflow's dashboard makes when somebody logs in for the first time.

Its name is made from the e-mail address by the dashboard's rules: what stands before the @, in lower case, without any
"_", and with other characters than letters and digits as "-". --name gives it another. The owner is the address as it
is written.

Without an address it is that of whoever asks the cluster.

Exit codes: 0 done, 1 error.`

const registerExample = `
# For somebody else, and be told when it is there
{cmd} register bob.smith@acme.example --wait

# For me
{cmd} register

# What would be made; no cluster is asked
{cmd} register bob.smith@acme.example --dry-run=client -o yaml`

// registerFlags is what was typed.
type registerFlags struct {
	writing
	name string
}

func newRegisterCommand(env *cli.Env) *cobra.Command {
	f := &registerFlags{writing: newWriting(env)}
	cmd := &cobra.Command{
		Use:               "register [EMAIL]",
		Short:             "Make the workspace of somebody's first login",
		Long:              registerLong,
		Example:           env.Examples(registerExample),
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.changeOptions()
			if err != nil {
				return err
			}
			if len(args) == 0 && (f.sources.Offline() || o.ClientOnly()) {
				return cli.UsageError(errors.New("whoever asks a cluster is not known when none is asked: want EMAIL"))
			}
			return f.run(cmd.Context(), args, o)
		},
	}
	f.addFlags(cmd)
	f.addWait(cmd, "the workspace is ready")
	cmd.Flags().StringVar(&f.name, "name", "", "`NAME` of the workspace, instead of one made from the address.")
	return cmd
}

func (f *registerFlags) run(ctx context.Context, args []string, o *change.Options) error {
	loaded, err := f.loadNew(ctx, o, "")
	if err != nil {
		return err
	}
	email, err := f.email(ctx, loaded, args)
	if err != nil {
		return err
	}
	spec, err := profile.Register(loaded.State, email, f.name)
	if err != nil {
		return f.explain(loaded, err)
	}
	f.env.Notef("note: the workspace of %s is called %s", email, spec.Name)
	return f.make(ctx, loaded, spec, o)
}

// email is the address that was typed, or the name of whoever asks.
func (f *registerFlags) email(ctx context.Context, loaded *workspaces.Loaded, args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	who, err := loaded.Subject(ctx, me)
	if err != nil {
		return "", err
	}
	if who.Kind != rbacv1.UserKind {
		return "", cli.Hint(errors.New("register: you are "+who.String()+", which has no address"), "name the address of a person: want EMAIL")
	}
	return who.Name, nil
}
