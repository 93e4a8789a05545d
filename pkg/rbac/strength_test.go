package rbac_test

import (
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestStrengths(t *testing.T) {
	t.Parallel()
	rule := func(verbs, groups, resources string, names ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{
			Verbs: strings.Split(verbs, ","), APIGroups: strings.Split(groups, ","), Resources: strings.Split(resources, ","), ResourceNames: names,
		}
	}
	tests := map[string]struct {
		rules []rbacv1.PolicyRule
		want  string
	}{
		"nothing":                     {nil, ""},
		"looking at pods":             {[]rbacv1.PolicyRule{rule("get,list", "", "pods")}, ""},
		"everything":                  {[]rbacv1.PolicyRule{rule("*", "*", "*")}, "everything"},
		"everything of some names":    {[]rbacv1.PolicyRule{rule("*", "*", "*", "a")}, "escalate, bind, impersonate, tokens"},
		"secrets":                     {[]rbacv1.PolicyRule{rule("list", "", "secrets")}, "secrets"},
		"one secret":                  {[]rbacv1.PolicyRule{rule("get", "", "secrets", "db")}, ""},
		"secrets of another group":    {[]rbacv1.PolicyRule{rule("list", "example.com", "secrets")}, ""},
		"all of a group":              {[]rbacv1.PolicyRule{rule("get", "", "*")}, "secrets, exec, wildcards"},
		"bind one role":               {[]rbacv1.PolicyRule{rule("bind", rbacv1.GroupName, "clusterroles", "view")}, "bind"},
		"bindings":                    {[]rbacv1.PolicyRule{rule("create", rbacv1.GroupName, "rolebindings")}, "write bindings"},
		"the token of one":            {[]rbacv1.PolicyRule{rule("create", "", "serviceaccounts/token", "robot")}, "tokens"},
		"shells":                      {[]rbacv1.PolicyRule{rule("create", "", "pods/exec")}, "exec"},
		"no wildcard":                 {[]rbacv1.PolicyRule{rule("get", "", "pods/*")}, ""},
		"several rules add up":        {[]rbacv1.PolicyRule{rule("impersonate", "", "users"), rule("escalate", rbacv1.GroupName, "roles")}, "escalate, impersonate"},
		"URLs are none of its affair": {[]rbacv1.PolicyRule{{Verbs: []string{"*"}, NonResourceURLs: []string{"*"}}}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ix := rbac.Compile(&rbac.Snapshot{Roles: []rbac.Role{{Name: "x", Rules: tt.rules}}})
			strength := ix.Strengths()[0]
			if got := strings.Join(strength.Words(), ", "); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			if first, _, _ := strings.Cut(tt.want, ", "); strings.Join(strength.Strongest().Words(), ", ") != first {
				t.Errorf("the strongest is %q, want %q", strength.Strongest().Words(), first)
			}
		})
	}
}
