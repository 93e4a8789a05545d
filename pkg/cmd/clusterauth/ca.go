package clusterauth

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/findings"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const caLong = `
Keep the certificates that API servers trust issuers through: list, check and exchange them.

A CA that has expired keeps everybody out of every cluster at the same moment, and a changed one makes control planes
anew. Without a command all are listed, see "list".`

const caExample = `
# When does which expire?
{cmd} ca --from examples/acme

# Is one of them going to keep people out?
{cmd} ca check -A

# Exchange one, in two steps
{cmd} ca rotate acme-lab --ca-file new-ca.crt
{cmd} ca rotate acme-lab --ca-file new-ca.crt --finish`

const caListLong = `
List the certificates that API servers trust issuers through, and when they expire.

SOURCE is the Secret and the key, "inline" for those in the object itself, or "system" for the authorities that the
machine of the API server trusts anyway. DAYS are those that are left.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const caCheckLong = `
Check the certificates that API servers trust issuers through: that there are some, that none has expired or soon will,
and that no private key lies among them, which k0rdent would copy to every control plane.

Exit codes: 0 nothing as bad as --severity was found; 1 there are findings; 2 error, or a partial answer under --strict.`

// caFlags is what was typed.
type caFlags struct {
	*sources
	print    *printer.Flags
	all      bool
	severity string
}

func newCACommand(env *cli.Env) *cobra.Command {
	cmd := caListCommand(env)
	cmd.Use = "ca"
	cmd.Short = "List, check and exchange the CAs of issuers"
	cmd.Long = caLong
	cmd.Example = env.Examples(caExample)
	cmd.Args = cli.NoCommand(func(*cobra.Command, string) string { return "want list, check or rotate" })
	cmd.AddCommand(newCAListCommand(env), newCACheckCommand(env), newCARotateCommand(env))
	return cmd
}

func newCAListCommand(env *cli.Env) *cobra.Command {
	cmd := caListCommand(env)
	cmd.Use = "list"
	cmd.Aliases = []string{"ls"}
	cmd.Short = "List the CAs of issuers, and when they expire"
	cmd.Long = caListLong
	cmd.Example = env.Examples("# When does which expire?\n{cmd} ca list --from examples/acme\n\n# As a sheet\n{cmd} ca list -A -o csv")
	cmd.Args = cobra.NoArgs
	return cmd
}

// caListCommand makes the command that lists CAs, which is also the bare call.
func caListCommand(env *cli.Env) *cobra.Command {
	f := &caFlags{
		sources: newSources(env), print: printer.NewFlags(printer.Table, printer.Wide, printer.JSON, printer.YAML, printer.CSV,
			printer.Markdown, printer.JSONPath),
	}
	cmd := &cobra.Command{
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: cli.Printing(f.print, func(ctx context.Context, p printer.Printer, _ []string) error {
			return f.list(ctx, p)
		}),
	}
	f.addFrom(cmd)
	f.print.AddFlags(cmd.Flags())
	env.AddAllNamespaces(cmd.Flags(), &f.all)
	return cmd
}

// caKinds are what tells of CAs and who uses them.
func caKinds() []inventory.Kind {
	return []inventory.Kind{inventory.ClusterAuthentications, inventory.ClusterDeployments, inventory.Secrets}
}

func (f *caFlags) list(ctx context.Context, p printer.Printer) error {
	namespace, err := f.place(f.all)
	if err != nil {
		return err
	}
	l, err := f.load(ctx, namespace, caKinds(), clusterauth.CAs)
	if err != nil {
		return err
	}
	bundles := []clusterauth.CABundle{}
	for _, b := range clusterauth.CAList(l.state) {
		if namespace == "" || b.Namespace == namespace {
			bundles = append(bundles, b)
		}
	}
	report := printer.Report{
		Object: func() any {
			return caView{"gatehouse.dev/v1alpha1", "AuthenticationCAList", len(l.Inventory.Gaps) == 0, l.Inventory.Gaps, bundles}
		},
		Table: func() *metav1.Table { return caTable(bundles) },
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	return f.Finish(l.Reading)
}

// caView is the JSON of a list. Fields are added, never renamed or removed, within one version.
type caView struct {
	APIVersion string                 `json:"apiVersion"`
	Kind       string                 `json:"kind"`
	Complete   bool                   `json:"complete"`
	Gaps       []rbac.Gap             `json:"gaps,omitempty"`
	Items      []clusterauth.CABundle `json:"items"`
}

func caTable(bundles []clusterauth.CABundle) *metav1.Table {
	t := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{
		{Name: "Namespace", Type: "string"},
		{Name: "Name", Type: "string"},
		{Name: "Source", Type: "string"},
		{Name: "Certificate", Type: "string"},
		{Name: "Expires", Type: "string"},
		{Name: "Days", Type: "string"},
		{Name: "Note", Type: "string"},
		{Name: "Issuers", Type: "string", Priority: 1},
		{Name: "Used by", Type: "string", Priority: 1},
	}}
	for _, b := range bundles {
		row := func(certificate, expires, days string) {
			t.Rows = append(t.Rows, metav1.TableRow{Cells: []any{
				b.Namespace, b.Name, b.Source, certificate, expires, days, caNote(b), orDash(b.Issuers), orDash(b.UsedBy),
			}})
		}
		for _, c := range b.Certificates {
			row(c.Subject, c.NotAfter.UTC().Format(time.DateOnly), strconv.Itoa(c.DaysLeft))
		}
		if len(b.Certificates) == 0 {
			row("-", "-", "-")
		}
	}
	return t
}

