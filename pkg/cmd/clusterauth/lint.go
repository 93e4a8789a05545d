package clusterauth

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/findings"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

const lintLong = `
Check that a cluster template uses the configuration that k0rdent gives it.

k0rdent writes the Secret and sets the Helm values auth.configSecret.{name,key,hash}; what becomes of them is up to the
chart of the template. One that takes no notice is not refused: the cluster comes up, the condition is True, and nobody
gets in. CHART is a directory; it is rendered without the values, with them, and with a configuration that has
"anonymous", as Helm does it. - takes manifests that were rendered elsewhere ("helm template") from stdin: render them
with --set auth.configSecret.name=%s,auth.configSecret.key=%s,auth.configSecret.hash=%s,
or say with --name, --key and --hash what you rendered with. What only a chart can tell is not judged then.

Findings:
%s
Exit codes: 0 nothing as bad as --severity was found; 1 there are findings; 2 error.`

const lintExample = `
# The two templates of the examples that are right
{cmd} lint-template examples/charts/hosted-good
{cmd} lint-template examples/charts/standalone-good

# One that was typed from an old page of documentation, with what to do
{cmd} lint-template examples/charts/seed-hosted -o text

# For a configuration that speaks of anonymous requests, and a version of k0s
{cmd} lint-template ./my-template --anonymous --k0s-version v1.36.3+k0s.1

# Rendered elsewhere
helm template x ./my-template --set auth.configSecret.name=%[1]s,auth.configSecret.key=%[2]s,auth.configSecret.hash=%[3]s | {cmd} lint-template -`

// lintFlags is what was typed.
type lintFlags struct {
	env      *cli.Env
	print    *printer.Flags
	options  clusterauth.LintOptions
	values   []string
	severity string
}

