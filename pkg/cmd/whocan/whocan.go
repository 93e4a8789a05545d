// Package whocan is the command layer of "kubectl whocan": flags become options, options ask the engine, and the answer
// goes to a printer.
package whocan

import (
	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

const whoLong = `
List who may do something, where, and through which binding and role.

The answer is what the API server's RBAC authorizer decides, for every subject at once: resource names, API groups,
subresources, cluster scope, aggregated roles and the implicit groups of service accounts included. It takes the four
lists of RBAC objects, whatever the number of namespaces.

VERB is any verb of the API, also impersonate, bind, escalate, approve, sign, use. RESOURCE is a plural, singular, kind
or short name, with a group where it is needed: deployments.apps. A slash is a subresource where there is one of that
name (pods/exec), else an object (pod/web-0). /URL is a path of the API server.

Without -n the namespace is that of the context, and all namespaces with --from. -A gives one row a subject with the
namespaces in which it may. --as and --as-group change who asks; to ask about somebody, see "why" and "rules".

--kalm asks the policy of Kalm's API instead, rebuilt from its role bindings and access tokens with all its defects: VERB
is view, edit or manage, and RESOURCE a kind of Kalm's, such as components/web. The column ODD says what came by a mistake.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict. With -q: 0 somebody can, 1 nobody can, 2 error.`

// NewCommand returns the command "kubectl whocan" with all that is below it.
func NewCommand(env *cli.Env) *cobra.Command {
	f := &whoFlags{
		env:    env,
		inputs: inputs{env: env, several: true}, place: place{env: env},
		print: printer.NewFlags(printer.Table, printer.Wide, printer.Name, printer.JSON, printer.YAML, printer.CSV,
			printer.Markdown, printer.JSONPath),
	}
	cmd := &cobra.Command{
		Use:     "kubectl-whocan VERB RESOURCE [NAME]",
		Short:   "Show who may do what, where and why",
		Long:    whoLong,
		Example: env.Examples(whoExample),
		Args: func(cmd *cobra.Command, args []string) error {
			if f.quiet {
				cli.Predicate(cmd) // the exit code is an answer, which an error must not look like
			}
			if f.kalm {
				_, err := parseKalm(args)
				return err
			}
			return checkWords(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.kalm {
				return f.runKalm(cmd.Context(), args)
			}
			o, err := f.options(args)
			if err != nil {
				return err
			}
			return o.run(cmd.Context())
		},
	}
	f.addFlags(cmd)
	cli.PredicateFlag(cmd, "quiet")
	action := f.completeAction(&f.place)
	cmd.ValidArgsFunction = func(cmd *cobra.Command, args []string, prefix string) ([]string, cobra.ShellCompDirective) {
		if f.kalm {
			return kalmWordsFor(args), cobra.ShellCompDirectiveNoFileComp
		}
		return action(cmd, args, prefix)
	}
	env.Namespaces = namespacesOf(env, cmd)
	cmd.AddCommand(newWhyCommand(env))
	cmd.AddCommand(newRulesCommand(env))
	cmd.AddCommand(newMatrixCommand(env))
	cmd.AddCommand(newGraphCommand(env))
	cmd.AddCommand(newSnapshotCommand(env))
	cmd.AddCommand(newDiffCommand(env))
	cmd.AddCommand(newCheckCommand(env))
	return cmd
}
