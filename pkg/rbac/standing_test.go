package rbac_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// standingIndex has an aggregated role, a part of it, a role in a namespace, and bindings to each and to what is not there.
func standingIndex() *rbac.Index {
	get := func(resource string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{resource}}
	}
	user := func(name string) rbacv1.Subject { return rbac.User(name).RBAC() }
	return rbac.Compile(&rbac.Snapshot{
		Roles: []rbac.Role{
			{Namespace: "dev", Name: "own", Rules: []rbacv1.PolicyRule{get("secrets")}},
			{Name: "part", Labels: map[string]string{"to": "whole"}, Rules: []rbacv1.PolicyRule{get("pods"), get("services")}},
			{Name: "whole", Aggregates: []metav1.LabelSelector{{MatchLabels: map[string]string{"to": "whole"}}}},
		},
		Bindings: []rbac.Binding{
			{Namespace: "dev", Name: "own", RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "own"}, Subjects: []rbacv1.Subject{user("bob"), user("bob"), {Kind: "Robot"}}},
			{Namespace: "dev", Name: "gone", RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "gone"}, Subjects: []rbacv1.Subject{user("ann")}},
			{Name: "whole", RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "whole"}, Subjects: []rbacv1.Subject{user("ann"), user("bob")}},
		},
	})
}

func TestStanding(t *testing.T) {
	t.Parallel()
	ix := standingIndex()
	type bound struct {
		Binding, Role string
		Subjects      []string
	}
	var got []bound
	for n, b := range ix.Bindings() {
		role, subjects := ix.Bound(n)
		one := bound{Binding: b.ID().String()}
		if role >= 0 {
			one.Role = ix.Roles()[role].ID().String()
		}
		for _, s := range subjects {
			one.Subjects = append(one.Subjects, ix.Subjects()[s].String())
		}
		got = append(got, one)
	}
	want := []bound{
		{"clusterrolebinding/whole", "clusterrole/whole", []string{"user:ann", "user:bob"}},
		{"rolebinding/dev/gone", "", []string{"user:ann"}},
		{"rolebinding/dev/own", "role/dev/own", []string{"user:bob"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("bindings (-want +got):\n%s", diff)
	}
	bob, named := ix.SubjectNumber(rbac.User("bob"))
	if diff := cmp.Diff([]int32{0, 2}, ix.BindingsOf(bob)); diff != "" || !named {
		t.Errorf("bindings of bob, named %v (-want +got):\n%s", named, diff)
	}
	if _, named := ix.SubjectNumber(rbac.User("eve")); named {
		t.Error("a binding names eve")
	}
}

func TestOrigin(t *testing.T) {
	t.Parallel()
	ix := standingIndex()
	whole, _ := ix.RoleNumber(rbac.ObjectID{Kind: "ClusterRole", Name: "whole"})
	part, _ := ix.RoleNumber(rbac.ObjectID{Kind: "ClusterRole", Name: "part"})
	if diff := cmp.Diff([]int32{int32(part)}, ix.Parts(whole)); diff != "" {
		t.Errorf("parts (-want +got):\n%s", diff)
	}
	from, rule := ix.Origin(whole, 1)
	if from == nil || from.Name != "part" || rule != 1 {
		t.Errorf("rule 1 comes from rule %d of %+v, want rule 1 of part", rule, from)
	}
	if from, _ := ix.Origin(part, 0); from != nil {
		t.Errorf("rule 0 of part comes from %s, want its own", from.Name)
	}
	for _, id := range []rbac.ObjectID{{Kind: "Role", Name: "whole"}, {Kind: "ClusterRole", Name: "own"}, {Kind: "Role", Namespace: "qa", Name: "own"}} {
		if n, found := ix.RoleNumber(id); found {
			t.Errorf("%s has number %d, want none", id, n)
		}
	}
}

func TestGapsOf(t *testing.T) {
	t.Parallel()
	roles := rbac.Gap{What: "roles in all namespaces", Missing: &rbacv1.PolicyRule{Resources: []string{"roles"}}}
	told := rbac.Gap{What: "rolebindings of a snapshot"}
	for resource, want := range map[string][]rbac.Gap{"roles": {roles}, "rolebindings": {told}, "clusterroles": nil} {
		if diff := cmp.Diff(want, rbac.GapsOf([]rbac.Gap{roles, told}, resource)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", resource, diff)
		}
	}
}
