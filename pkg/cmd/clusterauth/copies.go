package clusterauth

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

const syncCopiesLong = `
Bring the copies of ClusterAuthentications that AccessManagement has made up to date.

k0rdent copies a ClusterAuthentication of the system namespace to the namespaces that AccessManagement names, once. A
change of the source never reaches a copy that is there; this command does that, for copies that k0rdent made. The
clusters that use them roll then: what will happen is told before anything is written. The Secret with the CA is not
copied, here as there: a copy refers to that of the source.

Names are those of the sources; without names all copies are brought up to date.

Exit codes: 0 done or nothing to do, 1 error, 2 a partial answer under --strict.`

const syncCopiesExample = `
# What is stale, and what would roll?
{cmd} sync-copies --dry-run=client --from examples/acme

# The copies of one source
{cmd} sync-copies acme-sso`

func newSyncCopiesCommand(env *cli.Env) *cobra.Command {
	w := newWriting(env)
	cmd := &cobra.Command{
		Use:               "sync-copies [NAME...]",
		Short:             "Bring the copies of AccessManagement up to date",
		Long:              syncCopiesLong,
		Example:           env.Examples(syncCopiesExample),
		ValidArgsFunction: completeSources(env, w.sources),
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		o, err := w.options()
		if err != nil {
			return err
		}
		l, err := w.load(cmd.Context(), "", clusterauth.JudgedKinds(), clusterauth.CAs)
		if err != nil {
			return err
		}
		p, notes, err := clusterauth.SyncCopies(l.state, args...)
		if err != nil {
			return err
		}
		return w.carry(cmd.Context(), o, l, p, notes)
	}
	w.addFlags(cmd)
	return cmd
}

// completeSources completes the ClusterAuthentications that there are copies of.
func completeSources(env *cli.Env, s *sources) cobra.CompletionFunc {
	return env.Complete(func(ctx context.Context, _ []string, _ string) ([]string, error) {
		r, err := s.Read(ctx, inventory.Want{Kinds: []inventory.Kind{inventory.ClusterAuthentications}, Namespace: s.system})
		if err != nil {
			return nil, err
		}
		var names []string
		for _, o := range r.Inventory.Objects(inventory.ClusterAuthentications) {
			if o.GetNamespace() == s.system {
				names = append(names, o.GetName())
			}
		}
		return names, nil
	})
}
