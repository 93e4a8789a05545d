package contrib

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const rolesLong = `
Compare what the role words really allow: viewer, editor and owner of plain Kubernetes (view, edit, admin), of Kubeflow, and
of Kalm.

What the roles of Kubernetes and Kubeflow hold is read from the ClusterRoles as they are there, aggregated rules included,
and not taken from documentation; a role that is not there or can't be read is "?". What Kalm's words allow, its policy
decides: in Kalm's API, and never in that of Kubernetes. "part" means some of what it takes. -o wide names the requests.

--cluster-wide compares the words for the whole cluster: ClusterRoleBindings to view, edit, admin and cluster-admin, and
Kalm's clusterViewer, clusterEditor and clusterOwner. Kubeflow has none.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const rolesExample = `
# What is the difference between an editor and an editor?
{cmd} roles --from examples/acme

# For a page of a handbook
{cmd} roles --cluster-wide -o markdown

# Who may read Secrets?
{cmd} roles -o json | jq '.abilities[] | select(.id == "read-secrets")'`

type rolesFlags struct {
	env   *cli.Env
	from  *workspaces.Flags
	print *printer.Flags
	wide  bool
}

func newRolesCommand(env *cli.Env) *cobra.Command {
	f := &rolesFlags{
		env: env, from: workspaces.NewFlags(env),
		print: printer.NewFlags(printer.Table, printer.Wide, printer.JSON, printer.YAML, printer.CSV, printer.Markdown, printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use: "roles", Short: "Compare what role words allow", Long: rolesLong, Example: env.Examples(rolesExample),
		Args: cobra.NoArgs,
		RunE: cli.Printing(f.print, func(ctx context.Context, p printer.Printer, _ []string) error {
			return f.run(ctx, p)
		}),
	}
	f.from.AddFlags(cmd)
	for _, name := range []string{"flavor", "no-istio"} {
		_ = cmd.Flags().MarkHidden(name) // they change nothing here; it fails for names that are not there
	}
	cmd.Flags().BoolVar(&f.wide, "cluster-wide", false, "Compare the words for the whole cluster.")
	f.print.AddFlags(cmd.Flags())
	return cmd
}

// comparison is the JSON of roles.
type comparison struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	contrib.Comparison
}

func (f *rolesFlags) run(ctx context.Context, p printer.Printer) error {
	l, err := f.from.Load(ctx, inventory.Want{Kinds: []inventory.Kind{inventory.Namespaces}})
	if err != nil {
		return err
	}
	index, err := rights(ctx, l)
	if err != nil {
		return err
	}
	// The namespaces were read for the sake of the source alone.
	inv := *l.State.Inventory
	inv.Gaps = index.Snapshot().Gaps
	l.State.Inventory = &inv
	c := contrib.CompareWords(index, f.wide)
	report := printer.Report{
		Object: func() any { return comparison{apiVersion, "RoleComparison", c} },
		Table:  func() *metav1.Table { return rolesTable(c, f.print.Format() == printer.Table) },
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	if !f.print.Structured() {
		for _, note := range rolesNotes(c, f.print.Format() == printer.Table) {
			f.env.Notef("%s", note)
		}
	}
	return f.from.Finish(l, inventory.RoleBindings)
}

// rights returns the roles and bindings of the source. Manifests that have no such objects at all are about some cluster, in
// which the built-in roles are.
func rights(ctx context.Context, l *workspaces.Loaded) (*rbac.Index, error) {
	index, err := l.Rights(ctx)
	if err != nil || l.Cluster != nil || len(index.Roles()) > 0 {
		return index, err
	}
	builtIn, err := source.BuiltIn()
	if err != nil {
		return nil, err
	}
	return rbac.Compile(index.Snapshot().With(builtIn)), nil
}

// rolesTable makes the table. In short it has marks in the place of notes: see [rolesNotes].
func rolesTable(c contrib.Comparison, short bool) *metav1.Table {
	column := func(name string, priority int32) metav1.TableColumnDefinition {
		return metav1.TableColumnDefinition{Name: name, Type: "string", Priority: priority}
	}
	table := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{column("May", 0)}}
	for _, w := range c.Words {
		name := w.Role
		if w.System == workspace.Kalm {
			name = "kalm " + name
		}
		table.ColumnDefinitions = append(table.ColumnDefinitions, column(name, 0))
	}
	table.ColumnDefinitions = append(table.ColumnDefinitions, column("Requests", 1), column("Note", 1))
	marked := 0
	for _, row := range c.Rows {
		if !given(row) {
			continue // the words don't differ in what none of them gives
		}
		text := row.Text
		if short && row.Note != "" {
			marked++
			text += mark(marked)
		}
		cells := []any{text}
		for _, e := range row.Extents {
			cells = append(cells, extentCell(e))
		}
		cells = append(cells, actionsText(row.Actions), dash(row.Note))
		table.Rows = append(table.Rows, metav1.TableRow{Cells: cells})
	}
	return table
}

// given reports whether any word gives some of an ability, as far as that is known.
func given(row contrib.Row) bool {
	return slices.ContainsFunc(row.Extents, func(e contrib.Extent) bool { return e != contrib.None })
}

func mark(number int) string { return fmt.Sprintf(" [%d]", number) }

// rolesNotes returns what explains cells that surprise: what the marks of a short table stand for, in their order, and what
// there is to know of words.
func rolesNotes(c contrib.Comparison, short bool) []string {
	var notes, unknown []string
	for _, row := range c.Rows {
		if short && row.Note != "" && given(row) {
			notes = append(notes, strings.TrimSpace(mark(len(notes)+1))+" "+row.Note)
		}
	}
	for _, w := range c.Words {
		if w.Unknown {
			unknown = append(unknown, w.Role)
		}
		if w.Note != "" {
			notes = append(notes, "note: "+w.Note)
		}
	}
	if len(unknown) > 0 {
		notes = append(notes, "?: not there, or not readable: the ClusterRoles "+strings.Join(unknown, ", "))
	}
	return notes
}

func extentCell(e contrib.Extent) string {
	switch e {
	case contrib.None:
		return "-"
	case contrib.NotRead:
		return "?"
	case contrib.All, contrib.Part:
	}
	return string(e)
}
