package rbac_test

import (
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// rule writes a policy rule as "verbs groups resources [names]", each a comma list; "-" is the core group.
func rule(text string) rbacv1.PolicyRule {
	f := strings.Fields(text)
	list := func(i int) []string {
		if i >= len(f) {
			return nil
		}
		return strings.Split(strings.ReplaceAll(f[i], "-", ""), ",")
	}
	p := rbacv1.PolicyRule{Verbs: strings.Split(f[0], ",")}
	if strings.HasPrefix(f[1], "/") || f[1] == "url" {
		p.NonResourceURLs = strings.Split(strings.TrimPrefix(f[1], "url"), ",")
		return p
	}
	p.APIGroups, p.Resources = list(1), strings.Split(f[2], ",")
	if len(f) > 3 {
		p.ResourceNames = strings.Split(f[3], ",")
	}
	return p
}

// role makes a Role "ns/name", or a ClusterRole "name".
func role(name string, rules ...string) rbac.Role {
	r := rbac.Role{Name: name, Stored: true}
	if ns, short, ok := strings.Cut(name, "/"); ok {
		r.Namespace, r.Name = ns, short
	}
	for _, text := range rules {
		r.Rules = append(r.Rules, rule(text))
	}
	return r
}

// bind makes a RoleBinding "ns/name", or a ClusterRoleBinding "name"; a role starting with "role/" is a Role.
func bind(t testing.TB, name, to string, subjects ...string) rbac.Binding {
	t.Helper()
	b := rbac.Binding{Name: name, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: to}}
	if ns, short, ok := strings.Cut(name, "/"); ok {
		b.Namespace, b.Name = ns, short
	}
	if short, ok := strings.CutPrefix(to, "role/"); ok {
		b.RoleRef.Kind, b.RoleRef.Name = "Role", short
	}
	for _, text := range subjects {
		s, err := rbac.ParseSubject(text)
		if err != nil {
			t.Fatal(err)
		}
		b.Subjects = append(b.Subjects, s.RBAC())
	}
	return b
}

func subject(t testing.TB, text string) rbac.Subject {
	t.Helper()
	s, err := rbac.ParseSubject(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// company is a small world that most tests share.
func company(t testing.TB) *rbac.Index {
	t.Helper()
	return rbac.Compile(&rbac.Snapshot{
		Roles: []rbac.Role{
			role("view", "get,list,watch - pods,pods/log,configmaps"),
			role("edit", "get,list,watch - pods,pods/log,secrets", "create,update,patch,delete - pods", "create - pods/exec"),
			role("nodes", "get,list - nodes,namespaces"),
			role("metrics", "get /metrics,/healthz*"),
			role("metrics-pods", "get,list metrics.k8s.io pods"),
			role("dev/leader", "get,list,create - configmaps", "update - configmaps lock", "delete - configmaps other"),
			role("dev/one-secret", "get - secrets db"),
			role("scaler", "get,update * */scale"),
		},
		Bindings: []rbac.Binding{
			bind(t, "ops-edit", "edit", "group:ops"),
			bind(t, "everyone-metrics", "metrics", "system:authenticated"),
			bind(t, "mallory", "metrics-pods", "mallory"),
			bind(t, "dev/viewers", "view", "alice", "group:readers"),
			bind(t, "qa/viewers", "view", "alice"),
			bind(t, "qa/editors", "edit", "bob", "sa:qa/bot"),
			bind(t, "dev/leader", "role/leader", "sa:dev/bot"),
			bind(t, "dev/one-secret", "role/one-secret", "alice"),
			bind(t, "dev/nodes", "nodes", "bob"),
			bind(t, "dev/gone", "does-not-exist", "carol"),
			bind(t, "dev/Bob", "edit", "Bob"),
			bind(t, "hpa", "scaler", "sa:kube-system/hpa"),
		},
	})
}
