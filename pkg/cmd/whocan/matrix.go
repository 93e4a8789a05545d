package whocan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

const matrixLong = `
Show many answers at once, as a sheet with a column for each verb.

  matrix RESOURCE               who may do what with a resource: a row for each subject
  matrix RESOURCE --subject S   where a subject may: a row for each namespace
  matrix --subject S            what a subject may do: a row for each resource

A cell is "yes", "-" for no, "3 ns" when it holds in three namespaces only, or "named" when it holds for certain object
names only; it is empty for a verb that the resource does not have. -o wide and -o csv name the namespaces and objects
instead of counting them, -o json has them all.

The verbs are those that the resource has, special ones such as bind, impersonate and approve included; --verbs chooses.

For subjects of a resource the namespace is that of the context, or all with --from, as in "whocan VERB RESOURCE". The two
forms with --subject look everywhere; -n narrows them. Rows without a single yes are left out unless --all is given.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const matrixExample = `
# Who may do what with secrets in a namespace
{cmd} matrix secrets -n team-vision

# Who may hand out roles, and where
{cmd} matrix rolebindings -A --verbs create,update,patch

# In which namespaces a service account may do what with deployments
{cmd} matrix deployments.apps --subject sa:ci/deployer

# Everything that a user may do in one namespace
{cmd} matrix --subject bob@example.com -n dev

# A sheet for an audit
{cmd} matrix secrets -A -o csv > secrets.csv`

// matrixFlags is what was typed.
type matrixFlags struct {
	env *cli.Env
	inputs
	place
	print   *printer.Flags
	subject string
	verbs   []string
	all     bool
	system  bool
}

func newMatrixCommand(env *cli.Env) *cobra.Command {
	f := &matrixFlags{
		env:    env,
		inputs: inputs{env: env, several: true}, place: place{env: env},
		print: printer.NewFlags(printer.Table, printer.Wide, printer.JSON, printer.YAML, printer.CSV, printer.Markdown,
			printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:               "matrix [RESOURCE [NAME]] [--subject SUBJECT]",
		Short:             "Show subjects, namespaces or resources by verbs",
		Long:              matrixLong,
		Example:           env.Examples(matrixExample),
		Args:              cobra.MaximumNArgs(2),
		ValidArgsFunction: f.completeResource(&f.place),
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
	f.print.AddFlags(cmd.Flags())
	fs := cmd.Flags()
	fs.StringVar(&f.subject, "subject", "", "Ask about this `SUBJECT`: user:NAME, group:NAME, sa:NAMESPACE/NAME, or me.")
	fs.StringSliceVar(&f.verbs, "verbs", nil, "Show these `VERBS` instead of all that the resource has.")
	fs.BoolVar(&f.all, "all", false, "Show rows without a single yes too; not for subjects.")
	fs.BoolVar(&f.system, "system", false, "List built-in subjects, and what Kubernetes lets everybody do, instead of counting them.")
	f.completeGroups(cmd, &f.place)
	f.completeSubjectFlag(cmd, &f.place)
	f.completeVerbs(cmd, &f.place)
	return cmd
}

// matrixOptions is what run needs; only options makes one.
type matrixOptions struct {
	*matrixFlags
	// words is the resource; without one, rows are resources.
	words   question.Words
	printer printer.Printer
}

func (f *matrixFlags) options(args []string) (*matrixOptions, error) {
	o := &matrixOptions{matrixFlags: f}
	if len(args) > 0 {
		o.words.Resource = args[0]
	}
	if len(args) > 1 {
		o.words.Name = args[1]
	}
	var err error
	switch {
	case len(args) > 0 && o.words.Resource == "":
		err = errors.New("the resource must not be empty")
	case strings.HasPrefix(o.words.Resource, "/") && o.words.Name != "":
		err = fmt.Errorf("a URL has no object name: %q", o.words.Name)
	case len(args) == 0 && f.subject == "":
		err = errors.New("want RESOURCE, --subject, or both")
	case f.subject == "" && f.all:
		err = errors.New("--all is about the rows of a subject: it needs --subject")
	case f.subject != "" && len(args) > 0 && f.system:
		err = errors.New("--system is about rows of subjects and resources: here rows are namespaces")
	case slices.Contains(f.verbs, ""):
		err = errors.New("a verb of --verbs is empty")
	default:
		err = f.checkAbout(f.subject)
	}
	if err == nil {
		o.printer, err = f.print.ToPrinter()
	}
	if err != nil {
		return nil, cli.UsageError(err)
	}
	o.verbs = unique(f.verbs)
	return o, nil
}

// unique returns the words once each, in their order.
func unique(words []string) []string {
	var out []string
	for _, w := range words {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}

func (o *matrixOptions) run(ctx context.Context) error {
	clusters, err := o.load(ctx, source.Want{Namespace: o.hint(), Resources: true})
	if err != nil {
		return err
	}
	var m matrix
	for _, c := range answered(clusters) {
		mine, err := o.ask(ctx, c, contextOf(c, clusters))
		if err != nil {
			return err
		}
		m.add(mine, clusterName(c, clusters))
	}
	report := printer.Report{
		Object: func() any { return viewMatrix(&m, clusters) },
		Table:  func() *metav1.Table { return matrixTable(&m, o.print.Format(), len(clusters) > 1) },
	}
	if err := o.printer.Print(o.env.Out, report); err != nil {
		return err
	}
	o.tell(&m)
	return o.finish(clusters)
}

// hint is the namespace that the query is about as far as it is known before a cluster is asked.
func (o *matrixOptions) hint() string {
	if o.subject != "" {
		return o.narrowed()
	}
	ns, err := o.namespace(o.offline(), "")
	if err != nil {
		return "" // it is asked for again with the context, and reported then
	}
	return ns
}

// tell says what the rows are, and how many are not shown.
func (o *matrixOptions) tell(m *matrix) {
	if o.print.Structured() {
		return
	}
	o.env.Notef("%s", m.title())
	if n := len(m.rows) - len(m.shown()); n > 0 {
		what := question.Plural(n, "built-in system subject")
		if m.by == byResource {
			what = question.Plural(n, "resource") + " open to everybody"
		}
		o.env.Notef("%s folded (--system shows them)", what)
	}
	if m.unknown {
		o.env.Notef("no binding names %s%s", o.subject, question.DidYouMean(m.alike))
	}
}
