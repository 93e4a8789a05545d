package contrib

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const migrateLong = `
Make members of Kalm's members by RBAC, and say what each one gains and loses by it.

A role in an application becomes a RoleBinding to view, edit or admin; clusterViewer, clusterEditor and clusterOwner become
ClusterRoleBindings, with what they see of the cluster, and to cluster-admin. A role in kalm-system is as good as
cluster-admin, and becomes that. Names stay as they are written; who gave a role, and until when, is kept in annotations.
Suspended, expired and inert RoleBindings are passed over, each with a line that says why.

--from kalm and --to native are what is there so far, and may be left out; --from names manifests, too, as with all commands:
a directory of that name is ./kalm.

--report says what would be gained and lost, and does nothing: every line is a request to the API server that
"kubectl whocan" answers after the migration, or before it, as the line says. What Kalm allowed and Kubernetes won't is
lost; what Kubernetes will and neither did is gained. Where one object keeps Kalm's API from answering anybody, that is said,
and roles are taken as they are meant.

The RoleBindings of Kalm's stay, so that both systems count, unless --prune deletes them in the same change.

Exit codes: 0 done or nothing to do; 1 error, not carried out or, with --report, somebody loses something or is passed
over; 2 when who is suspended in Kalm can't be read, so that nothing is carried out, or with --report, an error, no loss as
far as Kalm's RoleBindings can be read, or a partial answer under --strict.`

const migrateExample = `
# What would come of it?
{cmd} migrate --from kalm --to native -n storefront --report table --from examples/acme

# The manifests, for a repository
{cmd} migrate -A --dry-run=client -o yaml --from examples/acme

# All of it, and Kalm's objects go
{cmd} migrate -A --prune`

type migrateFlags struct {
	*writing
	all         bool
	to, report  string
	prune, keep bool
}

func newMigrateCommand(env *cli.Env) *cobra.Command {
	f := &migrateFlags{writing: newWriting(env)}
	cmd := &cobra.Command{
		Use: "migrate", Short: "Make members of Kalm's members by RBAC", Long: migrateLong,
		Example: env.Examples(migrateExample), Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options(cmd)
			if err == nil {
				err = o.run(cmd.Context())
			}
			if err != nil && f.report != "" {
				return asPredicate(err)
			}
			return err
		},
	}
	fs := cmd.Flags()
	env.AddAllNamespaces(fs, &f.all)
	fs.StringVar(&f.to, "to", string(workspace.Native), "`FLAVOR` that members get: native.")
	fs.StringVar(&f.report, "report", "", "Say what is gained and lost, as `FORMAT` (table, wide, json, yaml, csv, markdown), and do nothing.")
	fs.BoolVar(&f.prune, "prune", false, "Delete the RoleBindings of Kalm's that are migrated.")
	fs.BoolVar(&f.keep, "keep", false, "Keep the RoleBindings of Kalm's, as is done without --prune.")
	cmd.MarkFlagsMutuallyExclusive("prune", "keep")
	// What is written is neither of a flavor that can be chosen nor made by whom one says: the other flags of those who write
	// would be passed over.
	f.from.Flags.AddFlags(cmd)
	f.change.AddFlags(cmd)
	fs.Lookup("from").Usage = "Read `FILE|DIR|-` (manifests, dumps, snapshots) instead of a cluster; or kalm, which names the system. Repeatable."
	return cmd
}

// asPredicate gives errors the exit code of a command whose 1 is an answer.
func asPredicate(err error) error {
	if _, ok := errors.AsType[*answered](err); ok {
		return cli.ExitWith(1, nil)
	}
	return cli.ExitWith(cli.ExitPredicateError, err)
}

// answered is that somebody loses something.
type answered struct{}

func (*answered) Error() string { return "somebody loses something" }

type migrateOptions struct {
	*migrateFlags
	change    *change.Options
	printer   printer.Printer
	namespace string
	command   string
}

