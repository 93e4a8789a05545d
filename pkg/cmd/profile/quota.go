package profile

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
)

const quotaLong = `
Show and change the quota of a workspace: how much it may use of what.

Without a command all quotas are shown, see "show".`

const quotaExample = `
# All quotas
{cmd} quota --from examples/acme

# More processors and memory
{cmd} quota set team-vision cpu=96 memory=384Gi

# No limit on graphics processors any more
{cmd} quota unset team-vision requests.nvidia.com/gpu`

const quotaShowLong = `
Show how much workspaces use of what they may.

All quotas of a namespace count, not only the one that belongs to the workspace; QUOTA says which object it is. USED is
"?" where nobody has counted, as in manifests.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const quotaShowExample = `
# All quotas, fullest first
{cmd} quota show --sort-by use --from examples/acme

# One workspace
{cmd} quota show team-vision --from examples/acme`

func newQuotaCommand(env *cli.Env) *cobra.Command {
	cmd := quotaShowCommand(env)
	cmd.Use = "quota"
	cmd.Short = "Show and change the quota of a workspace"
	cmd.Long = quotaLong
	cmd.Example = env.Examples(quotaExample)
	cmd.Args = noCommand("show")
	cmd.ValidArgsFunction = cobra.NoFileCompletions
	cmd.AddCommand(newQuotaShowCommand(env), newQuotaSetCommand(env), newQuotaUnsetCommand(env))
	return cmd
}

// quotaShowFlags is what was typed.
type quotaShowFlags struct {
	env     *cli.Env
	sources *workspaces.Flags
	print   *printer.Flags
	sortBy  string
}

func newQuotaShowCommand(env *cli.Env) *cobra.Command {
	cmd := quotaShowCommand(env)
	cmd.Use = "show [NAME...]"
	cmd.Short = "Show how much workspaces use of what they may"
	cmd.Long = quotaShowLong
	cmd.Example = env.Examples(quotaShowExample)
	return cmd
}

// quotaShowCommand makes the command that shows quotas, which is also the bare call.
func quotaShowCommand(env *cli.Env) *cobra.Command {
	f := &quotaShowFlags{
		env: env, sources: workspaces.NewFlags(env),
		print: printer.NewFlags(printer.Table, printer.Wide, printer.JSON, printer.YAML, printer.CSV, printer.Markdown,
			printer.JSONPath),
	}
	cmd := &cobra.Command{
		ValidArgsFunction: completeNames(env, f.sources, 0),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := f.print.ToPrinter()
			if err != nil {
				return cli.UsageError(err)
			}
			if f.sortBy != "name" && f.sortBy != "use" {
				return cli.UsageError(fmt.Errorf("bad --sort-by %q: want name or use", f.sortBy))
			}
			return f.run(cmd.Context(), p, args)
		},
	}
	f.sources.AddFlags(cmd)
	f.print.AddFlags(cmd.Flags())
	cmd.Flags().StringVar(&f.sortBy, "sort-by", "name", "Sort by `name|use`; use puts what is fullest first.")
	return cmd
}

func (f *quotaShowFlags) run(ctx context.Context, p printer.Printer, names []string) error {
	want := inventory.Want{Kinds: []inventory.Kind{inventory.Profiles, inventory.Namespaces, inventory.Quotas}}
	if len(names) == 1 {
		want.Namespace = names[0]
	}
	loaded, err := f.sources.Load(ctx, want)
	if err != nil {
		return err
	}
	all, err := chosen(loaded.State, names)
	if err != nil {
		return err
	}
	var rows []quotaRow
	for i := range all {
		for _, u := range limits(loaded.State, all[i].Name) {
			rows = append(rows, quotaRow{all[i].Name, u})
		}
	}
	if f.sortBy == "use" {
		slices.SortStableFunc(rows, func(a, b quotaRow) int {
			return cmp.Compare(b.Share(), a.Share())
		})
	}
	report := printer.Report{
		Object: func() any {
			return quotaView{newHeader("QuotaList", loaded.State.Inventory), append([]quotaRow{}, rows...)}
		},
		Table: func() *metav1.Table { return quotaTable(rows) },
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	if len(rows) == 0 && !f.print.Structured() {
		f.env.Notef("no quotas found")
	}
	return f.sources.Finish(loaded)
}

// quotaView is the JSON of quotas.
type quotaView struct {
	header
	Items []quotaRow `json:"items"`
}

// quotaRow is one limit of one workspace.
type quotaRow struct {
	Profile string `json:"profile"`
	profile.Usage
}

func quotaTable(rows []quotaRow) *metav1.Table {
	table := &metav1.Table{ColumnDefinitions: columns([]string{"Profile", "Resource", "Used", "Hard", "Use", "Quota"})}
	for _, r := range rows {
		use := ""
		if drawn := bar(r.Usage); drawn != "" {
			use = fmt.Sprintf("%s %.0f%%", drawn, r.Share()*100)
		}
		table.Rows = append(table.Rows, metav1.TableRow{Cells: []any{
			r.Profile, string(r.Resource), r.UsedText(), r.Hard.String(), use, orNone(r.Quota),
		}})
	}
	return table
}
