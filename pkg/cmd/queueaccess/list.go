package queueaccess

import (
	"context"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

const listLong = `
List queues: for which namespaces they are, how many LocalQueues lead to them, how many subjects can get work into them, and
whether they admit any.

ACCESS is "restricted" where Kaiwo has a list of namespaces for the queue, "open" where it has none, so that a KaiwoJob from
any namespace may use it, and "kueue" where Kaiwo does not have the queue. MAY SUBMIT counts everybody whom "who" lists, by
whatever path; built-in subjects of Kubernetes and superusers are not counted. -o wide adds the paths, the namespaces that
the selector finds, and the quota. -n keeps the queues that have to do with one namespace: that list it, admit KaiwoJobs from
it, or to which a LocalQueue there leads.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const listExample = `
# The queues of the example company
{cmd} list --from examples/acme

# With quota, selector, and who may submit by which path
{cmd} list -o wide --from examples/acme

# Queues that anybody with a KaiwoJob can use, for a program
{cmd} list --from examples/acme -o jsonpath='{.items[?(@.access=="open")].name}'`

// listFlags is what was typed.
type listFlags struct {
	env *cli.Env
	*reading.Flags
	print *printer.Flags
}

// newListCommand makes the command that lists, which is also the bare call.
func newListCommand(env *cli.Env) *cobra.Command {
	f := &listFlags{env: env, Flags: reading.NewFlags(env), print: printer.NewFlags(printer.Table, printer.Wide, printer.Name,
		printer.JSON, printer.YAML, printer.CSV, printer.Markdown, printer.JSONPath)}
	cmd := &cobra.Command{
		Use:               "list",
		Aliases:           []string{"ls"},
		Short:             "List queues, their namespaces, and how many may submit to them",
		Long:              listLong,
		Example:           env.Examples(listExample),
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: cli.Printing(f.print, func(ctx context.Context, p printer.Printer, _ []string) error {
			return f.run(ctx, p)
		}),
	}
	f.AddFlags(cmd)
	f.print.AddFlags(cmd.Flags())
	return cmd
}

func (f *listFlags) run(ctx context.Context, p printer.Printer) error {
	l, err := load(ctx, f.env, f.Flags, true, queue.WhoNeeds()...)
	if err != nil {
		return err
	}
	if err := findNamespace(l, *f.env.Config.Namespace); err != nil {
		return err
	}
	all := queuesFor(l.state, *f.env.Config.Namespace)
	counts := make([]queue.Count, len(all))
	for i := range all {
		counts[i] = l.state.Count(&all[i])
	}
	report := printer.Report{
		Object: func() any { return viewList(l, all, counts) },
		Table:  func() *metav1.Table { return listTable(l.state, all, counts) },
		Names: func() []string {
			var names []string
			for i := range all {
				names = append(names, "clusterqueue.kueue.x-k8s.io/"+all[i].Name)
			}
			return names
		},
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	if !f.print.Structured() {
		f.tell(l.state, len(all))
	}
	return f.Finish(l.Reading)
}

// queuesFor returns the queues that have to do with a namespace: those that list it, admit work from it, or to which a
// LocalQueue there leads; all, when it is empty.
func queuesFor(s *queue.State, namespace string) []queue.Queue {
	all := s.Queues()
	if namespace == "" {
		return all
	}
	var out []queue.Queue
	for i := range all {
		if p := s.Place(&all[i], namespace); p.Listed || len(p.Locals) > 0 || p.Kaiwo(&all[i]) {
			out = append(out, all[i])
		}
	}
	return out
}

func (f *listFlags) tell(s *queue.State, shown int) {
	if shown < len(s.Queues()) {
		f.env.Notef("%s of %d, those that have to do with %s", question.Plural(shown, "queue"), len(s.Queues()), *f.env.Config.Namespace)
		return
	}
	unread := unreadQueues(s)
	if len(s.Queues()) == 0 && len(unread) > 0 {
		f.env.Notef("no queues can be read")
		return
	}
	if len(s.Queues()) == 0 {
		f.env.Notef("no queues")
		f.env.Notef("hint: %s", noQueues(s))
		return
	}
	more := ""
	if len(unread) > 0 {
		more = ", and there may be more: not all can be read"
	}
	f.env.Notef("%s%s", question.Plural(len(s.Queues()), "queue"), more)
	if s.Foreseen() {
		f.env.Notef("there are no ClusterQueues in the manifests: what Kaiwo will make of its configuration is taken as made")
	}
}
