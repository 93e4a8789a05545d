package contrib

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// Where not all can be read, "nothing to do" is nobody's answer, and what could not be read is told once.
func TestPartial(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"partial/offboard": {"offboard", "bob@x.com", "--yes"},
		"partial/rename":   {"rename", "bob@x.com", "rob@x.com", "--yes"},
		"partial/expire":   {"expire", "-A", "--yes"},
		"partial/list":     {"list", "-A"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, func(string, string) bool { return false })
			c.Forbid(rbacPath+"/namespaces/default/rolebindings", "rolebindings is forbidden")
			c.Forbid(strings.Replace(meshPath, "/x/", "/default/", 1), "authorizationpolicies is forbidden")
			c.Forbid("/api/v1/namespaces/default", "forbidden")
			for _, path := range []string{
				"/api/v1/serviceaccounts", "/api/v1/namespaces/default/serviceaccounts", "/api/v1/secrets", "/api/v1/namespaces/default/secrets",
				rbacPath + "/namespaces/default/roles",
			} {
				c.Forbid(path, "forbidden")
			}
			c.Forbid("/apis/kubeflow.org/v1/profiles/default", "forbidden")
			golden.Equal(t, c.ask(t, args...).String(), name)
			if len(c.writes) > 0 {
				t.Errorf("writes: %q", c.writes)
			}
		})
	}
}

// An owner of a native workspace is not told of policies, which it has none of.
func TestNativeOwner(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"list", "-n", "x"}, {"add", "bob@x.com", "--role", "editor", "-n", "x", "--dry-run=server", "--preview=none"}, {"export", "-n", "x", "--strict"}} {
		c := newCluster(t, anything)
		c.Object("/api/v1/namespaces/x", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
			Name: "x", Annotations: map[string]string{"gatehouse.dev/owner": "user:ann@x.com"}, Labels: map[string]string{"gatehouse.dev/profile": "true"},
		}})
		c.Forbid("/apis/kubeflow.org/v1/profiles/x", "profiles is forbidden")
		c.Forbid(meshPath, "authorizationpolicies is forbidden")
		c.collection(rbacPath+"/namespaces/x/rolebindings", `{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBindingList", "metadata": {}, "items": []}`)
		got := c.ask(t, args...)
		if got.Code != 0 || strings.Contains(got.Stderr, "cannot read") || strings.Contains(got.Stderr, "security.istio.io") {
			t.Errorf("%v: %s", args, got)
		}
	}
}

// Without a terminal the changes and what they give are shown before they are refused.
func TestGainsWithoutTerminal(t *testing.T) {
	t.Parallel()
	c := newCluster(t, anything)
	rule := rbacv1.PolicyRule{APIGroups: []string{""}, Verbs: []string{"get"}, Resources: []string{"pods"}}
	c.Object(rbacPath+"/clusterroles", &rbacv1.ClusterRoleList{Items: []rbacv1.ClusterRole{
		{ObjectMeta: metav1.ObjectMeta{Name: "kubeflow-edit"}, Rules: []rbacv1.PolicyRule{rule}},
	}})
	c.Object(rbacPath+"/rolebindings", &rbacv1.RoleBindingList{})
	c.Object(rbacPath+"/clusterrolebindings", &rbacv1.ClusterRoleBindingList{})
	c.Object(rbacPath+"/roles", &rbacv1.RoleList{})
	golden.Equal(t, c.ask(t, "add", "bob@x.com", "--role", "editor", "-n", "x").String(), "live/no-terminal")
	if len(c.writes) > 0 {
		t.Errorf("writes: %q", c.writes)
	}
}

// A snapshot from before annotations were kept does not tell when roles end.
func TestOldSnapshot(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "old.ghs")
	if err := os.WriteFile(path, []byte(`{"apiVersion":"gatehouse.dev/v1alpha1","kind":"Snapshot","cluster":"acme",
"bindings":[{"namespace":"checkout","name":"guest","roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"},
"subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"guest@x.com"}]}],
"namespaces":[{"name":"checkout","labels":{"gatehouse.dev/profile":"true"}}]}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, args := range map[string][]string{
		"partial/old-snapshot": {}, "partial/old-snapshot-json": {"-o", "jsonpath={.items[*].expiryUnknown}"},
	} {
		got := execute(t, "", append([]string{"list", "-A", "--from", path}, args...)...).String()
		golden.Equal(t, strings.ReplaceAll(got, path, "old.ghs"), name)
	}
}
