package clusterauth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/types"
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
	// unasked says that the user asked about other things too, so that k0rdent need not be there.
	unasked bool
}

func newSources(env *cli.Env) *sources { return &sources{Flags: reading.NewFlags(env), env: env} }

// AddFlags adds the flags to a command.
func (s *sources) AddFlags(cmd *cobra.Command) {
	s.addFrom(cmd)
	cmd.Flags().StringVar(&s.kcm, "kcm-version", "", "Reckon with this `VERSION` of k0rdent's controller, such as 1.9. Default: the one in use, else the newest.")
	cli.Once(cmd.Flags(), "kcm-version")
}

// addFrom adds the same to a command to which all versions of k0rdent's controller are alike.
func (s *sources) addFrom(cmd *cobra.Command) {
	s.Flags.AddFlags(cmd)
	fs := cmd.Flags()
	fs.StringVar(&s.system, "system-namespace", k0rdent.SystemNamespace, "`NAMESPACE` in which k0rdent's controller runs.")
	_ = fs.MarkHidden("system-namespace") // it fails for names that are not there
}

func (s *sources) check() error {
	if slices.Contains(s.Sources(), "") {
		return cli.UsageError(errors.New("--from is empty: want FILE, DIR or -"))
	}
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
	if r.Inventory.Live && !s.unasked && !r.Inventory.Served[inventory.ClusterAuthentications] {
		s.env.Warnf("the cluster does not know ClusterAuthentications: k0rdent is not installed there (-f and --from read files)")
	}
	if err := r.Secrets(ctx, clusterauth.SecretsNeeded(r.Inventory, purposes...)); err != nil {
		return nil, err
	}
	return &loaded{Reading: r, state: s.stateOf(r.Inventory)}, nil
}

// loadAuthentication reads the kinds, and the one ClusterAuthentication of that name with its CA: the Secrets of its
// neighbours are not asked for.
func (s *sources) loadAuthentication(
	ctx context.Context, name types.NamespacedName, kinds []inventory.Kind,
) (*loaded, clusterauth.Authentication, error) {
	var none clusterauth.Authentication
	l, err := s.load(ctx, name.Namespace, kinds)
	if err != nil {
		return nil, none, err
	}
	if name, err = find(l, inventory.ClusterAuthentications, name); err != nil {
		return nil, none, err
	}
	a, err := l.state.Authentication(name.Namespace, name.Name)
	if err != nil || a.Problem != nil || a.CASecret == nil || a.CASecret.Name == "" {
		return l, a, err
	}
	if err := l.Secrets(ctx, []types.NamespacedName{{Namespace: a.CASecret.Namespace, Name: a.CASecret.Name}}); err != nil {
		return nil, none, err
	}
	l.state = s.stateOf(l.Inventory)
	a, err = l.state.Authentication(name.Namespace, name.Name)
	return l, a, err
}

// warnNone says that there is no ClusterAuthentication where they were looked for: nothing found is not all well. It is
// silent where they can't be read, which is told elsewhere. An empty namespace stands for all.
func (s *sources) warnNone(l *loaded, namespace string) {
	where := "any namespace"
	switch {
	case s.unasked, !s.Offline() && !l.Inventory.Served[inventory.ClusterAuthentications], len(l.Inventory.Missing(inventory.ClusterAuthentications)) > 0:
		return
	case slices.ContainsFunc(l.state.Authentications(), func(a clusterauth.Authentication) bool { return namespace == "" || a.Namespace == namespace }):
		return
	case namespace != "":
		where = "namespace " + namespace
	}
	if s.Offline() {
		where += " of what --from names"
	}
	s.env.Warnf("there is no ClusterAuthentication in %s", where)
}

// stateOf returns the state that an inventory shows, with what the flags know better.
func (s *sources) stateOf(inv *inventory.Inventory) *clusterauth.State {
	return clusterauth.NewState(inv, clusterauth.Options{
		KCM: s.kcm, Now: s.env.Clock.Now(), SystemNamespace: cmp.Or(s.system, k0rdent.SystemNamespace),
	})
}
