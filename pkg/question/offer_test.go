package question

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// TestObjectNames offers the names of roles and bindings, and not those of what the API server told in place of them.
func TestObjectNames(t *testing.T) {
	t.Parallel()
	index := rbac.Compile(&rbac.Snapshot{
		Roles: []rbac.Role{
			{Name: "view"},
			{Namespace: "dev", Name: "reader"},
			{Namespace: "qa", Name: "tester"},
			{Namespace: "dev", Name: "told", Origin: rbac.ToldOrigin},
		},
		Bindings: []rbac.Binding{
			{Namespace: "dev", Name: "readers", RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "reader"}},
			{Namespace: "dev", Name: "told", RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "told"}, Origin: rbac.ToldOrigin},
		},
		ServiceAccounts: []rbac.ObjectRef{{Namespace: "dev", Name: "bot"}, {Namespace: "qa", Name: "bot-2"}},
	})
	tests := map[string]struct {
		group, resource, namespace string
		want                       []string
	}{
		"roles":               {rbacv1.GroupName, "roles", "dev", []string{"reader"}},
		"roles everywhere":    {rbacv1.GroupName, "roles", "", []string{"reader", "tester"}},
		"cluster roles":       {rbacv1.GroupName, "clusterroles", "", []string{"view"}},
		"bindings":            {rbacv1.GroupName, "rolebindings", "dev", []string{"readers"}},
		"service accounts":    {"", "serviceaccounts", "qa", []string{"bot-2"}},
		"what nobody listed":  {"", "pods", "dev", nil},
		"no such thing there": {rbacv1.GroupName, "rolebindings", "qa", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			resource := rbac.Resource{Group: tt.group, Name: tt.resource, Namespaced: tt.resource != "clusterroles"}
			got := slices.Sorted(ObjectNames(index, resource, tt.namespace))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
