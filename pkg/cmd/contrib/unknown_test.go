package contrib

import (
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// closeKalm makes "x" a namespace of which the caller reads the role bindings of Kubernetes and the policies, but neither
// what it is nor the role bindings of Kalm's.
func closeKalm(c *cluster) {
	for group, resource := range map[string]string{"core.kalm.dev/v1alpha1": "rolebindings", "kubeflow.org/v1": "profiles"} {
		c.Object("/apis/"+group, &metav1.APIResourceList{GroupVersion: group, APIResources: []metav1.APIResource{{Name: resource}}})
	}
	for _, path := range []string{
		"/apis/core.kalm.dev/v1alpha1/rolebindings", "/apis/core.kalm.dev/v1alpha1/namespaces/x/rolebindings",
		"/apis/core.kalm.dev/v1alpha1/namespaces/kalm-system/rolebindings", "/apis/core.kalm.dev/v1alpha1/namespaces/default/rolebindings",
		"/apis/kubeflow.org/v1/profiles/x", "/api/v1/namespaces/x",
	} {
		c.Forbid(path, "forbidden")
	}
	c.collection(rbacPath+"/namespaces/x/rolebindings", `{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBindingList", "metadata": {},
		"items": [{"metadata": {"name": "bobs", "namespace": "x"},
		"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "edit"},
		"subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "bob@x.com"}]}]}`)
}

// A namespace that may be Kalm's for all that is known is not taken for another's as if it were known.
func TestMayBeKalms(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"partial/maybe-list":   {"list", "-n", "x"},
		"partial/maybe-strict": {"list", "-n", "x", "--strict"},
		"partial/maybe-remove": {"remove", "bob@x.com", "-n", "x", "--dry-run=server", "--preview=none"},
		"partial/maybe-add":    {"add", "zoe@x.com", "--role", "viewer", "-n", "x", "--dry-run=server", "--preview=none"},
		"partial/maybe-role":   {"set-role", "bob@x.com", "--role", "viewer", "-n", "x", "--dry-run=server", "--preview=none"},
		"partial/maybe-chosen": {"add", "zoe@x.com", "--role", "viewer", "-n", "x", "--flavor", "native", "--dry-run=server", "--preview=none"},
		"partial/maybe-kalm":   {"add", "zoe@x.com", "--role", "viewer", "-n", "x", "--flavor", "kalm", "--dry-run=server", "--preview=none"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, anything)
			closeKalm(c)
			golden.Equal(t, c.ask(t, args...).String(), name)
		})
	}
}

// Kalm's own namespace is Kalm's, whether or not it can be read.
func TestKalmSystem(t *testing.T) {
	t.Parallel()
	c := newCluster(t, anything)
	c.Object("/apis/core.kalm.dev/v1alpha1", &metav1.APIResourceList{GroupVersion: "core.kalm.dev/v1alpha1", APIResources: []metav1.APIResource{{Name: "rolebindings"}}})
	c.Forbid("/api/v1/namespaces/kalm-system", "forbidden")
	c.collection("/apis/core.kalm.dev/v1alpha1/namespaces/kalm-system/rolebindings",
		`{"apiVersion": "core.kalm.dev/v1alpha1", "kind": "RoleBindingList", "metadata": {}, "items": []}`)
	got := c.ask(t, "add", "zoe@x.com", "--role", "viewer", "--cluster-wide", "--dry-run=server", "--preview=none")
	golden.Equal(t, got.String(), "partial/kalm-system")
}
