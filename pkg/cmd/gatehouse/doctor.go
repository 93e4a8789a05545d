package gatehouse

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	accesstokencmd "github.com/kubegatehouse/gatehouse/pkg/cmd/accesstoken"
	clusterauthcmd "github.com/kubegatehouse/gatehouse/pkg/cmd/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/doctor"
	profilecmd "github.com/kubegatehouse/gatehouse/pkg/cmd/profile"
	queueaccesscmd "github.com/kubegatehouse/gatehouse/pkg/cmd/queueaccess"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/judge"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/sso"
	tokens "github.com/kubegatehouse/gatehouse/pkg/token"
)

const doctorLong = `
Find everything that is wrong, and repair what can be repaired: with workspaces, with their members, with the
authentication of clusters, with queues, and with the tokens of machines.

Findings are those of the single doctors, grouped by these domains, and in each by namespace:
  contrib      members of workspaces, their bindings and policies: "contrib doctor -h" lists the rules
  profile      workspaces themselves, their namespaces and quotas: "profile doctor -h"
  clusterauth  who gets into clusters that k0rdent makes, and how people log in to Kalm: "clusterauth doctor -h"
  queueaccess  queues of Kaiwo and Kueue, and who may use them: "queueaccess check -h"
  accesstoken  tokens that may do more, or live longer, than they should: "accesstoken audit -h"

Systems that are not there are passed over in silence. Without names or -n all namespaces are looked at.`

const doctorExample = `
# The example company
{cmd} doctor --from examples/acme

# One namespace, with what follows from each finding and what to do
{cmd} doctor team-vision -o text --from examples/acme

# Repair what can be repaired, but look at the changes first
{cmd} doctor --fix --dry-run=server
{cmd} doctor --fix

# A nightly report
{cmd} doctor -o junit > report.xml`

func newDoctorCommand(env *cli.Env) *cobra.Command {
	return doctor.NewCommand(env, clinic(env))
}

// clinic is that of all domains. Rules that are about members as well as about workspaces belong to members.
func clinic(env *cli.Env) doctor.Clinic {
	sources := workspaces.NewFlags(env)
	all := doctor.Compose(doctor.Clinic{
		Use: "doctor [NAMESPACE...]", Short: "Find everything that is wrong, and repair it", Long: doctorLong, Example: doctorExample,
		Noun: "namespace", Kind: "Diagnosis", Sample: "KF003",
		Domains: []doctor.Domain{
			{Name: "contrib", Rules: contrib.Rules()},
			{Name: "profile", Rules: profile.Rules()},
			{Name: "clusterauth", Rules: finding.Rules(clusterauth.Rules(), sso.Rules())},
			{Name: "queueaccess", Rules: queue.Rules()},
			{Name: "accesstoken", Rules: tokens.Rules()},
		},
	}, profilecmd.Doctor(env, sources), clusterauthcmd.Doctor(env, sources.Flags),
		queueaccesscmd.Doctor(env, sources.Flags), accesstokencmd.Doctor(env, sources.Flags))
	admit := all.Admit
	all.Admit = func(ctx context.Context, want inventory.Want) (*doctor.Ward, error) {
		ward, err := admit(ctx, want)
		if err == nil {
			ward.Judge = once(ward.Judge)
		}
		return ward, err
	}
	return all
}

type judging func(ctx context.Context, wants func(id string) bool) ([]finding.Finding, error)

// once leaves out what domains tell twice of an object, of the rules that are wanted.
func once(all judging) judging {
	return func(ctx context.Context, wants func(id string) bool) ([]finding.Finding, error) {
		found, err := all(ctx, wants)
		return judge.Once(slices.DeleteFunc(found, func(f finding.Finding) bool { return !wants(f.ID) })), err
	}
}

// namespacesOf lists namespaces for --namespace: of the cluster, or of the --from sources of whichever command below root
// is being typed.
func namespacesOf(env *cli.Env, root *cobra.Command) cli.Lister {
	return func(ctx context.Context, _ string) ([]string, error) {
		from := reading.NewFlags(env)
		from.Take(root)
		r, err := from.Read(ctx, inventory.Want{Kinds: []inventory.Kind{inventory.Namespaces}})
		if err != nil {
			return nil, err
		}
		var names []string
		for _, ns := range r.Inventory.Namespaces {
			names = append(names, ns.Name)
		}
		return names, nil
	}
}
