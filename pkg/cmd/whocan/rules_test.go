package whocan

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestRulesAcme(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"one-namespace":      {"sa:ci/deployer", "-n", "payments"},
		"everywhere":         {"sa:payments/payments-api"},
		"through-groups":     {"priya@acme.example", "--groups-file", acmeGroups, "-n", "team-nlp"},
		"group-flag":         {"priya@acme.example", "--group", "ml-readers", "-n", "team-nlp", "-o", "csv"},
		"all-namespaces":     {"sa:monitoring/autoscaler", "-A"},
		"void-counted":       {"erin@acme.example", "-n", "data-lake"},
		"void-listed":        {"erin@acme.example", "-n", "data-lake", "--void"},
		"superuser":          {"root", "--group", "system:masters"},
		"superuser-json":     {"root", "--group", "system:masters", "-o", "json"},
		"everybody":          {"nobody@acme.example", "--system"},
		"nothing":            {"nobody@acme.example"},
		"name-begins-alike":  {"bob"},
		"other-kind":         {"user:ml-readers"},
		"slip-of-the-finger": {"sa:ci/deploye"},
		"wide":               {"sa:ci/etl", "-o", "wide"},
		"csv":                {"sa:ci/etl", "-o", "csv"},
		"markdown":           {"sa:monitoring/prober", "-o", "markdown"},
		"json":               {"sa:ci/deployer", "-n", "payments", "-o", "json"},
		"yaml-void":          {"luis@acme.example", "-o", "yaml"},
		"no-headers":         {"sa:ci/etl", "--no-headers"},
		"jsonpath":           {"sa:ci/deployer", "-o", "jsonpath={range .subjects[*].rights[?(@.resource=='secrets')]}{.verbs}{'\\n'}{end}"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, "", append([]string{"rules", "--from", acme}, args...)...).String(), "rules/"+name)
		})
	}
}

func TestRulesBadInput(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want string
	}{
		"no subject":          {nil, "accepts 1 arg(s), received 0"},
		"two subjects":        {[]string{"alice", "bob"}, "accepts 1 arg(s), received 2"},
		"me without cluster":  {[]string{"me"}, `"me" is whoever asks a cluster`},
		"empty subject":       {[]string{""}, "parse subject: it is empty"},
		"half a subject":      {[]string{"sa:ci"}, `parse subject "sa:ci": want sa:NAMESPACE/NAME`},
		"subject without one": {[]string{"user:"}, `parse subject "user:": the name is empty`},
		"unknown format":      {[]string{"bob", "-o", "tree"}, `unknown output format "tree"`},
		"unknown flag":        {[]string{"bob", "--grup", "x"}, "did you mean --group?"},
		"no groups file":      {[]string{"bob", "--groups-file", "no-such-file"}, "read groups file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append([]string{"rules", "--from", acme}, tt.args...)...)
			if got.Code != 1 || got.Stdout != "" || !strings.Contains(got.Stderr, tt.want) {
				t.Errorf("want exit 1, no output and %q, got exit %d, %q and:\n%s", tt.want, got.Code, got.Stdout, got.Stderr)
			}
		})
	}
}

func TestRulesEscapesNames(t *testing.T) {
	t.Parallel()
	got := execute(t, "", "rules", "--from", acme, "evil\x1b[2J")
	if strings.Contains(got.Stdout+got.Stderr, "\x1b") {
		t.Errorf("an escape sequence gets through: %q", got.Stdout+got.Stderr)
	}
}

// tenants is a world in which alice edits every one of n namespaces, and leads the first.
func tenants(n int) *rbac.Index {
	snap := &rbac.Snapshot{Roles: []rbac.Role{
		{Name: "edit", Rules: []rbacv1.PolicyRule{
			{Verbs: []string{"get", "list"}, APIGroups: []string{""}, Resources: []string{"pods", "pods/log"}},
			{Verbs: []string{"update"}, APIGroups: []string{"apps"}, Resources: []string{"deployments"}},
		}},
		{Name: "lead", Rules: []rbacv1.PolicyRule{{Verbs: []string{"delete"}, APIGroups: []string{""}, Resources: []string{"pods"}}}},
	}}
	bind := func(ns, name, role string) {
		snap.Bindings = append(snap.Bindings, rbac.Binding{
			Namespace: ns, Name: name, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: role},
			Subjects: []rbacv1.Subject{rbac.User("alice").RBAC()},
		})
	}
	for i := range n {
		bind(fmt.Sprintf("team-%04d", i), "editors", "edit")
	}
	bind("team-0000", "leads", "lead")
	return rbac.Compile(snap)
}

func TestRulesFoldsNamespaces(t *testing.T) {
	t.Parallel()
	h := holdings(tenants(5000), rbac.NewIdentity(rbac.User("alice")), "")
	table := rulesTable([]held{h}, tableShape{})
	var got []string
	for _, row := range table.Rows {
		got = append(got, fmt.Sprint(row.Cells...))
	}
	where, via := "team-0000, team-0001, team-0002 and 4997 more", "rolebinding/editors > clusterrole/edit"
	rest := "team-0001, team-0002, team-0003 and 4996 more"
	want := []string{
		fmt.Sprint("team-0000", "pods", "any", "gl----d-", via+" (and 1 more)"),
		fmt.Sprint(where, "pods/log", "any", "gl------", via),
		fmt.Sprint(where, "deployments.apps", "any", "----u---", via),
		fmt.Sprint(rest, "pods", "any", "gl------", via),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
	for _, r := range viewRights(h.rights) {
		if len(r.Sources) > 2 || !cmp.Equal(r.Sources[0].Namespaces, r.Namespaces) {
			t.Errorf("%s: %d sources, the first in %d namespaces, want it in all %d", r.Resource, len(r.Sources),
				len(r.Sources[0].Namespaces), len(r.Namespaces))
		}
	}
}

func TestRulesOfClusters(t *testing.T) {
	t.Parallel()
	alice := rbac.NewIdentity(rbac.User("alice"))
	one := holdings(tenants(1), alice, "")
	root := holdings(tenants(1), rbac.NewIdentity(rbac.User("alice"), rbac.GroupMasters), "")
	one.cluster, root.cluster = "east", "west"
	table := rulesTable([]held{one, root}, tableShape{several: true, void: true})
	var got []string
	for _, r := range table.Rows {
		got = append(got, fmt.Sprintf("%v | %v | %v", r.Cells[0], r.Cells[1], r.Cells[2]))
		if len(r.Cells) > len(table.ColumnDefinitions) {
			t.Errorf("a row has %d cells for %d columns", len(r.Cells), len(table.ColumnDefinitions))
		}
	}
	want := []string{
		"east | team-0000 | pods", "east | team-0000 | pods/log", "east | team-0000 | deployments.apps",
		"west | everywhere | everything",
		"west | team-0000 | pods", "west | team-0000 | pods/log", "west | team-0000 | deployments.apps",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
}
