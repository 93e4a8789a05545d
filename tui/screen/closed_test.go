package screen_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// closedWorld is what ann sees, who may list nothing: what the server told her of her own rights in dev and everywhere.
func closedWorld() *world.World {
	refused := func(kind string) rbac.Gap {
		return rbac.Gap{What: kind + " in all namespaces", Cause: "forbidden", Missing: &rbacv1.PolicyRule{
			Verbs: []string{"list"}, APIGroups: []string{rbacv1.GroupName}, Resources: []string{kind},
		}}
	}
	const own = "selfsubjectrulesreview"
	told := func(namespace, kind, resource string) (rbac.Role, rbac.Binding) {
		rules := []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{resource}}}
		return rbac.Role{Namespace: namespace, Name: own, Rules: rules, Stored: true, Origin: rbac.ToldOrigin}, rbac.Binding{
			Namespace: namespace, Name: own, Origin: rbac.ToldOrigin,
			RoleRef: rbacv1.RoleRef{Kind: kind, Name: own}, Subjects: []rbacv1.Subject{rbac.User("ann").RBAC()},
		}
	}
	s := &rbac.Snapshot{Taken: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
	for namespace, resource := range map[string]string{"": "nodes", "dev": "secrets"} {
		kind := "Role"
		if namespace == "" {
			kind = "ClusterRole"
		}
		role, binding := told(namespace, kind, resource)
		s.Roles, s.Bindings = append(s.Roles, role), append(s.Bindings, binding)
	}
	inv := &inventory.Inventory{Live: true, Served: map[inventory.Kind]bool{inventory.Namespaces: true, inventory.RoleBindings: true}}
	for _, kind := range []string{"clusterrolebindings", "clusterroles", "rolebindings", "roles"} {
		s.Gaps = append(s.Gaps, refused(kind))
	}
	inv.Gaps = []rbac.Gap{refused("namespaces"), refused("rolebindings")}
	return world.New(source.Moment{Snapshot: s, Inventory: inv, Complete: true}, world.Frame{User: "ann", Namespace: "dev"}, s.Taken)
}

