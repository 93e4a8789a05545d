package clusterauth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/findings"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

const validateLong = `
Check a configuration as the API server will, before it does: fields, issuers, certificates, expressions.

The check is the API server's own, with its own compiler of expressions, for the version of Kubernetes that is to read
the file: an expression may be right for a new cluster and keep the API server of an older one from starting. On top
come the traps that only show when somebody logs in, and what k0rdent makes of it.

A name is that of a ClusterAuthentication; without one all of the namespace are checked. -f FILE takes an
AuthenticationConfiguration of any API server, or manifests with ClusterAuthentications, and asks no cluster: --from
adds manifests, such as that of the CA's Secret. -f is repeatable, and each file is checked on its own. A file of which
one is not checked, such as one with another apiVersion or one that is there twice, is an error. An object counts with
the oldest version of Kubernetes of the clusters that use it, where one is known; --kubernetes-version says another.

Findings:
%s
Exit codes: 0 nothing as bad as --severity was found; 1 there are findings; 2 error, or not everything could be read
under --strict.`

const validateExample = `
# The file of any API server
{cmd} validate -f examples/logins/auth.yaml --kubernetes-version 1.34

# The example company's
{cmd} validate --from examples/acme -n kcm-system

# In a pull request, with annotations at the lines
{cmd} validate -f clusterauthentication.yaml --from manifests/ -o sarif > validate.sarif`

// validateFlags is what was typed.
type validateFlags struct {
	picking
	print    *printer.Flags
	files    []string
	severity string
	quiet    bool
}

func newValidateCommand(env *cli.Env) *cobra.Command {
	f := &validateFlags{
		picking: picking{sources: newSources(env)},
		print: printer.NewFlags(printer.Table, printer.Wide, printer.Text, printer.JSON, printer.YAML, printer.SARIF, printer.JUnit,
			printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:               "validate [NAME]",
		Aliases:           []string{"check"},
		Short:             "Check a configuration as the API server will",
		Long:              fmt.Sprintf(validateLong, validateRules()),
		Example:           env.Examples(validateExample),
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: completeNames(env, f.sources, inventory.ClusterAuthentications),
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.run(cmd.Context(), args)
		},
	}
	f.AddFlags(cmd)
	f.addVersion(cmd)
	fs := cmd.Flags()
	fs.StringArrayVarP(&f.files, "filename", "f", nil, "`FILE` with an AuthenticationConfiguration or ClusterAuthentications; - reads stdin. Repeatable.")
	f.print.AddFlags(fs)
	fs.StringVar(&f.severity, "severity", string(finding.Warning), "Look at findings as bad as `error|warning|info`, and worse.")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "Print nothing; the exit code is the answer.")
	severities := []cobra.Completion{string(finding.Error), string(finding.Warning), string(finding.Info)}
	_ = cmd.RegisterFlagCompletionFunc("severity", cobra.FixedCompletions(severities, cobra.ShellCompDirectiveNoFileComp))
	env.AddAllNamespaces(fs, &f.all)
	cli.Predicate(cmd)
	return cmd
}

// validateRules lists the kinds of findings for the help.
func validateRules() string {
	var out strings.Builder
	for _, rule := range authn.Rules() {
		fmt.Fprintf(&out, "  %s %-8s %s\n", rule.ID, rule.Severity, rule.Title)
	}
	out.WriteString("\nThose of k0rdent, KC001 and on, are explained by \"doctor -h\".\n")
	return out.String()
}

func (f *validateFlags) run(ctx context.Context, args []string) error {
	p, err := f.print.ToPrinter()
	if err != nil {
		return cli.UsageError(err)
	}
	threshold, err := finding.ParseSeverity(f.severity)
	if err != nil {
		return cli.UsageError(fmt.Errorf("bad --severity: %w", err))
	}
	kubernetes, err := f.version()
	if err != nil {
		return err
	}
	all, read, err := f.everything(ctx, args)
	if err != nil {
		return err
	}
	judged := judgeTargets(all, kubernetes, f.env.Clock.Now())
	shown := finding.AtOrAbove(judged.findings, threshold)
	if !f.quiet {
		report := printer.Report{
			Object:   func() any { return judged.view(shown) },
			Table:    func() *metav1.Table { return findings.Table(located(shown), false) },
			Text:     func() []string { return findings.Text(located(shown)) },
			Findings: func() []finding.Finding { return findings.AsTests(shown, f.print.Format()) },
			Passed:   func() []string { return judged.passed(shown) },
		}
		if err := p.Print(f.env.Out, report); err != nil {
			return err
		}
		if !f.print.Structured() {
			f.env.Notef("%s", judged.summary(shown, threshold))
		}
	}
	for _, l := range read {
		if err := f.Finish(l.Reading); err != nil {
			return err
		}
	}
	if len(shown) > 0 {
		return cli.Silent(cli.ExitNo)
	}
	return nil
}

// everything returns the configurations of all files, or else those that the name stands for, with what was read of
// k0rdent's objects.
func (f *validateFlags) everything(ctx context.Context, args []string) ([]target, []*loaded, error) {
	switch {
	case f.all && len(f.files) > 0:
		return nil, nil, cli.UsageError(errors.New("-f checks all of a file: leave -A out"))
	case f.all && len(args) > 0:
		return nil, nil, cli.UsageError(errors.New("a name is in one namespace: leave -A out"))
	case slices.Contains(f.files, ""):
		return nil, nil, cli.UsageError(errors.New("--filename is empty: want FILE or -"))
	}
	if err := stdinOnce(f.files, f.Sources()); err != nil {
		return nil, nil, err
	}
	if len(f.files) == 0 {
		return f.ofCluster(ctx, args)
	}
	if len(f.files) > 1 && slices.Contains(f.Sources(), stdin) {
		return nil, nil, cli.UsageError(errors.New("--from - goes with one -f: stdin comes once, and each file is checked on its own"))
	}
	var (
		all  []target
		read []*loaded
	)
	for _, file := range f.files {
		f.file = file
		some, l, err := f.targets(ctx, args)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, some...)
		if l != nil {
			read = append(read, l)
		}
	}
	return all, read, nil
}

// ofCluster returns what is checked without -f. It tells when that is nothing.
func (f *validateFlags) ofCluster(ctx context.Context, args []string) ([]target, []*loaded, error) {
	all, l, err := f.targets(ctx, args)
	if err != nil {
		return nil, nil, err
	}
	if len(all) == 0 {
		namespace, err := f.place(f.all)
		if err != nil {
			return nil, nil, err
		}
		f.warnNone(l, namespace)
	}
	return all, []*loaded{l}, nil
}
