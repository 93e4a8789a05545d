package profile_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func TestDelete(t *testing.T) {
	t.Parallel()
	const deleted = "2026-11-22T11:59:00Z"
	mismatch := func() *world {
		return teamA(t).change("Namespace", "", "team-a", bob, "metadata", "annotations", "owner")
	}
	foreign := func() *world {
		w := mismatch()
		w.get("Namespace", "", "team-a").SetOwnerReferences(nil)
		return w
	}
	adopted := teamA(t)
	adopted.get("Namespace", "", "team-a").SetOwnerReferences(nil)
	plugin := teamA(t).change("Profile", "", "team-a", []any{map[string]any{
		"kind": "AwsIamForServiceAccount", "spec": map[string]any{"awsIamRole": "arn:aws:iam::1:role/x"},
	}}, "spec", "plugins")
	waiting := func(since string) *world {
		return plugin.clone().change("Profile", "", "team-a", since, "metadata", "deletionTimestamp")
	}
	emptying := nativeTeam(t).yaml(`
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {gatehouse.dev/profile: "true"}, annotations: {gatehouse.dev/owner: alice@example.com}, deletionTimestamp: "2026-11-22T11:59:00Z"}
status: {phase: Terminating, conditions: [{type: NamespaceFinalizersRemaining, status: "True", message: "some content has finalizers: x in 1 resource instances"}]}`)
	tests := map[string]struct {
		world *world
		name  string
		keep  bool
	}{
		"kubeflow":                {world: teamA(t), name: "team-a"},
		"kubeflow-keep":           {world: teamA(t), name: "team-a", keep: true},
		"kubeflow-adopted":        {world: adopted, name: "team-a"},
		"kubeflow-mismatch":       {world: mismatch(), name: "team-a"},
		"kubeflow-mismatch-keep":  {world: mismatch(), name: "team-a", keep: true},
		"kubeflow-foreign":        {world: foreign(), name: "team-a"},
		"kubeflow-stuck":          {world: mismatch().change("Profile", "", "team-a", deleted, "metadata", "deletionTimestamp"), name: "team-a"},
		"kubeflow-stuck-keep":     {world: mismatch().change("Profile", "", "team-a", deleted, "metadata", "deletionTimestamp"), name: "team-a", keep: true},
		"kubeflow-stuck-foreign":  {world: foreign().change("Profile", "", "team-a", deleted, "metadata", "deletionTimestamp"), name: "team-a"},
		"kubeflow-plugin":         {world: plugin, name: "team-a"},
		"kubeflow-plugin-waiting": {world: waiting(deleted), name: "team-a"},
		"kubeflow-plugin-stuck":   {world: waiting("2026-11-22T10:00:00Z"), name: "team-a"},
		"kubeflow-going-keep":     {world: teamA(t).change("Profile", "", "team-a", deleted, "metadata", "deletionTimestamp"), name: "team-a", keep: true},
		"kubeflow-no-namespace":   {world: newWorld(t, workspace.Kubeflow, made("team-a", alice, "")[0]), name: "team-a"},
		"native":                  {world: nativeTeam(t), name: "shop"},
		"native-keep":             {world: nativeTeam(t), name: "shop", keep: true},
		"native-going":            {world: emptying, name: "shop"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _, notes, err := profile.Delete(tc.world.state(), tc.name, tc.keep)
			if err != nil {
				t.Fatalf("Delete: %v", err)
			}
			golden.Equal(t, shown(t, p, notes), "delete/"+name)
		})
	}
}

func TestDeleteRefuses(t *testing.T) {
	t.Parallel()
	unreadable := newWorld(t, workspace.Kubeflow, made("team-a", alice, "")[0])
	unreadable.gaps = []rbac.Gap{gap(inventory.Namespaces)}
	tests := map[string]struct {
		world *world
		name  string
		want  string
	}{
		"none":       {teamA(t), "x", "find profile \"x\": there is none\nhint: kubectl profile list shows those that there are"},
		"namespace":  {plain(t, workspace.Kubeflow), "lab", "find profile \"lab\": there is a namespace of this name, but it is no workspace\nhint: kubectl profile adopt lab --owner OWNER makes it one"},
		"unreadable": {unreadable, "team-a", "delete profile \"team-a\": its namespace cannot be read, and so not be kept\nhint: it takes rights to get, list and update namespaces"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, _, err := profile.Delete(tc.world.state(), tc.name, true)
			refusal(t, err, tc.want)
		})
	}
}

func TestLosses(t *testing.T) {
	t.Parallel()
	w := teamA(t).yaml(`
{apiVersion: v1, kind: Pod, metadata: {name: run, namespace: team-a}, status: {phase: Running}}
---
{apiVersion: v1, kind: Pod, metadata: {name: done, namespace: team-a}, status: {phase: Succeeded}}
---
{apiVersion: v1, kind: Pod, metadata: {name: other, namespace: team-b}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: data, namespace: team-a}, spec: {storageClassName: fast, resources: {requests: {storage: 10Gi}}}, status: {capacity: {storage: 12Gi}}}
---
{apiVersion: v1, kind: PersistentVolumeClaim, metadata: {name: home, namespace: team-a}, spec: {resources: {requests: {storage: 8Gi}}}}
---
{apiVersion: kubeflow.org/v1, kind: Notebook, metadata: {name: nb, namespace: team-a}}`)
	w.gaps = []rbac.Gap{gap(inventory.Pods)}
	_, losses, _, err := profile.Delete(w.state(), "team-a", false)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := json.Marshal(losses)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"profile":"team-a","pods":["run"],"volumes":[{"name":"data","size":"12Gi","class":"fast"},{"name":"home","size":"8Gi"}],` +
		`"notebooks":["nb"],"members":[{"subject":"user:bob@example.com","role":"editor"}],"unknown":["pods"]}`
	if diff := cmp.Diff(want, string(doc)); diff != "" {
		t.Errorf("losses (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("1 pod, 2 volumes (20Gi), 1 notebook, 1 member; not read: pods", losses.Summary()); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
}
