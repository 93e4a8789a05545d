package clusterauth

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestUsageOf(t *testing.T) {
	t.Parallel()
	s := state(t, kcm, namespaces("kcm-system", "team-a", "team-b"), original(), oldShape, copied("team-a"),
		strings.Replace(deployment("hub", "{template: "+hosted+", clusterAuth: dex, config: {controlPlaneNumber: 3, k0s: {version: v1.36.3+k0s.1}}}"), "team-a", "kcm-system", 1),
		strings.Replace(deployment("eks", "{template: aws-eks-1-0-13, clusterAuth: dex}"), "team-a", "kcm-system", 1),
		strings.Replace(deployment("other", "{template: ours}"), "team-a", "kcm-system", 1))
	got, err := UsageOf(s, "kcm-system", "dex")
	checkRefusal(t, err, "", "")
	want := Usage{
		Namespace: "kcm-system", Name: "dex", CASecret: &k0rdent.SecretKey{Namespace: "kcm-system", Name: "dex-ca", Key: "ca.crt"},
		Clusters: []ClusterUse{
			{Namespace: "kcm-system", Name: "eks", Template: "aws-eks-1-0-13", ControlPlane: k0rdent.Managed, Uses: "no"},
			{
				Namespace: "kcm-system", Name: "hub", Template: hosted, ControlPlane: k0rdent.K0smotronControlPlane, Uses: "yes",
				K0s: "v1.36.3+k0s.1", Replicas: 3,
			},
		},
		Rules:    []RuleUse{{Rule: "accessmanagement kcm: accessRules[0]", Namespaces: []string{"team-a", "team-b"}}},
		Copies:   []Copy{{Namespace: "team-a", Name: "dex", State: Current}, {Namespace: "team-b", Name: "dex", State: Absent}},
		SharedCA: []string{"team-a/dex"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("usage (-want +got):\n%s", diff)
	}
	copied, err := UsageOf(s, "team-a", "dex")
	checkRefusal(t, err, "", "")
	if copied.Source != "kcm-system/dex" || len(copied.Rules) > 0 {
		t.Errorf("the copy is one of %q, with rules %v", copied.Source, copied.Rules)
	}
	_, err = UsageOf(s, "team-b", "dex")
	checkRefusal(t, err, "find clusterauthentication team-b/dex: it is not there", "there is one of this name in kcm-system and team-a")
}

// grants returns an index in which users have a role each in team-a.
func grants(roles map[string]rbacv1.PolicyRule) *rbac.Index {
	s := &rbac.Snapshot{}
	for user, rule := range roles {
		s.Roles = append(s.Roles, rbac.Role{Namespace: "team-a", Name: user, Rules: []rbacv1.PolicyRule{rule}})
		s.Bindings = append(s.Bindings, rbac.Binding{
			Namespace: "team-a", Name: user, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: user},
			Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: user}},
		})
	}
	return rbac.Compile(s)
}

func TestEditors(t *testing.T) {
	t.Parallel()
	index := grants(map[string]rbacv1.PolicyRule{
		"ann": {Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}},
		"bob": {Verbs: []string{"get", "update"}, APIGroups: []string{""}, Resources: []string{"secrets"}},
		"eve": {Verbs: []string{"patch"}, APIGroups: []string{"k0rdent.mirantis.com"}, Resources: []string{"clusterauthentications"}, ResourceNames: []string{"dex"}},
	})
	s := state(t, kcm, withCA, ca)
	u, err := UsageOf(s, "team-a", "dex")
	checkRefusal(t, err, "", "")
	var got []string
	for _, e := range Editors(index, u) {
		var who []string
		for _, g := range e.Answer.Grants {
			if !g.Superuser {
				who = append(who, g.Subject.Name)
			}
		}
		got = append(got, fmt.Sprintf("%s %s: %s", e.Action.Verb, e.What, strings.Join(who, " ")))
	}
	want := []string{
		"update clusterauthentication team-a/dex: ann", "patch clusterauthentication team-a/dex: ann eve", "delete clusterauthentication team-a/dex: ann",
		"update secret team-a/dex-ca: ann bob", "patch secret team-a/dex-ca: ann", "delete secret team-a/dex-ca: ann",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("editors (-want +got):\n%s", diff)
	}
}

func TestJudgeEditors(t *testing.T) {
	t.Parallel()
	group := rbacv1.PolicyRule{Verbs: []string{"*"}, APIGroups: []string{"k0rdent.mirantis.com"}, Resources: []string{"*"}}
	all := rbacv1.PolicyRule{Verbs: []string{"*"}, APIGroups: []string{"*"}, Resources: []string{"*"}}
	reader := rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{"k0rdent.mirantis.com"}, Resources: []string{"clusterauthentications"}}
	writer := rbacv1.PolicyRule{Verbs: []string{"update"}, APIGroups: []string{""}, Resources: []string{"secrets"}}
	none := "info KC025 : no binding lets anybody but administrators and k0rdent read ClusterAuthentications"
	tests := map[string]struct {
		roles map[string]rbacv1.PolicyRule
		want  []string
	}{
		"administrators": {map[string]rbacv1.PolicyRule{"ann": all}, []string{none}},
		"a reader":       {map[string]rbacv1.PolicyRule{"ann": all, "bob": reader}, nil},
		"all of k0rdent": {map[string]rbacv1.PolicyRule{"ann": all, "bob": group}, nil},
		"a writer of Secrets": {map[string]rbacv1.PolicyRule{"ann": all, "bob": reader, "eve": writer}, []string{
			"warning KC032 clusterauthentication team-a/dex: user:eve may write secret team-a/dex-ca, and not the object that trusts it",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := lines(JudgeEditors(state(t, kcm, withCA, ca), grants(test.roles)))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// A binding that could not be read may be the one that refutes the finding.
func TestJudgeEditorsInPart(t *testing.T) {
	t.Parallel()
	writer := rbacv1.PolicyRule{Verbs: []string{"update"}, APIGroups: []string{""}, Resources: []string{"secrets"}}
	s := state(t, kcm, withCA, ca)
	whole := grants(map[string]rbacv1.PolicyRule{"eve": writer}).Snapshot()
	if got := lines(JudgeEditors(s, rbac.Compile(whole))); len(got) != 2 {
		t.Fatalf("findings %v, want KC025 and KC032", got)
	}
	part := *whole
	part.Gaps = []rbac.Gap{{What: "clusterrolebindings", Cause: "forbidden"}}
	if got := lines(JudgeEditors(s, rbac.Compile(&part))); len(got) > 0 {
		t.Errorf("findings %v of what was read in part", got)
	}
}
