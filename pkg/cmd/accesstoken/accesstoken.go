// Package accesstoken is the command layer of "kubectl accesstoken": flags become options, options read objects and ask
// the domain, and the answer goes to a printer or, as a plan, to the package change.
package accesstoken

import (
	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

const accesstokenLong = `
Make tokens for machines that may do what they have to and no more, and take them back.

A token of ours belongs to a service account that is made for it, with a Role that says what it may do in one namespace,
and is bound to a Secret without data. It ends by itself, and at once when that Secret is deleted; "revoke" does so. The
token is shown once, when it is made, and kept nowhere.

Tokens that others have made are listed and judged too: those that Secrets of service accounts hold for ever, and the
AccessTokens of Kalm, which "create --flavor kalm" makes as well.

Without a command the tokens are listed, see "list".`

const accesstokenExample = `
# The tokens that there are
{cmd} --from examples/acme
{cmd} list -A

# A token for a pipeline: it may change one Deployment, for 30 days
{cmd} create ci --may get,patch:deployments.apps/web -n shop > ci.token

# Whose is this, and what may it do?
{cmd} describe - < ci.token

# Take it back; look for those that should not be
{cmd} revoke ci -n shop
{cmd} audit -A`

// NewCommand returns the command "kubectl accesstoken" with all that is below it.
func NewCommand(env *cli.Env) *cobra.Command {
	cmd := listCommand(env)
	cmd.Use = "kubectl-accesstoken"
	cmd.Short = "Make tokens for machines, limited and revocable"
	cmd.Long = accesstokenLong
	cmd.Example = env.Examples(accesstokenExample)
	none := cli.NoCommand(func(cmd *cobra.Command, word string) string {
		return cmd.CommandPath() + " describe " + word + " shows the token of that name"
	})
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if err := refuseSecret(args); err != nil {
			return err
		}
		return none(cmd, args)
	}
	cmd.AddCommand(newListCommand(env), newCreateCommand(env), newDescribeCommand(env), newRevokeCommand(env), newAuditCommand(env))
	return cmd
}