// caNote says what is odd about a bundle.
func caNote(b clusterauth.CABundle) string {
	var notes []string
	if b.Problem != "" {
		notes = append(notes, b.Problem)
	}
	if b.PrivateKey {
		notes = append(notes, "has a private key")
	}
	if len(b.Unneeded) > 0 {
		notes = append(notes, "has "+strings.Join(b.Unneeded, ", "))
	}
	if len(notes) == 0 {
		return "-"
	}
	return strings.Join(notes, "; ")
}

func newCACheckCommand(env *cli.Env) *cobra.Command {
	f := &caFlags{
		sources: newSources(env), print: printer.NewFlags(printer.Table, printer.Wide, printer.Text, printer.JSON, printer.YAML,
			printer.SARIF, printer.JUnit, printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:     "check",
		Short:   "Check that no CA keeps people out",
		Long:    caCheckLong,
		Example: env.Examples("# Is one of them going to keep people out?\n{cmd} ca check -A\n\n# The example company, with what to do\n{cmd} ca check -o text --from examples/acme"),
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := f.print.ToPrinter()
			if err != nil {
				return cli.UsageError(err)
			}
			threshold, err := finding.ParseSeverity(f.severity)
			if err != nil {
				return cli.UsageError(fmt.Errorf("bad --severity: %w", err))
			}
			return f.check(cmd.Context(), p, threshold)
		},
	}
	f.addFrom(cmd)
	fs := cmd.Flags()
	f.print.AddFlags(fs)
	env.AddAllNamespaces(fs, &f.all)
	fs.StringVar(&f.severity, "severity", string(finding.Warning), "Look at findings as bad as `error|warning|info`, and worse.")
	cli.Predicate(cmd)
	return cmd
}

func (f *caFlags) check(ctx context.Context, p printer.Printer, threshold finding.Severity) error {
	namespace, err := f.place(f.all)
	if err != nil {
		return err
	}
	l, err := f.load(ctx, namespace, caKinds(), clusterauth.CAs)
	if err != nil {
		return err
	}
	f.warnNone(l, namespace)
	var all []finding.Finding
	for _, found := range clusterauth.CACheck(l.state) {
		_, name, _ := strings.Cut(found.Object, " ")
		if place, _, _ := strings.Cut(name, "/"); namespace == "" || place == namespace {
			all = append(all, found)
		}
	}
	shown := finding.AtOrAbove(all, threshold)
	report := printer.Report{
		Object: func() any {
			return caCheckView{"gatehouse.dev/v1alpha1", "AuthenticationCACheck", len(l.Inventory.Gaps) == 0, l.Inventory.Gaps, shown}
		},
		Table:    func() *metav1.Table { return findings.Table(shown, false) },
		Text:     func() []string { return findings.Text(shown) },
		Findings: func() []finding.Finding { return findings.AsTests(shown, f.print.Format()) },
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	if !f.print.Structured() {
		f.env.Notef("%s", findings.Summary(shown, len(all)-len(shown), threshold))
	}
	if err := f.Finish(l.Reading); err != nil {
		return err
	}
	if len(shown) > 0 {
		return cli.Silent(cli.ExitNo)
	}
	return nil
}

// caCheckView is the JSON of a check. Fields are added, never renamed or removed, within one version.
type caCheckView struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Complete   bool              `json:"complete"`
	Gaps       []rbac.Gap        `json:"gaps,omitempty"`
	Findings   []finding.Finding `json:"findings"`
}
