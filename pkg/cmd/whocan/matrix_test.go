package whocan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

func TestMatrixAcme(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"subjects":                {"secrets", "-n", "team-vision"},
		"subjects-anywhere":       {"secrets", "-A"},
		"subjects-wide":           {"secrets", "-A", "-o", "wide"},
		"subjects-csv":            {"secrets", "-A", "-o", "csv"},
		"subjects-markdown":       {"pods/exec", "-n", "catalog", "-o", "markdown"},
		"subjects-json":           {"secrets", "-n", "payments", "-o", "json"},
		"subjects-system":         {"secrets", "-n", "payments", "--system"},
		"subjects-of-a-name":      {"secrets", "stripe-key", "-n", "payments"},
		"subjects-of-a-namespace": {"namespaces", "data-lake"},
		"subjects-of-namespaces":  {"namespaces", "-A", "--verbs", "get,list"},
		"subjects-of-a-url":       {"/metrics"},
		"special-verbs":           {"clusterroles"},
		"only-special-verbs":      {"signers"},
		"chosen-verbs":            {"pods", "-n", "catalog", "--verbs", "delete,get,delete"},
		"unknown-verb":            {"pods", "-n", "catalog", "--verbs", "get,lsit"},
		"unknown-resource":        {"podz", "-n", "catalog"},
		"namespaces":              {"deployments.apps", "--subject", "sa:ci/deployer"},
		"namespaces-json":         {"deployments.apps", "--subject", "sa:ci/deployer", "-o", "json"},
		"namespaces-one":          {"pods", "--subject", "group:sre", "-n", "ci"},
		"namespaces-none":         {"secrets", "--subject", "group:auditors"},
		"namespaces-all":          {"pods", "--subject", "group:sre", "--all"},
		"namespaces-cluster":      {"nodes", "--subject", "group:sre", "-n", "ci"},
		"namespaces-objects":      {"namespaces", "--subject", "sa:ci/deployer"},
		"namespaces-url":          {"/healthz/etcd", "--subject", "sa:monitoring/prober"},
		"namespaces-superuser":    {"pods", "--subject", "root", "--group", "system:masters"},
		"resources":               {"--subject", "sa:monitoring/autoscaler"},
		"resources-special":       {"--subject", "group:security"},
		"resources-wide":          {"--subject", "group:security", "-o", "wide"},
		"resources-json":          {"--subject", "group:security", "-o", "json"},
		"resources-in-one":        {"--subject", "zoe@acme.example", "-n", "catalog", "--verbs", "get,create"},
		"resources-through-group": {"--subject", "yuki@acme.example", "--groups-file", acmeGroups, "-n", "research"},
		"resources-everybody":     {"--subject", "nobody@acme.example", "--system"},
		"resources-none":          {"--subject", "nobody@acme.example"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, "", append([]string{"matrix", "--from", acme}, args...)...).String(), "matrix/"+name)
		})
	}
}

func TestMatrixBadInput(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want string
	}{
		"nothing to ask":         {nil, "want RESOURCE, --subject, or both"},
		"empty resource":         {[]string{""}, "the resource must not be empty"},
		"a URL with a name":      {[]string{"/metrics", "x"}, "a URL has no object name"},
		"slash without a word":   {[]string{"pods/"}, `parse resource "pods/"`},
		"too many words":         {[]string{"pods", "a", "b"}, "accepts at most 2 arg(s)"},
		"all without subject":    {[]string{"pods", "--all"}, "--all is about the rows of a subject"},
		"group without subject":  {[]string{"pods", "--group", "x"}, "--group is about one subject"},
		"groups without subject": {[]string{"pods", "--groups-file", acmeGroups}, "--groups-file is about one subject"},
		"system of namespaces":   {[]string{"pods", "--subject", "bob", "--system"}, "here rows are namespaces"},
		"empty verb":             {[]string{"pods", "--verbs", "get,"}, "a verb of --verbs is empty"},
		"me without cluster":     {[]string{"--subject", "me"}, `"me" is whoever asks a cluster`},
		"half a subject":         {[]string{"--subject", "sa:ci"}, "want sa:NAMESPACE/NAME"},
		"unknown format":         {[]string{"pods", "-o", "name"}, `unknown output format "name"`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append([]string{"matrix", "--from", acme}, tt.args...)...)
			if got.Code != 1 || got.Stdout != "" || !strings.Contains(got.Stderr, tt.want) {
				t.Errorf("want exit 1, no output and %q, got exit %d, %q and:\n%s", tt.want, got.Code, got.Stdout, got.Stderr)
			}
		})
	}
}

// acmeIndex compiles the example.
func acmeIndex(t *testing.T) *rbac.Index {
	t.Helper()
	files, err := source.Files([]string{acme}, strings.NewReader(""), func(string, ...any) {})
	if err != nil {
		t.Fatal(err)
	}
	snap, err := files.Load(context.Background(), source.Want{})
	if err != nil {
		t.Fatal(err)
	}
	return rbac.Compile(snap)
}

