package contrib

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
)

// guessed are manifests without the Namespace of Kalm's own.
const guessed = `
{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {kalm-enabled: "true"}}}
---
{apiVersion: core.kalm.dev/v1alpha1, kind: RoleBinding, metadata: {name: a, namespace: kalm-system},
  spec: {subject: ks@x.com, subjectType: user, role: editor, creator: me@x.com}}
---
{apiVersion: core.kalm.dev/v1alpha1, kind: RoleBinding, metadata: {name: b, namespace: shop},
  spec: {subject: ann@x.com, subjectType: user, role: viewer, creator: me@x.com}}
---
{apiVersion: core.kalm.dev/v1alpha1, kind: RoleBinding, metadata: {name: c, namespace: elsewhere},
  spec: {subject: bob@x.com, subjectType: user, role: viewer, creator: me@x.com}}
`

// spoilt is a token with a line of the policy that has a field too many.
const spoilt = `
---
{apiVersion: core.kalm.dev/v1alpha1, kind: AccessToken, metadata: {name: "77"},
  spec: {memo: m, token: t, creator: me@x.com, rules: [{verb: "view, x", namespace: shop, kind: components, name: web}]}}
`

// What is not known is said, and nobody becomes cluster-admin by a guess.
func TestMigrateUnknown(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		manifests string
		args      []string
	}{
		"migrate/guess":        {guessed, []string{"migrate", "-A", "--dry-run=client"}},
		"migrate/guess-report": {guessed, []string{"migrate", "-A", "--report", "table"}},
		"migrate/guess-doctor": {guessed, []string{"doctor", "-A", "--rule", "KL008"}},
		"migrate/spoilt":       {guessed + spoilt, []string{"migrate", "-n", "shop", "--report", "table"}},
		"migrate/spoilt-json":  {guessed + spoilt, []string{"migrate", "-n", "shop", "--report", "json"}},
		"migrate/flavor":       {guessed, []string{"migrate", "-A", "--flavor", "native"}},
		"migrate/creator":      {guessed, []string{"migrate", "-A", "--creator", "me@x.com"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, test.manifests, append(test.args, "--from", "-")...).String(), name)
		})
	}
}

// TestMigratePartial doesn't take what could not be read for nothing.
func TestMigratePartial(t *testing.T) {
	t.Parallel()
	const kalmPath = "/apis/core.kalm.dev/v1alpha1/"
	system := kalmPath + "namespaces/kalm-system/rolebindings"
	bound := func(namespace string) string {
		return `{"apiVersion": "core.kalm.dev/v1alpha1", "kind": "RoleBindingList", "metadata": {}, "items": [{"metadata": {"name": "a",
			"namespace": "` + namespace + `"}, "spec": {"subject": "bob@x.com", "subjectType": "user", "role": "viewer", "creator": "ann@x.com"}}]}`
	}
	for name, test := range map[string]struct {
		args []string
		// readable are the lists that can be read.
		readable map[string]string
	}{
		"migrate/partial":          {args: []string{"migrate", "-A", "--yes"}},
		"migrate/partial-one":      {args: []string{"migrate", "-n", "x", "--yes"}},
		"migrate/partial-report":   {args: []string{"migrate", "-n", "x", "--report", "table"}},
		"migrate/suspended":        {[]string{"migrate", "-n", "x", "--dry-run=server"}, map[string]string{kalmPath + "namespaces/x/rolebindings": bound("x")}},
		"migrate/suspended-report": {[]string{"migrate", "-n", "x", "--report", "table"}, map[string]string{kalmPath + "namespaces/x/rolebindings": bound("x")}},
		"migrate/system-readable":  {[]string{"migrate", "-n", "x", "--report", "json"}, map[string]string{system: bound("kalm-system")}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, anything)
			c.Object("/apis/core.kalm.dev/v1alpha1", &metav1.APIResourceList{GroupVersion: "core.kalm.dev/v1alpha1", APIResources: []metav1.APIResource{
				{Name: "rolebindings"}, {Name: "accesstokens"},
			}})
			c.collection(kalmPath+"accesstokens", `{"apiVersion": "core.kalm.dev/v1alpha1", "kind": "AccessTokenList", "metadata": {}, "items": []}`)
			for _, path := range []string{kalmPath + "rolebindings", kalmPath + "namespaces/x/rolebindings", system, kalmPath + "namespaces/default/rolebindings"} {
				if list, ok := test.readable[path]; ok {
					c.collection(path, list)
				} else {
					c.Forbid(path, "rolebindings is forbidden")
				}
			}
			c.Object("/api/v1/namespaces/x", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
				Name: "x", Labels: map[string]string{kalm.EnabledLabel: kalm.EnabledValue},
			}})
			closeDefault(c.Server)
			golden.Equal(t, c.ask(t, test.args...).String(), name)
			if len(c.writes) > 0 {
				t.Errorf("writes: %q", c.writes)
			}
		})
	}
}

// closeDefault forbids what is looked at where not all can be read.
func closeDefault(s *kubetest.Server) {
	for _, path := range []string{
		rbacPath + "/namespaces/default/rolebindings", rbacPath + "/namespaces/default/roles", "/api/v1/namespaces/default",
		"/apis/kubeflow.org/v1/profiles/default", "/apis/security.istio.io/v1beta1/namespaces/default/authorizationpolicies",
	} {
		s.Forbid(path, "forbidden")
	}
}
