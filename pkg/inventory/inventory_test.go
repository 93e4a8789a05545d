package inventory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestLookup(t *testing.T) {
	t.Parallel()
	profile := &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"name": "team-a"}}}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "team-b"}}
	inv := &inventory.Inventory{Profiles: []*unstructured.Unstructured{profile}, Namespaces: []*corev1.Namespace{namespace}}
	if inv.Profile("team-a") != profile || inv.Profile("team-b") != nil {
		t.Errorf("profiles: %v, %v", inv.Profile("team-a"), inv.Profile("team-b"))
	}
	if inv.Namespace("team-b") != namespace || inv.Namespace("team-a") != nil {
		t.Errorf("namespaces: %v, %v", inv.Namespace("team-a"), inv.Namespace("team-b"))
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	refused := rbac.Gap{
		What: "profiles other than team-a", Missing: &rbacv1.PolicyRule{Resources: []string{"profiles"}},
	}
	absent := rbac.Gap{What: "pods"}
	inv := &inventory.Inventory{Gaps: []rbac.Gap{refused, absent, {What: "annotations of rolebindings"}}}
	for kind, want := range map[inventory.Kind][]rbac.Gap{
		inventory.Profiles: {refused}, inventory.Pods: {absent}, inventory.RoleBindings: nil,
	} {
		if diff := cmp.Diff(want, inv.Missing(kind)); diff != "" {
			t.Errorf("missing %s (-want +got):\n%s", kind, diff)
		}
	}
}
