package clusterauth

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

const attachLong = `
Let a cluster use a ClusterAuthentication: set spec.clusterAuth of a ClusterDeployment.

k0rdent's controller then writes the file for the API server, and passes its hash to the cluster's template. That makes
control-plane machines anew, or rolls the pods of a hosted control plane; what will happen is told before anything is
written. A name that is not there is refused, since the controller would then do nothing for the cluster any more, not
even delete it. So is a configuration that the cluster's API server could not read.

Exit codes: 0 done or nothing to do, 1 error, 2 a partial answer under --strict.`

const attachExample = `
# What would happen?
{cmd} attach edge-berlin acme-sso --dry-run=server

# The same against manifests
{cmd} attach edge-paris acme-sso -n kcm-system --from examples/acme --dry-run=client

# Do it
{cmd} attach edge-berlin acme-sso`

const detachLong = `
Let a cluster use no ClusterAuthentication: clear spec.clusterAuth of a ClusterDeployment.

People whom it let in are then nobody to the API server, and control planes roll once more. From 1.11 on the controller
deletes the Secret first and rolls after that, so that a pod of a hosted control plane that restarts in between can't
start; older ones leave the Secret behind. A cluster whose ClusterAuthentication is gone is freed by this, too.

Exit codes: 0 done or nothing to do, 1 error, 2 a partial answer under --strict.`

const detachExample = `
# What would happen?
{cmd} detach edge-berlin -n kcm-system --from examples/acme --dry-run=client

# Do it
{cmd} detach edge-berlin -n kcm-system`

func newAttachCommand(env *cli.Env) *cobra.Command {
	w := newWriting(env)
	cmd := &cobra.Command{
		Use:               "attach CLUSTER NAME",
		Short:             "Let a cluster use a ClusterAuthentication",
		Long:              attachLong,
		Example:           env.Examples(attachExample),
		Args:              cobra.ExactArgs(2),
		ValidArgsFunction: completeNames(env, w.sources, inventory.ClusterDeployments, inventory.ClusterAuthentications),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if args[1] == "" || strings.Contains(args[1], "/") {
			return cli.UsageError(fmt.Errorf("bad name %q: want the NAME of a ClusterAuthentication of the cluster's namespace", args[1]))
		}
		return w.refer(cmd.Context(), args[0], func(l *loaded, cluster types.NamespacedName) (plan.Plan, []string, error) {
			return clusterauth.Attach(l.state, cluster.Namespace, cluster.Name, args[1])
		})
	}
	w.addFlags(cmd)
	return cmd
}

func newDetachCommand(env *cli.Env) *cobra.Command {
	w := newWriting(env)
	cmd := &cobra.Command{
		Use:               "detach CLUSTER",
		Short:             "Let a cluster use no ClusterAuthentication",
		Long:              detachLong,
		Example:           env.Examples(detachExample),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeNames(env, w.sources, inventory.ClusterDeployments),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return w.refer(cmd.Context(), args[0], func(l *loaded, cluster types.NamespacedName) (plan.Plan, []string, error) {
			return clusterauth.Detach(l.state, cluster.Namespace, cluster.Name)
		}, clusterauth.AuthConfigs)
	}
	w.addFlags(cmd)
	return cmd
}

// refer changes what a cluster refers to, as planned, and says what will roll. Of the cluster's own Secrets, those for the
// purposes are read.
func (w *writing) refer(
	ctx context.Context, cluster string, planned func(*loaded, types.NamespacedName) (plan.Plan, []string, error),
	own ...clusterauth.Purpose,
) error {
	o, err := w.options()
	if err != nil {
		return err
	}
	l, name, err := w.loadCluster(ctx, cluster, own)
	if err != nil {
		return err
	}
	p, notes, err := planned(l, name)
	if err != nil {
		return err
	}
	return w.carry(ctx, o, l, p, notes)
}

// loadCluster reads what tells of a cluster, and its Secrets for the purposes, but not those of its neighbours.
func (s *sources) loadCluster(
	ctx context.Context, cluster string, own []clusterauth.Purpose,
) (*loaded, types.NamespacedName, error) {
	name, err := s.named(cluster)
	if err != nil {
		return nil, name, err
	}
	l, err := s.load(ctx, name.Namespace, clusterauth.RolloutKinds(), clusterauth.CAs)
	if err != nil {
		return nil, name, err
	}
	if name, err = find(l, inventory.ClusterDeployments, name); err != nil || len(own) == 0 {
		return l, name, err
	}
	c, err := l.state.Cluster(name.Namespace, name.Name)
	if err != nil {
		return nil, name, err
	}
	if err := l.Secrets(ctx, neededBy(l.state, c, own)); err != nil {
		return nil, name, err
	}
	l.state = s.stateOf(l.Inventory)
	return l, name, nil
}
