package profile

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const adoptLong = `
Make a workspace of a namespace that is there already, with all that is in it.

Kubeflow's controller leaves a namespace alone that it did not make, and does not say so. Here the namespace gets what
the controller looks for (the owner's annotation), what it forgets (the label for Istio's sidecars, without which no
policy is enforced; the owner reference, without which the namespace outlives its Profile), and a Profile. Without
Kubeflow it gets the label, the owner's annotation and the owner's binding.

Nothing in the namespace is changed or removed. Pods that run already have no sidecar until they are started anew.

Exit codes: 0 done or nothing to do, 1 error.`

const adoptExample = `
# A namespace becomes the workspace of its team lead
{cmd} adopt training --owner yuki@acme.example --wait

# What would change, against manifests
{cmd} adopt training --owner yuki@acme.example --from examples/acme --dry-run=client`

// adoptFlags is what was typed.
type adoptFlags struct {
	writing
	owner string
}

func newAdoptCommand(env *cli.Env) *cobra.Command {
	f := &adoptFlags{writing: newWriting(env)}
	cmd := &cobra.Command{
		Use:               "adopt NAMESPACE [--owner SUBJECT]",
		Short:             "Make a workspace of a namespace that is there",
		Long:              adoptLong,
		Example:           env.Examples(adoptExample),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeNamespaces(env, f.sources),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f.addFlags(cmd)
	f.addWait(cmd, "the workspace is ready")
	cmd.Flags().StringVar(&f.owner, "owner", "", "`SUBJECT` who owns it. Default: whom the namespace names.")
	return cmd
}

// adoptOptions is what run needs; only options makes one.
type adoptOptions struct {
	*adoptFlags
	namespace string
	to        rbac.Subject
	how       *change.Options
}

func (f *adoptFlags) options(args []string) (*adoptOptions, error) {
	var to rbac.Subject
	if f.owner != "" {
		var err error
		if to, err = rbac.ParseSubject(f.owner); err != nil {
			return nil, cli.UsageError(err)
		}
	}
	how, err := f.changeOptions()
	return &adoptOptions{adoptFlags: f, namespace: args[0], to: to, how: how}, err
}

func (o *adoptOptions) run(ctx context.Context) error {
	loaded, err := o.load(ctx, o.namespace)
	if err != nil {
		return err
	}
	p, notes, err := profile.Adopt(loaded.State, o.namespace, o.to)
	if err != nil {
		return o.explain(loaded, err)
	}
	if err := o.carry(ctx, o.how, loaded, p, notes); err != nil || o.how.DryRun() {
		return err
	}
	if err := o.own(ctx); err != nil {
		return err
	}
	if !o.wait {
		return nil
	}
	return o.ready(ctx, o.namespace)
}

// own puts the owner reference on the namespace: it needs the UID of the Profile that has just been made.
func (o *adoptOptions) own(ctx context.Context) error {
	loaded, err := o.load(ctx, o.namespace)
	if err != nil {
		return err
	}
	if loaded.State.FlavorOf(o.namespace) != workspace.Kubeflow {
		return nil
	}
	p, notes, err := profile.AdoptOwnerReference(loaded.State, o.namespace)
	if err != nil || len(p.Changes().Steps) == 0 {
		return err
	}
	how, err := o.confirmed()
	if err != nil {
		return err
	}
	return o.carry(ctx, how, loaded, p, notes)
}
