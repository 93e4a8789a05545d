package clusterauth

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/findings"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const usageLong = `
Say how far a change of a ClusterAuthentication reaches: its clusters, its copies and their clusters, and who may
change it.

Whoever may write the object, or the Secret with its CA, decides who gets into every one of these clusters, as anybody.
The Secret is easily forgotten: editors of its namespace may often write it, and the controller does not check it again.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const usageExample = `
# How far does a change of it reach?
{cmd} usage acme-sso -n kcm-system --from examples/acme

# Who may change it? For an audit
{cmd} usage acme-sso -o json`

// usageFlags is what was typed.
type usageFlags struct {
	*sources
	print *printer.Flags
}

func newUsageCommand(env *cli.Env) *cobra.Command {
	f := &usageFlags{
		sources: newSources(env),
		print: printer.NewFlags(printer.Text, printer.Table, printer.Wide, printer.JSON, printer.YAML, printer.CSV, printer.Markdown,
			printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:               "usage NAME",
		Short:             "Say how far a change reaches, and who may make it",
		Long:              usageLong,
		Example:           env.Examples(usageExample),
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

func (f *usageFlags) run(ctx context.Context, p printer.Printer, typed string) error {
	name, err := f.named(typed)
	if err != nil {
		return err
	}
	l, err := f.load(ctx, "", clusterauth.JudgedKinds())
	if err != nil {
		return err
	}
	if name, err = find(l, inventory.ClusterAuthentications, name); err != nil {
		return err
	}
	usage, err := clusterauth.UsageOf(l.state, name.Namespace, name.Name)
	if err != nil {
		return err
	}
	index, err := l.Rights(ctx)
	if err != nil {
		return err
	}
	v := viewUsage(usage, clusterauth.Editors(index, usage))
	v.Gaps = slices.Concat(l.Inventory.Gaps, index.Snapshot().Gaps)
	v.Complete = len(v.Gaps) == 0
	report := printer.Report{
		Object: func() any { return v },
		Table:  func() *metav1.Table { return usageTable(usage.Clusters) },
		Text:   v.text,
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	if gaps := index.Snapshot().Gaps; len(gaps) > 0 {
		f.env.Warnf("not all roles and bindings could be read: there may be more who can change it")
	}
	if err := f.Finish(l.Reading); err != nil {
		return err
	}
	if f.Strict() && len(index.Snapshot().Gaps) > 0 {
		return cli.ExitWith(cli.ExitPredicateError, errors.New("not all roles and bindings could be read, and --strict is set"))
	}
	return nil
}

// usageView is the JSON of a usage. Fields are added, never renamed or removed, within one version.
type usageView struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Complete   bool       `json:"complete"`
	Gaps       []rbac.Gap `json:"gaps,omitempty"`
	clusterauth.Usage
	Editors []editorsView `json:"editors"`
}

// editorsView is the JSON of one way to change an authentication.
type editorsView struct {
	What     string       `json:"what"`
	Subjects []editorView `json:"subjects"`
}

// editorView is somebody who may change it, and how.
type editorView struct {
	Subject string   `json:"subject"`
	Verbs   []string `json:"verbs"`
}

func viewUsage(u clusterauth.Usage, editing []clusterauth.Editing) usageView {
	v := usageView{APIVersion: "gatehouse.dev/v1alpha1", Kind: "ClusterAuthenticationUsage", Usage: u, Editors: []editorsView{}}
	if v.Clusters == nil {
		v.Clusters = []clusterauth.ClusterUse{}
	}
	for _, e := range editing {
		if n := len(v.Editors); n == 0 || v.Editors[n-1].What != e.What {
			v.Editors = append(v.Editors, editorsView{What: e.What, Subjects: []editorView{}})
		}
		last := &v.Editors[len(v.Editors)-1]
		for _, g := range e.Answer.Grants {
			last.add(g.Subject.String(), e.Action.Verb)
		}
	}
	return v
}

// add adds a verb that somebody may use.
func (e *editorsView) add(subject, verb string) {
	for i := range e.Subjects {
		if e.Subjects[i].Subject == subject {
			e.Subjects[i].Verbs = append(e.Subjects[i].Verbs, verb)
			return
		}
	}
	e.Subjects = append(e.Subjects, editorView{Subject: subject, Verbs: []string{verb}})
}

// text tells the same in lines.
func (v usageView) text() []string {
	out := []string{"clusterauthentication " + v.Namespace + "/" + v.Name}
	if v.CASecret != nil {
		out = append(out, fmt.Sprintf("  CA from secret %s/%s, key %s", v.CASecret.Namespace, v.CASecret.Name, v.CASecret.Key))
	}
	if len(v.SharedCA) > 0 {
		out = append(out, "  the same Secret is that of "+strings.Join(v.SharedCA, ", "))
	}
	out = append(out, "clusters")
	for _, c := range v.Clusters {
		out = append(out, "  "+useLine(c))
	}
	if len(v.Clusters) == 0 {
		out = append(out, "  none")
	}
	if len(v.Rules) > 0 || len(v.Copies) > 0 {
		out = append(out, "distributed by AccessManagement")
		for _, rule := range v.Rules {
			out = append(out, "  "+rule.Rule+": to "+orDash(rule.Namespaces))
		}
		for _, c := range v.Copies {
			line := fmt.Sprintf("  copy in %s: %s", c.Namespace, c.State)
			if len(c.UsedBy) > 0 {
				line += ", used by " + strings.Join(c.UsedBy, ", ")
			}
			out = append(out, line)
		}
	}
	for _, e := range v.Editors {
		out = append(out, "may change "+e.What)
		for _, s := range e.Subjects {
			out = append(out, "  "+s.Subject+" ("+strings.Join(s.Verbs, ",")+")")
		}
	}
	return out
}

func useLine(c clusterauth.ClusterUse) string {
	line := c.Namespace + "/" + c.Name
	details := words(c.Template, string(c.ControlPlane), c.K0s)
	if c.Replicas > 0 {
		details = append(details, findings.Count(c.Replicas, "replica"))
	}
	if c.Region != "" {
		details = append(details, "region "+c.Region)
	}
	switch c.Uses {
	case clusterauth.UseNo:
		details = append(details, "takes no notice of authentication")
	case clusterauth.UseUnknown:
		details = append(details, "nobody knows whether it takes notice")
	case clusterauth.UseYes:
	}
	if len(details) > 0 {
		line += ": " + strings.Join(details, ", ")
	}
	return line
}

func usageTable(clusters []clusterauth.ClusterUse) *metav1.Table {
	t := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{
		{Name: "Namespace", Type: "string"},
		{Name: "Cluster", Type: "string"},
		{Name: "Template", Type: "string"},
		{Name: "Uses it", Type: "string"},
		{Name: "Control plane", Type: "string"},
		{Name: "Replicas", Type: "string"},
		{Name: "K0s", Type: "string"},
		{Name: "Region", Type: "string", Priority: 1},
	}}
	for _, c := range clusters {
		replicas := "?"
		if c.Replicas > 0 {
			replicas = strconv.Itoa(c.Replicas)
		}
		t.Rows = append(t.Rows, metav1.TableRow{Cells: []any{
			c.Namespace, c.Name, c.Template, string(c.Uses), orDash(words(string(c.ControlPlane))), replicas, orDash(words(c.K0s)), orDash(words(c.Region)),
		}})
	}
	return t
}
