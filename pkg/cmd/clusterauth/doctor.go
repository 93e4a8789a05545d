package clusterauth

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/doctor"
	"github.com/kubegatehouse/gatehouse/pkg/cmd/reading"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/sso"
)

const doctorLong = `
Find what is wrong with the authentication of clusters, and repair what can be repaired.

k0rdent's controller checks a ClusterAuthentication when it is written, and says nothing later: not when the Secret of
its CA goes or changes, not when a template takes no notice, not when a name is misspelt, which keeps a cluster from
even being deleted. Whether people get in shows when they try. Each configuration is judged as by "validate", for the
versions of Kubernetes of the clusters that use it.

Where Kalm is, its login is judged too: its SingleSignOnConfig, whom its protected endpoints let through, and what RBAC
lets people do with it (SS...). "sso" shows it.

Findings:
%s`

const doctorExample = `
# The example company
{cmd} doctor --from examples/acme

# One namespace, with what follows from each finding and what to do
{cmd} doctor -n kcm-system -o text --from examples/acme

# Repair what can be repaired, but look at the changes first
{cmd} doctor --fix --dry-run=server

# Fail a pull request that would keep people out
{cmd} doctor --from manifests/ --severity error -o junit > doctor.xml`

func newDoctorCommand(env *cli.Env) *cobra.Command {
	return doctor.NewCommand(env, clinic(newSources(env)))
}

// Doctor returns what this plugin knows about judging, for a doctor of everything. That k0rdent is not installed is no news
// to it.
func Doctor(env *cli.Env, flags *reading.Flags) doctor.Clinic {
	return clinic(&sources{Flags: flags, env: env, unasked: true})
}

func clinic(s *sources) doctor.Clinic {
	return doctor.Clinic{
		Use: "doctor", Short: "Find what is wrong with the authentication of clusters, and repair it",
		Long: fmt.Sprintf(doctorLong, doctorFindings()), Example: doctorExample,
		Noun: "namespace", Sample: "KC001", Kind: "ClusterAuthenticationDiagnosis", Rules: doctorRules(), Sources: s,
		Kinds: judgedKinds(),
		Admit: func(ctx context.Context, want inventory.Want) (*doctor.Ward, error) {
			// References and copies go from one namespace to another: the doctor shows what concerns one.
			l, err := s.load(ctx, "", want.Kinds, clusterauth.CAs, clusterauth.AuthConfigs)
			if err != nil {
				return nil, err
			}
			logins := sso.NewState(l.Inventory, s.env.Clock.Now())
			w := ward(l, logins)
			if s.unasked && len(w.Patients) == 0 && !logins.Here() {
				w.Judge = func(context.Context, func(string) bool) ([]finding.Finding, error) { return nil, nil }
				return w, nil
			}
			if want.Namespace == "" && len(w.Patients) == 0 && !logins.Here() || want.Namespace != "" && !slices.Contains(w.Patients, want.Namespace) {
				s.warnNone(l, want.Namespace)
			}
			return w, nil
		},
	}
}

// judgedKinds are what the doctor reads: for the logins of clusters, and for those of Kalm.
func judgedKinds() []inventory.Kind {
	kinds := append(clusterauth.JudgedKinds(), sso.JudgedKinds()...)
	slices.Sort(kinds)
	return slices.Compact(kinds)
}

// ward is what the doctor looks at: the namespaces with clusters, ClusterAuthentications, or logins of Kalm's.
func ward(l *loaded, logins *sso.State) *doctor.Ward {
	namespaces := logins.Namespaces()
	for _, a := range l.state.Authentications() {
		namespaces = append(namespaces, a.Namespace)
	}
	for _, c := range l.state.Clusters() {
		namespaces = append(namespaces, c.Namespace)
	}
	slices.Sort(namespaces)
	return &doctor.Ward{
		Reading: l.Reading, Patients: slices.Compact(namespaces),
		Judge: func(ctx context.Context, wants func(string) bool) ([]finding.Finding, error) {
			all := append(clusterauth.Judge(l.state), sso.Judge(logins)...)
			if !slices.ContainsFunc(rightsRules(), wants) {
				return all, nil
			}
			index, err := l.Rights(ctx)
			if err != nil {
				return nil, err
			}
			all = append(all, clusterauth.JudgeEditors(l.state, index)...)
			all = append(all, sso.JudgeRights(logins, index)...)
			if gaps := index.Snapshot().Gaps; len(gaps) > 0 {
				l.add(gaps)
				all = append(all, unjudgedRights(logins.Here()))
			}
			return all, nil
		},
	}
}

// add has gaps count as ones of what was read, for --strict and for what is told of them.
func (l *loaded) add(gaps []rbac.Gap) {
	inv := *l.Inventory // that of the state stays as it is
	inv.Gaps = slices.Concat(inv.Gaps, gaps)
	l.Inventory = &inv
}

// rightsRules are the ids of what is found with roles and bindings only.
func rightsRules() []string { return append(clusterauth.EditorRules(), sso.RightsRules()...) }

// unjudgedRights says that the rules on roles and bindings are silent; those about Kalm, where it is.
func unjudgedRights(kalm bool) finding.Finding {
	rules := clusterauth.EditorRules()
	if kalm {
		rules = rightsRules()
	}
	return finding.Finding{
		ID: doctor.Unjudged, Severity: finding.Info,
		Message: "not everything is judged by " + strings.Join(rules, ", ") + ": not all roles and bindings can be read",
		Why:     "What is not seen is not found. Ask somebody who may read them to run this, or for the right to read them.",
	}
}

// doctorFindings lists the kinds of findings for the help.
func doctorFindings() string {
	var out strings.Builder
	for _, check := range clusterauth.Checks() {
		fmt.Fprintf(&out, "  %s %-8s %s\n", check.ID, check.Severity, check.Title)
	}
	for _, check := range sso.Checks() {
		fmt.Fprintf(&out, "  %s %-8s %s\n", check.ID, check.Severity, check.Title)
	}
	out.WriteString("  AU...          what \"validate\" finds: see \"validate -h\"")
	return out.String()
}

func doctorRules() []doctor.Rule {
	return append(append(clusterauth.Rules(), sso.Rules()...), doctor.Rule{ID: doctor.Unjudged})
}