func newLintCommand(env *cli.Env) *cobra.Command {
	f := &lintFlags{
		env: env, print: printer.NewFlags(printer.Table, printer.Wide, printer.Text, printer.JSON, printer.YAML, printer.SARIF,
			printer.JUnit, printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:     "lint-template CHART|-",
		Short:   "Check that a cluster template uses what k0rdent gives it",
		Long:    fmt.Sprintf(lintLong, clusterauth.SentinelName, clusterauth.SentinelKey, clusterauth.SentinelHash, lintRules()),
		Example: env.Examples(fmt.Sprintf(lintExample, clusterauth.SentinelName, clusterauth.SentinelKey, clusterauth.SentinelHash)),
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return f.run(args[0])
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
	}
	fs := cmd.Flags()
	f.print.AddFlags(fs)
	o := &f.options
	fs.StringVar(&o.K0s, "k0s-version", "", "Judge for this `VERSION` of k0s, such as v1.36.3+k0s.1. Default: that of the template.")
	fs.BoolVar(&o.Anonymous, "anonymous", false, "The configuration has \"anonymous\".")
	fs.BoolVar(&o.Egress, "egress", false, "The configuration has \"egressSelectorType\".")
	fs.StringVar(&o.Name, "name", "", "`NAME` of the Secret that manifests were rendered with.")
	fs.StringVar(&o.Key, "key", "", "`KEY` that manifests were rendered with.")
	fs.StringVar(&o.Hash, "hash", "", "`HASH` that manifests were rendered with.")
	cli.Once(fs, "k0s-version", "name", "key", "hash")
	fs.StringArrayVar(&f.values, "values", nil, "Render the chart with the values in this YAML `FILE`, as spec.config has them. Repeatable: later ones win.")
	fs.StringVar(&f.severity, "severity", string(finding.Warning), "Look at findings as bad as `error|warning|info`, and worse.")
	severities := []cobra.Completion{string(finding.Error), string(finding.Warning), string(finding.Info)}
	_ = cmd.RegisterFlagCompletionFunc("severity", cobra.FixedCompletions(severities, cobra.ShellCompDirectiveNoFileComp))
	cli.Predicate(cmd)
	return cmd
}

// lintRules lists the kinds of findings for the help.
func lintRules() string {
	var out strings.Builder
	for _, rule := range clusterauth.LintRules() {
		fmt.Fprintf(&out, "  %s %-8s %s\n", rule.ID, rule.Severity, rule.Title)
	}
	return out.String()
}

func (f *lintFlags) run(chart string) error {
	p, err := f.print.ToPrinter()
	if err != nil {
		return cli.UsageError(err)
	}
	threshold, err := finding.ParseSeverity(f.severity)
	if err != nil {
		return cli.UsageError(fmt.Errorf("bad --severity: %w", err))
	}
	all, err := f.lint(chart)
	if err != nil {
		return err
	}
	finding.Sort(all)
	shown := finding.AtOrAbove(all, threshold)
	report := printer.Report{
		Object:   func() any { return lintView{"gatehouse.dev/v1alpha1", "ClusterTemplateLint", chart, shown} },
		Table:    func() *metav1.Table { return lintTable(shown) },
		Text:     func() []string { return findings.Text(located(shown)) },
		Findings: func() []finding.Finding { return findings.AsTests(shown, f.print.Format()) },
		Passed: func() []string {
			if len(shown) > 0 {
				return nil
			}
			return []string{chart}
		},
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	if !f.print.Structured() {
		f.env.Notef("%s", findings.Summary(shown, len(all)-len(shown), threshold))
	}
	if len(shown) > 0 {
		return cli.Silent(cli.ExitNo)
	}
	return nil
}

// lint judges a chart, or what comes through stdin.
func (f *lintFlags) lint(chart string) ([]finding.Finding, error) {
	o := f.options
	rendered := o.Name != "" || o.Key != "" || o.Hash != ""
	if chart == stdin {
		if len(f.values) > 0 {
			return nil, cli.UsageError(errors.New("--values is for charts: these manifests are rendered already"))
		}
		data, err := readFile(f.env, stdin, mostManifests)
		if err != nil {
			return nil, err
		}
		o.File = stdin
		return clusterauth.LintManifests(data, o)
	}
	if rendered {
		return nil, cli.UsageError(errors.New("--name, --key and --hash are for manifests from stdin: a chart is rendered here"))
	}
	info, err := os.Stat(chart)
	if err != nil {
		return nil, unread(chart, err)
	}
	if !info.IsDir() {
		return nil, cli.UsageError(cli.Hint(fmt.Errorf("%s is no directory", chart), "unpack the chart, or pipe in what \"helm template\" makes of it"))
	}
	if o.Values, err = f.readValues(); err != nil {
		return nil, err
	}
	return clusterauth.LintChart(chart, o)
}

// mostManifests limits what is read of rendered manifests.
const mostManifests = 64 << 20

// readValues reads the files of values, of which later ones win.
func (f *lintFlags) readValues() (map[string]any, error) {
	out := map[string]any{}
	for _, name := range f.values {
		data, err := readFile(f.env, name, mostBytes)
		if err != nil {
			return nil, err
		}
		var values map[string]any
		if err := yaml.Unmarshal(data, &values); err != nil {
			return nil, fmt.Errorf("read values %s: %w", name, err)
		}
		merge(out, values)
	}
	return out, nil
}

// merge puts values over others, key by key.
func merge(into, values map[string]any) {
	for key, value := range values {
		below, isMap := value.(map[string]any)
		if there, both := into[key].(map[string]any); both && isMap {
			merge(there, below)
			continue
		}
		into[key] = value
	}
}

// lintView is the JSON of a lint. Fields are added, never renamed or removed, within one version.
type lintView struct {
	APIVersion string            `json:"apiVersion"`
	Kind       string            `json:"kind"`
	Chart      string            `json:"chart"`
	Findings   []finding.Finding `json:"findings"`
}

func lintTable(shown []finding.Finding) *metav1.Table {
	t := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{
		{Name: "ID", Type: "string"},
		{Name: "Severity", Type: "string"},
		{Name: "Location", Type: "string"},
		{Name: "Finding", Type: "string"},
		{Name: "Why", Type: "string", Priority: 1},
	}}
	for _, f := range shown {
		where := f.Location.String()
		if where == "" {
			where = f.Object
		}
		t.Rows = append(t.Rows, metav1.TableRow{Cells: []any{
			f.ID, string(f.Severity), where, f.Message, strings.ReplaceAll(f.Why, "\n", " "),
		}})
	}
	return t
}
