package source_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

func TestFileInventoryPaths(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"b.yaml":      "apiVersion: v1\nkind: Namespace\nmetadata: {name: b}\n",
		"sub/a.json":  `{"kind": "NamespaceList", "apiVersion": "v1", "items": [{"metadata": {"name": "a", "labels": {"x": "y"}}}]}`,
		"sub/no.text": "this is not read",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want := inventory.Want{Kinds: []inventory.Kind{inventory.Namespaces}}
	inv, said, err := readFiles(t, "", want, dir)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "objects", []string{"v1 Namespace a", "v1 Namespace b"}, names(inv))
	diff(t, "labels", map[string]string{"x": "y"}, inv.Namespaces[0].Labels)
	diff(t, "said", []string(nil), said)
	if inv.Source != dir {
		t.Errorf("source %q", inv.Source)
	}
	if _, _, err := readFiles(t, "", want, filepath.Join(dir, "none")); err == nil {
		t.Error("a file that is not there is no error")
	}
}

// TestFileInventorySnapshot reads what a snapshot holds, together with manifests.
func TestFileInventorySnapshot(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "now.ghs")
	var file bytes.Buffer
	gap := rbac.Gap{What: "rolebindings outside of namespace dev", Cause: "no", Missing: rule("list", rbacv1.GroupName, "rolebindings")}
	err := source.WriteSnapshot(&file, &rbac.Snapshot{
		Cluster: "acme", Taken: noon,
		Bindings: []rbac.Binding{
			{Namespace: "dev", Name: "readers", RoleRef: viewRef, Subjects: []rbacv1.Subject{bob}},
			{Namespace: "dev", Name: "members", RoleRef: viewRef},
			{Name: "everywhere", RoleRef: viewRef},
		},
		Namespaces: []rbac.Namespace{{Name: "dev", Labels: map[string]string{"x": "y"}}},
		Resources:  []rbac.Resource{{Group: "kubeflow.org", Version: "v1", Name: "profiles", Kind: "Profile"}},
		Gaps:       []rbac.Gap{gap, {What: "roles", Cause: "no", Missing: rule("list", rbacv1.GroupName, "roles")}},
	})
	if err == nil {
		err = os.WriteFile(path, file.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	const members = "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: members, namespace: dev, annotations: {user: bob}}\n" +
		"roleRef: {kind: ClusterRole, name: edit}\n"
	inv, said, err := readFiles(t, members, inventory.Want{Kinds: []inventory.Kind{
		inventory.Profiles, inventory.Policies, inventory.RoleBindings, inventory.Namespaces, inventory.ServiceAccounts, inventory.Controller,
	}}, path)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "objects", []string{
		"v1 Namespace dev", "rbac.authorization.k8s.io/v1 RoleBinding dev/members", "rbac.authorization.k8s.io/v1 RoleBinding dev/readers",
	}, names(inv))
	diff(t, "said", []string(nil), said)
	diff(t, "members", "edit", inv.RoleBindings[0].RoleRef.Name)
	diff(t, "readers", []rbacv1.Subject{bob}, inv.RoleBindings[1].Subjects)
	diff(t, "labels", map[string]string{"x": "y"}, inv.Namespaces[0].Labels)
	lack := func(what string) rbac.Gap { return rbac.Gap{What: what, Cause: "a snapshot does not hold them"} }
	diff(t, "gaps", []rbac.Gap{
		lack("annotations of namespaces"), lack("annotations of rolebindings"), lack("profiles"), gap, lack("serviceaccounts"),
	}, inv.Gaps)
	diff(t, "served", map[inventory.Kind]bool{
		inventory.Profiles: true, inventory.Policies: false, inventory.RoleBindings: true, inventory.Namespaces: true,
		inventory.ServiceAccounts: true, inventory.Controller: true,
	}, inv.Served)
	if !inv.Taken.Equal(noon) || inv.Source != "acme, stdin" {
		t.Errorf("taken %v, source %q", inv.Taken, inv.Source)
	}
	if len(inv.Missing(inventory.Profiles)) != 1 || len(inv.Missing(inventory.RoleBindings)) != 1 || len(inv.Missing(inventory.Namespaces)) != 0 {
		t.Errorf("missing: %v", inv.Gaps)
	}
}

// TestFileInventoryMarked reads a snapshot that was written with what workspaces are known by: nothing of it is missing,
// and what the server told about its caller is no binding.
func TestFileInventoryMarked(t *testing.T) {
	t.Parallel()
	const manifest = `apiVersion: v1
kind: Namespace
metadata: {name: dev, annotations: {gatehouse.dev/owner: bob, secret: s3cr3t}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: members, namespace: dev, annotations: {user: bob, gatehouse.dev/expires: "2030-01-01T00:00:00Z", note: s3cr3t}}
roleRef: {kind: ClusterRole, name: edit}
`
	from, err := source.FilesWith([]string{"-"}, source.FilesOptions{
		Stdin: strings.NewReader(manifest), Bootstrap: source.BootstrapNever,
	})
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := from.Load(t.Context(), source.Want{})
	if err != nil {
		t.Fatal(err)
	}
	snapshot.Bindings = append(snapshot.Bindings, rbac.Binding{Namespace: "dev", Name: "self", RoleRef: viewRef, Origin: rbac.ToldOrigin})
	path := filepath.Join(t.TempDir(), "now.ghs")
	if err := source.WriteSnapshotFile(path, snapshot); err != nil {
		t.Fatal(err)
	}
	inv, _, err := readFiles(t, "", inventory.Want{Kinds: []inventory.Kind{inventory.RoleBindings, inventory.Namespaces}}, path)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "objects", []string{"v1 Namespace dev", "rbac.authorization.k8s.io/v1 RoleBinding dev/members"}, names(inv))
	diff(t, "namespace", map[string]string{"gatehouse.dev/owner": "bob"}, inv.Namespaces[0].Annotations)
	diff(t, "binding", map[string]string{"user": "bob", "gatehouse.dev/expires": "2030-01-01T00:00:00Z"}, inv.RoleBindings[0].Annotations)
	diff(t, "gaps", []rbac.Gap(nil), inv.Gaps)
}
