package queueaccess

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

const revokeLong = `
Take from somebody what "grant" has given: for one queue, or for all of them.

Only grants of this command are taken. They are known by what their bindings say of themselves and by the role that these
give, never by their names; a binding that names others too loses the subject alone, and a role goes when nobody needs it.
What the subject may still do by other bindings, and by groups that he may belong to, is said: "kubectl whocan" and
"kubectl contrib remove" are for that.

With --expired and no subject it takes all grants that have ended: see --expires of "grant". Nothing takes them by itself. One
that ends at no date stays, and is an error.

Where role bindings can't be read and none is found to take, that is an error as well: who administers a single namespace
names it with --namespaces.

Exit codes: 0 done or nothing to do, 1 error or not carried out, 2 a partial answer under --strict.`

const revokeExample = `
# One queue, in all of its namespaces
{cmd} revoke mia@acme.example --queue science

# All queues, in one namespace
{cmd} revoke group:students --all-queues --namespaces training

# What has ended, everywhere
{cmd} revoke --expired --dry-run=server

# What would go, in manifests
{cmd} revoke mia@acme.example --all-queues --from examples/acme --dry-run=client`

type revokeFlags struct {
	*granting
	all     bool
	expired bool
}

func newRevokeCommand(env *cli.Env) *cobra.Command {
	f := &revokeFlags{granting: newGranting(env)}
	cmd := &cobra.Command{
		Use: "revoke SUBJECT --queue QUEUE|--all-queues", Short: "Take what grant has given", Long: revokeLong,
		Example: env.Examples(revokeExample), Args: cobra.MaximumNArgs(1), ValidArgsFunction: f.completeHolders(),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(cmd, args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.queue, "queue", "", "Take what is for this `QUEUE`.")
	fs.BoolVar(&f.all, "all-queues", false, "Take what is for any queue.")
	fs.BoolVar(&f.expired, "expired", false, "Take all grants that have ended, whoever has them.")
	f.addFlags(cmd, "Take it in these `NAMESPACES` only.")
	cli.Once(fs, "queue")
	return cmd
}

// completeHolders completes SUBJECT with those who have grants.
func (f *revokeFlags) completeHolders() cobra.CompletionFunc {
	return f.env.Complete(func(ctx context.Context, args []string, _ string) ([]string, error) {
		if len(args) > 0 {
			return nil, nil
		}
		l, err := load(ctx, f.env, f.reading, false, inventory.RoleBindings)
		if err != nil {
			return nil, err
		}
		var names []string
		for _, g := range queue.Grants(l.state) {
			names = append(names, queue.Label(g.Subject))
		}
		return names, nil
	})
}

type revokeOptions struct {
	*revokeFlags
	change  *change.Options
	subject rbac.Subject
	command string
}

func (f *revokeFlags) options(cmd *cobra.Command, args []string) (*revokeOptions, error) {
	var err error
	switch {
	case f.expired && len(args) > 0:
		err = errors.New("--expired is about everybody: give no subject")
	case f.expired && f.all:
		err = errors.New("--expired takes what has ended of all queues: --all-queues has no meaning there")
	case f.expired:
	case len(args) == 0:
		err = errors.New("whose? want SUBJECT, or --expired for what has ended")
	case f.queue != "" && f.all:
		err = errors.New("give --queue or --all-queues: not both")
	case f.queue == "" && !f.all:
		err = errors.New("which queue? want --queue QUEUE or --all-queues")
	}
	if err != nil {
		return nil, cli.UsageError(err)
	}
	o := &revokeOptions{revokeFlags: f, command: commandLine(cmd, args)}
	if len(args) > 0 {
		if o.subject, err = parseSubject(args[0]); err != nil {
			return nil, cli.UsageError(err)
		}
	}
	o.change, err = f.granting.options()
	return o, err
}

func (o *revokeOptions) run(ctx context.Context) error {
	l, err := o.load(ctx, false)
	if err != nil {
		return err
	}
	var (
		p     plan.Plan
		notes []string
		t     = change.Task{Server: l.Server, Advise: adviser(o.command)}
	)
	if o.expired {
		p, notes, err = queue.Expire(l.state, o.queue, o.namespaces)
		t.Nothing = "no grant for a queue has ended"
	} else {
		p, notes, err = queue.Take(l.state, queue.Revocation{Subject: o.subject, Queue: o.queue, Namespaces: o.namespaces})
		t.Nothing = "there is nothing to take"
	}
	if err != nil {
		return err
	}
	t.Plan, t.Notes = p, notes
	if !o.expired {
		t.Before = (&gains{loaded: l, plan: p, subject: o.subject, taking: true}).lines
	}
	if err := o.finish(l); err != nil {
		return err
	}
	if gaps := l.state.UnreadGrants(o.namespaces); len(gaps) > 0 && len(p.Changes().Steps) == 0 {
		for _, note := range notes {
			o.env.Notef("note: %s", note)
		}
		return o.unread(gaps[0])
	}
	if err := o.change.Carry(ctx, t); err != nil {
		return err
	}
	return o.undated(l)
}

// unread is an error: nothing was found that can be taken, and that does not say that there is nothing.
func (o *revokeOptions) unread(gap rbac.Gap) error {
	err := fmt.Errorf("take grants: nothing was found, and %s can't be read", gap.What)
	switch {
	case len(o.namespaces) == 0:
		return cli.Hint(err, "name a namespace in which you may read role bindings with --namespaces")
	case len(o.namespaces) > 1:
		return cli.Hint(err, "name one namespace at a time with --namespaces")
	}
	return cli.Hint(err, "ask an administrator to run: "+o.command)
}

// undated is an error when --expired met grants whose end nobody can read: these stay, and whoever has it run by a clock must
// hear of them.
func (o *revokeOptions) undated(l *loaded) error {
	if !o.expired {
		return nil
	}
	n := 0
	for _, g := range queue.Grants(l.state) {
		if g.Undated != "" && (o.queue == "" || g.Queue == o.queue) && (len(o.namespaces) == 0 || slices.Contains(o.namespaces, g.Namespace)) {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	return cli.Hint(fmt.Errorf("take what has ended: the end of %s is no date", plural(n, "grant")),
		"kubectl queueaccess grant SUBJECT --queue QUEUE --expires WHEN gives it one")
}
