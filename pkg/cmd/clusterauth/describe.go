package clusterauth

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/findings"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const describeLong = `
Show everything about one ClusterAuthentication: its issuers in words, the certificates of its CA, the clusters that use
it with their template, version and what was rolled out last, and what "validate" finds.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const describeExample = `
# Everything about one
{cmd} describe acme-sso -n kcm-system --from examples/acme

# Its clusters, for a program
{cmd} describe acme-sso -n kcm-system --from examples/acme -o jsonpath='{.clusters[*].name}'`

// describeFlags is what was typed.
type describeFlags struct {
	*sources
	print *printer.Flags
}

func newDescribeCommand(env *cli.Env) *cobra.Command {
	f := &describeFlags{
		sources: newSources(env), print: printer.NewFlags(printer.Text, printer.JSON, printer.YAML, printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:               "describe NAME",
		Aliases:           []string{"show", "get"},
		Short:             "Show everything about one ClusterAuthentication",
		Long:              describeLong,
		Example:           env.Examples(describeExample),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: completeNames(env, f.sources, inventory.ClusterAuthentications),
		RunE: cli.Printing(f.print, func(ctx context.Context, p printer.Printer, args []string) error {
			return f.run(ctx, p, args[0])
		}),
	}
	f.AddFlags(cmd)
	f.print.AddFlags(cmd.Flags())
	return cmd
}

func (f *describeFlags) run(ctx context.Context, p printer.Printer, typed string) error {
	name, err := f.named(typed)
	if err != nil {
		return err
	}
	l, a, err := f.loadAuthentication(ctx, name, clusterauth.RolloutKinds())
	if err != nil {
		return err
	}
	d := description{
		a: a, now: l.state.Now, target: (&picking{sources: f.sources}).ofAuthentication(l, a), clusters: usedBy(l.state, a),
		gaps: l.Inventory.Gaps,
	}
	d.findings = clusterauth.JudgeAuthentication(l.state, a, d.target.oldest())
	if d.target.config != nil {
		d.issuers = authn.Explain(d.target.config, authn.Options{Kubernetes: d.target.oldest(), Now: l.state.Now})
	}
	for _, r := range clusterauth.Rollouts(l.state, l.state) {
		if r.Namespace == a.Namespace && r.Authentication == a.Name {
			d.rollouts = append(d.rollouts, r)
		}
	}
	report := printer.Report{
		Object: func() any { return d.view(l.state) },
		Text:   d.text,
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	return f.Finish(l.Reading)
}

// description is everything about one ClusterAuthentication.
type description struct {
	a        clusterauth.Authentication
	now      time.Time
	target   target
	issuers  []authn.Issuer
	clusters []clusterauth.Cluster
	rollouts []clusterauth.Rollout
	findings []finding.Finding
	gaps     []rbac.Gap
}

// descriptionView is the JSON of it. Fields are added, never renamed or removed, within one version.
type descriptionView struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Complete   bool       `json:"complete"`
	Gaps       []rbac.Gap `json:"gaps,omitempty"`
	authenticationView
	Explanations []authn.Issuer        `json:"explanations"`
	Rollouts     []clusterauth.Rollout `json:"rollouts"`
	Findings     []finding.Finding     `json:"findings"`
}

func (d *description) view(s *clusterauth.State) descriptionView {
	return descriptionView{
		APIVersion: "gatehouse.dev/v1alpha1", Kind: "ClusterAuthenticationDescription", Complete: len(d.gaps) == 0, Gaps: d.gaps,
		authenticationView: viewAuthentication(s, d.a), Explanations: append([]authn.Issuer{}, d.issuers...),
		Rollouts: append([]clusterauth.Rollout{}, d.rollouts...), Findings: append([]finding.Finding{}, d.findings...),
	}
}

func (d *description) text() []string {
	out := []string{"clusterauthentication " + d.a.Namespace + "/" + d.a.Name}
	if d.a.Managed {
		out = append(out, "  a copy that k0rdent made: see \"usage\" of its source")
	}
	if d.target.problem != nil {
		out = append(out, "  "+d.target.problem.Error())
	}
	for _, issuer := range d.issuers {
		out = append(out, "issuer "+issuer.URL)
		for _, line := range issuer.Lines {
			out = append(out, "  "+line)
		}
	}
	out = append(out, d.caText()...)
	out = append(out, "clusters")
	for _, c := range d.clusters {
		out = append(out, "  "+d.clusterText(c))
	}
	if len(d.clusters) == 0 {
		out = append(out, "  none")
	}
	if len(d.findings) > 0 {
		out = append(out, "findings")
		for _, f := range d.findings {
			out = append(out, fmt.Sprintf("  %s %s: %s", f.ID, f.Severity, f.Message))
		}
		out = append(out, "  ("+findings.Count(len(d.findings), "finding")+"; \"validate -o text\" says what follows)")
	}
	return out
}

func (d *description) caText() []string {
	if d.a.CASecret == nil {
		return nil
	}
	out := []string{fmt.Sprintf("CA from secret %s/%s, key %s", d.a.CASecret.Namespace, d.a.CASecret.Name, d.a.CASecret.Key)}
	if d.a.CAProblem != nil {
		return append(out, "  "+d.a.CAProblem.Error())
	}
	for _, c := range d.a.Certificates {
		out = append(out, fmt.Sprintf("  %s, until %s (%s)", c.Subject, c.NotAfter.UTC().Format(time.DateOnly),
			remaining([]authn.Certificate{c}, d.now)))
	}
	return out
}

func (d *description) clusterText(c clusterauth.Cluster) string {
	details := words(c.Template, string(c.ControlPlane), c.K0s)
	next := ""
	for _, r := range d.rollouts {
		if r.Cluster != c.Name {
			continue
		}
		switch {
		case r.Effect == clusterauth.Ignored:
			next = "; " + effectText(r)
			continue
		case r.Effect != clusterauth.None:
			next = "; next: " + effectText(r)
		}
		if r.OldHash != "" {
			details = append(details, "rolled out "+r.OldHash)
		}
	}
	return c.Name + ": " + strings.Join(details, ", ") + next
}
