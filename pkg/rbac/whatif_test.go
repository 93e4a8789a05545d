package rbac_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// gathering makes a ClusterRole that gathers those with the label to=NAME, with rules as a controller stored them.
func gathering(name string, labels map[string]string, rules ...string) rbac.Role {
	r := labelled(role(name, rules...), labels)
	r.Aggregates = []metav1.LabelSelector{{MatchLabels: map[string]string{"to": name}}}
	return r
}

func labelled(r rbac.Role, labels map[string]string) rbac.Role {
	r.Labels = labels
	return r
}

// storedWorld is a snapshot as a cluster has it: admin gathers edit, which gathers edit-pods.
func storedWorld(t testing.TB) *rbac.Snapshot {
	t.Helper()
	return &rbac.Snapshot{
		Roles: []rbac.Role{
			gathering("admin", nil, "get - pods", "get - secrets"),
			gathering("edit", map[string]string{"to": "admin"}, "get - pods"),
			labelled(role("edit-pods", "get - pods"), map[string]string{"to": "edit"}),
			labelled(role("admin-secrets", "get - secrets"), map[string]string{"to": "admin"}),
			// Filled by a controller from parts that are gone: must not change unless a change touches it.
			gathering("stale", nil, "get - configmaps"),
			role("dev/reader", "get - configmaps"),
		},
		Bindings: []rbac.Binding{
			bind(t, "dev/alice", "admin", "alice"),
			bind(t, "dev/bob", "role/reader", "bob"),
			bind(t, "carol", "stale", "carol"),
		},
	}
}

// changeLines writes a diff, a line each: "+ alice get secrets in dev".
func changeLines(before, after *rbac.Snapshot) []string {
	out := []string{}
	for _, c := range rbac.Diff(rbac.Compile(before), rbac.Compile(after)) {
		sign, where := "-", strings.Join(c.Right.Namespaces, ",")
		if c.Gained {
			sign = "+"
		}
		if c.Right.Everywhere {
			where = "everywhere"
		}
		out = append(out, fmt.Sprintf("%s %s %s %s%s in %s", sign, c.Subject, strings.Join(c.Right.Verbs, ","), c.Right.Resource, c.Right.URL, where))
	}
	return out
}

