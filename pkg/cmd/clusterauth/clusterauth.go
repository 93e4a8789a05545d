// Package clusterauth is the command layer of "kubectl clusterauth": flags become options, options read objects and ask
// the domain, and the answer goes to a printer or, as a plan, to the package change.
package clusterauth

import (
	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

const clusterauthLong = `
Say who gets into which cluster, and try a login before it is rolled out.

The API server of a cluster that k0rdent makes reads an AuthenticationConfiguration: whose tokens it believes, and who
their owners are to it. A ClusterAuthentication holds one, and a ClusterDeployment refers to it by spec.clusterAuth.
Changing a byte of it makes control planes anew, and a mistake keeps everybody out; here it is written, checked,
understood and tried beforehand.

validate, explain and test-token also take the AuthenticationConfiguration of any API server, with -f FILE: k0rdent is
not needed for that, and no cluster either.

sso shows how people log in to Kalm, where that is what a platform has instead.

Without a command all ClusterAuthentications are listed, see "list".`

const clusterauthExample = `
# What there is, and which clusters use it
{cmd} --from examples/acme
{cmd} list -A

# Is this right? Who would this be, and what could he do?
{cmd} validate -f examples/logins/auth.yaml
{cmd} test-token -f examples/logins/auth.yaml --claims examples/logins/claims.json

# What would it do to the clusters if this were applied?
{cmd} plan -f clusterauthentication.yaml`

// NewCommand returns the command "kubectl clusterauth" with all that is below it.
func NewCommand(env *cli.Env) *cobra.Command {
	cmd := listCommand(env)
	cmd.Use = "kubectl-clusterauth"
	cmd.Short = "Say who gets into which cluster, and try it before it is rolled out"
	cmd.Long = clusterauthLong
	cmd.Example = env.Examples(clusterauthExample)
	cmd.Args = cli.NoCommand(func(cmd *cobra.Command, word string) string {
		return cmd.CommandPath() + " describe " + word + " shows the ClusterAuthentication of that name"
	})
	cmd.AddCommand(
		newListCommand(env), newDescribeCommand(env), newCreateCommand(env), newExplainCommand(env), newTestTokenCommand(env),
		newAttachCommand(env), newDetachCommand(env), newRenderCommand(env), newValidateCommand(env),
		newPlanCommand(env), newDiffCommand(env), newUsageCommand(env), newSyncCopiesCommand(env), newDoctorCommand(env), newCACommand(env), newKubeconfigCommand(env), newBindCommand(env),
		newLintCommand(env), newSSOCommand(env),
	)
	return cmd
}