// TestReachIsWhatTheEngineDecides compares every cell of the forms about a subject with single decisions, for all subjects
// of the example.
func TestReachIsWhatTheEngineDecides(t *testing.T) {
	t.Parallel()
	ix := acmeIndex(t)
	resources := []rbac.Resource{}
	for _, name := range []string{
		"/pods", "/pods/exec", "/secrets", "/namespaces", "/namespaces/status", "/nodes", "/serviceaccounts",
		"/serviceaccounts/token", "/users", "/groups", "apps/deployments", "apps/deployments/scale",
		"rbac.authorization.k8s.io/clusterroles", "coordination.k8s.io/leases", "certificates.k8s.io/signers",
		"authorization.k8s.io/selfsubjectaccessreviews", "kubeflow.org/notebooks",
	} {
		group, resource, _ := strings.Cut(name, "/")
		r, ok := ix.Catalog().Lookup(group, resource)
		if !ok {
			t.Fatalf("no resource %s", name)
		}
		resources = append(resources, r)
	}
	cells := 0
	for _, s := range ix.Subjects() {
		id := rbac.NewIdentity(s)
		if id.Superuser() {
			continue
		}
		rights := ix.Rights(id, "")
		for _, r := range resources {
			for _, verb := range append(ix.Catalog().Verbs(r.Group, r.Name), "deletecollection", "made-up") {
				a := rbac.Action{Verb: verb, Group: r.Group}
				a.Resource, a.Subresource, _ = strings.Cut(r.Name, "/")
				got := reachOf(rights, a, r.Namespaced)
				want := decide(ix, id, a, r.Namespaced)
				if got.everywhere != want.everywhere {
					t.Errorf("%s: %s everywhere: got %t, want %t", s, a, got.everywhere, want.everywhere)
				}
				if diff := cmp.Diff(want.places(), got.namespaces(), cmpopts.EquateEmpty()); diff != "" && !want.everywhere {
					t.Errorf("%s: namespaces of %s differ (-want +got):\n%s", s, a, diff)
				}
				for ns, names := range got.named {
					for _, name := range names {
						b := a
						b.Namespace, b.Name = ns, name
						if !ix.Allowed(id, b) {
							t.Errorf("%s: not allowed: %s in %s", s, b, ns)
						}
					}
				}
				cells++
			}
		}
	}
	if cells < 1000 {
		t.Errorf("compared %d cells only", cells)
	}
}

// decide asks the engine about each place on its own.
func decide(ix *rbac.Index, id rbac.Identity, a rbac.Action, namespaced bool) *reach {
	out := &reach{everywhere: ix.Allowed(id, a)}
	for _, ns := range ix.Namespaces() {
		b := a
		if namespaced {
			b.Namespace = ns
		} else if b.Name = ns; b.AtObjectNamespace().Namespace == ns {
			b = b.AtObjectNamespace()
		} else {
			continue
		}
		if ix.Allowed(id, b) {
			out.parts = append(out.parts, []string{ns})
		}
	}
	return out
}

// TestMatrixRowsAgree asks the same of the three forms.
func TestMatrixRowsAgree(t *testing.T) {
	t.Parallel()
	ix := acmeIndex(t)
	a := rbac.Action{Resource: "secrets"}
	verbs := rbac.StandardVerbs()
	for _, row := range ix.SubjectMatrix(a, verbs, rbac.Anywhere) {
		if row.Subject == rbac.Group(rbac.GroupMasters) {
			continue
		}
		// The subject alone, without the groups that the API server adds.
		id := rbac.Identity{Subject: row.Subject, User: row.Subject.UserName()}
		if row.Subject.Kind == rbacv1.GroupKind {
			id.Groups = []string{row.Subject.Name}
		}
		cells := resourceCells(ix.Rights(id, ""), rbac.Resource{Name: "secrets", Namespaced: true}, verbs, false)
		want := map[string]rbac.Extent{}
		for i, e := range row.Cells {
			if !e.None() {
				want[verbs[i]] = e
			}
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(want)), slices.Sorted(maps.Keys(cells)), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: verbs differ (-subjects +resources):\n%s", row.Subject, diff)
		}
		for verb, e := range want {
			got := cells[verb]
			if e.Everywhere {
				e.Namespaces, got.Namespaces = nil, nil
			}
			if diff := cmp.Diff(e, got, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: %s differs (-subjects +resources):\n%s", row.Subject, verb, diff)
			}
		}
	}
}

func TestMatrixManyNamespaces(t *testing.T) {
	t.Parallel()
	ix := tenants(5000)
	id := rbac.NewIdentity(rbac.User("alice"))
	o := &matrixOptions{matrixFlags: &matrixFlags{}}
	m := &matrix{by: byResource, id: &id}
	o.resources(ix, m)
	var got []string
	for _, row := range matrixTable(m, printer.Table, false).Rows {
		got = append(got, fmt.Sprint(row.Cells...))
	}
	want := []string{
		fmt.Sprint("pods", "5000 ns", "5000 ns", "-", "-", "-", "-", "1 ns", "-"),
		fmt.Sprint("pods/log", "5000 ns", "", "", "", "", "", "", ""),
		fmt.Sprint("deployments.apps", "-", "-", "-", "-", "5000 ns", "-", "-", "-"),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
}

func TestMatrixOfClusters(t *testing.T) {
	t.Parallel()
	var m matrix
	row := func(verb string) matrixRow {
		return matrixRow{subject: rbac.User("alice"), cells: map[string]rbac.Extent{verb: {Everywhere: true}}}
	}
	req := question.Request{Scope: rbac.Anywhere}
	m.add(&matrix{by: bySubject, request: &req, verbs: []string{"get", "use"}, rows: []matrixRow{row("use")}}, "east")
	m.add(&matrix{by: bySubject, request: &req, verbs: []string{"get", "list"}, rows: []matrixRow{row("list")}}, "west")
	table := matrixTable(&m, printer.Table, true)
	var got [][]any
	for _, r := range table.Rows {
		got = append(got, r.Cells)
	}
	want := [][]any{
		{"east", "user:alice", "-", "yes", "-"},
		{"west", "user:alice", "-", "-", "yes"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
}
