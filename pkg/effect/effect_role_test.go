package effect_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/effect"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// TestRolesOfThePlan: a role that a plan makes counts for who is bound to it, and for who would have to hold it.
func TestRolesOfThePlan(t *testing.T) {
	t.Parallel()
	role := func(resource string) *unstructured.Unstructured {
		return object(t, `{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {namespace: dev, name: own, uid: u}, rules: [{apiGroups: [""], resources: [`+resource+`], verbs: [get]}]}`)
	}
	bound := binding(t, "dev", "bob", "own", "bob")
	if err := unstructured.SetNestedField(bound.Object, "Role", "roleRef", "kind"); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		steps   []plan.Step
		effects []string
		mayGive []string
	}{
		"made, of what the giver holds": {
			steps:   []plan.Step{{Verb: plan.Create, Object: role("pods")}, {Verb: plan.Create, Object: bound}},
			effects: []string{"user:bob in dev: +get pods"},
		},
		"made, of more": {
			steps:   []plan.Step{{Verb: plan.Create, Object: role("configmaps")}, {Verb: plan.Create, Object: bound}},
			effects: []string{"user:bob in dev: +get configmaps"},
			mayGive: []string{"warning: you may not write role/own in dev: you lack get configmaps, and the verb escalate on it"},
		},
		"taken": {
			steps:   []plan.Step{{Verb: plan.Delete, Old: role("pods")}, {Verb: plan.Delete, Old: bound}},
			effects: []string{},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bindings, err := effect.Read(plans(t, tt.steps...))
			if err != nil || bindings.Empty() {
				t.Fatalf("error %v, or nothing of roles", err)
			}
			rights := bindings.On(rbac.Compile(world()))
			if diff := cmp.Diff(tt.effects, texts(rights.All())); diff != "" {
				t.Errorf("effects (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.mayGive, rights.MayGive(rbac.NewIdentity(rbac.User("ann")))); diff != "" {
				t.Errorf("may give (-want +got):\n%s", diff)
			}
			if unknown := rights.Unknown(); len(unknown) > 0 {
				t.Errorf("unknown: %v", unknown)
			}
		})
	}
}
