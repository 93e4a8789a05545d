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

func TestObjects(t *testing.T) {
	t.Parallel()
	machine := &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"name": "edge-cp-0"}}}
	inv := &inventory.Inventory{Custom: map[inventory.Kind][]*unstructured.Unstructured{inventory.Machines: {machine}}}
	for kind, want := range map[inventory.Kind][]*unstructured.Unstructured{
		inventory.Machines: {machine}, inventory.Regions: nil, inventory.Profiles: nil,
	} {
		if diff := cmp.Diff(want, inv.Objects(kind)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
	if got := (&inventory.Inventory{}).Objects(inventory.Machines); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

func TestSecrets(t *testing.T) {
	t.Parallel()
	ca := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "a", Name: "ca"}}
	refused := func(namespace string, names ...string) rbac.Gap {
		return rbac.Gap{
			What: "secrets", Namespace: namespace,
			Missing: &rbacv1.PolicyRule{Verbs: []string{"get"}, Resources: []string{"secrets"}, ResourceNames: names},
		}
	}
	for name, test := range map[string]struct {
		gaps      []rbac.Gap
		namespace string
		name      string
		there     bool
		withheld  bool
	}{
		"read":                {namespace: "a", name: "ca", there: true},
		"not there":           {namespace: "a", name: "other"},
		"other namespace":     {namespace: "b", name: "ca"},
		"refused":             {gaps: []rbac.Gap{refused("b", "x", "ca")}, namespace: "b", name: "ca", withheld: true},
		"refused elsewhere":   {gaps: []rbac.Gap{refused("c", "ca")}, namespace: "b", name: "ca"},
		"another one refused": {gaps: []rbac.Gap{refused("b", "x")}, namespace: "b", name: "ca"},
		"all refused":         {gaps: []rbac.Gap{refused("")}, namespace: "b", name: "ca", withheld: true},
		"not in a snapshot":   {gaps: []rbac.Gap{{What: "secrets"}}, namespace: "b", name: "ca", withheld: true},
		"there for all that":  {gaps: []rbac.Gap{{What: "secrets"}}, namespace: "a", name: "ca", there: true},
		"encrypted": {
			gaps: []rbac.Gap{{What: "secrets ca in namespace b", Namespace: "b"}}, namespace: "b", name: "ca", withheld: true,
		},
		"another one encrypted": {gaps: []rbac.Gap{{What: "secrets ca in namespace b", Namespace: "b"}}, namespace: "b", name: "c"},
		"another kind refused":  {gaps: []rbac.Gap{{What: "pods"}}, namespace: "b", name: "ca"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := &inventory.Inventory{Secrets: []*corev1.Secret{ca}, Gaps: test.gaps}
			if got := inv.Secret(test.namespace, test.name); (got == ca) != test.there {
				t.Errorf("secret %v", got)
			}
			if got := inv.Withheld(test.namespace, test.name); (got != nil) != test.withheld {
				t.Errorf("withheld by %v", got)
			}
		})
	}
}
