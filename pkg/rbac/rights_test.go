package rbac_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// rightLine writes a right as "where: verbs group/resource names [void] < sources".
func rightLine(r rbac.Right) string {
	where := strings.Join(r.Namespaces, ",")
	if r.Everywhere {
		where = "everywhere"
	}
	line := where + ": " + strings.Join(r.Verbs, ",") + " " + r.Group + "/" + r.Resource + r.URL
	if r.Names != nil {
		line += " only " + strings.Join(r.Names, ",")
	}
	if r.Void != "" {
		line += " [" + r.Void + "]"
	}
	for _, s := range r.Sources {
		line += " < " + s.Binding.KindName()
		if s.Via != rbac.ViaDirect {
			line += " via " + s.Subject.String()
		}
	}
	return line
}

func rightLines(rights []rbac.Right) []string {
	var out []string
	for _, r := range rights {
		out = append(out, rightLine(r))
	}
	return out
}

func TestRights(t *testing.T) {
	t.Parallel()
	const metrics = "everywhere: get //healthz* < clusterrolebinding/everyone-metrics via group:system:authenticated"
	const metrics2 = "everywhere: get //metrics < clusterrolebinding/everyone-metrics via group:system:authenticated"
	tests := map[string]struct {
		who       string
		groups    []string
		namespace string
		want      []string
	}{
		"the same role in two namespaces is one line": {
			who: "alice",
			want: []string{
				metrics, metrics2,
				"dev: get /secrets only db < rolebinding/one-secret",
				"dev,qa: get,list,watch /configmaps < rolebinding/viewers < rolebinding/viewers",
				"dev,qa: get,list,watch /pods < rolebinding/viewers < rolebinding/viewers",
				"dev,qa: get,list,watch /pods/log < rolebinding/viewers < rolebinding/viewers",
			},
		},
		"one namespace": {
			who: "alice", namespace: "qa",
			want: []string{
				metrics, metrics2,
				"qa: get,list,watch /configmaps < rolebinding/viewers",
				"qa: get,list,watch /pods < rolebinding/viewers",
				"qa: get,list,watch /pods/log < rolebinding/viewers",
			},
		},
		"what is held everywhere is not repeated": {
			who: "user:x", groups: []string{"ops", "readers"},
			want: []string{
				metrics, metrics2,
				"everywhere: get,list,watch,create,update,patch,delete /pods < clusterrolebinding/ops-edit via group:ops",
				"everywhere: create /pods/exec < clusterrolebinding/ops-edit via group:ops",
				"everywhere: get,list,watch /pods/log < clusterrolebinding/ops-edit via group:ops",
				"everywhere: get,list,watch /secrets < clusterrolebinding/ops-edit via group:ops",
				"dev: get,list,watch /configmaps < rolebinding/viewers via group:readers",
			},
		},
		"void": {
			who: "bob", namespace: "dev",
			want: []string{
				metrics, metrics2,
				"dev: get /namespaces < rolebinding/nodes",
				"dev: list /namespaces [cluster-scoped, but through a RoleBinding] < rolebinding/nodes",
				"dev: get,list /nodes [cluster-scoped, but through a RoleBinding] < rolebinding/nodes",
			},
		},
		"leader election": {
			who: "sa:dev/bot",
			want: []string{
				metrics, metrics2,
				"dev: get,list,create /configmaps < rolebinding/leader",
				"dev: update /configmaps only lock < rolebinding/leader",
				"dev: delete /configmaps only other < rolebinding/leader",
			},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := company(t).Rights(rbac.NewIdentity(subject(t, tt.who), tt.groups...), tt.namespace)
			want := map[string]bool{}
			for _, line := range tt.want {
				want[line] = true
			}
			have := map[string]bool{}
			for _, line := range rightLines(got) {
				have[line] = true
			}
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		held, wanted, missing []rbacv1.PolicyRule
	}{
		"all there":      {held: []rbacv1.PolicyRule{rule("* * *")}, wanted: []rbacv1.PolicyRule{rule("get - pods"), rule("get * */scale x")}},
		"verbs merge":    {held: []rbacv1.PolicyRule{rule("get - pods")}, wanted: []rbacv1.PolicyRule{rule("watch,get,list - pods")}, missing: []rbacv1.PolicyRule{rule("list,watch - pods")}},
		"names":          {held: []rbacv1.PolicyRule{rule("get - pods a")}, wanted: []rbacv1.PolicyRule{rule("get - pods a,b")}, missing: []rbacv1.PolicyRule{rule("get - pods b")}},
		"any name":       {held: []rbacv1.PolicyRule{rule("get - pods a")}, wanted: []rbacv1.PolicyRule{rule("get - pods")}, missing: []rbacv1.PolicyRule{rule("get - pods")}},
		"literal star":   {held: []rbacv1.PolicyRule{rule("get - pods/*")}, wanted: []rbacv1.PolicyRule{rule("get - pods/log")}, missing: []rbacv1.PolicyRule{rule("get - pods/log")}},
		"any scale":      {held: []rbacv1.PolicyRule{rule("get * */scale")}, wanted: []rbacv1.PolicyRule{rule("get apps deployments/scale,deployments")}, missing: []rbacv1.PolicyRule{rule("get apps deployments")}},
		"shorter prefix": {held: []rbacv1.PolicyRule{rule("get /a*")}, wanted: []rbacv1.PolicyRule{rule("get /a/b*,/b")}, missing: []rbacv1.PolicyRule{rule("get /b")}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := rbac.Covers(tt.held, tt.wanted)
			if len(got) == 0 && len(tt.missing) == 0 {
				return
			}
			if diff := cmp.Diff(tt.missing, got); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}
		})
	}
}

