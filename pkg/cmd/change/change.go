// Package change carries out plans in front of a user: it shows what would change, asks the API server whether the
// caller may do it and whether it would take the objects, asks the user, writes, and says what came of it.
//
// A command adds [Flags], makes a plan, and gives it to [Options.Run]. Result lines and objects go to the data stream;
// previews, questions, progress and remarks to the error stream. Nothing is written before all that can be known
// beforehand is known, and never without a yes: of the user on a terminal, or of --yes.
package change

import (
	"context"
	"errors"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// Options are checked [Flags].
type Options struct {
	env          *cli.Env
	dryRun       string
	yes          bool
	fieldManager string
	output       string
	preview      string
	screen       screen
}

// Task is a plan and what a command knows about carrying it out. Only Plan is required.
type Task struct {
	// Server carries the plan out; nil when no cluster was read: then only a dry run of the client is possible.
	Server plan.Server
	Plan   plan.Plan
	// Notes are remarks about the plan, a line each; they are shown even if there is nothing to do.
	Notes []string
	// Nothing is said when there is nothing to do, such as why that is; empty says that all is as it should be.
	Nothing string
	// Before is shown above the preview, a line each, such as what would be lost or gained. It is called once, where the
	// server is asked about the plan at the same time, and may be nil. It is not called when there is nothing to do.
	Before func(ctx context.Context) []string
	// Type is the word that the user has to type instead of "y"; empty asks for y. --yes answers it too.
	Type string
	// Advise says what to do when the caller may not do what the rule grants in the namespace (empty: in the cluster);
	// an empty answer says nothing. It may be nil.
	Advise func(rule rbacv1.PolicyRule, namespace string) string
}

// ClientOnly reports whether --dry-run=client was given: nothing may be written, and a command that needs no state
// need not ask a cluster.
func (o *Options) ClientOnly() bool { return o.dryRun == dryRunClient }

// DryRun reports whether nothing may be written: --dry-run=client or server.
func (o *Options) DryRun() bool { return o.dryRun != dryRunNone }

// Yes reports whether --yes was given.
func (o *Options) Yes() bool { return o.yes }

// Interactive reports whether the user can be asked: stdin and the error stream are terminals.
func (o *Options) Interactive() bool {
	return o.screen.isTerminal(o.env.In) && o.screen.isTerminal(o.env.ErrOut)
}

// CheckOffline refuses to write when the objects come from manifests (--from), which nothing can be written to. The
// error is one of usage; commands call it before they read anything.
func (o *Options) CheckOffline(offline bool) error {
	if !offline || o.ClientOnly() {
		return nil
	}
	return cli.UsageError(cli.Hint(errors.New("--from reads manifests, and nothing can be written to them"),
		"--dry-run=client shows what would change, and with -o yaml prints the objects"))
}

// Run carries out a plan: see [Options.Carry].
func (o *Options) Run(ctx context.Context, server plan.Server, p plan.Plan, notes []string) error {
	return o.Carry(ctx, Task{Server: server, Plan: p, Notes: notes})
}

// RunTyped is [Options.Run] for what can't be undone: the user has to type word instead of "y".
func (o *Options) RunTyped(ctx context.Context, server plan.Server, p plan.Plan, notes []string, word string) error {
	return o.Carry(ctx, Task{Server: server, Plan: p, Notes: notes, Type: word})
}

// Carry shows the plan, asks, and carries it out as the flags say. It returns nil when all is done, was done already,
// or was only to be tried, and otherwise an error that says what is there now.
func (o *Options) Carry(ctx context.Context, task Task) error {
	for _, note := range task.Notes {
		o.env.Notef("note: %s", note)
	}
	changes := task.Plan.Changes()
	if len(changes.Steps) == 0 {
		o.tellNothing(task)
		return o.printPlanned(task.Plan, nil)
	}
	if o.ClientOnly() {
		o.tellBefore(before(ctx, task))
		o.show(changes)
		return o.printPlanned(task.Plan, nil)
	}
	if task.Server == nil {
		return o.CheckOffline(true)
	}
	if !o.DryRun() && !o.yes && !o.Interactive() {
		o.tellBefore(before(ctx, task))
		if ctx.Err() != nil {
			return ctx.Err()
		}
		o.show(changes)
		return cli.Hint(errors.New("nothing was changed: there is no terminal to ask on"),
			"--yes carries it out, --dry-run=server only checks it")
	}
	tried, err := o.check(ctx, task, changes)
	if err != nil {
		return err
	}
	o.show(changes)
	if o.DryRun() {
		return o.printPlanned(task.Plan, tried)
	}
	if err := o.ask(ctx, task); err != nil {
		return err
	}
	return o.apply(ctx, task)
}

// before returns what a command has to say before its plan is shown.
func before(ctx context.Context, task Task) []string {
	if task.Before == nil {
		return nil
	}
	return task.Before(ctx)
}

func (o *Options) tellBefore(lines []string) {
	for _, line := range lines {
		o.env.Notef("%s", line)
	}
}

// tellNothing says that there is nothing to do, and what for.
func (o *Options) tellNothing(task Task) {
	switch {
	case task.Nothing != "":
		o.env.Notef("nothing to do: %s", task.Nothing)
	case task.Plan.Summary != "":
		o.env.Notef("nothing to do (%s): all is as it should be", task.Plan.Summary)
	default:
		o.env.Notef("nothing to do")
	}
}
