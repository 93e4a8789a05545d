package world_test

import (
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

func now() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

func acme(t *testing.T) *world.World {
	t.Helper()
	moment, err := source.FileMoment(t.Context(), []string{"../../examples/acme"}, source.FilesOptions{}, world.Want())
	if err != nil {
		t.Fatal(err)
	}
	return world.New(moment, world.Frame{Offline: true, ReadOnly: true}, now())
}

func TestNamespaces(t *testing.T) {
	t.Parallel()
	w := acme(t)
	var got, workspaces []string
	for _, n := range w.Namespaces() {
		got = append(got, n.Name)
		if !n.Plain {
			workspaces = append(workspaces, n.Name)
		}
		if w.Namespace(n.Name) != n {
			t.Errorf("%s is not found by its name", n.Name)
		}
	}
	if !slices.IsSorted(got) || w.Namespace("nowhere") != nil {
		t.Errorf("namespaces %q", got)
	}
	var want []string
	for _, found := range w.State.Workspaces() {
		want = append(want, found.Name)
	}
	if diff := cmp.Diff(want, workspaces); diff != "" {
		t.Errorf("workspaces (-want +got):\n%s", diff)
	}
	for _, name := range w.Index.Namespaces() {
		if w.Namespace(name) == nil {
			t.Errorf("%s, which has roles or bindings, is missing", name)
		}
	}
}

// The members are those that "kubectl contrib list -A" lists.
func TestMembers(t *testing.T) {
	t.Parallel()
	w := acme(t)
	var want []*workspace.Member
	for _, m := range w.State.Members("") {
		want = append(want, &m)
	}
	keys := func(members []*workspace.Member) []string {
		var out []string
		for _, m := range members {
			out = append(out, m.Workspace+" "+m.Subject.String()+" "+m.RoleText()+" "+m.ObjectName())
		}
		return out
	}
	if diff := cmp.Diff(keys(want), keys(w.Members())); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
}

func TestFindings(t *testing.T) {
	t.Parallel()
	w := acme(t)
	keys := map[string]bool{}
	for i := range w.Findings() {
		f := &w.Findings()[i]
		key := world.FindingKey(f)
		if keys[key] {
			t.Errorf("two findings have the key %q", key)
		}
		keys[key] = true
		same := func(other finding.Finding) bool { return world.FindingKey(&other) == key }
		if found := w.Finding(key); found == nil || !same(*found) {
			t.Errorf("%q is not found by its key", key)
		}
		if !slices.ContainsFunc(w.FindingsAbout(f.Object), same) || !slices.ContainsFunc(w.FindingsIn(finding.NamespaceOf(f.Object)), same) {
			t.Errorf("%q is not found by its object, or its namespace", key)
		}
	}
	if len(keys) == 0 || w.Finding("KF003 gone") != nil {
		t.Errorf("%d findings", len(keys))
	}
}

// A grant that ends in between is found by the later world, and the earlier one stays as it is. Both may be asked at once.
func TestAt(t *testing.T) {
	t.Parallel()
	w := acme(t)
	binding := w.Inventory.RoleBindings[slices.IndexFunc(w.Inventory.RoleBindings, func(b *rbacv1.RoleBinding) bool {
		return b.Namespace == "catalog" && b.Name == "release"
	})]
	binding.Annotations = map[string]string{workspace.ExpiresAnnotation: "2026-11-23"}
	w = world.New(w.Moment, w.Frame, w.Now)
	later := w.At(now().AddDate(0, 0, 2))
	count := func(w *world.World) int {
		n := 0
		for _, f := range w.Findings() {
			if f.ID == "GH001" {
				n++
			}
		}
		return n
	}
	var before, after int
	var both sync.WaitGroup
	both.Go(func() { before = count(w) })
	both.Go(func() { after = count(later) })
	both.Wait()
	if before != 0 || after != 1 {
		t.Errorf("GH001 is found %d times before, %d times after", before, after)
	}
	if later.Index != w.Index || !later.Now.Equal(now().AddDate(0, 0, 2)) {
		t.Error("the later world is another one")
	}
}
