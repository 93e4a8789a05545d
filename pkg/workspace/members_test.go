package workspace_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// load reads manifests of testdata, or of the repository's example.
func load(t *testing.T, path string) *workspace.State {
	t.Helper()
	inv, err := source.FileInventory(t.Context(), []string{path}, source.FilesOptions{}, inventory.Want{Kinds: []inventory.Kind{
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies, inventory.Quotas,
		inventory.ServiceAccounts,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return workspace.NewState(inv, workspace.Options{Now: now})
}

func acme(t *testing.T) *workspace.State {
	t.Helper()
	return load(t, filepath.Join("..", "..", "examples", "acme"))
}

// lines shows members as a table: workspace, subject, role, how, HTTP, binding + policy.
func lines(members []workspace.Member) []string {
	var out []string
	for i := range members {
		m := &members[i]
		binding, policy := "-", "-"
		if m.Binding != nil {
			binding = m.Binding.Name
		}
		if m.Policy != nil {
			policy = m.Policy.GetName()
		}
		http := "no: " + m.HTTPWhy
		switch {
		case !m.HTTPKnown:
			http = "unknown: " + m.HTTPWhy
		case m.HTTP:
			http = "yes"
		}
		line := fmt.Sprintf("%s | %s | %s | %s | %s | %s + %s", m.Workspace, m.Subject, m.RoleText(), m.How, http, binding, policy)
		if !m.Expires.IsZero() {
			line += " | " + m.Expires.Format(time.DateOnly)
		}
		out = append(out, line)
	}
	return out
}

func TestMembers(t *testing.T) {
	t.Parallel()
	want := strings.Split(strings.TrimSpace(`
ages | user:Alice@example.com | editor | pair | yes | user-lice-xample-com-clusterrole-edit + user-lice-xample-com-clusterrole-edit
ages | user:ann@example.com | owner | owner | yes | namespaceAdmin + ns-owner-access-istio
ages | user:bea@example.com | editor | pair | yes | bea-example-com-edit + bea-example-com-edit
ages | user:cat@example.com | viewer | binding | no: left out on purpose | user-cat-example-com-clusterrole-view + - | 2026-12-01
ages | user:dan@example.com | clusterrole/labeller | pair | yes | user-dan-example-com-clusterrole-labeller + user-dan-example-com-clusterrole-labeller
ages | user:eve@example.com | editor | pair | yes | two + two
ages | user:fay@example.com | editor | binding | no: no policy lets the user in | two + -
ages | user:gus@example.com | editor | pair | yes | user-gus-example-com-clusterrole-edit + user-gus-example-com-clusterrole-edit
ages | user:gus@example.com | viewer | pair | yes | user-gus-example-com-clusterrole-view + user-gus-example-com-clusterrole-view
ages | user:hal@example.com | viewer | policy | yes | - + user-hal-example-com-clusterrole-view
ages | user:new@example.com | editor | binding | no: no policy lets the user in | user-old-example-com-clusterrole-edit + -
ages | user:old@example.com | editor | policy | yes | - + user-old-example-com-clusterrole-edit
ages | group:data | editor | pair | yes | group-data-clusterrole-edit + group-data-clusterrole-edit
ages | group:ops | viewer | manual | no: no policy names the group | readers + -
ages | group:sci | editor | binding | no: no policy names the group | user-sci-clusterrole-edit + -
ages | sa:ages/robot | editor | manual | no: service accounts have no user header | robot + -
`), "\n")
	if diff := cmp.Diff(want, lines(load(t, "testdata/ages.yaml").Members("ages"))); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
}

func TestMembersOfAcme(t *testing.T) {
	t.Parallel()
	want := strings.Split(strings.TrimSpace(`
team-vision | user:bob@acme.example | editor | pair | yes | user-bob-acme-example-clusterrole-edit + user-bob-acme-example-clusterrole-edit
team-vision | user:dana@acme.example | owner | owner | yes | namespaceAdmin + ns-owner-access-istio
team-vision | user:priya@acme.example | viewer | pair | yes | user-priya-acme-example-clusterrole-view + user-priya-acme-example-clusterrole-view
team-vision | user:yuki@acme.example | editor | policy | yes | - + user-yuki-acme-example-clusterrole-edit
`), "\n")
	if diff := cmp.Diff(want, lines(acme(t).Members("team-vision"))); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
}

func TestMembersAllHasTheAccounts(t *testing.T) {
	t.Parallel()
	s := acme(t)
	all, members := s.MembersAll("team-vision"), s.Members("team-vision")
	if got := len(all) - len(members); got != 2 {
		t.Errorf("%d members are left out, want default-editor and default-viewer:\n%s", got, strings.Join(lines(all), "\n"))
	}
}

// Istio reads a star at either end of a value as a pattern.
func TestMembersByPattern(t *testing.T) {
	t.Parallel()
	const more = `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: readers, namespace: lab}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubeflow-view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: bob@example.com}, {apiGroup: rbac.authorization.k8s.io, kind: User, name: eve@elsewhere.org}]
---
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: everybody, namespace: lab}
spec: {rules: [{when: [{key: "request.headers[kubeflow-userid]", values: ["*@example.com"]}]}]}
`
	want := []string{
		"lab | user:ann@example.com | owner | owner | yes | namespaceAdmin + ns-owner-access-istio",
		"lab | user:bob@example.com | viewer | manual | yes | readers + -",
		"lab | user:eve@elsewhere.org | viewer | manual | no: no policy lets the user in | readers + -",
	}
	if diff := cmp.Diff(want, lines(parse(t, complete+more).Members("lab"))); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
}

// What a binding is called, and how often it names somebody, makes no difference; policies that turn away, or that are
// for some pods only, let nobody in.
func TestMembersOfOddObjects(t *testing.T) {
	t.Parallel()
	const more = `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: "system:node-metrics", namespace: lab}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: kubeflow-admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: eve@example.com}, {apiGroup: rbac.authorization.k8s.io, kind: User, name: eve@example.com}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: schedulers, namespace: lab}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: "system:kube-scheduler"}]
---
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: not-bob, namespace: lab, annotations: {user: bob@example.com, role: edit}}
spec: {action: DENY, rules: [{when: [{key: "request.headers[kubeflow-userid]", values: [bob@example.com]}]}]}
---
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: one-app, namespace: lab}
spec: {selector: {matchLabels: {app: x}}, rules: [{when: [{key: "request.headers[kubeflow-userid]", values: [eve@example.com]}]}]}
`
	want := []string{
		"lab | user:ann@example.com | owner | owner | yes | namespaceAdmin + ns-owner-access-istio",
		"lab | user:eve@example.com | owner | manual | no: no policy lets the user in | system:node-metrics + -",
	}
	if diff := cmp.Diff(want, lines(parse(t, complete+more).Members("lab"))); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
}

func TestParseExpiry(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"": {}, "2026-12-01": time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
		"2026-12-01T10:00:00+02:00": time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC),
	} {
		if got, err := workspace.ParseExpiry(text); err != nil || !got.Equal(want) {
			t.Errorf("%q: %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"soon", "7d", "2026-13-01", "01.12.2026"} {
		if got, err := workspace.ParseExpiry(text); err == nil {
			t.Errorf("%q: %s, want an error", text, got)
		}
	}
}

func TestExpired(t *testing.T) {
	t.Parallel()
	m := workspace.Member{}
	if m.Expired(now) {
		t.Error("a grant without a date has expired")
	}
	m.Expires = now
	if !m.Expired(now) || m.Expired(now.Add(-time.Second)) {
		t.Error("a grant expires at its time, not before")
	}
}
