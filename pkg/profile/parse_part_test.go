package profile_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Files of manifests may hold objects of members beside the workspaces: they are counted, and no mistakes.
func TestParseSpecsMemberObjects(t *testing.T) {
	t.Parallel()
	objects := slices.Concat(made("team-a", alice, "")[:1], pair("team-a", bob, "edit"))
	objects = append(objects, kubeflow.PairBinding("team-a", rbac.Group("ml"), "view"))
	native := byHand(t)
	native.add(workspace.NativeBinding("shop", user(bob), workspace.Editor.Ref(workspace.Native)))
	tests := map[string]struct {
		world *world
		want  map[string]int
	}{
		"kubeflow": {newWorld(t, workspace.Kubeflow, objects...), map[string]int{"team-a": 3}},
		"native":   {native, map[string]int{"shop": 1}},
		"none":     {byHand(t), map[string]int{"shop": 0}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := map[string]int{}
			for _, spec := range parsed(t, 0, strings.ReplaceAll(tc.world.manifests(), "--- ", "--- # ")) {
				got[spec.Name] = spec.MemberObjects
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("objects of members (-want +got):\n%s", diff)
			}
		})
	}
}

// What nobody would apply is an error: objects that are no member's, and members of workspaces that the file lacks.
func TestParseSpecsForeignObjects(t *testing.T) {
	t.Parallel()
	const head = `{apiVersion: kubeflow.org/v1, kind: Profile, metadata: {name: team-a}, spec: {owner: {kind: User, name: a}}}
---
`
	tests := map[string]struct{ text, want string }{
		"binding by hand": {
			`{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: x, namespace: team-a},
  roleRef: {kind: ClusterRole, name: edit}, subjects: [{kind: User, name: a}]}`,
			"f.yaml:3: RoleBinding team-a/x: it is no part of a workspace, and does not say that it is a member's: kubectl apply takes it",
		},
		"administrator by hand": {
			`{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: x, namespace: team-a},
  roleRef: {kind: ClusterRole, name: admin}, subjects: [{kind: User, name: b}]}`,
			"f.yaml:3: RoleBinding team-a/x: it is no part of a workspace, and does not say that it is a member's: kubectl apply takes it",
		},
		"policy by hand": {
			`{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: x, namespace: team-a}, spec: {}}`,
			"f.yaml:3: AuthorizationPolicy team-a/x: it is no part of a workspace, and does not say that it is a member's: kubectl apply takes it",
		},
		"elsewhere": {
			`{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: x, namespace: team-b, annotations: {user: b, role: edit}}}`,
			"f.yaml:3: AuthorizationPolicy team-b/x: its namespace is no workspace of this file",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := profile.ParseSpecs(strings.NewReader(head+tc.text), "f.yaml")
			refusal(t, err, tc.want)
		})
	}
}

// A member whose objects have names of their own keeps them in the short form.
func TestMemberName(t *testing.T) {
	t.Parallel()
	specs := []profile.Spec{{
		Name: "team-a", Owner: user(alice),
		Members: []profile.MemberSpec{{Subject: user(bob), Role: workspace.Editor, Name: "bobs-own"}},
	}}
	text, err := profile.SpecsFile(specs)
	if err != nil {
		t.Fatal(err)
	}
	read := parsed(t, 0, string(text))
	if len(read) != 1 || len(read[0].Members) != 1 || read[0].Members[0].Name != "bobs-own" {
		t.Errorf("read back: %+v\n%s", read, text)
	}
}
