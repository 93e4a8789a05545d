package queueaccess

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
--as-user asks about somebody else: whether he could create it there, also before it is there.

With --from the work may be one that is not in a cluster yet, such as that of a pull request.

Exit codes: 0 nothing is known to be in the way, 1 something is, 2 error, the work can't be read, or a partial answer under
--strict.`

const whyExample = `
# Why would it not run?
{cmd} why kaiwojob/finetune -n nlp --from examples/queues/lab --from examples/waiting

# A plain Job in a queue of Kueue
{cmd} why job/train -n team-a

# Before it is submitted: would it run, and may I submit it?
{cmd} why kaiwojob/finetune -n training --as-user me

# The reason alone, for a script
{cmd} why kaiwojob/pretrain -n team-a -o jsonpath='{.reason}' --from examples/queues/lab --from examples/waiting`

// whyFlags is what was typed.
type whyFlags struct {
	env    *cli.Env
	from   *reading.Flags
	print  *printer.Flags
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
		Use:     "why KIND/NAME",
		Short:   "Say why work waits in a queue, or is refused",
		Long:    whyLong,
		Example: env.Examples(whyExample),
		Args:    cobra.RangeArgs(1, 2),

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
	fs.StringVar(&f.asUser, "as-user", "", "`SUBJECT` who submits it, instead of whom it names: user:NAME, sa:NAMESPACE/NAME, or me.")
	fs.StringArrayVar(&f.groups, "group", nil, "`GROUP` that the submitter is in; may be repeated.")
	completeSubjectFlag(env, f.from, cmd, "as-user")
	cli.Once(fs, "as-user")
	cli.Predicate(cmd)
	return cmd
}

// completeWork completes KIND/NAME with what Kaiwo and Kueue have in the namespace.
func (f *whyFlags) completeWork() cobra.CompletionFunc {
	kinds := []inventory.Kind{inventory.KaiwoJobs, inventory.KaiwoServices, inventory.Jobs, inventory.Workloads}
	return f.env.Complete(func(ctx context.Context, args []string, _ string) ([]string, error) {
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
}

func (f *whyFlags) options(args []string) (*whyOptions, error) {
	kind, name, found := strings.Cut(strings.Join(args, "/"), "/")
	if !found || name == "" || strings.Contains(name, "/") {
		return nil, cli.UsageError(fmt.Errorf("want KIND/NAME, such as kaiwojob/train: got %q", strings.Join(args, " ")))
	}
	of, ok := queue.WorkOf(kind)
	if !ok {
		return nil, cli.UsageError(fmt.Errorf("read %q: no kind of work that is known: want kaiwojob, kaiwoservice, job or workload", kind))
	}
	if len(f.groups) > 0 && f.asUser == "" {
		return nil, cli.UsageError(errors.New("--group is for --as-user: it says which groups he is in"))
	}
	p, err := f.print.ToPrinter()
	if err != nil {
		return nil, cli.UsageError(err)
	}
	namespace, err := f.env.Namespace()
	if err != nil {
		return nil, err
	}
	return &whyOptions{whyFlags: f, work: queue.Work{Kind: of, Namespace: namespace, Name: name}, printer: p}, nil
}

func (o *whyOptions) run(ctx context.Context) error {
	*o.env.Config.Namespace = o.work.Namespace // for the rules that hold there, where roles can't be read
	r, err := o.from.Read(ctx, inventory.Want{Kinds: queue.WhyKinds(o.work.Kind), Namespace: o.work.Namespace})
	if err != nil {
		return err
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

// explanation is the JSON form of the answer.
type explanation struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Work       struct {
		Kind      string `json:"kind"`
		Namespace string `json:"namespace"`
		Name      string `json:"name"`
	} `json:"work"`
	Status     string `json:"status,omitempty"`
	Queue      string `json:"queue,omitempty"`
	LocalQueue string `json:"localQueue,omitempty"`
	Submitter  string `json:"submitter,omitempty"`
	// InTheWay says that something is; Reason, Message and Next are of the first.
	InTheWay bool         `json:"inTheWay"`
	Reason   queue.Reason `json:"reason,omitempty"`
	Message  string       `json:"message,omitempty"`
	Next     []string     `json:"next,omitempty"`
	// Complete says that nothing is unknown.
	Complete bool         `json:"complete"`
	Steps    []queue.Step `json:"steps"`
}

func viewWhy(e *queue.Explanation) explanation {
	out := explanation{
		APIVersion: "gatehouse.dev/v1alpha1", Kind: "QueueExplanation", Status: e.Status, Queue: e.Queue, LocalQueue: e.LocalQueue,
		Submitter: e.Submitter, Complete: len(e.Unknown()) == 0, Steps: e.Steps,
	}
	out.Work.Kind, out.Work.Namespace, out.Work.Name = singular(e.Work.Kind), e.Work.Namespace, e.Work.Name
	if first := e.First(); first != nil {
		out.InTheWay, out.Reason, out.Message, out.Next = true, first.Reason, first.Text, first.Next
	}
	return out
}

func singular(kind inventory.Kind) string { return strings.TrimSuffix(string(kind), "s") }

// whyLines are the answer in words: the reason, what helps, and the steps.
func whyLines(e *queue.Explanation) []string {
	head := fmt.Sprintf("%s/%s in %s", singular(e.Work.Kind), e.Work.Name, e.Work.Namespace)
	first := e.First()
	var out []string
	switch unknown := e.Unknown(); {
	case first != nil && first.Standing == queue.Waits:
		out = append(out, head+" waits: "+first.Text)
	case first != nil:
		out = append(out, head+" does not run: "+first.Text)
	case len(unknown) > 0:
		out = append(out, fmt.Sprintf("%s: nothing is known to be in the way, and %d of %d steps are not known", head, len(unknown), len(e.Steps)))
	default:
		out = append(out, head+": nothing is in the way")
	}
	if first != nil {
		if first.Said != "" {
			out = append(out, "  said: "+first.Said)
		}
		for _, next := range first.Next {
			out = append(out, "  next: "+next)
		}
		before := 0
		for i := range e.Steps[:slices.IndexFunc(e.Steps, func(s queue.Step) bool { return s.Stage == first.Stage })] {
			if e.Steps[i].Standing == queue.Unknown {
				before++
			}
		}
		if before > 0 {
			out = append(out, fmt.Sprintf("  note: of the steps before that %d are not known", before))
		}
	}
	width := 0
	for _, step := range e.Steps {
		width = max(width, len(step.Stage))
	}
	out = append(out, "steps")
	for _, step := range e.Steps {
		out = append(out, strings.TrimRight(fmt.Sprintf("  %-*s  %-7s  %s", width, step.Stage, step.Standing, step.Text), " "))
		if step.Missing != nil {
			out = append(out, fmt.Sprintf("  %-*s           missing is %s", width, "", ruleIn(step)))
		}
	}
	return slices.Clip(out)
}

func ruleIn(step queue.Step) string {
	rule := rbac.RuleText(step.Missing)
	if step.MissingIn == "" {
		return rule
	}
	return rule + " in " + step.MissingIn
}
