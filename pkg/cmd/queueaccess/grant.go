package queueaccess

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/change"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

const grantLong = `
Let somebody use a queue: in every namespace of the queue he gets a role with the least rights that the commands of
Kaiwo's command line need, named by --can, and a binding to it. It is one plan, made whole or not at all in each namespace.

The role is shared by all who can do the same there. "role" shows what is in it, and how it differs from the example in
Kaiwo's documentation: it reads no Secrets. Before anything is done, it is said what is gained, and whether you may give
it at all. Another grant of the same subject for the same queue changes what he can do.

It is refused where rights alone would be of no use: where the queue does not list the namespace, its namespaceSelector
passes it over, or there is no such namespace. A queue that is open is for all namespaces: name those that are meant.
RBAC knows no queues: the rights are those to work in the namespaces, and they are the same for all queues there.

For a queue that is none of Kaiwo's the rights are those on the kinds of jobs that Kueue takes, such as jobs.batch, and none
on KaiwoJobs: to make and change them (submit), to delete them (manage), and to reach their pods.

--expires notes a date; "revoke --expired" takes what is past it. A grant that has an end keeps it when what it gives is
changed: "--expires never" takes it off. To manifests (--from) nothing can be written:
--dry-run=client shows what would change, and with -o yaml prints the objects.

Exit codes: 0 done or nothing to do, 1 error or not carried out, 2 a partial answer under --strict.`

const grantExample = `
# Everything that Kaiwo's command line does, in all namespaces of the queue
{cmd} grant mia@acme.example --queue science --from examples/acme --dry-run=client

# A group may submit and read logs, for a week, in one of them
{cmd} grant group:students --queue science --can submit,logs --namespaces training --expires 7d

# Manifests for a repository
{cmd} grant sa:ci/trainer --queue science --can submit --from examples/acme --dry-run=client -o yaml`

type grantFlags struct {
	*granting
	can     []string
	expires string
}

func newGrantCommand(env *cli.Env) *cobra.Command {
	f := &grantFlags{granting: newGranting(env)}
	cmd := &cobra.Command{
		Use: "grant SUBJECT --queue QUEUE", Short: "Let somebody use a queue, in all of its namespaces", Long: grantLong,
		Example: env.Examples(grantExample), Args: cobra.ExactArgs(1), ValidArgsFunction: completeSubject(env, f.reading),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(cmd, args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	fs := cmd.Flags()
	fs.StringVar(&f.queue, "queue", "", "`QUEUE` to use.")
	addCan(cmd, &f.can, "What the subject can do then: `ABILITIES` of submit, manage, logs, monitor, exec. Default all.")
	fs.StringVar(&f.expires, "expires", "", "`WHEN` the grant ends: 12h, 7d, 2w, 2026-12-31 (0:00 UTC), RFC 3339, or never.")
	f.addFlags(cmd, "Give it in these `NAMESPACES` only.")
	cli.Once(fs, "queue", "expires")
	return cmd
}

// addCan adds --can.
func addCan(cmd *cobra.Command, into *[]string, usage string) {
	cmd.Flags().StringSliceVar(into, "can", nil, usage)
	completeAbilities(cmd)
}

// parseCan reads --can; all abilities when it was not given.
func parseCan(cmd *cobra.Command, words []string) ([]kaiwo.Ability, error) {
	if !cmd.Flags().Changed("can") {
		return kaiwo.Abilities(), nil
	}
	can, err := kaiwo.ParseAbilities(words)
	if err != nil {
		return nil, fmt.Errorf("bad --can: %w", err)
	}
	return can, nil
}

type grantOptions struct {
	*grantFlags
	change  *change.Options
	grant   queue.Grant
	command string
}

func (f *grantFlags) options(cmd *cobra.Command, args []string) (*grantOptions, error) {
	subject, err := parseSubject(args[0])
	if err != nil {
		return nil, cli.UsageError(err)
	}
	if f.queue == "" {
		return nil, cli.UsageError(cli.Hint(errors.New("which queue? want --queue QUEUE"), "kubectl queueaccess list shows those that there are"))
	}
	can, err := parseCan(cmd, f.can)
	if err != nil {
		return nil, cli.UsageError(err)
	}
	var expires time.Time
	endless := strings.EqualFold(f.expires, "never")
	if f.expires != "" && !endless {
		if expires, err = contrib.ParseExpiry(f.expires, f.env.Clock.Now()); err != nil {
			return nil, cli.UsageError(fmt.Errorf("bad --expires %q: %w", f.expires, err))
		}
	}
	o, err := f.granting.options()
	if err != nil {
		return nil, err
	}
	return &grantOptions{
		grantFlags: f, change: o, command: commandLine(cmd, args),
		grant: queue.Grant{Subject: subject, Queue: f.queue, Can: can, Namespaces: f.namespaces, Expires: expires, Endless: endless},
	}, nil
}

func (o *grantOptions) run(ctx context.Context) error {
	l, err := o.load(ctx, true, o.kinds()...)
	if err != nil {
		return err
	}
	p, notes, err := queue.Give(l.state, o.grant)
	if err != nil {
		return err
	}
	t := change.Task{Plan: p, Notes: notes, Server: l.Server, Advise: adviser(o.command)}
	t.Before = (&gains{loaded: l, plan: p, subject: o.grant.Subject}).lines
	if err := o.finish(l); err != nil {
		return err
	}
	return o.change.Carry(ctx, t)
}

// kinds are those that are read beside what all grants take: service accounts, to see whether there is the one that is
// named. Who looks at one namespace sees no others'.
func (o *grantOptions) kinds() []inventory.Kind {
	s := o.grant.Subject
	if s.Kind != rbacv1.ServiceAccountKind || len(o.namespaces) == 1 && o.namespaces[0] != s.Namespace {
		return nil
	}
	return []inventory.Kind{inventory.ServiceAccounts}
}

// plural returns "1 right", "2 rights".
func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// list joins a few names of many.
func several(names []string) string {
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
