// Package queueaccess is the command layer of "kubectl queueaccess": flags become options, options read objects and ask
// the domain, and the answer goes to a printer or, as a plan, to the package change.
package queueaccess

import (
	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

const queueaccessLong = `
Say who may use which queue, why work in it waits, and give and take the right to use it: for the queues that Kaiwo makes of
its KaiwoQueueConfig, and for those of Kueue without Kaiwo.

A queue is usable in a namespace when several objects agree, which nothing compares: the list in KaiwoQueueConfig, the
namespaceSelector of the ClusterQueue, a LocalQueue, the labels of the namespace, and roles and bindings.

  Which queues are there, for whom?              list, describe QUEUE
  Who really gets work into one, and how?        who QUEUE
  Does all agree? Can these people work?         check, check --fix, check --subject SUBJECT
  Let somebody use it, or no more                grant SUBJECT --queue QUEUE, revoke
  What is the least role for that?               role, role --compare document
  Why does this job wait, or is refused?         why KIND/NAME
  Keep namespaces out of the queues of others    guard

A list of namespaces keeps out KaiwoJobs alone: a plain Job gets in wherever a LocalQueue leads to the queue, and the built-in
role edit is enough for that. "who" counts these too.

Called bare, it lists queues as "list" does. Every command reads manifests with --from instead of a cluster; those that write
show then with --dry-run=client what would change.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict; "check" and "why" answer with theirs.`

const queueaccessExample = `
# The queues, and how many may submit to them
{cmd} --from examples/acme

# Who can use one, whatever was meant
{cmd} who science --from examples/acme

# Whether all that belongs together is there
{cmd} check --from examples/acme

# Why a job waits
{cmd} why kaiwojob/finetune -n nlp --from examples/queues/lab --from examples/waiting

# Give somebody the right to submit to it, in all of its namespaces: what would be written
{cmd} grant dora@acme.example --queue science --from examples/acme --dry-run=client -o yaml`

// NewCommand returns the command "kubectl queueaccess" with all that is below it.
func NewCommand(env *cli.Env) *cobra.Command {
	cmd := newListCommand(env)
	cmd.Use = "kubectl-queueaccess"
	cmd.Aliases = nil
	cmd.Short = "Say who may use which queue, and give and take access"
	cmd.Long = queueaccessLong
	cmd.Example = env.Examples(queueaccessExample)
	cmd.Args = cli.NoCommand(func(cmd *cobra.Command, word string) string {
		return cmd.CommandPath() + " describe " + word + " shows the queue of that name"
	})
	cmd.AddCommand(
		newListCommand(env), newDescribeCommand(env), newWhoCommand(env), newCheckCommand(env), newGrantCommand(env),
		newRevokeCommand(env), newRoleCommand(env), newWhyCommand(env), newGuardCommand(env),
	)
	return cmd
}
