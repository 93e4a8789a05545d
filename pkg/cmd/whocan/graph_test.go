package whocan

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestGraphAcme(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"dot":                {"get", "secrets", "-n", "team-vision"},
		"mermaid":            {"get", "secrets", "-n", "checkout", "-o", "mermaid"},
		"json":               {"delete", "pods", "-n", "checkout", "--subject", "sa:ci/deployer", "-o", "json"},
		"anywhere":           {"delete", "pods", "-A", "--subject", "sa:ci/deployer"},
		"through-a-group":    {"get", "pods", "-n", "team-nlp", "--subject", "bob@acme.example", "--groups-file", acmeGroups},
		"no-path":            {"delete", "nodes", "--subject", "bob@acme.example"},
		"superuser":          {"delete", "nodes", "--subject", "root", "--group", "system:masters"},
		"names":              {"get", "secrets", "-n", "payments", "--names", "--subject", "sa:payments/payments-api"},
		"names-are-counted":  {"get", "secrets", "-n", "payments"},
		"system":             {"impersonate", "users", "--system"},
		"url":                {"get", "/metrics", "-o", "mermaid"},
		"cluster-scope":      {"list", "pods", "--cluster-scope", "-o", "mermaid"},
		"namespace-object":   {"get", "namespaces", "data-lake", "-o", "mermaid"},
		"resource-of-a-word": {"create", "kaiwojobs", "-A", "-o", "mermaid"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, "", append([]string{"graph", "--from", acme}, args...)...).String(), "graph/"+name)
		})
	}
}

func TestGraphBadInput(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want string
	}{
		"nothing":               {nil, "accepts between 1 and 3 arg(s)"},
		"a verb only":           {[]string{"get"}, "want VERB RESOURCE [NAME]"},
		"a URL with a name":     {[]string{"get", "/metrics", "x"}, "a URL has no object name"},
		"me without cluster":    {[]string{"get", "pods", "--subject", "me"}, `"me" is whoever asks a cluster`},
		"half a subject":        {[]string{"get", "pods", "--subject", "sa:ci"}, "want sa:NAMESPACE/NAME"},
		"group without subject": {[]string{"get", "pods", "--group", "x"}, "--group is about one subject"},
		"a table":               {[]string{"get", "pods", "-o", "table"}, `unknown output format "table"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append([]string{"graph", "--from", acme}, tt.args...)...)
			if got.Code != 1 || got.Stdout != "" || !strings.Contains(got.Stderr, tt.want) {
				t.Errorf("want exit 1, no output and %q, got exit %d, %q and:\n%s", tt.want, got.Code, got.Stdout, got.Stderr)
			}
		})
	}
}

func TestGraphFoldsNamespacesOfTheSameSubjectsOnly(t *testing.T) {
	t.Parallel()
	snap := &rbac.Snapshot{}
	for _, ns := range []string{"dev", "qa", "prod"} {
		snap.Roles = append(snap.Roles, rbac.Role{Namespace: ns, Name: "reader", Rules: []rbacv1.PolicyRule{
			{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"pods"}},
		}})
		b := rbac.Binding{
			Namespace: ns, Name: "readers", RoleRef: rbacv1.RoleRef{Kind: "Role", Name: "reader"},
			Subjects: []rbacv1.Subject{rbac.User("alice").RBAC()},
		}
		if ns == "prod" {
			b.Subjects = append(b.Subjects, rbac.User("bob").RBAC())
		}
		snap.Bindings = append(snap.Bindings, b)
	}
	req := question.Request{Action: rbac.Action{Verb: "get", Resource: "pods"}, Namespaced: true, Scope: rbac.Anywhere}
	grants := rbac.Compile(snap).WhoCan(req.Action, req.Scope).Grants
	d := draw(grants, nil, req)
	var got []string
	for _, n := range d.nodes {
		if n.Kind == "binding" || n.Kind == "role" {
			got = append(got, n.ID+": "+strings.Join(n.Namespaces, ","))
		}
	}
	for _, e := range d.edges {
		if strings.HasPrefix(e.From, "user:") {
			got = append(got, e.From+" > "+e.To)
		}
	}
	want := []string{
		"rolebinding/readers -n dev: dev,qa",
		"role/reader -n dev of rolebinding/readers -n dev: dev,qa",
		"rolebinding/readers -n prod: prod",
		"role/reader -n prod: prod",
		"user:alice > rolebinding/readers -n dev",
		"user:alice > rolebinding/readers -n prod",
		"user:bob > rolebinding/readers -n prod",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("boxes differ (-want +got):\n%s", diff)
	}
}

func TestShortened(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ name, want string }{
		"short":            {"rolebinding/readers", "rolebinding/readers"},
		"long":             {"rolebinding/user-somebody-with-a-long-name-example-com-edit", "rolebinding/user-somebody-wit...example-com-edit"},
		"letters of bytes": {strings.Repeat("ü", 60), strings.Repeat("ü", 29) + "..." + strings.Repeat("ü", 16)},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := shortened(tt.name); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