// aggregated makes ClusterRoles as git has them: "all" from what is labelled x=y, which itself is a part of "more".
func aggregated() []rbac.Role {
	labelled := func(r rbac.Role, key string) rbac.Role {
		r.Labels = map[string]string{key: "y"}
		return r
	}
	all := labelled(rbac.Role{Name: "all", Aggregates: []metav1.LabelSelector{{MatchLabels: map[string]string{"x": "y"}}}}, "z")
	all.Rules = []rbacv1.PolicyRule{rule("delete - nodes")} // a controller would throw this away
	more := rbac.Role{Name: "more", Aggregates: []metav1.LabelSelector{{MatchLabels: map[string]string{"z": "y"}}}}
	return []rbac.Role{
		all, more, labelled(role("part-b", "get - secrets"), "x"), labelled(role("part-a", "list - pods", "get - secrets"), "x"),
		role("other", "get - nodes"),
	}
}

func TestAggregation(t *testing.T) {
	t.Parallel()
	ix := rbac.Compile(&rbac.Snapshot{
		Roles:    aggregated(),
		Bindings: []rbac.Binding{bind(t, "mona", "more", "mona")},
	})
	id := rbac.NewIdentity(subject(t, "mona"))
	d := ix.Can(id, rbac.Action{Verb: "get", Resource: "secrets", Namespace: "x"})
	if !d.Allowed || len(d.Proofs) != 1 {
		t.Fatalf("got %+v, want one proof", d)
	}
	p := d.Proofs[0]
	got := fmt.Sprintf("%s #%d < %s #%d", p.Role.KindName(), p.Rule, p.Part.KindName(), p.PartRule)
	if want := "clusterrole/more #1 < clusterrole/part-a #1"; got != want {
		t.Errorf("proof %q, want %q", got, want)
	}
	if ix.Allowed(id, rbac.Action{Verb: "delete", Resource: "nodes"}) {
		t.Error("rules written into an aggregated role by hand count, but the controller replaces them")
	}
}

func TestStoredAggregationIsTrusted(t *testing.T) {
	t.Parallel()
	r := role("all", "get - secrets")
	r.Aggregates = []metav1.LabelSelector{{MatchLabels: map[string]string{"not": "there"}}}
	ix := rbac.Compile(&rbac.Snapshot{Roles: []rbac.Role{r}, Bindings: []rbac.Binding{bind(t, "b", "all", "mona")}})
	d := ix.Can(rbac.NewIdentity(subject(t, "mona")), rbac.Action{Verb: "get", Resource: "secrets"})
	if !d.Allowed || d.Proofs[0].Part != nil {
		t.Errorf("got %+v, want allowed by the role itself", d)
	}
}

func TestCircularAggregationEnds(t *testing.T) {
	t.Parallel()
	ring := func(name, from string, rules ...string) rbac.Role {
		r := role(name, rules...)
		r.Stored = false
		r.Labels = map[string]string{"is": name}
		r.Aggregates = []metav1.LabelSelector{{MatchLabels: map[string]string{"is": from}}, {MatchLabels: map[string]string{"own": name}}}
		return r
	}
	own := func(name, text string) rbac.Role {
		r := role("own-"+name, text)
		r.Labels = map[string]string{"own": name}
		return r
	}
	ix := rbac.Compile(&rbac.Snapshot{
		Roles: []rbac.Role{
			ring("a", "b"), ring("b", "c"), ring("c", "a"),
			own("a", "get - a"), own("b", "get - b"), own("c", "get - c"),
		},
		Bindings: []rbac.Binding{bind(t, "m", "a", "mona")},
	})
	for _, resource := range []string{"a", "b", "c"} {
		if !ix.Allowed(rbac.NewIdentity(subject(t, "mona")), rbac.Action{Verb: "get", Resource: resource}) {
			t.Errorf("get %s is not allowed", resource)
		}
	}
}
