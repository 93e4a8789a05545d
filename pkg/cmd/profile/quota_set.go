package profile

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const quotaSetLong = `
Limit resources of a workspace. Limits that are not named stay as they are; "unset" takes them away.

Names of resources are those of Kubernetes: cpu, memory, requests.cpu, limits.memory, requests.storage,
persistentvolumeclaims, pods, requests.nvidia.com/gpu, count/deployments.apps ... A name that Kubernetes would refuse is
refused here: in a Profile of Kubeflow it would stop the controller for good. Limits below what is used already are
warned about: nothing is stopped then, but nothing new starts.

On Kubeflow the limits are written into the Profile, and its controller changes the quota from that in a moment: --wait
waits until it has.

Exit codes: 0 done or nothing to do, 1 error.`

const quotaSetExample = `
# More processors and memory, and be told when they are there
{cmd} quota set team-vision cpu=96 memory=384Gi --wait

# What would change, against manifests
{cmd} quota set team-vision cpu=96 --from examples/acme --dry-run=client`

const quotaUnsetLong = `
Take limits of a workspace away: those that are named, or with --all all of them. On Kubeflow its controller changes the
quota in a moment: --wait waits until it has.

Exit codes: 0 done or nothing to do, 1 error.`

const quotaUnsetExample = `
# No limit on graphics processors any more
{cmd} quota unset team-vision requests.nvidia.com/gpu

# No quota at all; only show what would change
{cmd} quota unset team-vision --all --from examples/acme --dry-run=client`

// quotaFlags is what was typed for set and unset.
type quotaFlags struct {
	writing
	all bool
}

func newQuotaSetCommand(env *cli.Env) *cobra.Command {
	f := &quotaFlags{writing: newWriting(env)}
	cmd := &cobra.Command{
		Use:               "set NAME RESOURCE=AMOUNT...",
		Short:             "Limit resources of a workspace",
		Long:              quotaSetLong,
		Example:           env.Examples(quotaSetExample),
		Args:              cobra.MinimumNArgs(2),
		ValidArgsFunction: completeNames(env, f.sources, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.changeOptions()
			if err != nil {
				return err
			}
			set, err := parseQuota(args[1:])
			if err != nil {
				return err
			}
			return f.run(cmd.Context(), o, args[0], set, nil)
		},
	}
	f.addFlags(cmd)
	f.addWait(cmd, "the quota that Kubeflow's controller keeps is as its Profile says")
	return cmd
}

func newQuotaUnsetCommand(env *cli.Env) *cobra.Command {
	f := &quotaFlags{writing: newWriting(env)}
	cmd := &cobra.Command{
		Use:               "unset NAME RESOURCE...",
		Short:             "Take limits of a workspace away",
		Long:              quotaUnsetLong,
		Example:           env.Examples(quotaUnsetExample),
		Args:              cobra.MinimumNArgs(1),
		ValidArgsFunction: completeNames(env, f.sources, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.changeOptions()
			if err != nil {
				return err
			}
			switch {
			case f.all && len(args) > 1:
				return cli.UsageError(errors.New("--all takes all limits away: name none"))
			case !f.all && len(args) == 1:
				return cli.UsageError(errors.New("nothing to take away: want RESOURCE..., or --all"))
			}
			var unset []corev1.ResourceName
			if !f.all {
				if unset, err = profile.ParseQuotaNames(strings.Join(args[1:], ",")); err != nil {
					return cli.UsageError(err)
				}
			}
			return f.run(cmd.Context(), o, args[0], nil, unset)
		},
	}
	f.addFlags(cmd)
	f.addWait(cmd, "the quota that Kubeflow's controller keeps is as its Profile says")
	cmd.Flags().BoolVar(&f.all, "all", false, "Take all limits away.")
	return cmd
}

func (f *quotaFlags) run(ctx context.Context, o *change.Options, name string, set corev1.ResourceList, unset []corev1.ResourceName) error {
	loaded, err := f.load(ctx, name)
	if err != nil {
		return err
	}
	if err := f.mayChange(loaded, name); err != nil {
		return err
	}
	if f.all {
		unset = resourcesOf(limits(loaded.State, name))
	}
	p, notes, err := profile.SetQuota(loaded.State, name, set, unset)
	if err != nil {
		return f.explain(loaded, err)
	}
	if err := f.carry(ctx, o, loaded, p, notes); err != nil || o.DryRun() || loaded.State.FlavorOf(name) != workspace.Kubeflow {
		return err
	}
	if !f.wait {
		if len(p.Changes().Steps) > 0 {
			f.env.Notef("note: Kubeflow's controller changes the quota in a moment; --wait waits for it")
		}
		return nil
	}
	if err := newWaiter(f.env, f.sources, f.timeout).until(ctx, untilLimited, name); err != nil {
		return err
	}
	f.env.Notef("the quota of profile %s is as its Profile says", name)
	return nil
}

// resourcesOf names the resources that are limited.
func resourcesOf(list []profile.Usage) []corev1.ResourceName {
	var names []corev1.ResourceName
	for _, u := range list {
		names = append(names, u.Resource)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
