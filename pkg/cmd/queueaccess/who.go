package queueaccess

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const whoLong = `
List who can really get work into a queue, where, by which path, and through which binding and role.

PATH is one of
  kaiwo                    as a KaiwoJob or KaiwoService, in a namespace for which Kaiwo has the queue
  raw-kueue                as any kind that Kueue takes (a Job with the queue's label needs no right of Kaiwo's), through a
                           LocalQueue that is there
  can-make-own-localqueue  through a LocalQueue that is missing, and that the subject may create
  can-relabel-namespace    in a namespace that the queue's selector, or Kueue's, finds once the subject has changed its labels

A namespace counts when the ClusterQueue's namespaceSelector finds it; a list of namespaces in KaiwoQueueConfig alone keeps
out KaiwoJobs, but not the other kinds. Which kinds Kueue takes is read from its configuration; where that can't be read, all
that some release takes as installed are named. Subjects are those that bindings name; groups stand for their members. The
quota itself is not looked at, nor are admission policies.

--kind asks about some kinds: kaiwojob, kaiwoservice, job, cronjob, pod, deployment, rayjob and so on. -n asks about one
namespace. -o wide names all namespaces, kinds and paths; JSON has them all, with the rules, and two lists beside: subjects
that hold the right where it is of no use (useless), and that may create KaiwoJobs elsewhere (outside).

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const whoExample = `
# Everybody who can use the quota of a queue
{cmd} who science --from examples/acme

# With plain Jobs only, in one namespace
{cmd} who science --kind job -n research --from examples/acme

