package cluster_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/test/bench/cluster"
)

func TestNew(t *testing.T) {
	t.Parallel()
	type counts struct{ Namespaces, Roles, ClusterRoles, RoleBindings, ClusterRoleBindings int }
	for name, tt := range map[string]struct {
		size cluster.Size
		want counts
	}{
		"mid":  {cluster.Mid(), counts{450, 1350, 197, 4500, 200}},
		"huge": {cluster.Huge(), counts{5000, 15000, 1997, 50000, 2000}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := cluster.New(tt.size)
			got := counts{len(set.Namespaces), len(set.Roles), len(set.ClusterRoles), len(set.RoleBindings), len(set.ClusterRoleBindings)}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestNewRepeats checks that the same size gives the same objects, that bindings lead somewhere, and that aggregated roles are filled.
func TestNewRepeats(t *testing.T) {
	t.Parallel()
	set := cluster.New(cluster.Mid())
	if diff := cmp.Diff(set, cluster.New(cluster.Mid())); diff != "" {
		t.Errorf("differs from time to time:\n%s", diff)
	}
	known := map[[3]string]bool{}
	for _, r := range set.ClusterRoles {
		known[[3]string{"ClusterRole", "", r.Name}] = true
		if len(r.Rules) == 0 {
			t.Errorf("clusterrole %s has no rules", r.Name)
		}
	}
	for _, r := range set.Roles {
		known[[3]string{"Role", r.Namespace, r.Name}] = true
	}
	check := func(ref rbacv1.RoleRef, namespace string) {
		if ref.Kind == "ClusterRole" {
			namespace = ""
		}
		if !known[[3]string{ref.Kind, namespace, ref.Name}] {
			t.Errorf("no %s %s in %q", ref.Kind, ref.Name, namespace)
		}
	}
	for _, b := range set.ClusterRoleBindings {
		check(b.RoleRef, "")
	}
	for _, b := range set.RoleBindings {
		check(b.RoleRef, b.Namespace)
	}
}
