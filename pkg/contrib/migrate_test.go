package contrib_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kalm"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// builtIn are ClusterRoles as small as roles can be that tell view, edit and admin apart.
func builtIn(bindings ...rbac.Binding) *rbac.Index {
	rule := func(resource string, verbs ...string) rbacv1.PolicyRule {
		group := ""
		if resource == "rolebindings" {
			group = rbacv1.GroupName
		}
		return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: []string{resource}, Verbs: verbs}
	}
	role := func(name string, rules ...rbacv1.PolicyRule) rbac.Role { return rbac.Role{Name: name, Rules: rules} }
	return rbac.Compile(&rbac.Snapshot{
		Roles: []rbac.Role{
			role("view", rule("pods/log", "get"), rule("configmaps", "get")),
			role("edit", rule("pods/log", "get"), rule("pods/exec", "create"), rule("secrets", "get")),
			role("admin", rule("pods/log", "get"), rule("pods/exec", "create"), rule("secrets", "get"), rule("rolebindings", "create")),
			role("cluster-admin", rbacv1.PolicyRule{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"*"}}),
		},
		Bindings: bindings,
	})
}

// migration writes a migration down, with what each member keeps, gains and loses by the ids of abilities.
func migration(m contrib.Migration) string {
	var b strings.Builder
	list := func(word string, differences []contrib.Difference) {
		var ids []string
		for _, d := range differences {
			ids = append(ids, fmt.Sprintf("%s(%d)", d.Ability, len(d.Actions)))
		}
		if len(ids) > 0 {
			fmt.Fprintf(&b, "    %s: %s\n", word, strings.Join(ids, " "))
		}
	}
	for _, one := range m.Members {
		fmt.Fprintf(&b, "  %s in %q: %v -> %v until %q by %s\n", one.Subject, one.Namespace, one.From, one.To, one.Expires, one.Creator)
		list("keeps", one.Kept)
		list("gains", one.Gained)
		list("loses", one.Lost)
		for _, w := range one.Warnings {
			fmt.Fprintf(&b, "    warning: %s\n", w)
		}
	}
	for _, one := range m.Skipped {
		fmt.Fprintf(&b, "  skipped %s %s (%s): %s\n", one.Object, one.Subject, one.Role, one.Why)
	}
	return b.String()
}

func TestMigrate(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	run := func(name string, ix *rbac.Index, prune bool, namespaces []string, c *cluster) {
		p, m, notes, err := contrib.Migrate(c.state(), ix, prune, namespaces...)
		out.WriteString("== " + name + "\n" + listing(p, notes, err) + migration(m))
	}
	shop := newCluster(kalmShop(
		inKalm("shop", "ann@x.com", kalm.Viewer, endsAt("2027-01-01T00:00:00Z")), inKalm("shop", "bob@x.com", kalm.Owner),
		inKalm("shop", "bob@x.com", kalm.Viewer, isCalled("zz")), inKalm("shop", "group:devs", kalm.Editor),
		inKalm("shop", "Cap@x.com", kalm.Viewer), inKalm("shop", "a,b", kalm.Viewer), inKalm("shop", "eve@x.com", kalm.Owner),
		inKalm("shop", "odd@x.com", kalm.Viewer, endsAt("soon")), inKalm("shop", "old@x.com", kalm.Viewer, endsAt("2026-01-01T00:00:00Z")),
		inKalm("shop", "who@x.com", "admin"), inKalm("plain", "ivy@x.com", kalm.Viewer),
		inKalm(kalm.SystemNamespace, "eve@x.com", kalm.Suspended), inKalm(kalm.SystemNamespace, "pat@x.com", kalm.Placeholder),
		inKalm(kalm.SystemNamespace, "sys@x.com", kalm.Editor), inKalm(kalm.SystemNamespace, "see@x.com", kalm.ClusterViewer, endsAt("2027-01-01T00:00:00Z")),
	)...)
	run("all", builtIn(), false, nil, shop)
	held := rbac.Binding{
		Namespace: "shop", Name: "bobs", RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "admin"},
		Subjects: []rbacv1.Subject{bob.RBAC()},
	}
	run("one, prune, bound already", builtIn(held), true, []string{"shop"}, newCluster(kalmShop(inKalm("shop", "bob@x.com", kalm.Owner))...))
	soon, later := endsAt("2027-01-01T00:00:00Z"), endsAt("2028-01-01T00:00:00Z")
	run("twice, the longer one counts", builtIn(), true, []string{"shop"}, newCluster(kalmShop(
		inKalm("shop", "bob@x.com", kalm.Editor, soon), inKalm("shop", "bob@x.com", kalm.Editor, later, isCalled("zz")),
		inKalm("shop", "ann@x.com", kalm.Viewer, isCalled("yy")), inKalm("shop", "ann@x.com", kalm.Viewer, soon),
		inKalm("shop", "cat@x.com", kalm.Viewer, isCalled("xx")), inKalm("shop", "cat@x.com", kalm.Owner, soon),
	)...))
	short := held
	short.RoleRef.Name = "edit"
	run("bound already, for less", builtIn(short), true, []string{"shop"}, newCluster(kalmShop(
		inKalm("shop", "bob@x.com", kalm.Editor, later),
		bindingOf("shop", "bobs", "edit", map[string]string{workspace.ExpiresAnnotation: "2027-01-01"}, bob),
	)...))
	short.Name = workspace.NativeBinding("shop", bob, short.RoleRef).Name
	run("bound already, for less, by our name", builtIn(short), true, []string{"shop"}, newCluster(kalmShop(
		inKalm("shop", "bob@x.com", kalm.Editor, later),
		bindingOf("shop", short.Name, "edit", map[string]string{workspace.ExpiresAnnotation: "2027-01-01"}, bob),
	)...))
	run("the trap", builtIn(), false, []string{kalm.TrapNamespace}, newCluster(kalmShop(inKalm(kalm.TrapNamespace, "bob@x.com", kalm.Viewer))...))
	run("roles that are not there", rbac.Compile(&rbac.Snapshot{}), false, []string{"shop"}, newCluster(kalmShop(inKalm("shop", "bob@x.com", kalm.Owner))...))
	run("no Kalm", builtIn(), false, nil, newCluster(ofNative("dev", "alice@x.com")...))
	run("no such namespace", builtIn(), false, []string{"shopp"}, shop)
	golden.Equal(t, out.String(), "migrate")
}

