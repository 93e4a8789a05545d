package clusterauth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/findings"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/sso"
)

const ssoLong = `
Show how people log in to Kalm: who makes their tokens, by which connectors, with which groups, and for how long.

Kalm keeps that in a SingleSignOnConfig, and what the login guards in ProtectedEndpoints. Groups are those that the
connectors name: people may come with others, which Kalm then knows nothing of. "sso describe" also says whom the protected
endpoints let through, and what is wrong; "doctor" finds the same. Secrets are not shown.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const ssoExample = `
# The example of a shop that lives with Kalm
{cmd} sso --from examples/kalm

# Everything: endpoints, who gets through, and what is wrong
{cmd} sso describe --from examples/kalm`

const ssoDescribeLong = `
Show everything about the login of Kalm: its SingleSignOnConfig, its protected endpoints, whom they let through, and what is
wrong with it.

Everybody whom any role binding of Kalm's in the cluster names gets through every protected endpoint, whatever the role and
until when it was meant. NAME is needed where there are several SingleSignOnConfigs; -n says in which namespace.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const ssoDescribeExample = `
# Whom does the login let through, and why?
{cmd} sso describe sso -n kalm-system --from examples/kalm

# For a program
{cmd} sso describe sso -n kalm-system --from examples/kalm -o json`

// ssoFlags is what was typed.
type ssoFlags struct {
	*reading.Flags
	env   *cli.Env
	print *printer.Flags
}

