package plan_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// TestDryRunOfRoles: a server that holds a giver to the rules of a role can't judge a binding before the role is there.
func TestDryRunOfRoles(t *testing.T) {
	t.Parallel()
	role := func(name string) *unstructured.Unstructured {
		return bare("rbac.authorization.k8s.io/v1", "Role", "dev", name)
	}
	bound := func(name, kind, to string) *unstructured.Unstructured {
		o := bare("rbac.authorization.k8s.io/v1", "RoleBinding", "dev", name)
		o.Object["roleRef"] = map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": to}
		return o
	}
	p := must(
		t,
		plan.Step{Verb: plan.Create, Object: role("own")},
		plan.Step{Verb: plan.Create, Object: bound("to-own", "Role", "own")},
		plan.Step{Verb: plan.Create, Object: bound("to-other", "Role", "other")},
		plan.Step{Verb: plan.Create, Object: bound("to-cluster", "ClusterRole", "own")},
	)
	s := newServer()
	objects, err := plan.DryRun(t.Context(), s, p, plan.Options{})
	if err != nil || len(objects) != 4 {
		t.Fatalf("%d objects, %v", len(objects), err)
	}
	got := slices.Sorted(slices.Values(s.requests))
	want := []string{"create role dev/own (dry run)", "create rolebinding dev/to-cluster (dry run)", "create rolebinding dev/to-other (dry run)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
