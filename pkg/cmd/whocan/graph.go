package whocan

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

const graphLong = `
Draw the paths behind an answer: from each subject over the binding that names it and the role to the rule that allows the
action. -o dot is for Graphviz, -o mermaid for Markdown, -o json for programs.

Without --subject everybody who may do it is drawn, as "whocan VERB RESOURCE" lists them; with it one subject and its
groups. Bindings of the same name, role and subjects in several namespaces are one box. The built-in subjects of
Kubernetes are left out unless --system is given.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const graphExample = `
# A picture of who reads the secrets of a namespace
{cmd} graph get secrets -n team-vision | dot -Tsvg > secrets.svg

# Why a user may delete pods, anywhere, for a page in Markdown
{cmd} graph delete pods -A --subject bob@example.com -o mermaid

# From manifests
{cmd} graph create pods/exec -n shop --from manifests/`

// readableNodes is how many boxes of a graph a reader can follow.
const readableNodes = 150

// graphFlags is what was typed.
type graphFlags struct {
	env *cli.Env
	inputs
	place
	print   *printer.Flags
	subject string
	system  bool
	names   bool
}

func newGraphCommand(env *cli.Env) *cobra.Command {
	f := &graphFlags{
		env: env, inputs: inputs{env: env}, place: place{env: env},
		print: printer.NewFlags(printer.DOT, printer.Mermaid, printer.JSON),
	}
	cmd := &cobra.Command{
		Use:               "graph VERB RESOURCE [NAME]",
		Short:             "Draw the paths behind an answer (DOT, Mermaid)",
		Long:              graphLong,
		Example:           env.Examples(graphExample),
		Args:              cobra.RangeArgs(1, 3),
		ValidArgsFunction: f.completeAction(&f.place),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f.inputs.addFlags(cmd)
	f.addGroupFlags(cmd)
	f.place.addFlags(cmd)
	f.addScopeFlag(cmd)
	f.print.AddFlags(cmd.Flags())
	fs := cmd.Flags()
	fs.StringVar(&f.subject, "subject", "", "Draw this `SUBJECT` and its groups only: user:NAME, group:NAME, sa:NAMESPACE/NAME, or me.")
	fs.BoolVar(&f.system, "system", false, "Draw the built-in subjects of Kubernetes too, instead of counting them.")
	fs.BoolVar(&f.names, "names", false, "Draw those too who may do it for certain object names only.")
	f.completeGroups(cmd, &f.place)
	f.completeSubjectFlag(cmd, &f.place)
	return cmd
}

// graphOptions is what run needs; only options makes one.
type graphOptions struct {
	*graphFlags
	words   question.Words
	printer printer.Printer
}

func (f *graphFlags) options(args []string) (*graphOptions, error) {
	w, err := parseWords(args)
	if err != nil {
		return nil, err
	}
	if err := f.checkAbout(f.subject); err != nil {
		return nil, err
	}
	p, err := f.print.ToPrinter()
	if err != nil {
		return nil, cli.UsageError(err)
	}
	return &graphOptions{graphFlags: f, words: w, printer: p}, nil
}

func (o *graphOptions) run(ctx context.Context) error {
	ns, err := o.namespace(o.offline(), "")
	if err != nil {
		return err
	}
	clusters, err := o.load(ctx, source.Want{Namespace: ns, Resources: true})
	if err != nil {
		return err
	}
	c, err := theOnly(clusters)
	if err != nil {
		return err
	}
	var id *rbac.Identity
	if o.subject != "" {
		who, err := o.identity(ctx, c, o.subject)
		if err != nil {
			return err
		}
		id = &who
	}
	req, err := o.resolve(o.words, c.index.Catalog(), ns)
	if err != nil {
		return err
	}
	answer := c.index.WhoCan(req.Action, req.Scope)
	grants, left := o.drawn(answer, id)
	d := draw(grants, id, req)
	report := printer.Report{
		Object: func() any { return viewGraph(d, id, req, clusters) },
		Graph:  func() printer.Graph { return d.graph() },
	}
	if err := o.printer.Print(o.env.Out, report); err != nil {
		return err
	}
	o.tell(d, id, len(grants), left)
	return o.finish(clusters)
}

// leftOut counts subjects that are not drawn.
type leftOut struct{ system, named int }

// drawn returns the grants of those who are drawn: everybody, or the identity's subject and groups.
func (o *graphOptions) drawn(answer rbac.Answer, id *rbac.Identity) ([]rbac.Grant, leftOut) {
	var grants []rbac.Grant
	var left leftOut
	for i, g := range slices.Concat(answer.Grants, answer.OnlyNamed) {
		named := i >= len(answer.Grants)
		switch {
		case id != nil && !isPartOf(g.Subject, *id):
		case id == nil && !o.system && g.Subject.IsSystem():
			left.system++
		case named && !o.names:
			left.named++
		default:
			grants = append(grants, g)
		}
	}
	return grants, left
}

// isPartOf reports whether a subject of a binding is the identity: its user, or one of its groups.
func isPartOf(s rbac.Subject, id rbac.Identity) bool {
	if id.User != "" && s == rbac.User(id.User) {
		return true
	}
	return slices.ContainsFunc(id.Groups, func(g string) bool { return s == rbac.Group(g) })
}

func (o *graphOptions) tell(d *drawing, id *rbac.Identity, subjects int, left leftOut) {
	if o.print.Format() == printer.JSON {
		return
	}
	switch {
	case id == nil:
		o.env.Notef("%s can %s", question.Plural(subjects, "subject"), d.action)
	case subjects == 0:
		o.env.Notef("no path: %s may not %s%s", id.Subject, d.action, groupText(*id))
	default:
		o.env.Notef("%s may %s%s", id.Subject, d.action, groupText(*id))
	}
	if left.system > 0 {
		o.env.Notef("%s folded (--system shows them)", question.Plural(left.system, "built-in system subject"))
	}
	if left.named > 0 {
		o.env.Notef("%s can for certain names only (--names shows them)", question.Plural(left.named, "subject"))
	}
	if n := len(d.nodes); n > readableNodes {
		o.env.Notef("note: %d boxes are hard to read: -n, a NAME or --subject narrow the question", n)
	}
}
