// Package gatehouse is the command layer of "kubectl gatehouse": the browser, the commands of all other plugins under one
// roof, and what takes all of them together, such as who one is and everything that is wrong.
package gatehouse

import (
	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/accesstoken"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/profile"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/queueaccess"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/whocan"
)

const gatehouseLong = `
Browse who has access to what, and why, and give or take it with a preview.

Without a command this opens a browser in the terminal: namespaces, roles, bindings, subjects and grants, who can do
something and by which proof, what is wrong. ":" goes anywhere by name, "?" shows the keys. All is kept current for as
long as it is open. With --from it shows manifests or a snapshot, and changes nothing.

The commands are those of the single plugins: "kubectl gatehouse whocan" is "kubectl whocan", with the same flags, output
and exit codes. Commands in answers and hints are written as those of the single plugins; where only this one is
installed, put "gatehouse" after "kubectl".

Colours are those of the terminal, and none with NO_COLOR. Lines are drawn with plain letters in a locale other than
UTF-8, and with --ascii.

Exit codes: 0 the browser was left, 1 error, 2 there is no terminal to open it on.`

const gatehouseExample = `
# Browse the cluster, without changing anything
{cmd} --read-only

# Open it at a workspace, or at a question
{cmd} -n team-vision
{cmd} --open "whocan get secrets -n team-vision"

# Browse the example company, or the snapshot of a day, without a cluster
{cmd} --from examples/acme

# The commands of the single plugins
{cmd} whocan get secrets -n team-vision
{cmd} doctor -A`

// NewCommand returns the command "kubectl gatehouse" with all that is below it.
func NewCommand(env *cli.Env) *cobra.Command {
	cmd := newBrowseCommand(env, process{})
	env.Namespaces = namespacesOf(env, cmd)
	cmd.AddCommand(
		newWhoamiCommand(env), newDoctorCommand(env),
		env.Under("accesstoken", accesstoken.NewCommand), env.Under("clusterauth", clusterauth.NewCommand),
		env.Under("contrib", contrib.NewCommand), env.Under("profile", profile.NewCommand),
		env.Under("queueaccess", queueaccess.NewCommand), env.Under("whocan", whocan.NewCommand),
	)
	return cmd
}
