package profile

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	shared "github.com/kubegatehouse/gatehouse/pkg/cmd/doctor"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces/doctor"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
)

const doctorLong = `
Find what is wrong with workspaces and their members, and repair it.

Kubeflow's controller says nothing about what it can't do, and its components believe names and annotations. What was
changed by hand, left behind by an older release or half done shows only when somebody can't work, or can where he
should not.

Findings:
  KF001 error    profile and namespace name different owners: the controller leaves both alone
` + doctor.MemberFindings + `  KF011 error    no label lets Istio into the namespace: policies are not enforced
  KF012 warning  the namespace does not go with its profile; error when it goes with an earlier one
  KF013 warning  a label of the controller's labels file is missing; info when it is another
  KF014 warning  the quota is not the profile's, or can't be; info when others limit the workspace too
  KF015 error    a profile that Kubeflow can't serve: its name, or its owner
  KF016 error    a deletion that never ends, a plugin that can't work; info when it is not applied
  KF017 warning  the namespace of a profile that is not there; info when that is less certain
  KF018 info     objects of Istio's first RBAC, which nothing reads any more
  KF019 info     the cluster calls you otherwise than Kubeflow does
  KF020 error    something is missing that the controller makes: it is down, or stuck
` + doctor.KalmFindings + `  GH001 warning  a grant that is past its date, and still there
  GH002 error    the owner of a workspace of plain Kubernetes is not who holds its rights
  GH004 warning  an end that is no date, so that the grant never ends`

const doctorExample = `
# The example company
{cmd} doctor --from examples/acme

# One workspace, with what follows from each finding and what to do
{cmd} doctor team-vision -o text --from examples/acme

# Repair what can be repaired, but look at the changes first
{cmd} doctor --fix --dry-run=server
{cmd} doctor --fix

# Fail a pull request that breaks a workspace, with annotations for code scanning
{cmd} doctor --from manifests/ --severity error -o sarif > doctor.sarif`

func newDoctorCommand(env *cli.Env) *cobra.Command { return doctor.NewCommand(env, clinic(env)) }

// Doctor returns what this plugin knows about judging, its members included, for a doctor of everything.
func Doctor(env *cli.Env, sources *workspaces.Flags) shared.Clinic {
	return doctor.For(env, sources, clinic(env))
}

func clinic(env *cli.Env) doctor.Clinic {
	return doctor.Clinic{
		Short: "Find what is wrong with workspaces, and repair it", Long: doctorLong, Example: doctorExample,
		Rules: doctorRules(), Judge: judge(env),
		Kinds: profile.JudgedKinds(),
	}
}

// judge returns what is found about workspaces, their members, and who is asking. That is one more request.
func judge(env *cli.Env) func(context.Context, *workspaces.Loaded, func(string) bool) ([]finding.Finding, error) {
	return func(ctx context.Context, l *workspaces.Loaded, wants func(string) bool) ([]finding.Finding, error) {
		found := slices.Concat(profile.Judge(l.State), contrib.Judge(l.State))
		if l.Cluster == nil || !wants("KF019") {
			return found, nil
		}
		self, err := l.Subject(ctx, me)
		if err != nil {
			env.Warnf("the cluster does not say who you are, so that KF019 is not judged: %v", err)
			return found, nil
		}
		return append(found, profile.JudgeIdentity(l.State, self.UserName())...), nil
	}
}

// doctorRules are those about workspaces and about their members, some of which are about both.
func doctorRules() []doctor.Rule {
	return finding.Rules(profile.Rules(), contrib.Rules(), []doctor.Rule{{ID: doctor.Unjudged}})
}
