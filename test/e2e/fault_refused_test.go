package e2e

import (
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
	"github.com/kubegatehouse/gatehouse/test/fault"
)

// testRollbackRefused takes the right to write away in the middle of a change, so that nothing can be taken back either.
func testRollbackRefused(t *testing.T, cp *controlplane.ControlPlane, l *lane) {
	cmd := spoiledCommands()["set-role"]
	_, _, after := l.rehearse(t, cp, "refused", cmd)
	places := []string{"refused-1", "refused-2", "refused-3"}
	clone(t, cp, l, "refused", places)
	for i, place := range places {
		var writes atomic.Int32
		l.proxy.Spoil(func(r fault.Request) fault.Kind {
			if r.IsWrite() && writes.Add(1) > int32(i+1) {
				return fault.Forbidden
			}
			return fault.None
		})
		out := l.run(t, fillIn(cmd.args, place)...)
		l.proxy.Spoil(nil)
		out.refuses(t, "; cannot take back ", "done in part: run the same command again to complete it",
			fmt.Sprintf("rolebinding %s/user-bob-example-com-clusterrole-edit is created", place))
		if left := l.state(t, place); !cmd.keeps(left) {
			t.Errorf("after %d writes: bob has lost his role: %v", i+1, left)
		}
		l.run(t, fillIn(cmd.args, place)...).want(t, 0)
		if diff := gocmp.Diff(after, l.state(t, place)); diff != "" {
			t.Errorf("after %d writes: not completed by the same command (-want +got):\n%s", i+1, diff)
		}
	}
}

// refuses fails the test unless the program ended with exit code 1 and said each of the texts.
func (o outcome) refuses(t *testing.T, texts ...string) {
	t.Helper()
	o.want(t, 1)
	o.hears(t, texts...)
}

// half may do all that "contrib add" needs, but write policies.
const half = `
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: half}, rules: [
  {apiGroups: [""], resources: [namespaces, configmaps], verbs: [get, list]},
  {apiGroups: [apps], resources: [deployments], verbs: [get, list]},
  {apiGroups: [kubeflow.org], resources: [profiles], verbs: [get, list]},
  {apiGroups: [security.istio.io], resources: [authorizationpolicies], verbs: [get, list]},
  {apiGroups: [rbac.authorization.k8s.io], resources: [rolebindings], verbs: ["*"]},
  {apiGroups: [rbac.authorization.k8s.io], resources: [roles, clusterroles, clusterrolebindings], verbs: [get, list, bind]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRoleBinding, metadata: {name: half},
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: half},
  subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: half@example.com}]}`

// testSecondKindRefused runs a change as somebody who may write one of its two kinds, by the server's own rules: nothing
// is written, and the rule that is missing is named.
func testSecondKindRefused(t *testing.T, cp *controlplane.ControlPlane, l *lane) {
	var objects []*unstructured.Unstructured
	for text := range strings.SplitSeq(half, "\n---\n") {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
			t.Fatal(err)
		}
		objects = append(objects, o)
	}
	if err := cp.ApplyObjects(t.Context(), objects...); err != nil {
		t.Fatal(err)
	}
	makeProfiles(t, cp, "half")
	before := l.state(t, "half")
	out := homeOf(t, cp, "half@example.com").run(t, nil, shared.bin+"/kubectl-contrib",
		"add", "bob@example.com", "--role", "editor", "-n", "half", "--yes")
	out.refuses(t, "may not create authorizationpolicies.security.istio.io in half", "nothing was changed",
		"{apiGroups: [security.istio.io], resources: [authorizationpolicies], verbs: [create]}")
	if diff := gocmp.Diff(before, l.state(t, "half")); diff != "" {
		t.Errorf("something was changed (-before +after):\n%s", diff)
	}
}