// TestCompareWords looks roles up: a role that is not there is unknown, and part of an ability is told as that.
func TestCompareWords(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		everywhere bool
		words      []string
		want       map[string][]contrib.Extent
	}{
		"workspace": {
			words: []string{"view", "edit", "admin", "kubeflow-view?", "kubeflow-edit?", "kubeflow-admin?", "viewer", "editor", "owner"},
			want: map[string][]contrib.Extent{
				"read-secrets": {"no", "yes", "yes", "unknown", "unknown", "unknown", "no", "no", "no"},
				"read-logs":    {"yes", "yes", "yes", "unknown", "unknown", "unknown", "yes", "yes", "yes"},
				"exec":         {"no", "yes", "yes", "unknown", "unknown", "unknown", "no", "yes", "yes"},
				"give-roles":   {"no", "no", "yes", "unknown", "unknown", "unknown", "no", "no", "no"},
				"read-nodes":   {"no", "no", "no", "unknown", "unknown", "unknown", "no", "no", "no"},
			},
		},
		"everywhere": {
			everywhere: true, words: []string{"view", "edit", "admin", "cluster-admin", "clusterViewer", "clusterEditor", "clusterOwner"},
			want: map[string][]contrib.Extent{
				"read-nodes":      {"no", "no", "no", "yes", "yes", "yes", "yes"},
				"make-namespaces": {"no", "no", "no", "yes", "no", "yes", "yes"},
				"give-kalm-roles": {"no", "no", "no", "yes", "no", "no", "yes"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := contrib.CompareWords(builtIn(), test.everywhere)
			var words []string
			for _, w := range c.Words {
				word := w.Role
				if w.Unknown {
					word += "?"
				}
				words = append(words, word)
			}
			if diff := cmp.Diff(test.words, words); diff != "" {
				t.Errorf("words (-want +got):\n%s", diff)
			}
			got := map[string][]contrib.Extent{}
			for _, row := range c.Rows {
				if test.want[row.ID] != nil {
					got[row.ID] = row.Extents
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("extents (-want +got):\n%s", diff)
			}
		})
	}
	ids := map[string]bool{}
	for _, a := range contrib.Abilities() {
		if ids[a.ID] || len(a.Actions) == 0 {
			t.Errorf("ability %s is there twice, or takes nothing", a.ID)
		}
		ids[a.ID] = true
	}
}
