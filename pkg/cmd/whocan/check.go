package whocan

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/expect"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

const checkLong = `
Check that people and machines may do what they must, and nothing of what they must not.

Expectations are written down in files, and checked against manifests in a pull request or against clusters:

  apiVersion: gatehouse.dev/v1alpha1
  kind: AccessExpectations
  groups:                               # who is in which groups; like --groups-file
    bob@x.com: [ml-readers]
  expectations:
  - name: the vision team works in its namespace
    subjects: [user:dana@x.com, group:vision-*]
    can: {verbs: [get, list, create], resources: [pods, jobs.batch], namespaces: [team-vision]}
  - name: no shells in production
    reason: shells go around the audit of deployments
    subjects: ["group:*", "sa:ci/*"]
    cannot: {verbs: [create], resources: [pods/exec], namespaces: ["prod-*"]}
  - name: nobody but the owner reads the keys
    nobodyBut: [user:dana@x.com]
    can: {verbs: [get, list, watch], resources: [secrets], names: [keys], namespaces: [team-vision]}
  - name: metrics are for the prober
    nobodyBut: [sa:monitoring/prober]
    can: {verbs: [get], urls: [/metrics]}

can expects all of it from every subject, in every namespace; cannot and nobodyBut expect none of it from anybody,
anywhere. Without namespaces, can means everywhere, and the others mean any place at all. Without names, cannot and
nobodyBut also count a right that is limited to certain objects. "nobodyBut: []" means nobody at all. Cluster-scoped
resources ignore namespaces; of the resource namespaces they are the objects.

A star in subjects (behind user:, group: or sa:) and in namespaces matches any text, among those that are known: by
bindings and roles, by manifests, and in a cluster with --inventory also those that no binding names. In verbs it
means all verbs of the resource; resources can be "*", "*.GROUP" and "*/SUBRESOURCE": those that the cluster or a
definition among the manifests makes known, those of Kubernetes itself, and those that a rule names. Superusers and
built-in system subjects are left alone by stars and by nobodyBut, unless the expectation says "includeSystem: true".
Where to look is up to the expectations: -n does not narrow them.

Findings:
  EX001 error    must be able to, but may not; with what comes nearest
  EX002 error    must not be able to, but may; with the paths that allow it
  EX003 error    somebody else may; with the paths that allow it
  EX004          a word means nothing here, so nothing is checked for it: error for a pattern that matches nothing and
                 for a resource of no known name, warning for a name that is not known, info for a likely slip
  EX005          cannot be decided, because not everything could be read; with what is missing: warning, and error for
                 one of several clusters that could not be read at all

JUnit has a test for each expectation. It fails when there is a finding as bad as --fail-on; others are its output.

Exit codes: 0 no finding as bad as --fail-on, 1 there is one, 2 error, or a partial answer under --strict.`

const checkExample = `
# In a pull request: do the manifests still keep what was agreed?
{cmd} check -f expectations.yaml --from manifests/

# The same for all clusters, every night, as a report for the build server
{cmd} check -f expectations.yaml --all-contexts -o junit > report.xml

# Code scanning: findings at the lines of the expectations
{cmd} check -f expectations.yaml --from manifests/ -o sarif > check.sarif

# The company of the examples, which keeps to its rules
{cmd} check -f examples/acme-expectations.yaml --from examples/acme --groups-file examples/acme-groups.yaml`

// checkFlags is what was typed.
type checkFlags struct {
	inputs
	files     []string
	failOn    string
	quiet     bool
	inventory bool
	print     *printer.Flags
}

// checkOptions is what run needs; only options makes one.
type checkOptions struct {
	*checkFlags
	set       *expect.Set
	threshold finding.Severity // empty: never fail
	printer   printer.Printer
}