func newSSOCommand(env *cli.Env) *cobra.Command {
	f := &ssoFlags{
		Flags: reading.NewFlags(env), env: env,
		print: printer.NewFlags(printer.Table, printer.Wide, printer.Name, printer.JSON, printer.YAML, printer.CSV, printer.Markdown, printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use: "sso", Short: "Show how people log in to Kalm", Long: ssoLong, Example: env.Examples(ssoExample),
		ValidArgsFunction: cobra.NoFileCompletions,
		Args: cli.NoCommand(func(cmd *cobra.Command, word string) string {
			return cmd.CommandPath() + " describe " + word + " shows the SingleSignOnConfig of that name"
		}),
		RunE: cli.Printing(f.print, func(ctx context.Context, p printer.Printer, _ []string) error {
			return f.list(ctx, p)
		}),
	}
	f.AddFlags(cmd)
	f.print.AddFlags(cmd.Flags())
	cmd.AddCommand(newSSODescribeCommand(env))
	return cmd
}

func newSSODescribeCommand(env *cli.Env) *cobra.Command {
	f := &ssoFlags{Flags: reading.NewFlags(env), env: env, print: printer.NewFlags(printer.Text, printer.JSON, printer.YAML, printer.JSONPath)}
	cmd := &cobra.Command{
		Use: "describe [NAME]", Short: "Show everything about the login of Kalm", Long: ssoDescribeLong, Example: env.Examples(ssoDescribeExample),
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: env.Complete(f.names),
		RunE: cli.Printing(f.print, func(ctx context.Context, p printer.Printer, args []string) error {
			return f.describe(ctx, p, append(args, "")[0])
		}),
	}
	f.AddFlags(cmd)
	f.print.AddFlags(cmd.Flags())
	return cmd
}

func (f *ssoFlags) read(ctx context.Context) (*reading.Reading, *sso.State, error) {
	r, err := f.Read(ctx, inventory.Want{Kinds: sso.Kinds()})
	if err != nil {
		return nil, nil, err
	}
	if !r.Inventory.Served[inventory.SingleSignOns] && len(r.Inventory.Missing(inventory.SingleSignOns)) == 0 {
		f.env.Warnf("there is no kind SingleSignOnConfig (%s) here: Kalm is not installed, or these are not its manifests", kalm.Group)
	}
	return r, sso.NewState(r.Inventory, f.env.Clock.Now()), nil
}

// names lists the SingleSignOnConfigs for a Tab, of the namespace that is typed.
func (f *ssoFlags) names(ctx context.Context, args []string, _ string) ([]string, error) {
	if len(args) > 0 {
		return nil, nil
	}
	r, err := f.Read(ctx, inventory.Want{Kinds: []inventory.Kind{inventory.SingleSignOns}})
	if err != nil {
		return nil, err
	}
	var names []string
	for _, u := range r.Inventory.Objects(inventory.SingleSignOns) {
		if ns := *f.env.Config.Namespace; ns == "" || u.GetNamespace() == ns {
			names = append(names, u.GetName())
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

func (f *ssoFlags) list(ctx context.Context, p printer.Printer) error {
	r, s, err := f.read(ctx)
	if err != nil {
		return err
	}
	judged := sso.Judge(s)
	report := printer.Report{
		Object: func() any { return viewSSOList(r, s) },
		Table:  func() *metav1.Table { return ssoTable(s, judged) },
		Names: func() []string {
			var names []string
			for _, c := range s.Configs() {
				names = append(names, "singlesignonconfig."+kalm.Group+"/"+c.Name)
			}
			return names
		},
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	if !f.print.Structured() {
		if len(s.Configs()) == 0 {
			f.env.Notef("%s", noConfig("no SingleSignOnConfig", s))
		}
		shown := len(s.Configs()) > 0
		judged = slices.DeleteFunc(judged, func(one finding.Finding) bool { return shown && !isAboutConfig(one) })
		if len(judged) > 0 {
			f.env.Notef("%s about configurations; \"sso describe\" and \"doctor\" show them all, those about rights and endpoints too",
				findings.Count(len(judged), "finding"))
		}
	}
	return f.Finish(r)
}

// isAboutConfig reports whether a finding is counted in the line of a SingleSignOnConfig.
func isAboutConfig(f finding.Finding) bool { return strings.HasPrefix(f.Object, configObject) }

func (f *ssoFlags) describe(ctx context.Context, p printer.Printer, name string) error {
	r, s, err := f.read(ctx)
	if err != nil {
		return err
	}
	c, err := f.pick(s, name)
	if err != nil {
		f.TellGaps(r)
		return err
	}
	judged := sso.Judge(s)
	index, err := r.Rights(ctx)
	if err != nil {
		return err
	}
	judged = append(judged, sso.JudgeRights(s, index)...)
	finding.Sort(judged)
	whole := *r.Inventory // that of the state stays as it is
	whole.Gaps = slices.Concat(whole.Gaps, index.Snapshot().Gaps)
	r.Inventory = &whole
	d := ssoDescription{config: c, state: s, gaps: whole.Gaps, findings: judged}
	if err := p.Print(f.env.Out, printer.Report{Object: func() any { return d.view() }, Text: d.text}); err != nil {
		return err
	}
	return f.Finish(r)
}

// noConfig adds to a text that there is none that this is so as far as is known, where not all of them can be read.
func noConfig(text string, s *sso.State) string {
	if s.Knows(inventory.SingleSignOns) {
		return text
	}
	return text + ", as far as can be read"
}

// pick returns the configuration that is meant: the one of that name, or the only one, or the one that Kalm's API shows.
func (f *ssoFlags) pick(s *sso.State, name string) (*kalm.SingleSignOn, error) {
	namespace := *f.env.Config.Namespace
	if place, bare, slash := strings.Cut(name, "/"); slash { // as it is printed
		if namespace != "" && namespace != place {
			return nil, cli.UsageError(fmt.Errorf("%q is not in the namespace of -n %s", name, namespace))
		}
		namespace, name = place, bare
	}
	var found []kalm.SingleSignOn
	for _, c := range s.Configs() {
		if (name == "" || c.Name == name) && (namespace == "" || c.Namespace == namespace) {
			found = append(found, c)
		}
	}
	if len(found) > 1 {
		for _, c := range found {
			if c.Namespace == kalm.SystemNamespace && c.Name == kalm.SSOName {
				return &c, nil
			}
		}
		return nil, cli.UsageError(fmt.Errorf("there are %d SingleSignOnConfigs: name one, and its namespace with -n", len(found)))
	}
	if len(found) == 0 {
		if name == "" && namespace == "" {
			return nil, nil // the endpoints are worth showing all the same
		}
		return nil, errors.New(noConfig("there is no SingleSignOnConfig "+strings.Trim(namespace+"/"+name, "/"), s))
	}
	return &found[0], nil
}
