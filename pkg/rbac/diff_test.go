package rbac_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	roles := []rbac.Role{
		role("view", "get,list - pods"), role("view-too", "list,get - pods"), role("edit", "get,list,delete - pods"),
		role("nodes", "list - nodes"),
	}
	tests := map[string]struct {
		before, after []rbac.Binding
		want          []string
	}{
		"nothing": {
			before: []rbac.Binding{bind(t, "dev/a", "view", "alice")}, after: []rbac.Binding{bind(t, "dev/b", "view", "alice")},
		},
		"another role that gives the same": {
			before: []rbac.Binding{bind(t, "dev/a", "view", "alice")}, after: []rbac.Binding{bind(t, "dev/a", "view-too", "alice")},
		},
		"more verbs, one namespace more": {
			before: []rbac.Binding{bind(t, "dev/a", "view", "alice")},
			after:  []rbac.Binding{bind(t, "dev/a", "edit", "alice"), bind(t, "qa/a", "view", "alice")},
			want: []string{
				"+ user:alice dev: delete /pods < rolebinding/a", "+ user:alice qa: get,list /pods < rolebinding/a",
			},
		},
		"from one namespace to everywhere": {
			before: []rbac.Binding{bind(t, "dev/a", "view", "alice")}, after: []rbac.Binding{bind(t, "a", "view", "alice")},
			want: []string{"+ user:alice everywhere: get,list /pods < clusterrolebinding/a"},
		},
		"from everywhere to one namespace": {
			before: []rbac.Binding{bind(t, "a", "view", "alice")}, after: []rbac.Binding{bind(t, "dev/a", "view", "alice")},
			want: []string{"- user:alice everywhere: get,list /pods < clusterrolebinding/a"},
		},
		"a service account loses what its group still gives": {
			before: []rbac.Binding{bind(t, "a", "view", "group:system:serviceaccounts"), bind(t, "dev/b", "view", "sa:dev/bot")},
			after:  []rbac.Binding{bind(t, "a", "view", "group:system:serviceaccounts")},
		},
		"what can have no effect is no change": {
			after: []rbac.Binding{bind(t, "dev/n", "nodes", "alice")},
		},
		"what a superuser is given is no change": {
			after: []rbac.Binding{bind(t, "m", "edit", "group:system:masters")},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changes := rbac.Diff(
				rbac.Compile(&rbac.Snapshot{Roles: roles, Bindings: tt.before}),
				rbac.Compile(&rbac.Snapshot{Roles: roles, Bindings: tt.after}))
			var got []string
			for _, c := range changes {
				sign := "-"
				if c.Gained {
					sign = "+"
				}
				got = append(got, sign+" "+c.Subject.String()+" "+rightLine(c.Right))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMayGrant(t *testing.T) {
	t.Parallel()
	ix := rbac.Compile(&rbac.Snapshot{
		Roles: []rbac.Role{
			role("view", "get - pods"), role("edit", "get,delete - pods"),
			role("binder", "bind rbac.authorization.k8s.io clusterroles edit"),
		},
		Bindings: []rbac.Binding{
			bind(t, "dev/a", "view", "alice"), bind(t, "dev/b", "binder", "bea"), bind(t, "dev/c", "edit", "carl"),
		},
	})
	tests := map[string]struct {
		who, role, namespace, how string
		missing                   int
	}{
		"covered":             {who: "carl", role: "view", namespace: "dev", how: "covered"},
		"own role":            {who: "carl", role: "edit", namespace: "dev", how: "covered"},
		"not elsewhere":       {who: "carl", role: "view", namespace: "qa", missing: 1},
		"more than one has":   {who: "alice", role: "edit", namespace: "dev", missing: 1},
		"bind":                {who: "bea", role: "edit", namespace: "dev", how: "bind"},
		"bind another":        {who: "bea", role: "view", namespace: "dev", missing: 1},
		"a role that is gone": {who: "carl", role: "gone", namespace: "dev"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ref := bind(t, "x", tt.role).RoleRef
			got := ix.MayGrant(rbac.NewIdentity(subject(t, tt.who)), ref, tt.namespace)
			if got.How != tt.how || got.Allowed != (tt.how != "") || len(got.Missing) != tt.missing {
				t.Errorf("got %+v, want how %q with %d missing", got, tt.how, tt.missing)
			}
		})
	}
}
