// Package profile is the command layer of "kubectl profile": flags become options, options read the cluster and ask the
// domain, and the answer goes to a printer or, as a plan, to the package change.
package profile

import (
	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

const profileLong = `
List and keep workspaces: a namespace with an owner, members and a quota.

On a cluster with Kubeflow a workspace is a Profile and what its controller makes of it; elsewhere it is a namespace
with the label gatehouse.dev/profile=true. The commands are the same for both; --flavor overrides what is found.

Without a command all workspaces are listed, see "list".`

// NewCommand returns the command "kubectl profile" with all that is below it.
func NewCommand(env *cli.Env) *cobra.Command {
	cmd := listCommand(env)
	cmd.Use = "kubectl-profile"
	cmd.Short = "List and keep workspaces: owner, members, quota"
	cmd.Long = profileLong
	cmd.Example = env.Examples(profileExample)
	cmd.Args = noCommand("describe")
	env.Namespaces = namespacesOf(env, cmd)
	cmd.AddCommand(
		newListCommand(env), newDescribeCommand(env), newCreateCommand(env), newApplyCommand(env), newQuotaCommand(env),
		newTransferCommand(env), newAdoptCommand(env), newDeleteCommand(env), newRegisterCommand(env), newWaitCommand(env),
		newDoctorCommand(env), newExportCommand(env),
	)
	return cmd
}

const profileExample = `
# All workspaces of the cluster, and those of the example company
{cmd}
{cmd} --from examples/acme

# Everything about one
{cmd} describe team-vision --from examples/acme

# A new one, and be told when it is there
{cmd} create team-audio --owner nina@acme.example --quota cpu=8,memory=32Gi --wait`

// noCommand refuses what is no command of a bare call; with is the command that takes names.
func noCommand(with string) cobra.PositionalArgs {
	return cli.NoCommand(func(cmd *cobra.Command, word string) string {
		return cmd.CommandPath() + " " + with + " " + word + " shows the workspace of that name"
	})
}
