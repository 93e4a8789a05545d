package whocan

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

const whyLong = `
Say whether a subject may do something, and prove it.

A yes lists every path that allows it, down to the rule in the role. A no lists what comes nearest and what it lacks (the
namespace, the name, the verb, the API group, a missing role, a RoleBinding where a ClusterRoleBinding is needed), and
the commands that would allow it.

SUBJECT is user:NAME, group:NAME, sa:NAMESPACE/NAME, a bare user name, or "me" for whoever asks the cluster. Groups of a
user are in no object of the cluster: name them with --group or --groups-file. What the API server itself adds, such as
system:authenticated and the groups of service accounts, is always counted.

Without -n the namespace is that of the context. -A asks for the cluster-wide request, as "kubectl get -A" makes it; so
does --from without -n. Cluster-scoped resources and URLs ignore both.

When not all bindings and roles could be read, there may be a proof that is not seen: instead of a no the answer is then
"unknown". About oneself ("me") the API server is asked what can't be read.

Exit codes: 0 yes, 1 no, 2 unknown or error, or a partial answer under --strict.`

const whyExample = `
# Why can't Bob delete pods there?
{cmd} why bob@acme.example delete pods -n team-nlp

# The same, knowing which groups he is in
{cmd} why bob@acme.example delete pods -n team-nlp --group ml-readers

# What allows a service account to read all secrets
{cmd} why sa:ci/deployer list secrets -A

# Before asking an administrator: may I, and what is missing?
{cmd} why me create deployments.apps

# What the policy of Kalm's API says, and why
{cmd} why zoe@acme.example view components -n storefront --kalm

# In a script
{cmd} why group:sre delete nodes -q && echo yes`

type whyFlags struct {
	env *cli.Env
	inputs
	place
	print *printer.Flags
	quiet bool
	kalm  bool
}

type whyOptions struct {
	*whyFlags
	who     string
	words   question.Words
	printer printer.Printer
}

func newWhyCommand(env *cli.Env) *cobra.Command {
	f := &whyFlags{
		env: env, inputs: inputs{env: env}, place: place{env: env},
		print: printer.NewFlags(printer.Text, printer.JSON, printer.YAML, printer.Tree, printer.DOT, printer.Mermaid,
			printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:               "why SUBJECT VERB RESOURCE [NAME]",
		Short:             "Say why somebody may do something, or why not",
		Long:              whyLong,
		Example:           env.Examples(whyExample),
		Args:              cobra.RangeArgs(2, 4),
		ValidArgsFunction: env.Complete(f.complete),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.kalm {
				return f.runKalm(cmd.Context(), args)
			}
			o, err := f.options(args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f.inputs.addFlags(cmd)
	f.addGroupFlags(cmd)
	f.completeFlag(cmd, "group", func(ctx context.Context, _ []string, _ string) ([]string, error) {
		if f.kalm {
			return f.guide(&f.place).kalmGroups(ctx)
		}
		return f.guide(&f.place).groups(ctx)
	})
	f.place.addFlags(cmd)
	f.print.AddFlags(cmd.Flags())
	cmd.Flags().BoolVarP(&f.quiet, "quiet", "q", false, "Print nothing; the exit code is the answer.")
	cmd.Flags().BoolVar(&f.kalm, "kalm", false, kalmUsage)
	cli.Predicate(cmd)
	return cmd
}

// complete completes SUBJECT VERB RESOURCE [NAME], with --kalm in Kalm's words.
func (f *whyFlags) complete(ctx context.Context, args []string, prefix string) ([]string, error) {
	switch g := f.guide(&f.place); {
	case f.kalm && len(args) == 0:
		return g.kalmSubjects(ctx, prefix)
	case f.kalm:
		return kalmWordsFor(args[1:]), nil
	case len(args) == 0:
		return g.subjects(ctx, prefix)
	default:
		return g.action(ctx, args[1:], prefix)
	}
}

func (f *whyFlags) options(args []string) (*whyOptions, error) {
	w, err := parseWords(args[1:])
	if err != nil {
		return nil, err
	}
	p, err := f.print.ToPrinter()
	if err != nil {
		return nil, cli.UsageError(err)
	}
	f.silent = f.quiet
	return &whyOptions{whyFlags: f, who: args[0], words: w, printer: p}, nil
}

func (o *whyOptions) run(ctx context.Context) error {
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
	id, err := o.identity(ctx, c, o.who)
	if err != nil {
		return err
	}
	o.checkNamespace(c.index, ns, o.offline())
	req, err := o.resolve(o.words, c.index.Catalog(), ns)
	if err != nil {
		return err
	}
	req.Scope = rbac.InNamespace // one request: -A means the cluster-wide one
	if known, alike := question.Known(c.index, id.Subject); !known && !id.Superuser() && !o.quiet && !o.print.Structured() {
		o.env.Notef("no binding names %s%s", id.Subject, question.DidYouMean(alike))
	}
	e := question.Explain(c.index, id, req, question.Asker{Self: o.who == "me", Reviewed: ns})
	if !o.quiet {
		report := printer.Report{
			Object: func() any { return viewWhy(e, clusters) }, Text: e.Lines,
			Tree: func() []printer.Node { return whyTree(e) }, Graph: func() printer.Graph { return whyGraph(e) },
		}
		if err := o.printer.Print(o.env.Out, report); err != nil {
			return err
		}
	}
	if err := o.finish(clusters); err != nil {
		return err
	}
	if e.Undecided {
		return cli.Silent(cli.ExitPredicateError)
	}
	if !e.Decision.Allowed {
		return cli.Silent(cli.ExitNo)
	}
	return nil
}