// TestClosedAnswers checks that what the server told of one namespace is not taken for all.
func TestClosedAnswers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ query, want string }{
		"allowed":               {"why me get secrets -n dev", "yes: user:ann may get secrets in dev"},
		"of the whole cluster":  {"why me get nodes", "yes: user:ann may get nodes"},
		"not there":             {"why me get pods -n dev", "no: user:ann may not get pods in dev"},
		"another namespace":     {"why me get secrets -n prod", "unknown: user:ann may not, as far as could be read, get secrets in prod"},
		"somebody else":         {"why bob get secrets -n dev", "unknown: user:bob may not, as far as could be read, get secrets in dev"},
		"not in all namespaces": {"why me list pods -A", "no: user:ann may not list pods cluster-wide"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := build(t, closedWorld(), screen.Place{Kind: screen.WhoCan, Query: tt.query}).Text
			if got := text.Lines[0].Spans[0].Text; got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestClosedPaths checks that nothing that is no object is shown as one, or leads anywhere.
func TestClosedPaths(t *testing.T) {
	t.Parallel()
	w := closedWorld()
	ann := screen.Place{Kind: screen.Subject, Subject: rbac.User("ann")}
	for _, place := range []screen.Place{
		{Kind: screen.Roles},
		{Kind: screen.Bindings},
		{Kind: screen.Subjects},
		ann,
		ann.WithTab("rights"),
		{Kind: screen.WhoCan, Query: "get secrets -n dev"},
		{Kind: screen.WhoCan, Query: "why me get secrets -n dev"},
		{Kind: screen.WhoCan, Query: "why me get pods -n dev"},
		{Kind: screen.Workspace, Name: "dev", Tab: screen.TabAccess, Query: "secrets"},
	} {
		page := build(t, w, place)
		shown := dump(page)
		if strings.Contains(shown, "selfsubjectrulesreview") {
			t.Errorf("%v shows what is no object:\n%s", place, shown)
		}
		if page.List == nil {
			continue
		}
		for row := range page.List.Rows {
			for _, to := range []screen.Kind{screen.Role, screen.Binding} {
				if page.List.Jump == nil {
					continue
				}
				if p := page.List.Jump(row, to); p.Name == "selfsubjectrulesreview" {
					t.Errorf("%v leads to %v", place, p)
				}
			}
		}
	}
	if got := dump(build(t, w, screen.Place{Kind: screen.WhoCan, Query: "why me get secrets -n prod"})); !strings.Contains(got, "this asks it\n    kubectl whocan why me get secrets -n prod") {
		t.Errorf("how to find out is missing:\n%s", got)
	}
	if got := dump(build(t, w, screen.Place{Kind: screen.WhoCan, Query: "why me get secrets -n dev"})); !strings.Contains(got, rbac.ToldText) {
		t.Errorf("the proof is missing:\n%s", got)
	}
}

// TestClosedSubject checks that it is not said of somebody that nothing is bound to him where that could not be read.
func TestClosedSubject(t *testing.T) {
	t.Parallel()
	page := build(t, closedWorld(), screen.Place{Kind: screen.Subject, Subject: rbac.User("ann")})
	if want := "no binding that could be read names user:ann"; page.Facts[0].Value != "?" || page.Notes[0] != want {
		t.Errorf("bound %q, notes %q, want ? and %q", page.Facts[0].Value, page.Notes, want)
	}
}

// TestClosedNamespaces checks that somebody who may not list namespaces gets into his own, and into any by name.
func TestClosedNamespaces(t *testing.T) {
	t.Parallel()
	w := closedWorld()
	page := build(t, w, screen.Place{Kind: screen.Namespaces})
	if diff := cmp.Diff([]string{"dev"}, cells(t, page.List, "Name")); diff != "" {
		t.Errorf("namespaces (-want +got):\n%s", diff)
	}
	const note = "namespaces may be missing: start with -n NAME to read one that you know of: kubectl gatehouse -n NAME"
	if !slices.Contains(page.Notes, note) {
		t.Errorf("notes %q", page.Notes)
	}
	prod := build(t, w, screen.Place{Kind: screen.Workspace, Name: "prod"})
	if want := "little is known here: start with -n prod to read this namespace: kubectl gatehouse -n prod"; prod.Title != "namespace prod" || !slices.Contains(prod.Notes, want) {
		t.Errorf("%s: notes %q", prod.Title, prod.Notes)
	}
	if dev := build(t, w, screen.Place{Kind: screen.Workspace, Name: "dev"}); slices.ContainsFunc(dev.Notes, func(n string) bool { return strings.Contains(n, "gatehouse -n dev") }) {
		t.Errorf("what is done already is advised: %q", dev.Notes)
	}
	if _, err := screen.Build(w, screen.Place{Kind: screen.Workspace, Name: "No/Name"}); err == nil {
		t.Error("what no namespace can be called has a page")
	}
	for text, want := range map[string]screen.Place{
		"prod": {Kind: screen.Workspace, Name: "prod"}, "ns prod": {Kind: screen.Workspace, Name: "prod"},
	} {
		hits := screen.Search(w, text, 3)
		if len(hits) == 0 || hits[len(hits)-1].Place != want {
			t.Errorf("%q finds %v", text, hits)
		}
	}
	if hits := screen.Search(w, "dev", 50); hits[0].Text != "dev" || slices.ContainsFunc(hits, func(h screen.Hit) bool { return h.Text == "open namespace dev" }) {
		t.Errorf("a namespace that is known is offered twice: %v", hits)
	}
	if hits := screen.Search(acmeWorld(t), "prod", 50); slices.ContainsFunc(hits, func(h screen.Hit) bool { return h.Place.Name == "prod" }) {
		t.Errorf("a namespace that is not there is offered: %v", hits)
	}
}

// TestClosedMembers checks that somebody of whom a policy alone was read has rights that are unknown, and not none.
func TestClosedMembers(t *testing.T) {
	t.Parallel()
	policy := devNamespace + `
---
apiVersion: security.istio.io/v1beta1
kind: AuthorizationPolicy
metadata: {name: ann, namespace: dev, annotations: {user: ann@example.com, role: edit}}
spec: {rules: [{when: [{key: "request.headers[kubeflow-userid]", values: [ann@example.com]}]}]}
`
	for name, tt := range map[string]struct {
		alter       func(*world.World)
		how, detail string
	}{
		"all was read": {nil, "policy [bad]", "none in Kubernetes: no binding, a policy only"},
		"refused": {func(w *world.World) {
			w.Inventory.Gaps = append(w.Inventory.Gaps, rbac.Gap{What: "rolebindings", Cause: "forbidden"})
		}, "unknown [warn]", "unknown: not all role bindings could be read; its policy says editor"},
		"refused to himself": {func(w *world.World) {
			w.Inventory.Gaps = append(w.Inventory.Gaps, rbac.Gap{What: "rolebindings", Cause: "forbidden"})
			w.Frame.User, w.Frame.Namespace = "ann@example.com", "dev"
		}, "unknown [warn]", "what the API server lets you do here is on your own page (g), under Rights"},
		"refused elsewhere": {func(w *world.World) {
			w.Inventory.Gaps = append(w.Inventory.Gaps, rbac.Gap{What: "rolebindings outside of namespace dev", Cause: "forbidden"})
		}, "policy [bad]", "none in Kubernetes: no binding, a policy only"},
	} {
		page := build(t, madeWorld(t, policy, tt.alter), screen.Place{Kind: screen.Workspace, Name: "dev"})
		if diff := cmp.Diff([]string{"user:ann@example.com | " + tt.how}, cells(t, page.List, "Subject", "How")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
			continue
		}
		if got := page.List.Detail(0).Lines[0].Spans[1].Text; got != tt.detail {
			t.Errorf("%s: rights %q, want %q", name, got, tt.detail)
		}
	}
}

// TestMemberKeys checks that a row is about the person: it keeps its key when his role becomes another one.
func TestMemberKeys(t *testing.T) {
	t.Parallel()
	keys := func(manifest string) []string {
		list := build(t, madeWorld(t, manifest, nil), screen.Place{Kind: screen.Grants}).List
		var out []string
		for row := range list.Rows {
			out = append(out, list.Cell(row, 0).Text+" "+list.Key(row))
		}
		slices.Sort(out)
		return out
	}
	before := keys(devNamespace + grant("a", "ann", "") + grant("b", "bob", "") + grant("b2", "bob", ""))
	after := keys(devNamespace + strings.Replace(grant("ann-view", "ann", ""), "name: edit", "name: view", 1) + grant("b", "bob", "") + grant("b2", "bob", ""))
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("keys (-before +after):\n%s", diff)
	}
	if len(slices.Compact(before)) != 3 {
		t.Errorf("keys %q", before)
	}
}

// TestGroupsUnknown checks that of a user whose groups nobody named nothing is said of his groups.
func TestGroupsUnknown(t *testing.T) {
	t.Parallel()
	const unknown, flat = "add --group NAME", "or of its groups"
	for query, want := range map[string]bool{
		"why alice@acme.example get secrets -n team-vision":                     true,
		"why alice@acme.example get secrets -n team-vision --group ml-platform": false,
		"why alice@acme.example get secrets -n team-vision --group nobodys":     false,
		"why sa:ci/none get secrets -n team-vision":                             false,
		"why group:none get secrets -n team-vision":                             false,
	} {
		shown := dump(build(t, acmeWorld(t), screen.Place{Kind: screen.WhoCan, Query: query}))
		if got := strings.Contains(shown, unknown); got != want || want && strings.Contains(shown, flat) {
			t.Errorf("%s: groups unknown %v\n%s", query, got, shown)
		}
	}
}

// TestAlike checks that somebody whom only a policy names is found by the beginning of his name.
func TestAlike(t *testing.T) {
	t.Parallel()
	page := build(t, acmeWorld(t), screen.Place{Kind: screen.WhoCan, Query: "why omar get pods -n team-nlp"})
	if want := "no binding names user:omar; did you mean user:omar@acme.example?"; !slices.Contains(page.Notes, want) {
		t.Errorf("notes %q", page.Notes)
	}
	if want := "why user:omar get pods in team-nlp"; page.Title != want {
		t.Errorf("title %q, want %q", page.Title, want)
	}
}