func newCheckCommand(env *cli.Env) *cobra.Command {
	f := &checkFlags{
		inputs: inputs{env: env, several: true},
		print: printer.NewFlags(printer.Table, printer.Wide, printer.JSON, printer.YAML, printer.JUnit, printer.SARIF,
			printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:     "check -f FILE",
		Short:   "Check expectations: who must, must not, and alone may",
		Long:    checkLong,
		Example: env.Examples(checkExample),
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := f.options()
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f.addFlags(cmd)
	f.addGroupsFile(cmd)
	fs := cmd.Flags()
	fs.StringArrayVarP(&f.files, "filename", "f", nil, "`FILE` with expectations; - reads stdin. Repeatable.")
	fs.BoolVar(&f.inventory, "inventory", false, "Ask the cluster for its namespaces and service accounts too (two more lists).")
	fs.StringVar(&f.failOn, "fail-on", "error", "Exit with 1 when there is a finding as bad as `error|warning|info`, or never: none.")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "Print nothing; the exit code is the answer.")
	f.print.AddFlags(fs)
	f.completeFlag(cmd, "fail-on", func(context.Context, []string, string) ([]string, error) {
		return []string{"error", "warning", "info", "none"}, nil
	})
	cli.Predicate(cmd)
	return cmd
}

func (f *checkFlags) options() (*checkOptions, error) {
	o := &checkOptions{checkFlags: f}
	var err error
	if o.printer, err = f.print.ToPrinter(); err != nil {
		return nil, cli.UsageError(err)
	}
	if f.failOn != "none" {
		if o.threshold, err = finding.ParseSeverity(f.failOn); err != nil {
			return nil, cli.UsageError(fmt.Errorf("bad --fail-on %q: want error, warning, info or none", f.failOn))
		}
	}
	switch {
	case len(f.files) == 0:
		return nil, cli.UsageError(errors.New("no expectations: want -f FILE"))
	case slices.Contains(f.files, "-") && slices.Contains(f.from, "-"):
		return nil, cli.UsageError(errors.New("stdin (-) can be read only once"))
	}
	o.set, err = f.read()
	return o, err
}

// read reads all files of expectations, and tells of what is wrong with any of them.
func (f *checkFlags) read() (*expect.Set, error) {
	all := &expect.Set{}
	var errs []error
	for i, path := range f.files {
		if slices.Contains(f.files[:i], path) {
			return nil, cli.UsageError(fmt.Errorf("-f %s is given twice", path))
		}
		set, err := f.readFile(path)
		if err == nil {
			err = all.Add(set)
		}
		if err != nil {
			errs = append(errs, err)
		}
	}
	if f.groupsFile != "" {
		groups, err := source.ReadGroups(f.groupsFile)
		if err != nil {
			errs = append(errs, err)
		}
		all.AddGroups(groups)
	}
	return all, errors.Join(errs...)
}

func (f *checkFlags) readFile(path string) (*expect.Set, error) {
	if path == "-" {
		data, err := io.ReadAll(f.env.In)
		if err != nil {
			return nil, fmt.Errorf("read stdin: %w", err)
		}
		return expect.Parse(data, "stdin")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read expectations: %w", err)
	}
	return expect.Parse(data, path)
}

func (o *checkOptions) run(ctx context.Context) error {
	clusters, err := o.load(ctx, source.Want{Resources: true, Namespaces: o.inventory, ServiceAccounts: o.inventory})
	if err != nil {
		return err
	}
	for _, c := range clusters {
		if o.offline() && c.index != nil && holdsNothing(c.index.Snapshot()) {
			return noObjects(c.name)
		}
	}
	result := o.evaluate(clusters)
	if !o.quiet {
		report := printer.Report{
			Object:   func() any { return viewCheck(result, clusters) },
			Table:    func() *metav1.Table { return checkTable(result.Findings) },
			Findings: func() []finding.Finding { return o.found(result.Findings) },
			Passed:   func() []string { return result.Passed },
		}
		if err := o.printer.Print(o.env.Out, report); err != nil {
			return err
		}
		o.env.Notef("%s", result.summary())
	}
	if err := o.finish(clusters); err != nil {
		return err
	}
	if o.threshold != "" && len(finding.AtOrAbove(result.Findings, o.threshold)) > 0 {
		return cli.Silent(cli.ExitNo)
	}
	return nil
}

// found returns the findings in the form that is printed. A failed test is a finding as bad as the threshold, and no
// other: the printer takes what is more than an info for failed.
func (o *checkOptions) found(findings []finding.Finding) []finding.Finding {
	if o.print.Format() != printer.JUnit {
		return findings
	}
	out := slices.Clone(findings)
	for i := range out {
		switch {
		case o.threshold == "" || out[i].Severity.Rank() < o.threshold.Rank():
			out[i].Severity = finding.Info
		case out[i].Severity == finding.Info:
			out[i].Severity = finding.Warning
		}
	}
	return out
}

// checked is the result for all clusters together.
type checked struct {
	expect.Result
	// total counts expectations, once for each cluster.
	total int
}

func (o *checkOptions) evaluate(clusters []*cluster) checked {
	var all checked
	for _, c := range clusters {
		all.total += len(o.set.Expectations)
		prefix := ""
		if name := clusterName(c, clusters); name != "" {
			prefix = name + ": "
		}
		if c.err != nil {
			all.Undecided += len(o.set.Expectations)
			all.Findings = append(all.Findings, finding.Finding{
				ID: expect.IDUndecided, Severity: finding.Error, Object: c.name,
				Message: "nothing can be decided: the cluster could not be read", Why: c.err.Error(),
			})
			continue
		}
		r := expect.Evaluate(c.index, o.set)
		all.Failed += r.Failed
		all.Undecided += r.Undecided
		for _, name := range r.Passed {
			all.Passed = append(all.Passed, prefix+name)
		}
		for _, f := range r.Findings {
			f.Object = prefix + f.Object
			all.Findings = append(all.Findings, f)
		}
	}
	finding.Sort(all.Findings)
	return all
}

func (c checked) summary() string {
	text := fmt.Sprintf("%s, %d failed", question.Plural(c.total, "expectation"), c.Failed)
	if c.Undecided > 0 {
		text += fmt.Sprintf(", %d undecided", c.Undecided)
	}
	if warned := c.total - c.Failed - c.Undecided - len(c.Passed); warned > 0 {
		text += fmt.Sprintf(", %d with warnings", warned)
	}
	return text
}
