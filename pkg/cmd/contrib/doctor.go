package contrib

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces/doctor"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

const doctorLong = `
Find what is wrong with the members of workspaces, and repair it.

A member of a Kubeflow workspace is a role binding and an Istio policy, which the dashboard finds by name and annotations.
What was written by hand, by older releases or half by accident misleads it, or keeps people in or out.

Findings:
` + doctor.MemberFindings + doctor.KalmFindings + `  GH001 warning  a grant that is past its date, and still there
  GH004 warning  an end that is no date, so that the grant never ends

Without names, -n or -A the namespace of the context is looked at, and all workspaces with --from. "kubectl profile
doctor" also looks at the workspaces themselves.`

const doctorExample = `
# The example company: who is in, and should not be?
{cmd} doctor --from examples/acme

# One workspace, with what follows from each finding and what to do
{cmd} doctor team-nlp -o text --from examples/acme

# Repair all workspaces, but look at the changes first
{cmd} doctor -A --fix --dry-run=server
{cmd} doctor -A --fix

# Only what was left behind by half-removed contributors, as a nightly job
{cmd} doctor -A --rule KF003 --fix --yes -o junit > report.xml`

func newDoctorCommand(env *cli.Env) *cobra.Command {
	return doctor.NewCommand(env, doctor.Clinic{
		Short: "Find what is wrong with members, and repair it", Long: doctorLong, Example: doctorExample,
		Rules: doctorRules(), Kinds: contrib.Wanted("").Kinds, Local: true,
		Judge: func(_ context.Context, l *workspaces.Loaded, _ func(string) bool) ([]finding.Finding, error) {
			return contrib.Judge(l.State), nil
		},
	})
}

// doctorRules returns the ids of findings that there can be about members, and what each is silent without.
func doctorRules() []doctor.Rule {
	return finding.Rules(contrib.Rules(), []doctor.Rule{{ID: doctor.Unjudged}})
}
