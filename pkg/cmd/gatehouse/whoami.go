package gatehouse

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/findings"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const whoamiLong = `
Say who one is to the cluster, how one logs in, and what one is in each workspace.

The cluster itself says who is asking, after authentication and, with --as, after impersonation: user, groups, and what
else it knows, such as the id of the credential or the pod of a token. The kubeconfig says how one logs in. Roles come
out of the bindings of the user and all of his groups. Where these can't be read, the API server is asked what one may
do, and VIA is "rights": owner is who may create role bindings, editor pods, viewer who may read pods.

With --from nobody can be asked: --as USER and --as-group say who one would be.

No token, key or certificate is shown. The bindings by which Kubernetes lets everybody look at its own API are folded.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const whoamiExample = `
# Me, and somebody else whom I may impersonate
{cmd} whoami
{cmd} whoami --as bob@acme.example --as-group ml-readers

# Somebody of the example company
{cmd} whoami --from examples/acme --as dana@acme.example

# My name, for a script
{cmd} whoami -o name`

// whoamiFlags is what was typed.
type whoamiFlags struct {
	env     *cli.Env
	sources *workspaces.Flags
	print   *printer.Flags
}

// whoamiOptions is what run needs; only options makes one.
type whoamiOptions struct {
	*whoamiFlags
	printer printer.Printer
}

func newWhoamiCommand(env *cli.Env) *cobra.Command {
	f := &whoamiFlags{
		env: env, sources: workspaces.NewFlags(env),
		print: printer.NewFlags(printer.Table, printer.Name, printer.JSON, printer.YAML, printer.CSV, printer.Markdown, printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use: "whoami", Short: "Show who you are, and what you are in each workspace", Long: whoamiLong,
		Example: env.Examples(whoamiExample), Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f.sources.Flags.AddFlags(cmd) // those about flavors change nothing here
	f.print.AddFlags(cmd.Flags())
	return cmd
}

func (f *whoamiFlags) options() (*whoamiOptions, error) {
	p, err := f.print.ToPrinter()
	if err != nil {
		return nil, cli.UsageError(err)
	}
	if f.sources.Offline() && *f.env.Config.Impersonate == "" {
		return nil, cli.UsageError(cli.Hint(errors.New("--from asks no cluster, so that nobody says who you are"),
			"--as USER says whom to look for in what is read"))
	}
	return &whoamiOptions{whoamiFlags: f, printer: p}, nil
}

func (o *whoamiOptions) run(ctx context.Context) error {
	l, err := o.sources.Load(ctx, inventory.Want{Kinds: []inventory.Kind{
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies,
	}})
	if err != nil {
		return err
	}
	answer := &whoami{}
	if answer.info, err = o.self(ctx, l); err != nil {
		return err
	}
	if l.Cluster != nil {
		answer.login = o.login(l)
	}
	answer.id = rbac.NewIdentity(rbac.User(answer.info.Username), answer.info.Groups...)
	if err := o.roles(ctx, l, answer); err != nil {
		return err
	}
	o.sources.TellGaps(l, needless()...)
	report := printer.Report{
		Object: func() any { return answer.view(o.env.Redact) },
		Table:  func() *metav1.Table { return answer.table(o.env.Redact) },
		Names:  func() []string { return []string{answer.id.Subject.String()} },
	}
	if err := o.printer.Print(o.env.Out, report); err != nil {
		return err
	}
	if answer.folded > 0 && !o.print.Structured() && o.print.Format() != printer.Name {
		o.env.Notef("%s of Kubernetes for everybody folded", findings.Count(answer.folded, "binding"))
	}
	return o.sources.Finish(l, needless()...)
}

// needless are kinds whose gaps make no difference: they say which namespaces are workspaces, and who is let in without a
// role.
func needless() []inventory.Kind {
	return []inventory.Kind{inventory.Policies, inventory.Profiles, inventory.Namespaces}
}

// self asks the cluster who is asking; of manifests, it is whom --as names.
func (o *whoamiOptions) self(ctx context.Context, l *workspaces.Loaded) (authenticationv1.UserInfo, error) {
	if l.Cluster == nil {
		id := rbac.NewIdentity(rbac.User(*o.env.Config.Impersonate), *o.env.Config.ImpersonateGroup...)
		return authenticationv1.UserInfo{Username: id.User, UID: *o.env.Config.ImpersonateUID, Groups: id.Groups}, nil
	}
	info, err := l.Cluster.Self(ctx)
	if apierrors.IsNotFound(err) {
		return info, cli.Hint(errors.New("ask who I am: the server does not tell: it has no SelfSubjectReview, as before Kubernetes 1.28"),
			"\"kubectl config view --minify\" shows the user of the kubeconfig")
	}
	return info, err
}

// roles finds what the identity is: out of bindings, and by asking what one may do where they can't be read.
func (o *whoamiOptions) roles(ctx context.Context, l *workspaces.Loaded, w *whoami) error {
	w.grants = memberships(l.State, w.id)
	index, err := l.Rights(ctx)
	if err != nil {
		return err
	}
	w.everywhere, w.folded = clusterRoles(index, w.id, l.Cluster != nil)
	markMissing(index, w.everywhere)
	markMissing(index, w.grants)
	if l.Cluster != nil && len(l.State.Inventory.Missing(inventory.RoleBindings)) > 0 {
		all := l.Candidates()
		candidates := slices.DeleteFunc(slices.Clone(all), func(ns string) bool { return len(l.State.Bindings(ns)) > 0 })
		told := "asked about " + strings.Join(candidates, ", ")
		if len(candidates) == 0 {
			told = "those of " + strings.Join(all, ", ") + " were"
		}
		o.env.Notef("note: role bindings can't be read everywhere: %s; -n NAMESPACE asks about another", told)
		mine, err := l.MyWorkspaces(ctx, candidates)
		if err != nil {
			return err
		}
		for _, name := range slices.Sorted(maps.Keys(mine)) {
			w.grants = append(w.grants, grant{Namespace: name, Role: string(mine[name]), Via: byRights})
		}
		slices.SortStableFunc(w.grants, compareGrants)
	}
	inv := l.State.Inventory
	w.gaps = inv.Missing(inventory.RoleBindings)
	for _, gap := range index.Snapshot().Gaps {
		if !slices.ContainsFunc(inv.Gaps, func(g rbac.Gap) bool { return g.What == gap.What && g.Namespace == gap.Namespace }) {
			inv.Gaps, w.gaps = append(inv.Gaps, gap), append(w.gaps, gap)
		}
	}
	return nil
}
