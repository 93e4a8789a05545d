package contrib_test

import (
	"maps"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// TestSuspendedStay is about who is in no binding, and is remembered by one: nothing that is done to others loses that, and
// what is taken away from the subject itself meanwhile does not come back.
func TestSuspendedStay(t *testing.T) {
	t.Parallel()
	zed := rbac.User("zed@x.com")
	remembers := func(name, role, whom string, more map[string]string, subjects ...rbac.Subject) *rbacv1.RoleBinding {
		annotations := map[string]string{contrib.SuspendedAnnotation: whom}
		maps.Copy(annotations, more)
		return bindingOf("dev", name, role, annotations, subjects...)
	}
	const one, both = `["user:bob@x.com"]`, `["user:bob@x.com","user:zed@x.com"]`
	ours := map[string]string{workspace.RoleAnnotation: "editor"}
	over := map[string]string{workspace.RoleAnnotation: "editor", workspace.ExpiresAnnotation: "2026-01-01T00:00:00Z"}
	with := func(bindings ...*rbacv1.RoleBinding) given {
		objects := ofNative("dev", "alice@x.com")
		for _, b := range bindings {
			objects = append(objects, b)
		}
		return given{objects: objects}
	}
	does := func(g given, do func(*workspace.State) (plan.Plan, []string, error)) given {
		g.do = do
		return g
	}
	suspend := func(s *workspace.State) (plan.Plan, []string, error) { return contrib.Suspend(s, bob) }
	unsuspend := func(s *workspace.State) (plan.Plan, []string, error) { return contrib.Unsuspend(s, bob) }
	offboard := func(s *workspace.State) (plan.Plan, []string, error) {
		p, _, notes, err := contrib.Offboard(s, bob)
		return p, notes, err
	}
	expire := func(s *workspace.State) (plan.Plan, []string, error) {
		p, notes, _, err := contrib.Expire(s)
		return p, notes, err
	}
	rename := func(s *workspace.State) (plan.Plan, []string, error) {
		p, _, notes, err := contrib.Rename(s, bob, rbac.User("robert@x.com"))
		return p, notes, err
	}
	runGolden(t, "suspended", map[string]given{
		"removed":                   does(with(remembers("a", "edit", both, ours, carol), remembers("b", "view", one, ours)), remove("dev", "", bob)),
		"removed, another role":     does(with(remembers("a", "edit", one, ours)), remove("dev", workspace.Viewer, bob)),
		"offboarded":                does(with(remembers("a", "edit", both, ours), remembers("b", "view", one, nil)), offboard),
		"the last one is removed":   does(with(remembers("a", "edit", one, ours, zed)), remove("dev", "", zed)),
		"ended meanwhile":           does(with(remembers("a", "edit", both, over), remembers("b", "edit", one, over, zed)), expire),
		"given back, but ended":     does(with(remembers("a", "edit", one, over), remembers("b", "view", one, ours)), unsuspend),
		"renamed":                   does(with(remembers("a", "edit", both, ours)), rename),
		"given the role again":      does(with(remembers("a", "edit", one, ours)), add(grant("dev", bob, workspace.Editor))),
		"name of one remembered":    does(with(remembers("a", "view", one, ours)), add(grant("dev", zed, workspace.Editor, called("a")))),
		"again":                     does(with(remembers("a", "edit", one, ours)), suspend),
		"memory that is not one":    does(with(remembers("a", "edit", "bob", ours, bob)), suspend),
		"memory that is half of it": does(with(remembers("a", "edit", `["user:bob@x.com",""]`, ours)), unsuspend),
	})
}

// TestSuspendAndBack takes and gives back, and finds everybody in what they were in before.
func TestSuspendAndBack(t *testing.T) {
	t.Parallel()
	c := newCluster(append(ofNative("dev", "alice@x.com"),
		bindingOf("dev", "bobs", "edit", map[string]string{"team": "red"}, bob), bindingOf("dev", "both", "view", nil, carol, bob))...)
	before := c.state()
	for range 2 { // a second time changes nothing
		p, _, err := contrib.Suspend(c.state(), bob)
		if err != nil {
			t.Fatal(err)
		}
		c.carryOut(t, p)
	}
	s := c.state()
	if got := contrib.SuspendedIn(s, "dev"); len(got) != 2 || len(s.Members("dev")) != 2 {
		t.Errorf("suspended in %d bindings, and %d members left", len(got), len(s.Members("dev")))
	}
	for range 2 {
		p, _, err := contrib.Unsuspend(c.state(), bob)
		if err != nil {
			t.Fatal(err)
		}
		c.carryOut(t, p)
	}
	s = c.state()
	if len(contrib.SuspendedIn(s, "dev")) != 0 {
		t.Error("still suspended")
	}
	if len(s.Inventory.Missing(inventory.RoleBindings)) > 0 || len(s.Members("dev")) != len(before.Members("dev")) {
		t.Fatalf("%d members, not %d", len(s.Members("dev")), len(before.Members("dev")))
	}
	for i, m := range s.Members("dev") {
		was := before.Members("dev")[i]
		if m.Subject != was.Subject || m.RoleRef != was.RoleRef || m.Binding.Name != was.Binding.Name ||
			len(m.Binding.Annotations) != len(was.Binding.Annotations) {
			t.Errorf("%v was %v", m, was)
		}
	}
}
