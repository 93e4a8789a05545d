package whocan

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

const rulesLong = `
List all that somebody may do, in every namespace, and through which bindings and roles.

Each line is a resource, the verbs on it, and where: "everywhere" comes first, then namespaces. Namespaces in which the
line is the same are folded into one; -o wide and -o json name them all. -n looks at one namespace: what holds there,
cluster-wide rights included.

SUBJECT is a user (alice@example.com, user:alice), a group (group:ops) or a service account (sa:NAMESPACE/NAME); "me" is
whoever asks the cluster. Groups of a user are known to the identity provider only: say them with --group or
--groups-file. The groups that the API server gives by itself are always counted.

What every user of every cluster may do (discovery, asking about oneself) is counted, and listed with --system. What a
role says but no request can ever use (nodes through a RoleBinding, "pods/*") is counted too, and listed with --void.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const rulesExample = `
# All that a user may do, as a member of a group too
{cmd} rules bob@example.com --group ml-readers

# What a service account may do in one namespace
{cmd} rules sa:ci/deployer -n shop

# What I may do
{cmd} rules me

# What any member of a group may do, from manifests, as a sheet
{cmd} rules group:ops --from manifests/ -o csv

# What is written in the roles of a user without any effect
{cmd} rules bob@example.com --void`

// rulesFlags is what was typed.
type rulesFlags struct {
	env *cli.Env
	inputs
	place
	print  *printer.Flags
	void   bool
	system bool
}

func newRulesCommand(env *cli.Env) *cobra.Command {
	f := &rulesFlags{
		env:    env,
		inputs: inputs{env: env, several: true}, place: place{env: env},
		print: printer.NewFlags(printer.Table, printer.Wide, printer.JSON, printer.YAML, printer.CSV, printer.Markdown,
			printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:               "rules SUBJECT",
		Short:             "List all that somebody may do, everywhere",
		Long:              rulesLong,
		Example:           env.Examples(rulesExample),
		Args:              cobra.ExactArgs(1),
		ValidArgsFunction: f.completeSubject(&f.place),
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
	fs.BoolVar(&f.void, "void", false, "List rights that no request can ever use too, with the reason.")
	fs.BoolVar(&f.system, "system", false, "List what Kubernetes lets everybody do too, such as discovery, instead of counting it.")
	f.completeGroups(cmd, &f.place)
	return cmd
}

// rulesOptions is what run needs; only options makes one.
type rulesOptions struct {
	*rulesFlags
	subject   string
	namespace string
	printer   printer.Printer
}

func (f *rulesFlags) options(args []string) (*rulesOptions, error) {
	if err := f.checkSubject(args[0]); err != nil {
		return nil, err
	}
	p, err := f.print.ToPrinter()
	if err != nil {
		return nil, cli.UsageError(err)
	}
	return &rulesOptions{rulesFlags: f, subject: args[0], namespace: f.narrowed(), printer: p}, nil
}

// narrowed is the namespace of -n. Commands about a subject look everywhere without it, whatever the context says.
func (p *place) narrowed() string {
	if p.allNamespaces {
		return ""
	}
	return *p.env.Config.Namespace
}

// checkSubject refuses what cannot be a subject before anything is read.
func (in *inputs) checkSubject(text string) error {
	if text == "me" {
		if in.offline() {
			return cli.UsageError(errors.New("\"me\" is whoever asks a cluster: with --from name a subject"))
		}
		return nil
	}
	_, err := rbac.ParseSubject(text)
	return cli.UsageError(err)
}

// checkAbout is checkSubject for commands whose --subject may be missing; the groups of nobody mean a mistake.
func (in *inputs) checkAbout(subject string) error {
	switch {
	case subject != "":
		return in.checkSubject(subject)
	case len(in.groups) > 0:
		return cli.UsageError(errors.New("--group is about one subject: it needs --subject"))
	case in.groupsFile != "":
		return cli.UsageError(errors.New("--groups-file is about one subject: it needs --subject"))
	}
	return nil
}

// held is all that an identity holds in one cluster.
type held struct {
	cluster string
	id      rbac.Identity
	rights  []rbac.Right
	void    []rbac.Right
	// known says that a binding names the subject, or one of the groups that were given for it.
	known bool
	// alike are subjects with a similar name, when the subject is not known.
	alike []string
}

func (o *rulesOptions) run(ctx context.Context) error {
	clusters, err := o.load(ctx, source.Want{Namespace: o.namespace, Resources: true})
	if err != nil {
		return err
	}
	var answers []held
	for _, c := range answered(clusters) {
		id, err := o.identity(ctx, c, o.subject)
		if err != nil {
			return err
		}
		h := holdings(c.index, id, o.namespace)
		h.cluster = clusterName(c, clusters)
		answers = append(answers, h)
	}
	report := printer.Report{
		Object: func() any { return viewRules(answers, o.namespace, clusters) },
		Table: func() *metav1.Table {
			return rulesTable(answers, tableShape{
				several: len(clusters) > 1, void: o.void, system: o.system, full: o.print.Format() != printer.Table,
			})
		},
	}
	if err := o.printer.Print(o.env.Out, report); err != nil {
		return err
	}
	if !o.print.Structured() {
		for i := range answers {
			o.tell(&answers[i])
		}
	}
	return o.finish(clusters)
}

// holdings sorts out what the identity may do from what is written without effect.
func holdings(ix *rbac.Index, id rbac.Identity, namespace string) held {
	h := held{id: id}
	for _, r := range ix.Rights(id, namespace) {
		if r.Void == "" {
			h.rights = append(h.rights, r)
		} else {
			h.void = append(h.void, r)
		}
	}
	h.known, h.alike = question.Known(ix, id.Subject)
	return h
}

// tell says whose rights they are, and what was not shown.
func (o *rulesOptions) tell(h *held) {
	where := ""
	if h.cluster != "" {
		where = h.cluster + ": "
	}
	if !h.known && !h.id.Superuser() {
		o.env.Notef("%sno binding names %s%s", where, h.id.Subject, question.DidYouMean(h.alike))
	}
	shown := len(h.rights)
	for i := range h.rights {
		if !o.system && question.Everybodys(&h.rights[i]) {
			shown--
		}
	}
	o.env.Notef("%s%s of %s%s", where, question.Plural(shown, "right"), h.id.Subject, groupText(h.id))
	if o.print.Format() == printer.Table && shown > 0 {
		o.env.Notef("%s%s", where, gridLegend)
	}
	if n := len(h.rights) - shown; n > 0 {
		o.env.Notef("%s%s of everybody folded (--system shows them)", where, question.Plural(n, "right"))
	}
	if n := len(h.void); n > 0 && !o.void {
		o.env.Notef("%s%s can never be used (--void shows why)", where, question.Plural(n, "further right"))
	}
}

// groupText names the groups that were counted.
func groupText(id rbac.Identity) string {
	var groups []string
	for _, g := range id.Groups {
		if rbac.Group(g) != id.Subject {
			groups = append(groups, g)
		}
	}
	if len(groups) == 0 {
		return ""
	}
	return ", as a member of " + question.List(groups, 8)
}
