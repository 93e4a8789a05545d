package clusterauth

import (
	"context"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

const listLong = `
List ClusterAuthentications: whose tokens they let in, when the CA of the issuer expires, and which clusters use them.

CA is the time until the first certificate expires; "inline" comes from the object itself, "missing" is a Secret that
is not there or has no certificate. CLUSTERS counts the ClusterDeployments of the namespace that refer to it, and how
many of them have a template that takes no notice. -o wide names them, with the hash that was rolled out last.

Exit codes: 0 done, 1 error, 2 a partial answer under --strict.`

const listExample = `
# The example company
{cmd} list --from examples/acme

# Everywhere, with the clusters by name
{cmd} list -A -o wide

# Issuers, for a program
{cmd} list -A -o jsonpath='{.items[*].issuers[*].url}'`

// listFlags is what was typed.
type listFlags struct {
	*sources
	print *printer.Flags
	all   bool
}

func newListCommand(env *cli.Env) *cobra.Command {
	cmd := listCommand(env)
	cmd.Use = "list"
	cmd.Aliases = []string{"ls"}
	cmd.Short = "List ClusterAuthentications with issuers, CA and clusters"
	cmd.Long = listLong
	cmd.Example = env.Examples(listExample)
	cmd.Args = cobra.NoArgs
	return cmd
}

// listCommand makes the command that lists, which is also the bare call.
func listCommand(env *cli.Env) *cobra.Command {
	f := &listFlags{
		sources: newSources(env),
		print: printer.NewFlags(printer.Table, printer.Wide, printer.Name, printer.JSON, printer.YAML, printer.CSV,
			printer.Markdown, printer.JSONPath),
	}
	return reading.ListCommand(env, f, f.print, &f.all, f.run)
}

func (f *listFlags) run(ctx context.Context, p printer.Printer) error {
	namespace, err := f.place(f.all)
	if err != nil {
		return err
	}
	l, err := f.load(ctx, namespace, append(clusterauth.Kinds(), inventory.HelmReleases), clusterauth.CAs)
	if err != nil {
		return err
	}
	var all []clusterauth.Authentication
	for _, a := range l.state.Authentications() {
		if namespace == "" || a.Namespace == namespace {
			all = append(all, a)
		}
	}
	report := printer.Report{
		Object: func() any { return viewList(l, all) },
		Table:  func() *metav1.Table { return listTable(l.state, all) },
		Names: func() []string {
			var names []string
			for _, a := range all {
				names = append(names, "clusterauthentication.k0rdent.mirantis.com/"+a.Name)
			}
			return names
		},
	}
	if err := p.Print(f.env.Out, report); err != nil {
		return err
	}
	if len(all) == 0 && !f.print.Structured() {
		f.tellNone(namespace)
	}
	return f.Finish(l.Reading)
}

// tellNone says that there is nothing to list, and where.
func (f *listFlags) tellNone(namespace string) {
	where := ""
	if namespace != "" {
		where = " in " + namespace
	}
	f.env.Notef("no ClusterAuthentications%s", where)
	if namespace != "" {
		f.env.Notef("hint: -A looks in all namespaces")
	}
}
