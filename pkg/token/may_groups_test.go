package token_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/token"
)

// What a group gives is told apart from what the account itself has, though a line of rights has the verbs of both; what
// Kubernetes ships for the same groups does not count.
func TestMayByGroups(t *testing.T) {
	t.Parallel()
	strong := rbac.Role{Name: "strong", Rules: []rbacv1.PolicyRule{
		{Verbs: []string{"get", "create", "delete"}, APIGroups: []string{""}, Resources: []string{"pods"}},
		{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"secrets"}},
	}}
	discovery := rbac.Role{Name: "system:discovery", Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, NonResourceURLs: []string{"/api", "/version"}}}}
	own := rbac.Binding{Namespace: "shop", Name: "ci", RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "ci"}, Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Namespace: "shop", Name: "ci"}}}
	give := func(namespace, group string) rbac.Binding {
		return rbac.Binding{Namespace: namespace, Name: "all", RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "strong"}, Subjects: []rbacv1.Subject{{Kind: "Group", Name: group}}}
	}
	shipped := rbac.Binding{Name: "system:discovery", RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "system:discovery"}, Subjects: []rbacv1.Subject{{Kind: "Group", Name: rbac.GroupAuthenticated}}}
	tests := map[string]struct {
		binding rbac.Binding
		groups  []string
		path    string
		short   string
	}{
		"of the namespace": {
			binding: give("shop", "system:serviceaccounts:shop"), groups: []string{"get, create, delete pods in shop", "get secrets in shop"},
			path:  "rolebinding/all > clusterrole/strong in shop (via group:system:serviceaccounts:shop)",
			short: "get pods in shop; by its groups: get, create, delete pods in shop; get secrets in shop",
		},
		"of all": {
			binding: give("", "system:serviceaccounts"), groups: []string{"get, create, delete pods everywhere", "get secrets everywhere"},
			path:  "clusterrolebinding/all > clusterrole/strong everywhere (via group:system:serviceaccounts)",
			short: "get pods in shop; by its groups: get, create, delete pods everywhere; get secrets everywhere",
		},
		"everybody": {
			binding: give("other", "system:authenticated"), groups: []string{"get, create, delete pods in other", "get secrets in other"},
			path:  "rolebinding/all > clusterrole/strong in other (via group:system:authenticated)",
			short: "get pods in shop; by its groups: get, create, delete pods in other; get secrets in other",
		},
		"of another namespace": {binding: give("shop", "system:serviceaccounts:other"), short: "get pods in shop"},
		"somebody else's":      {binding: give("shop", "team"), short: "get pods in shop"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			snapshot := &rbac.Snapshot{
				Roles:    []rbac.Role{{Namespace: "shop", Name: "ci", Rules: pods}, strong, discovery},
				Bindings: []rbac.Binding{own, shipped, tt.binding},
			}
			s := token.NewState(world(), rbac.Compile(snapshot), now)
			found, err := s.Find("shop", "ci")
			if err != nil {
				t.Fatal(err)
			}
			want := token.May{Known: true, Rights: []string{"get pods in shop"}, Paths: []string{"rolebinding/ci > role/ci in shop"}, ByGroups: tt.groups}
			if tt.path != "" {
				want.GroupPaths = []string{tt.path}
			}
			may := s.MayOf(found[0])
			if diff := cmp.Diff(want, may); diff != "" {
				t.Errorf("may (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.short, may.Short()); diff != "" {
				t.Errorf("short (-want +got):\n%s", diff)
			}
			var told []string
			for _, f := range token.Judge(s) {
				if f.ID == "TK013" {
					t.Errorf("the account itself has no more than its Role: %s", f.Message)
				}
				if f.ID == "TK021" {
					told = append(told, f.Object+": "+f.Message)
				}
			}
			var findings []string
			if tt.path != "" {
				findings = []string{"namespace shop: ci may do more than the token was made for: " + tt.path}
			}
			if diff := cmp.Diff(findings, told); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			d, err := token.Create(s, token.Request{Namespace: "shop", Name: "new", Rules: pods, Expires: now.Add(time.Hour)})
			if err != nil {
				t.Fatal(err)
			}
			if noted := strings.Contains(strings.Join(d.Notes, "\n"), "by groups that it is in: "+tt.path); noted != (tt.path != "") {
				t.Errorf("notes: %q", d.Notes)
			}
		})
	}
}

// Nothing that Kubernetes ships for service accounts counts, with all feature gates.
func TestMayShipped(t *testing.T) {
	t.Parallel()
	bundles := []rbacv1.PolicyRule{{Verbs: []string{"get", "list", "watch"}, APIGroups: []string{"certificates.k8s.io"}, Resources: []string{"clustertrustbundles"}}}
	const name = "system:cluster-trust-bundle-discovery"
	snapshot := &rbac.Snapshot{
		Roles:    []rbac.Role{{Name: name, Rules: bundles}},
		Bindings: []rbac.Binding{{Name: name, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: name}, Subjects: []rbacv1.Subject{{Kind: "Group", Name: rbac.GroupServiceAccounts}}}},
	}
	for _, f := range token.Judge(token.NewState(world(), rbac.Compile(snapshot), now)) {
		if f.ID == "TK021" {
			t.Errorf("what is shipped is found: %s", f.Message)
		}
	}
}

// A shipped role that somebody has put more into is no longer what everybody has.
func TestMayByShippedRole(t *testing.T) {
	t.Parallel()
	snapshot := &rbac.Snapshot{
		Roles:    []rbac.Role{{Name: "system:basic-user", Rules: pods}},
		Bindings: []rbac.Binding{{Name: "system:basic-user", RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "system:basic-user"}, Subjects: []rbacv1.Subject{{Kind: "Group", Name: rbac.GroupAuthenticated}}}},
	}
	s := token.NewState(world(), rbac.Compile(snapshot), now)
	found, err := s.Find("shop", "ci")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"get pods everywhere"}, s.MayOf(found[0]).ByGroups); diff != "" {
		t.Errorf("by groups (-want +got):\n%s", diff)
	}
}
