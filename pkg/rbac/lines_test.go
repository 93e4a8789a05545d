package rbac_test

import (
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestLines(t *testing.T) {
	t.Parallel()
	rules := []rbacv1.PolicyRule{
		{Verbs: []string{"list", "get"}, APIGroups: []string{""}, Resources: []string{"nodes", "pods"}},
		{Verbs: []string{"watch"}, APIGroups: []string{""}, Resources: []string{"pods"}},
		{Verbs: []string{"deletecollection", "delete"}, APIGroups: []string{""}, Resources: []string{"pods"}, ResourceNames: []string{"b", "a"}},
		{Verbs: []string{"get"}, NonResourceURLs: []string{"/metrics"}},
	}
	line := func(r *rbac.Right) string {
		text := strings.Join(r.Verbs, ",") + " " + r.Resource + r.URL + " " + strings.Join(r.Names, ",")
		if r.Void != "" {
			text += " (" + r.Void + ")"
		}
		return text
	}
	const collection = "deletecollection pods a,b (requests of this verb carry no name)"
	for name, tt := range map[string]struct {
		namespaced bool
		want       []string
	}{
		"as a ClusterRoleBinding gives them": {false, []string{
			"get,list nodes ", "get,list,watch pods ", "delete pods a,b", collection, "get /metrics ",
		}},
		"as RoleBindings give them": {true, []string{
			"get,list nodes  (cluster-scoped, but through a RoleBinding)", "get,list,watch pods ", "delete pods a,b", collection,
			"get /metrics  (a URL needs a ClusterRoleBinding)",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, right := range rbac.NewCatalog(nil).Lines(rules, tt.namespaced) {
				got = append(got, line(&right))
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// TestVoid is about verbs within "*".
func TestVoid(t *testing.T) {
	t.Parallel()
	c := rbac.NewCatalog(nil)
	tests := map[string]struct {
		right rbac.Right
		verb  string
		want  bool
	}{
		"its own namespace":              {rbac.Right{Resource: "namespaces"}, "get", false},
		"all namespaces":                 {rbac.Right{Resource: "namespaces"}, "list", true},
		"all namespaces, everywhere":     {rbac.Right{Resource: "namespaces", Everywhere: true}, "list", false},
		"many pods, by name":             {rbac.Right{Resource: "pods", Names: []string{"web-0"}}, "deletecollection", true},
		"many pods, also without a name": {rbac.Right{Resource: "pods", Names: []string{"", "web-0"}}, "deletecollection", false},
		"a line that is void":            {rbac.Right{Resource: "pods", Void: "so it is"}, "get", true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.right.Verbs = []string{"*"}
			if got := c.Void(&tt.right, tt.verb); (got != "") != tt.want {
				t.Errorf("got %q, want a reason: %v", got, tt.want)
			}
		})
	}
}