# Names for a script
{cmd} who science --kind kaiwojob -o name --from examples/acme`

// whoFlags is what was typed.
type whoFlags struct {
	env *cli.Env
	*reading.Flags
	print  *printer.Flags
	kinds  []string
	system bool
}

func newWhoCommand(env *cli.Env) *cobra.Command {
	f := &whoFlags{env: env, Flags: reading.NewFlags(env), print: printer.NewFlags(printer.Table, printer.Wide, printer.Name,
		printer.JSON, printer.YAML, printer.CSV, printer.Markdown, printer.JSONPath)}
	cmd := &cobra.Command{
		Use:               "who QUEUE",
		Short:             "List everybody who can get work into a queue, and how",
		Long:              whoLong,
		Example:           env.Examples(whoExample),
		Args:              oneQueue,
		ValidArgsFunction: completeQueues(env, f.Flags),
		RunE: cli.Printing(f.print, func(ctx context.Context, p printer.Printer, args []string) error {
			return f.run(ctx, p, args[0])
		}),
	}
	f.AddFlags(cmd)
	f.print.AddFlags(cmd.Flags())
	fs := cmd.Flags()
	fs.StringSliceVar(&f.kinds, "kind", nil, "Ask about these `KINDS` of work only: kaiwojob, job, pod, deployments.apps, ...")
	fs.BoolVar(&f.system, "system", false, "List the built-in subjects of Kubernetes too, instead of counting them.")
	_ = cmd.RegisterFlagCompletionFunc("kind", env.Complete(func(ctx context.Context, _ []string, _ string) ([]string, error) {
		l, err := load(ctx, env, f.Flags, false, queue.WhoNeeds()...)
		if err != nil {
			return nil, err
		}
		var names []string
		for _, r := range l.state.Kinds() {
			names = append(names, r.Singular)
		}
		return names, nil
	}))
	return cmd
}

// whoRow is one way of a subject.
type whoRow struct {
	submitter queue.Submitter
	way       queue.Way
}

func (f *whoFlags) run(ctx context.Context, p printer.Printer, name string) error {
	l, err := load(ctx, f.env, f.Flags, true, queue.WhoNeeds()...)
	if err != nil {
		return err
	}
	q, err := findQueue(l, name)
	if err != nil {
		return err
	}
	if err := f.checkKinds(l.state); err != nil {
		return err
	}
	if err := findNamespace(l, *f.env.Config.Namespace); err != nil {
		return err
	}
	answer := l.state.Who(q, f.kinds...)
	namespace := *f.env.Config.Namespace
	if namespace != "" {
		answer.Submitters = answer.In(namespace)
		answer.Useless = slices.DeleteFunc(answer.Useless, func(u queue.Useless) bool { return u.Namespace != namespace })
	}
	var rows []whoRow
	for _, one := range answer.Submitters {
		if f.system || !one.Subject.IsSystem() {
			for _, way := range one.Ways {
				rows = append(rows, whoRow{one, way})
			}
		}
	}
	report := printer.Report{
		Object: func() any { return viewWho(l, &answer, namespace) },
		Table:  func() *metav1.Table { return whoTable(l.state, rows, f.print.Format() != printer.Table) },
		Names: func() []string {
			var names []string
			for _, r := range rows {
				names = append(names, r.submitter.Subject.String())
			}
			return slices.Compact(names)
		},
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	if !f.print.Structured() {
		f.tell(l.state, &answer, namespace)
	}
	return f.Finish(l.Reading)
}

// checkKinds refuses words that mean no kind that gets into queues here.
func (f *whoFlags) checkKinds(s *queue.State) error {
	known := s.Kinds()
	for _, word := range f.kinds {
		if slices.ContainsFunc(known, func(r rbac.Resource) bool { return queue.IsKind(r, word) }) {
			continue
		}
		var names []string
		for _, r := range known {
			names = append(names, r.Singular)
		}
		return cli.UsageError(fmt.Errorf("--kind %s: Kueue takes no such work here; it takes %s", word, strings.Join(names, ", ")))
	}
	return nil
}

// tell says how many there are, what was folded, and what the answer rests on.
func (f *whoFlags) tell(s *queue.State, a *queue.Answer, namespace string) {
	shown, system, super := 0, 0, ""
	for _, one := range a.Submitters {
		switch {
		case one.Superuser: // "list" and "describe" don't count them either
			super = ", not counting superusers"
		case !f.system && one.Subject.IsSystem():
			system++
		default:
			shown++
		}
	}
	where := ""
	if namespace != "" {
		where = " in " + namespace
	}
	f.env.Notef("%s can get work into %s%s%s", question.Plural(shown, "subject"), a.Queue.Name, where, super)
	if system > 0 {
		f.env.Notef("%s folded (--system shows them)", question.Plural(system, "built-in system subject"))
	}
	for _, note := range notesOf(s, a.Queue) {
		f.env.Notef("%s", note)
	}
	if n := len(a.Useless); n > 0 {
		f.env.Notef("%s the right in vain: %s (-o json has all as useless)",
			people(n, "holds", "hold"), a.Useless[0].Subject.String()+" in "+a.Useless[0].Namespace+", "+a.Useless[0].Why)
	}
}

// people counts subjects, with a verb that fits.
func people(n int, one, more string) string {
	if n == 1 {
		return "1 subject " + one
	}
	return fmt.Sprintf("%d subjects %s", n, more)
}

// notesOf are what somebody should know who reads who may use a queue.
func notesOf(s *queue.State, q *queue.Queue) []string {
	var out []string
	if q.Open() {
		note := q.Name + " is open: Kaiwo makes its LocalQueue in whatever namespace a KaiwoJob names it"
		if s.Default(q) {
			note = q.Name + " is open, and the default: a KaiwoJob in any namespace that names no queue goes into it"
		}
		out = append(out, note)
	}
	if q.Inactive != "" {
		out = append(out, q.Name+" admits nothing now: "+q.Inactive)
	}
	switch unread := s.Unread(inventory.ClusterQueues); {
	case unread && !q.Kueue && q.Kaiwo:
		out = append(out, "ClusterQueues can't be read: what Kaiwo's configuration says of the queue is taken for its ClusterQueue")
	case q.BadSelector:
		out = append(out, q.Name+" has a namespaceSelector that can't be read: nobody's work is admitted")
	case q.Selector() == "":
		out = append(out, q.Name+" has no namespaceSelector: Kueue admits nobody's work")
	}
	if s.Unread(inventory.LocalQueues) {
		out = append(out, "not all LocalQueues can be read: those that Kaiwo makes are taken to be there")
	}
	if s.Foreseen() {
		out = append(out, "there are no ClusterQueues in the manifests: what Kaiwo will make of its configuration is taken as made")
	}
	if _, told, err := s.Kueue(); err != nil {
		out = append(out, err.Error()+"; it is taken to be as installed")
	} else if !told {
		out = append(out, "Kueue's configuration is not known: all kinds that some release takes as installed are asked about")
	}
	return out
}
