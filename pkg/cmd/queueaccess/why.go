package queueaccess

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const whyLong = `
Say why a piece of work waits, or is refused: what keeps it from running first, and every decision about it.

KIND is kaiwojob, kaiwoservice, job or workload (Kueue's). The decisions are those of the API server, Kaiwo and Kueue, in
the order in which they are made; the first that is in the way is the reason, with a command that helps. What else would be
in the way after that is marked "no" too. A step that has something to it and does not stop the work is a "note", and "-"
stands for what nobody has come to.

Everybody may ask: what you may not read is "unknown", with the rule that would show it, and what the work itself and its
Workload say counts in its place. Its submitter is spec.user, as Kaiwo spells it; nobody checks that he is who made it.
--as-user asks about somebody else: whether he could create it there, also before it is there; where he may not, that is the
reason.

-f asks about work that is not in the cluster yet, such as that of a pull request: the file has the work, and everything else
is that of the cluster. With --from everything is read from manifests.

Exit codes: 0 nothing is known to be in the way, 1 something is, 2 error, the work can't be read, or a partial answer under
--strict.`

const whyExample = `
# Why would it not run?
{cmd} why kaiwojob/finetune -n nlp --from examples/queues/lab --from examples/waiting

# A plain Job in a queue of Kueue
{cmd} why job/train -n team-a

# Before it is submitted: would it run, and may I submit it?
{cmd} why -f job.yaml --as-user me

# May somebody submit at all?
{cmd} why kaiwojob/any -n training --as-user yuki@acme.example

# The reason alone, for a script
{cmd} why kaiwojob/pretrain -n team-a -o jsonpath='{.reason}' --from examples/queues/lab --from examples/waiting`

// whyFlags is what was typed.
type whyFlags struct {
	env    *cli.Env
	from   *reading.Flags
	print  *printer.Flags
	file   string
	asUser string
	groups []string
}

// whyOptions is what run needs; only options makes one.
type whyOptions struct {
	*whyFlags
	work    queue.Work
	printer printer.Printer
}