func (f *migrateFlags) options(cmd *cobra.Command) (*migrateOptions, error) {
	// "--from kalm" says the system; all else that --from names is manifests, such as ./kalm.
	if from, ok := cmd.Flags().Lookup("from").Value.(pflag.SliceValue); ok {
		paths := slices.DeleteFunc(from.GetSlice(), func(path string) bool { return path == string(workspace.Kalm) })
		if err := from.Replace(paths); err != nil {
			return nil, cli.UsageError(err)
		}
	}
	if f.to != string(workspace.Native) {
		return nil, cli.UsageError(fmt.Errorf("bad --to %q: members of Kalm's can become native ones only", f.to))
	}
	o := &migrateOptions{migrateFlags: f}
	var err error
	if f.report != "" {
		formats := printer.NewFlags(printer.Table, printer.Wide, printer.JSON, printer.YAML, printer.CSV, printer.Markdown)
		formats.Output = f.report
		if o.printer, err = formats.ToPrinter(); err != nil {
			return nil, cli.UsageError(fmt.Errorf("bad --report: %w", err))
		}
		if o.change, err = f.change.Options(); err != nil {
			return nil, err
		}
	} else if o.change, err = f.writing.options(); err != nil {
		return nil, err
	}
	o.namespace, err = lookedAt(f.env, f.all, f.from.Offline())
	o.command = commandLine(cmd, nil, o.namespace)
	return o, err
}

func (o *migrateOptions) run(ctx context.Context) error {
	want := contrib.Wanted(o.namespace)
	want.Kinds = append(want.Kinds, inventory.AccessTokens)
	l, err := o.from.Load(ctx, want)
	if err != nil {
		return err
	}
	o.needless = []inventory.Kind{inventory.Profiles, inventory.Policies, inventory.Controller}
	index, err := rights(ctx, l)
	if err != nil {
		return err
	}
	inv := *l.State.Inventory
	inv.Gaps = slices.Concat(inv.Gaps, index.Snapshot().Gaps)
	l.State.Inventory = &inv
	var names []string
	if o.namespace != "" {
		names = []string{o.namespace}
	}
	p, m, notes, err := contrib.Migrate(l.State, index, o.prune, names...)
	if err != nil {
		return err
	}
	gap := contrib.MigrationGap(l.State, names...)
	if o.report != "" {
		return o.tell(l.State, m, gap, o.from.Finish(l, o.needless...))
	}
	if l.Server != nil && !o.change.ClientOnly() {
		if p, err = plan.Left(ctx, l.Server, p); err != nil {
			return err
		}
	}
	if len(p.Changes().Steps) == 0 {
		if err := o.idle(l, m, gap); err != nil {
			return err
		}
	} else if err := contrib.CheckSuspensions(l.State); err != nil {
		o.from.TellGaps(l, o.needless...)
		for _, line := range migrationLines(m) {
			o.env.Notef("%s", line)
		}
		return cli.ExitWith(cli.ExitPredicateError, err)
	}
	t := task(p, notes)
	t.Nothing = "no member of Kalm's is left to migrate"
	t.Before = func(context.Context) []string { return migrationLines(m) }
	t.Advise = contrib.Adviser(l.State, o.command, false)
	return o.finish(ctx, o.change, l, t)
}

// idle says, of a migration without anything to do, what a preview would say; gap is why that is no answer.
func (o *migrateOptions) idle(l *workspaces.Loaded, m contrib.Migration, gap *rbac.Gap) error {
	o.from.TellGaps(l, o.needless...)
	for _, line := range migrationLines(contrib.Migration{Skipped: m.Skipped, Warnings: m.Warnings}) {
		o.env.Notef("%s", line)
	}
	if gap == nil {
		return nil
	}
	return cli.Hint(fmt.Errorf("migrate from Kalm: nothing was found to change, and not all %s can be read", inventory.KalmBindings),
		"ask an administrator to run: "+o.command)
}
