package rbac_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestRuleText(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rule rbacv1.PolicyRule
		want string
	}{
		"resources": {
			rule: rbacv1.PolicyRule{Verbs: []string{"get", "*"}, APIGroups: []string{""}, Resources: []string{"pods/log"}, ResourceNames: []string{"a b"}},
			want: `{apiGroups: [""], resources: [pods/log], resourceNames: ["a b"], verbs: [get, "*"]}`,
		},
		"nothing": {want: "{}"},
		"urls": {
			rule: rbacv1.PolicyRule{Verbs: []string{"get"}, NonResourceURLs: []string{"/healthz/*"}},
			want: `{nonResourceURLs: ["/healthz/*"], verbs: [get]}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := rbac.RuleText(&tt.rule); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestMissingRules(t *testing.T) {
	t.Parallel()
	gap := func(group string, names []string, resources ...string) rbac.Gap {
		return rbac.Gap{Missing: &rbacv1.PolicyRule{
			APIGroups: []string{group}, Resources: resources, ResourceNames: names, Verbs: []string{"list"},
		}}
	}
	urls := rbac.Gap{Missing: &rbacv1.PolicyRule{NonResourceURLs: []string{"/api"}, Verbs: []string{"list"}}}
	gaps := []rbac.Gap{
		gap("", nil, "pods"),
		{What: "no rule helps"},
		gap("apps", nil, "deployments"), urls, gap("", nil, "namespaces", "pods"),
		gap("", []string{"kubeflow"}, "namespaces"), urls,
	}
	want := []rbacv1.PolicyRule{
		*gap("", nil, "namespaces", "pods").Missing, *gap("apps", nil, "deployments").Missing, *urls.Missing,
		*gap("", []string{"kubeflow"}, "namespaces").Missing,
	}
	if diff := cmp.Diff(want, rbac.MissingRules(gaps)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"pods"}, gaps[0].Missing.Resources); diff != "" {
		t.Errorf("the gap itself changed (-want +got):\n%s", diff)
	}
}
