// Package contrib is the command layer of "kubectl contrib": flags become options, options become a plan or a question
// about members, and the answer goes to a printer, or the plan to package change.
package contrib

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

const rootLong = `
Give people, groups and service accounts a role in a workspace, change it and take it away, and say who has which.

A workspace is a Kubeflow profile, or a namespace of plain Kubernetes. On Kubeflow a member is two objects, a RoleBinding
and an Istio AuthorizationPolicy: they are made, changed and removed as one, and are equal to those that Kubeflow's own
dashboard makes. On plain Kubernetes a member is a RoleBinding, and in an application of Kalm's a RoleBinding of Kalm's own.
Which of them it is, is found out; --flavor says it. "roles" compares what the role words allow in each.

Called without a command it lists the members of the namespace, as "list" does.

SUBJECT is a user (bob@example.com, user:bob), a group (group:ml-team) or a service account (sa:NAMESPACE/NAME). A role is
viewer, editor or owner, or a role of your own as clusterrole/NAME or role/NAME.

Every change is checked by the API server and shown before it is made; --yes makes it without asking, --dry-run does not
make it at all. A change that was interrupted is completed by the same command.`

const rootExample = `
# Who is in the workspace, with which role
{cmd} -n team-vision

# Give Bob the role editor for a week, change it, and take it away
{cmd} add bob@acme.example --role editor --expires 7d -n team-vision
{cmd} set-role bob@acme.example --role viewer -n team-vision
{cmd} remove bob@acme.example -n team-vision

# Keep the members in a file
{cmd} export -n team-vision > members.yaml
{cmd} apply -f members.yaml --prune

# Somebody leaves: remove all roles, in all workspaces
{cmd} offboard bob@acme.example`

// NewCommand returns the command "kubectl contrib" with all that is below it.
func NewCommand(env *cli.Env) *cobra.Command {
	cmd := newListCommand(env)
	cmd.Use, cmd.Aliases = "kubectl-contrib", nil
	cmd.Short = "Manage the members of workspaces"
	cmd.Long = rootLong
	cmd.Example = env.Examples(rootExample)
	cmd.Args = cli.NoCommand(afterWord)
	env.Namespaces = namespacesOf(env, cmd)
	list := newListCommand(env)
	addUser(list)
	cmd.AddCommand(
		list, newAddCommand(env), newSetRoleCommand(env), newRemoveCommand(env), newApplyCommand(env),
		newOffboardCommand(env), newRenameCommand(env), newExpireCommand(env), newExportCommand(env), newDoctorCommand(env),
		newSuspendCommand(env), newRolesCommand(env), newMigrateCommand(env),
	)
	return cmd
}

// afterWord says what somebody may have meant who wrote a subject where a command belongs.
func afterWord(cmd *cobra.Command, word string) string {
	if !strings.ContainsAny(word, "@:") {
		return ""
	}
	return fmt.Sprintf("%s list --%s %s lists the roles of a subject", cmd.CommandPath(), userFlag, shell.Word(word))
}
