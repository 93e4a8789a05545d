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
  KF002 error    a contributor's role binding has not one subject: breaks the dashboard for everybody
  KF003 error    a policy lets somebody in who has no role binding: hidden access to notebooks
  KF004 warning  a role binding without its policy: no access to notebooks
  KF005 error    a policy of an older release, or for another gateway, header or user
  KF006 error    annotations say something else than the subject and the role
  KF007 warning  a name by which the dashboard does not find it
  KF008 warning  a user with two roles, in two spellings, or with the name of another's pair
  KF009 info     an owner's role for somebody who is not the owner
  KF010 warning  a group or a service account that is annotated as a user
  KL001 error    a RoleBinding of Kalm's whose subject changes its policy; warning for one that may
  KL002 error    a role in a namespace called cluster, which Kalm takes for the whole cluster's
  KL003 warning  a suspended user who keeps what groups give
  KL004 warning  an e-mail address with capital letters, which never matches a login
  KL005 warning  a role where Kalm sees no application, so that it gives nothing
  KL006 warning  a grant of Kalm's that is past its date, and still there
  KL007 error    a role for the whole cluster in another namespace than Kalm's own
  KL008 error    a role in Kalm's own namespace, which is as good as cluster-admin
  KL009 warning  a role that Kalm does not know
  KL010 error    an end that Kalm can't read
  KL011 warning  two grants that Kalm's pages show as one
  KL012 info     a member in Kalm who has no rights in Kubernetes, where others have
  KL013 warning  a suspension with a date, which counts for nothing
  GH001 warning  a grant that is past its date, and still there
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
