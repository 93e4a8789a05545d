package profile

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const listLong = `
List workspaces with their owner, members by role, quota and status.

The status is computed from the objects, because Kubeflow stores none: Ready, Pending (the controller has not made
everything yet), Conflict (the namespace belongs to somebody else), Partial (something is missing or wrong),
Terminating, Stuck, and Unknown for what you may not read. -o wide says why.

QUOTA is what is used of what may be: "cpu [###--] 3/5"; "?" where nobody has counted, as in manifests.

Who may not list workspaces sees those that he can prove to be in, with his role. --user shows the workspaces of
somebody, -l those whose namespace has certain labels, -n only that one.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const listExample = `
# All workspaces
{cmd} list --from examples/acme

# In which ones bob is, and as what; with a group of his too
{cmd} list --user bob@acme.example --group ml-readers --from examples/acme

# Those that are not as they should be, and why
{cmd} list -o wide --from examples/acme

# By a label of the namespace, as a sheet
{cmd} list -l katib.kubeflow.org/metrics-collector-injection=enabled --from examples/acme -o csv`

// listFlags is what was typed.
type listFlags struct {
	env      *cli.Env
	sources  *workspaces.Flags
	print    *printer.Flags
	user     string
	groups   []string
	selector string

	// strict reports whether a partial answer is an error.
	strict func() bool
}

func newListCommand(env *cli.Env) *cobra.Command {
	cmd := listCommand(env)
	cmd.Use = "list"
	cmd.Aliases = []string{"ls"}
	cmd.Short = "List workspaces with owner, members, quota and status"
	cmd.Long = listLong
	cmd.Example = env.Examples(listExample)
	cmd.Args = cobra.NoArgs
	return cmd
}

// listCommand makes the command that lists, which is also the bare call.
func listCommand(env *cli.Env) *cobra.Command {
	f := &listFlags{
		env: env, sources: workspaces.NewFlags(env),
		print: printer.NewFlags(printer.Table, printer.Wide, printer.Name, printer.JSON, printer.YAML, printer.CSV,
			printer.Markdown, printer.JSONPath),
	}
	cmd := &cobra.Command{
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f.sources.AddFlags(cmd)
	f.print.AddFlags(cmd.Flags())
	fs := cmd.Flags()
	f.strict = func() bool {
		strict, err := fs.GetBool("strict")
		return err == nil && strict
	}
	fs.StringVar(&f.user, "user", "", "List the workspaces of this `SUBJECT`, such as bob@acme.example, sa:NAMESPACE/NAME, group:NAME, or me.")
	fs.StringArrayVar(&f.groups, "group", nil, "The user is in this `GROUP` too. Repeatable; needs --user.")
	fs.StringVarP(&f.selector, "selector", "l", "", "List those whose namespace has the labels of this `SELECTOR`.")
	return cmd
}

// listOptions is what run needs; only options makes one.
type listOptions struct {
	*listFlags
	labels  labels.Selector
	printer printer.Printer
	// mine says that the caller was asked about, since he may not read everything.
	mine bool
}

func (f *listFlags) options() (*listOptions, error) {
	if f.user != "" && f.user != me {
		if _, err := rbac.ParseSubject(f.user); err != nil {
			return nil, cli.UsageError(err)
		}
	}
	if f.user == me && f.sources.Offline() {
		return nil, cli.UsageError(errors.New("\"me\" is whoever asks a cluster: with --from name a subject"))
	}
	if f.user == "" && len(f.groups) > 0 {
		return nil, cli.UsageError(errors.New("--group says of which groups a user is: it needs --user"))
	}
	selector, err := labels.Parse(f.selector)
	if err != nil {
		return nil, cli.UsageError(fmt.Errorf("parse selector %q: %w", f.selector, err))
	}
	p, err := f.print.ToPrinter()
	if err != nil {
		return nil, cli.UsageError(err)
	}
	return &listOptions{listFlags: f, labels: selector, printer: p}, nil
}

// me is whoever asks the cluster.
const me = "me"

// listKinds are what a list is made from.
func listKinds() []inventory.Kind {
	return []inventory.Kind{
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Quotas,
		inventory.ServiceAccounts, inventory.KalmBindings,
	}
}

// row is one workspace, and what the user who was asked about is in it.
type row struct {
	workspace.Workspace
	// role is that of the user, as text; empty when nobody was asked about.
	role string
	// hidden says that the members could not be read.
	hidden bool
}

func (o *listOptions) run(ctx context.Context) error {
	loaded, err := o.sources.Load(ctx, inventory.Want{Kinds: listKinds(), Namespace: *o.env.Config.Namespace})
	if err != nil {
		return err
	}
	rows, err := o.rows(ctx, loaded)
	if err != nil {
		return err
	}
	withRole := slices.ContainsFunc(rows, func(r row) bool { return r.role != "" })
	report := printer.Report{
		Object: func() any { return viewList(rows, loaded.State) },
		Table: func() *metav1.Table {
			return listTable(rows, loaded.State, withRole, o.print.Format() != printer.Table)
		},
		Names: func() []string {
			var names []string
			for i := range rows {
				names = append(names, rows[i].Name)
			}
			return names
		},
	}
	if err := o.printer.Print(o.env.Out, report); err != nil {
		return err
	}
	if !o.print.Structured() {
		o.tellCount(rows)
	}
	place := *o.env.Config.Namespace
	but := besideList(loaded.State, place)
	if o.mine && !o.strict() {
		o.tellMine(needed(loaded.State.Inventory, but))
		if len(rows) == 0 && place == "" {
			o.env.Notef("hint: name one that you are in: -n NAMESPACE")
		}
		return nil
	}
	return o.sources.Finish(loaded, but...)
}

// rows are the workspaces to show, by name.
func (o *listOptions) rows(ctx context.Context, loaded *workspaces.Loaded) ([]row, error) {
	var rows []row
	s := loaded.State
	unread := len(s.Inventory.Missing(inventory.RoleBindings)) > 0
	for _, w := range s.Workspaces() {
		rows = append(rows, row{Workspace: w, hidden: unread && len(s.Bindings(w.Name)) == 0})
	}
	if loaded.Cluster != nil && o.user == "" && partial(s.Inventory) {
		var err error
		if rows, err = o.withMine(ctx, loaded, rows); err != nil {
			return nil, err
		}
		o.mine = true
	}
	if o.user != "" {
		who, err := loaded.Subject(ctx, o.user)
		if err != nil {
			return nil, err
		}
		rows = ofUser(rows, who, o.groups)
	}
	return o.selected(rows), nil
}

// selected keeps the rows that the selector wants, and says how many could not be judged.
func (o *listOptions) selected(rows []row) []row {
	if o.labels.Empty() {
		return rows
	}
	unread := 0
	out := slices.DeleteFunc(rows, func(r row) bool {
		if r.Namespace == nil {
			unread++
			return true
		}
		return !o.labels.Matches(labels.Set(r.Namespace.Labels))
	})
	if unread > 0 {
		o.env.Warnf("%s left out: their labels cannot be read, or they have no namespace", plural(unread, "workspace"))
	}
	return out
}

// tellCount says how many there are, and how many are not as they should be.
func (o *listOptions) tellCount(rows []row) {
	whose := ""
	if o.user != "" {
		whose = " of " + o.user
	}
	if len(rows) == 0 {
		o.env.Notef("no workspaces%s found", whose)
		return
	}
	odd := 0
	for i := range rows {
		if p := rows[i].Status.Phase; p != workspace.Ready && p != workspace.Unknown {
			odd++
		}
	}
	text := plural(len(rows), "workspace") + whose
	if odd > 0 {
		text += fmt.Sprintf(", %d not ready (-o wide shows why)", odd)
	}
	o.env.Notef("%s", text)
}