func newWhyCommand(env *cli.Env) *cobra.Command {
	f := &whyFlags{
		env: env, from: reading.NewFlags(env), print: printer.NewFlags(printer.Text, printer.JSON, printer.YAML, printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:     "why KIND/NAME | -f FILE",
		Short:   "Say why work waits in a queue, or is refused",
		Long:    whyLong,
		Example: env.Examples(whyExample),
		Args:    cobra.MaximumNArgs(2),

		ValidArgsFunction: f.completeWork(),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f.from.AddFlags(cmd)
	f.print.AddFlags(cmd.Flags())
	fs := cmd.Flags()
	fs.StringVarP(&f.file, "filename", "f", "", "`FILE` with the work, which is not in the cluster yet; - reads stdin.")
	fs.StringVar(&f.asUser, "as-user", "", "`SUBJECT` who submits it, instead of whom it names: user:NAME, sa:NAMESPACE/NAME, or me.")
	fs.StringArrayVar(&f.groups, "group", nil, "`GROUP` that the submitter is in; may be repeated.")
	completeSubjectFlag(env, f.from, cmd, "as-user")
	cli.Once(fs, "as-user", "filename")
	cli.Predicate(cmd)
	return cmd
}

// completeWork completes KIND/NAME with what Kaiwo and Kueue have in the namespace.
func (f *whyFlags) completeWork() cobra.CompletionFunc {
	kinds := []inventory.Kind{inventory.KaiwoJobs, inventory.KaiwoServices, inventory.Jobs, inventory.Workloads}
	work := f.env.Complete(func(ctx context.Context, args []string, _ string) ([]string, error) {
		namespace, err := f.env.Namespace()
		if err != nil || len(args) > 0 {
			return nil, err
		}
		r, err := f.from.Read(ctx, inventory.Want{Kinds: kinds, Namespace: namespace})
		if err != nil {
			return nil, err
		}
		var words []string
		for _, kind := range kinds {
			for _, o := range r.Inventory.Objects(kind) {
				words = append(words, singular(kind)+"/"+o.GetName())
			}
		}
		return words, nil
	})
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		found, directive := work(cmd, args, typed)
		if len(found) > 0 || len(args) > 0 {
			return found, directive
		}
		for _, kind := range kinds { // there is none, or it can't be read: then the kinds
			if word := singular(kind) + "/"; strings.HasPrefix(word, typed) {
				found = append(found, word)
			}
		}
		return found, directive | cobra.ShellCompDirectiveNoSpace
	}
}

func (f *whyFlags) options(args []string) (*whyOptions, error) {
	o := &whyOptions{whyFlags: f}
	if len(args) > 0 || f.file == "" {
		kind, name, found := strings.Cut(strings.Join(args, "/"), "/")
		if !found || name == "" || strings.Contains(name, "/") {
			return nil, cli.UsageError(fmt.Errorf("want KIND/NAME, such as kaiwojob/train: got %q", strings.Join(args, " ")))
		}
		of, ok := queue.WorkOf(kind)
		if !ok {
			err := fmt.Errorf("read %q: no kind of work that is known: want kaiwojob, kaiwoservice, job or workload", kind)
			return nil, cli.UsageError(cli.Hint(err, "of other kinds that Kueue takes, ask about their Workload: kubectl get workloads.kueue.x-k8s.io names it, and why workload/NAME explains it"))
		}
		o.work.Kind, o.work.Name = of, name
	}
	if len(f.groups) > 0 && f.asUser == "" {
		return nil, cli.UsageError(errors.New("--group is for --as-user: it says which groups he is in"))
	}
	var err error
	if o.printer, err = f.print.ToPrinter(); err != nil {
		return nil, cli.UsageError(err)
	}
	o.work.Namespace, err = f.env.Namespace()
	return o, err
}

func (o *whyOptions) run(ctx context.Context) error {
	var from *manifest
	if o.file != "" {
		var err error
		if from, err = o.readManifest(ctx); err != nil {
			return err
		}
		o.work = from.work
	}
	*o.env.Config.Namespace = o.work.Namespace // for the rules that hold there, where roles can't be read
	r, err := o.from.Read(ctx, inventory.Want{Kinds: queue.WhyKinds(o.work.Kind), Namespace: o.work.Namespace})
	if err != nil {
		return err
	}
	if from != nil {
		if err := from.addTo(r.Inventory); err != nil {
			return err
		}
	}
	rights, err := r.Rights(ctx)
	if err != nil {
		return err
	}
	by, whole, err := o.submitter(ctx, r)
	if err != nil {
		return err
	}
	e := queue.NewState(r.Inventory, rights, o.env.Clock.Now()).Why(o.work, queue.WhyOptions{By: by, Whole: whole})
	if err := o.unread(e, r.Inventory); err != nil {
		return err
	}
	if o.from.Offline() {
		offline(&e, o.from.Sources())
	}
	report := printer.Report{Object: func() any { return viewWhy(&e) }, Text: func() []string { return whyLines(&e) }}
	if err := o.printer.Print(o.env.Out, report); err != nil {
		return err
	}
	if unknown := e.Unknown(); len(unknown) > 0 && o.from.Strict() {
		return cli.ExitWith(cli.ExitPredicateError, fmt.Errorf("explain %s: %d steps are not known", o.work.Name, len(unknown)))
	}
	if e.First() != nil {
		return cli.Silent(cli.ExitNo)
	}
	return nil
}

// submitter is who was named, and whether all of his rights are known.
func (o *whyOptions) submitter(ctx context.Context, r *reading.Reading) (*rbac.Identity, bool, error) {
	switch o.asUser {
	case "":
		return nil, false, nil
	case "me":
		self, err := r.Self(ctx)
		return &self, true, err
	}
	subject, err := rbac.ParseSubject(o.asUser)
	if err != nil {
		return nil, false, cli.UsageError(err)
	}
	id := rbac.NewIdentity(subject, o.groups...)
	return &id, false, nil
}

// unread is an error when the work itself can't be read: then nothing can be said of it.
func (o *whyOptions) unread(e queue.Explanation, inv *inventory.Inventory) error {
	if e.Steps[0].Standing != queue.Unknown {
		return nil
	}
	gaps := inv.Missing(o.work.Kind)
	err := fmt.Errorf("read %s %s in %s: %s", o.work.Kind, o.work.Name, o.work.Namespace, gaps[0].Cause)
	if gaps[0].Missing == nil {
		return err
	}
	return cli.Hint(err, "missing is "+rbac.RuleText(gaps[0].Missing))
}
