package clusterauth

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// sources are the flags that say where objects come from, and what the user knows better than they.
type sources struct {
	*reading.Flags
	env    *cli.Env
	kcm    string
	system string
}

func newSources(env *cli.Env) *sources { return &sources{Flags: reading.NewFlags(env), env: env} }

// AddFlags adds the flags to a command.
func (s *sources) AddFlags(cmd *cobra.Command) {
	s.Flags.AddFlags(cmd)
	fs := cmd.Flags()
	fs.StringVar(&s.kcm, "kcm-version", "", "Reckon with this `VERSION` of k0rdent's controller, such as 1.9. Default: the one in use, else the newest.")
	fs.StringVar(&s.system, "system-namespace", k0rdent.SystemNamespace, "`NAMESPACE` in which k0rdent's controller runs.")
	_ = fs.MarkHidden("system-namespace") // it fails for names that are not there
}

func (s *sources) check() error {
	if s.kcm != "" {
		if _, err := k0rdent.EraOf(s.kcm); err != nil {
			return cli.UsageError(fmt.Errorf("bad --kcm-version: %w", err))
		}
	}
	if reasons := validation.IsDNS1123Label(s.system); s.system != "" && len(reasons) > 0 {
		return cli.UsageError(fmt.Errorf("bad --system-namespace %q: %s", s.system, strings.Join(reasons, ", ")))
	}
	return nil
}

// loaded is what was read, and the state that it shows.
type loaded struct {
	*reading.Reading
	state *clusterauth.State
}

// clusterKinds are what tells of ClusterAuthentications and the clusters that use them.
func clusterKinds() []inventory.Kind {
	return []inventory.Kind{
		inventory.ClusterAuthentications, inventory.ClusterDeployments, inventory.ClusterTemplates, inventory.Credentials,
		inventory.Managements, inventory.Releases, inventory.Secrets,
	}
}

// rolloutKinds are what tells, beside [clusterKinds], what a change does to control planes.
func rolloutKinds() []inventory.Kind {
	return append(clusterKinds(), inventory.Regions, inventory.HelmReleases, inventory.K0sControlPlanes, inventory.K0smotronControlPlanes,
		inventory.Machines)
}

// copyKinds are what tells, beside others, which copies AccessManagement makes.
func copyKinds() []inventory.Kind {
	return []inventory.Kind{inventory.AccessManagements, inventory.Namespaces}
}

// load reads the kinds everywhere, and the Secrets that purposes need. References go from one namespace to another, so
// nothing is left out here: commands choose what they show. With a namespace only it is read, but for what concerns the
// whole cluster.
func (s *sources) load(
	ctx context.Context, namespace string, kinds []inventory.Kind, purposes ...clusterauth.Purpose,
) (*loaded, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if s.Offline() {
		namespace = "" // a file is read whole, and its CA Secrets may be elsewhere
	}
	r, err := s.Read(ctx, inventory.Want{Kinds: kinds, Namespace: namespace})
	if err != nil {
		return nil, err
	}
	if r.Inventory.Live && !r.Inventory.Served[inventory.ClusterAuthentications] {
		s.env.Warnf("the cluster does not know ClusterAuthentications: k0rdent is not installed there (-f and --from read files)")
	}
	if err := r.Secrets(ctx, clusterauth.SecretsNeeded(r.Inventory, purposes...)); err != nil {
		return nil, err
	}
	return &loaded{Reading: r, state: s.stateOf(r.Inventory)}, nil
}

// stateOf returns the state that an inventory shows, with what the flags know better.
func (s *sources) stateOf(inv *inventory.Inventory) *clusterauth.State {
	return clusterauth.NewState(inv, clusterauth.Options{
		KCM: s.kcm, Now: s.env.Clock.Now(), SystemNamespace: cmp.Or(s.system, k0rdent.SystemNamespace),
	})
}
