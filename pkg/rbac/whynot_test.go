package rbac_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestWhyNot(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		who    string
		groups []string
		action rbac.Action
		want   []string
	}{
		"bound elsewhere, and nothing else": {
			who: "sa:qa/bot", action: rbac.Action{Verb: "delete", Resource: "pods", Namespace: "dev"},
			want: []string{"other-namespace rolebinding/editors #1 qa"},
		},
		"verb": {
			who: "alice", action: rbac.Action{Verb: "delete", Resource: "pods", Namespace: "dev"},
			want: []string{"verb rolebinding/viewers #0 get,list,watch"},
		},
		"names": {
			who: "alice", action: rbac.Action{Verb: "get", Resource: "secrets", Namespace: "dev", Name: "other"},
			want: []string{"resource-name rolebinding/one-secret #0 db"},
		},
		"list of a named one": {
			who: "sa:dev/bot", action: rbac.Action{Verb: "update", Resource: "configmaps", Namespace: "dev"},
			want: []string{"resource-name rolebinding/leader #1 lock"},
		},
		"group": {
			who: "mallory", action: rbac.Action{Verb: "list", Resource: "pods", Namespace: "dev"},
			want: []string{"api-group clusterrolebinding/mallory #0 metrics.k8s.io"},
		},
		"subresource": {
			who: "alice", action: rbac.Action{Verb: "get", Resource: "pods", Subresource: "status", Namespace: "qa"},
			want: []string{"subresource rolebinding/viewers #0 pods,pods/log"},
		},
		"role missing": {
			who: "carol", action: rbac.Action{Verb: "get", Resource: "pods", Namespace: "dev"},
			want: []string{"role-missing rolebinding/gone #-1 "},
		},
		"cluster-scoped through a role binding, and a look-alike": {
			who: "bob", action: rbac.Action{Verb: "list", Resource: "nodes"},
			want: []string{"cluster-scope rolebinding/nodes #0 dev"},
		},
		"another case": {
			who: "bob", action: rbac.Action{Verb: "delete", Resource: "pods", Namespace: "dev"},
			want: []string{"other-namespace rolebinding/editors #1 qa", "subject rolebinding/Bob #1 user:Bob"},
		},
		"service account of another namespace": {
			who: "sa:dev/bot", action: rbac.Action{Verb: "get", Resource: "secrets", Namespace: "qa"},
			want: []string{"subject rolebinding/editors #0 sa:qa/bot"},
		},
		"many namespaces are one": {
			who: "alice", action: rbac.Action{Verb: "list", Resource: "pods", Namespace: "prod"},
			want: []string{"other-namespace rolebinding/viewers #0 dev,qa +1"},
		},
		"a group of his is nearer than nothing": {
			who: "dave", groups: []string{"readers"}, action: rbac.Action{Verb: "create", Resource: "pods", Namespace: "dev"},
			want: []string{"verb rolebinding/viewers #0 get,list,watch"},
		},
		"nothing near": {
			who: "nobody", action: rbac.Action{Verb: "get", Resource: "pods", Namespace: "dev"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ix := company(t)
			id := rbac.NewIdentity(subject(t, tt.who), tt.groups...)
			if ix.Allowed(id, tt.action) {
				t.Fatal("it is allowed")
			}
			var got []string
			for _, m := range ix.WhyNot(id, tt.action) {
				line := fmt.Sprintf("%s %s #%d %s", m.Reason, m.Binding.KindName(), m.Rule, strings.Join(m.Has, ","))
				if m.Others > 0 {
					line += fmt.Sprintf(" +%d", m.Others)
				}
				got = append(got, line)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("misses (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhyNotNamespaceObject(t *testing.T) {
	t.Parallel()
	ix := rbac.Compile(&rbac.Snapshot{
		Roles: []rbac.Role{role("spaces", "get - namespaces"), role("prod-space", "get - namespaces prod")},
		Bindings: []rbac.Binding{
			bind(t, "dev/spaces", "spaces", "alice"), bind(t, "qa/prod-space", "prod-space", "alice"),
		},
	})
	var got []string
	for _, m := range ix.WhyNot(rbac.NewIdentity(rbac.User("alice")), rbac.Action{Verb: "get", Resource: "namespaces", Name: "prod", Namespace: "prod"}) {
		got = append(got, string(m.Reason)+" "+m.Binding.Name+" "+strings.Join(m.Has, ","))
	}
	// The second would allow another namespace's object nowhere: it takes a ClusterRoleBinding, or one in prod.
	if diff := cmp.Diff([]string{"other-namespace spaces dev", "cluster-scope prod-space qa"}, got); diff != "" {
		t.Errorf("misses (-want +got):\n%s", diff)
	}
}