func TestWith(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change rbac.Snapshot
		want   []string
	}{
		"nothing": {want: []string{}},
		"a part is added: roles that gather it grow, over two levels": {
			change: rbac.Snapshot{Roles: []rbac.Role{labelled(role("edit-jobs", "create batch jobs"), map[string]string{"to": "edit"})}},
			want:   []string{"+ user:alice create jobs in dev"},
		},
		"a part is changed": {
			change: rbac.Snapshot{Roles: []rbac.Role{labelled(role("edit-pods", "list - pods"), map[string]string{"to": "edit"})}},
			want:   []string{"+ user:alice list pods in dev", "- user:alice get pods in dev"},
		},
		"a part loses its label": {
			change: rbac.Snapshot{Roles: []rbac.Role{role("admin-secrets", "get - secrets")}},
			want:   []string{"- user:alice get secrets in dev"},
		},
		"a role that gathers loses its own label": {
			change: rbac.Snapshot{Roles: []rbac.Role{gathering("edit", nil, "get - pods")}},
			want:   []string{"- user:alice get pods in dev"},
		},
		"a namespaced role has labels, and is no part": {
			change: rbac.Snapshot{Roles: []rbac.Role{labelled(role("dev/x", "create batch jobs"), map[string]string{"to": "edit"})}},
			want:   []string{},
		},
		"a role is replaced": {
			change: rbac.Snapshot{Roles: []rbac.Role{role("dev/reader", "get,list - configmaps")}},
			want:   []string{"+ user:bob list configmaps in dev"},
		},
		"a stale role is touched": {
			change: rbac.Snapshot{Roles: []rbac.Role{labelled(role("more", "get - pods"), map[string]string{"to": "stale"})}},
			want:   []string{"+ user:carol get pods in everywhere", "- user:carol get configmaps in everywhere"},
		},
		"a binding is replaced": {
			change: rbac.Snapshot{Bindings: []rbac.Binding{bind(t, "dev/bob", "role/reader", "eve")}},
			want:   []string{"- user:bob get configmaps in dev", "+ user:eve get configmaps in dev"},
		},
		"a cluster-wide binding swallows one in a namespace": {
			change: rbac.Snapshot{Bindings: []rbac.Binding{bind(t, "alice", "admin", "alice")}},
			want:   []string{"+ user:alice get pods in everywhere", "+ user:alice get secrets in everywhere"},
		},
		"a second binding of the same": {
			change: rbac.Snapshot{Bindings: []rbac.Binding{bind(t, "dev/alice-too", "admin", "alice")}},
			want:   []string{},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := storedWorld(t)
			after := before.With(&test.change)
			if diff := cmp.Diff(test.want, changeLines(before, after)); diff != "" {
				t.Errorf("changes differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(storedWorld(t), before); diff != "" {
				t.Errorf("With changed its receiver (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWithout(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ids     []string
		want    []string
		unknown []rbac.ObjectID
	}{
		"a binding":            {ids: []string{"rolebinding/dev/bob"}, want: []string{"- user:bob get configmaps in dev"}},
		"a role that is bound": {ids: []string{"role/dev/reader"}, want: []string{"- user:bob get configmaps in dev"}},
		"a part of a part":     {ids: []string{"clusterrole/edit-pods"}, want: []string{"- user:alice get pods in dev"}},
		"a role that gathers":  {ids: []string{"clusterrole/edit"}, want: []string{"- user:alice get pods in dev"}},
		"several": {
			ids:  []string{"clusterrolebinding/carol", "rolebinding/dev/alice"},
			want: []string{"- user:alice get pods in dev", "- user:alice get secrets in dev", "- user:carol get configmaps in everywhere"},
		},
		"not there": {
			ids: []string{"rolebinding/qa/bob", "rolebinding/dev/bob"}, want: []string{"- user:bob get configmaps in dev"},
			unknown: []rbac.ObjectID{{Kind: "RoleBinding", Namespace: "qa", Name: "bob"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := storedWorld(t)
			var ids []rbac.ObjectID
			for _, text := range test.ids {
				id, err := rbac.ParseObjectID(text, "")
				if err != nil {
					t.Fatal(err)
				}
				if id.String() != text {
					t.Errorf("%q came back as %q", text, id)
				}
				ids = append(ids, id)
			}
			after, unknown := before.Without(ids...)
			if diff := cmp.Diff(test.want, changeLines(before, after)); diff != "" {
				t.Errorf("changes differ (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.unknown, unknown); diff != "" {
				t.Errorf("unknown differ (-want +got):\n%s", diff)
			}
		})
	}
}

// Without all parts at hand, a recomputed role would lose rules that it has: it keeps them, and a gap says so.
func TestWithIncomplete(t *testing.T) {
	t.Parallel()
	before := storedWorld(t)
	before.Gaps = []rbac.Gap{{What: "clusterroles", Cause: "forbidden"}}
	after := before.With(&rbac.Snapshot{Roles: []rbac.Role{labelled(role("edit-jobs", "create batch jobs"), map[string]string{"to": "edit"})}})
	if got := changeLines(before, after); len(got) != 0 {
		t.Errorf("changes = %q, want none", got)
	}
	want := append(slices.Clone(before.Gaps), rbac.Gap{
		What: "the parts of aggregated clusterroles that the change touches: admin, edit", Cause: "forbidden",
	})
	if diff := cmp.Diff(want, after.Gaps); diff != "" {
		t.Errorf("gaps differ (-want +got):\n%s", diff)
	}
	if after = before.With(&rbac.Snapshot{Roles: []rbac.Role{role("lonely", "get - pods")}}); len(after.Gaps) != 1 {
		t.Errorf("gaps = %v, want no further one for a role that is no part", after.Gaps)
	}
}

func TestWithInvalidSelector(t *testing.T) {
	t.Parallel()
	before := storedWorld(t)
	before.Roles[0].Aggregates = append(before.Roles[0].Aggregates, metav1.LabelSelector{
		MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "to", Operator: "Near"}},
	})
	after := before.With(&rbac.Snapshot{Roles: []rbac.Role{labelled(role("x", "create batch jobs"), map[string]string{"to": "admin"})}})
	if got := changeLines(before, after); len(got) != 0 {
		t.Errorf("changes = %q, want none: the controller gives up on such a role", got)
	}
}

func TestRoleRefChanges(t *testing.T) {
	t.Parallel()
	got := storedWorld(t).RoleRefChanges(&rbac.Snapshot{Bindings: []rbac.Binding{
		bind(t, "dev/alice", "admin", "eve"), bind(t, "dev/bob", "edit", "bob"), bind(t, "new", "edit", "bob"),
	}})
	if diff := cmp.Diff([]rbac.ObjectID{{Kind: "RoleBinding", Namespace: "dev", Name: "bob"}}, got); diff != "" {
		t.Errorf("differ (-want +got):\n%s", diff)
	}
}

func TestParseObjectID(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text, namespace string
		want            rbac.ObjectID
		err             string
	}{
		"plural, case, group": {
			text: "RoleBindings.rbac.authorization.k8s.io/dev/x", want: rbac.ObjectID{Kind: "RoleBinding", Namespace: "dev", Name: "x"},
		},
		"namespace beside":         {text: "role/x", namespace: "dev", want: rbac.ObjectID{Kind: "Role", Namespace: "dev", Name: "x"}},
		"cluster scope ignores it": {text: "clusterrole/system:node", namespace: "dev", want: rbac.ObjectID{Kind: "ClusterRole", Name: "system:node"}},
		"another kind":             {text: "pod/dev/x", err: `parse object "pod/dev/x": want rolebinding/NAMESPACE/NAME, role/NAMESPACE/NAME, clusterrolebinding/NAME or clusterrole/NAME`},
		"no kind":                  {text: "x", err: `parse object "x": want rolebinding/NAMESPACE/NAME, role/NAMESPACE/NAME, clusterrolebinding/NAME or clusterrole/NAME`},
		"no namespace":             {text: "rolebinding/x", err: `parse object "rolebinding/x": want rolebinding/NAMESPACE/NAME`},
		"too many":                 {text: "rolebinding/a/b/c", err: `parse object "rolebinding/a/b/c": want rolebinding/NAMESPACE/NAME`},
		"namespace on clusterrole": {text: "clusterrole/a/b", err: `parse object "clusterrole/a/b": a ClusterRole has no namespace: want clusterrole/NAME`},
		"empty name":               {text: "rolebinding/dev/", err: `parse object "rolebinding/dev/": a part of it is empty`},
		"nothing":                  {text: "clusterrole", err: `parse object "clusterrole": a part of it is empty`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := rbac.ParseObjectID(test.text, test.namespace)
			message := ""
			if err != nil {
				message = err.Error()
			}
			if diff := cmp.Diff(test.err, message); diff != "" {
				t.Errorf("error differs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("id differs (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMergeResources(t *testing.T) {
	t.Parallel()
	served := []rbac.Resource{{Name: "pods", Version: "v1"}, {Group: "a", Name: "things", Version: "v2"}}
	defined := []rbac.Resource{{Group: "a", Name: "things", Version: "v1"}, {Group: "b", Name: "others", Version: "v1"}}
	want := []rbac.Resource{served[0], served[1], defined[1]}
	if diff := cmp.Diff(want, rbac.MergeResources(served, defined)); diff != "" {
		t.Errorf("differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(served, rbac.MergeResources(served, nil)); diff != "" {
		t.Errorf("with none differ (-want +got):\n%s", diff)
	}
	catalog := rbac.NewCatalog(rbac.MergeResources(nil, defined))
	for _, r := range [][2]string{{"", "pods"}, {"b", "others"}} {
		if _, known := catalog.Lookup(r[0], r[1]); !known {
			t.Errorf("%v is lost when resources are merged into the built-in ones", r)
		}
	}
}
