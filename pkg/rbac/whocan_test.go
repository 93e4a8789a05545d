package rbac_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// lines writes grants as "subject where names via".
func lines(grants []rbac.Grant) []string {
	out := []string{}
	for _, g := range grants {
		var where []string
		if g.Everywhere {
			where = append(where, "everywhere")
		}
		where = append(where, g.Namespaces...)
		line := g.Subject.String() + " in " + strings.Join(where, ",")
		if len(g.Names) > 0 {
			line += " only " + strings.Join(g.Names, ",")
		}
		for _, p := range g.Proofs {
			line += fmt.Sprintf(" < %s %s #%d", p.Binding.KindName(), p.Role.KindName(), p.Rule)
		}
		out = append(out, line)
	}
	return out
}

func TestWhoCan(t *testing.T) {
	t.Parallel()
	const masters = "group:system:masters in everywhere"
	tests := map[string]struct {
		action rbac.Action
		scope  rbac.Scope
		want   []string
		named  []string
	}{
		"in one namespace": {
			action: rbac.Action{Verb: "get", Resource: "secrets", Namespace: "qa"},
			want: []string{
				masters,
				"user:bob in qa < rolebinding/editors clusterrole/edit #0",
				"group:ops in everywhere < clusterrolebinding/ops-edit clusterrole/edit #0",
				"sa:qa/bot in qa < rolebinding/editors clusterrole/edit #0",
			},
		},
		"anywhere": {
			action: rbac.Action{Verb: "list", Resource: "pods"},
			scope:  rbac.Anywhere,
			want: []string{
				masters,
				"user:Bob in dev < rolebinding/Bob clusterrole/edit #0",
				"user:alice in dev,qa < rolebinding/viewers clusterrole/view #0 < rolebinding/viewers clusterrole/view #0",
				"user:bob in qa < rolebinding/editors clusterrole/edit #0",
				"group:ops in everywhere < clusterrolebinding/ops-edit clusterrole/edit #0",
				"group:readers in dev < rolebinding/viewers clusterrole/view #0",
				"sa:qa/bot in qa < rolebinding/editors clusterrole/edit #0",
			},
		},
		"cluster-wide": {
			action: rbac.Action{Verb: "list", Resource: "pods"},
			want:   []string{masters, "group:ops in everywhere < clusterrolebinding/ops-edit clusterrole/edit #0"},
		},
		"role bindings never reach cluster-scoped resources": {
			action: rbac.Action{Verb: "list", Resource: "nodes"},
			want:   []string{masters},
		},
		"the namespace itself through a role binding": {
			action: rbac.Action{Verb: "get", Resource: "namespaces", Name: "dev"}.AtObjectNamespace(),
			want:   []string{masters, "user:bob in dev < rolebinding/nodes clusterrole/nodes #0"},
		},
		"namespaces whose object one may get": {
			action: rbac.Action{Verb: "get", Resource: "namespaces"},
			scope:  rbac.Anywhere,
			want:   []string{masters, "user:bob in dev < rolebinding/nodes clusterrole/nodes #0"},
		},
		"names limit": {
			action: rbac.Action{Verb: "get", Resource: "secrets", Namespace: "dev"},
			want: []string{
				masters,
				"user:Bob in dev < rolebinding/Bob clusterrole/edit #0",
				"group:ops in everywhere < clusterrolebinding/ops-edit clusterrole/edit #0",
			},
			named: []string{"user:alice in dev only db < rolebinding/one-secret role/one-secret #0"},
		},
		"a name": {
			action: rbac.Action{Verb: "update", Resource: "configmaps", Namespace: "dev", Name: "lock"},
			want:   []string{masters, "sa:dev/bot in dev < rolebinding/leader role/leader #1"},
		},
		"any scale": {
			action: rbac.Action{Verb: "update", Group: "apps", Resource: "deployments", Subresource: "scale", Namespace: "x"},
			want:   []string{masters, "sa:kube-system/hpa in everywhere < clusterrolebinding/hpa clusterrole/scaler #0"},
		},
		"url": {
			action: rbac.Action{Verb: "get", Path: "/healthz/etcd"},
			scope:  rbac.Anywhere,
			want: []string{
				masters, "group:system:authenticated in everywhere < clusterrolebinding/everyone-metrics clusterrole/metrics #0",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := company(t).WhoCan(tt.action, tt.scope)
			if diff := cmp.Diff(tt.want, lines(got.Grants)); diff != "" {
				t.Errorf("grants (-want +got):\n%s", diff)
			}
			var subjects []rbac.Subject
			for _, g := range got.Grants {
				subjects = append(subjects, g.Subject)
			}
			if diff := cmp.Diff(subjects, company(t).AllowedSubjects(tt.action, tt.scope)); diff != "" {
				t.Errorf("subjects without proofs (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(append([]string{}, tt.named...), lines(got.OnlyNamed)); diff != "" {
				t.Errorf("only named (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCanGivesAllProofs(t *testing.T) {
	t.Parallel()
	ix := company(t)
	id := rbac.NewIdentity(subject(t, "alice"), "readers", "ops")
	got := ix.Can(id, rbac.Action{Verb: "get", Resource: "pods", Namespace: "dev"})
	var have []string
	for _, p := range got.Proofs {
		have = append(have, fmt.Sprintf("%s %s %s %s #%d", p.Via, p.Subject, p.Binding.KindName(), p.Role.KindName(), p.Rule))
	}
	want := []string{
		"group group:ops clusterrolebinding/ops-edit clusterrole/edit #0",
		"direct user:alice rolebinding/viewers clusterrole/view #0",
		"group group:readers rolebinding/viewers clusterrole/view #0",
	}
	if diff := cmp.Diff(want, have); diff != "" || !got.Allowed || got.Superuser {
		t.Errorf("allowed %v, superuser %v, proofs (-want +got):\n%s", got.Allowed, got.Superuser, diff)
	}
}

func TestSuperuser(t *testing.T) {
	t.Parallel()
	id := rbac.NewIdentity(subject(t, "admin"), rbac.GroupMasters)
	got := company(t).Can(id, rbac.Action{Verb: "delete", Resource: "nodes", Name: "x"})
	if !got.Allowed || !got.Superuser || len(got.Proofs) != 0 {
		t.Errorf("got %+v, want allowed as superuser without proofs", got)
	}
}
