package screen

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// hugeRights is a cluster of 5,000 namespaces, each with 3 Roles and 10 RoleBindings, with 2,000 ClusterRoles, some of them
// aggregated, and 2,000 ClusterRoleBindings. It is made once.
var hugeRights = sync.OnceValue(func() *world.World {
	s := &rbac.Snapshot{}
	rule := func(verbs, group, resources string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{Verbs: strings.Fields(verbs), APIGroups: []string{group}, Resources: strings.Fields(resources)}
	}
	bind := func(ns, name, kind, role string, subjects ...rbac.Subject) {
		b := rbac.Binding{Namespace: ns, Name: name, RoleRef: rbacv1.RoleRef{Kind: kind, Name: role}}
		for _, subject := range subjects {
			b.Subjects = append(b.Subjects, subject.RBAC())
		}
		s.Bindings = append(s.Bindings, b)
	}
	for _, name := range []string{"team-view", "team-edit"} {
		s.Roles = append(s.Roles, rbac.Role{Name: name, Aggregates: []metav1.LabelSelector{{MatchLabels: map[string]string{"to-" + name: "true"}}}})
	}
	s.Roles = append(s.Roles, rbac.Role{
		Name: "team-base", Labels: map[string]string{"to-team-view": "true", "to-team-edit": "true"},
		Rules: []rbacv1.PolicyRule{rule("get list watch", "", "pods pods/log services configmaps events"), rule("get list watch", "apps", "deployments")},
	})
	for i := range 2_000 {
		name := fmt.Sprintf("operator-%04d", i)
		role := rbac.Role{Name: name, Rules: []rbacv1.PolicyRule{
			rule("*", name+".example.io", "*"), rule("get list watch create", "apps", "deployments statefulsets"), rule("get list watch", "", "configmaps pods"),
		}}
		if i%10 == 0 {
			role.Labels = map[string]string{"to-team-edit": "true"}
			role.Rules = append(role.Rules, rule("get list", "", "secrets"))
		}
		s.Roles = append(s.Roles, role)
		bind("", name, "ClusterRole", name, rbac.ServiceAccount(name, "default"), rbac.Group(fmt.Sprintf("readers-%02d", i%40)))
	}
	for i := range 5_000 {
		ns := fmt.Sprintf("team-%04d", i)
		s.Namespaces = append(s.Namespaces, rbac.Namespace{Name: ns})
		for j := range 3 {
			s.Roles = append(s.Roles, rbac.Role{Namespace: ns, Name: fmt.Sprintf("role-%d", j), Rules: []rbacv1.PolicyRule{rule("get list watch", "", "secrets pods"), rule("create", "", "pods/exec")}})
		}
		for j := range 10 {
			kind, role := "ClusterRole", "team-edit"
			switch {
			case j < 3:
				kind, role = "Role", fmt.Sprintf("role-%d", j)
			case j < 6:
				role = "team-view"
			}
			bind(ns, fmt.Sprintf("grant-%d", j), kind, role, rbac.User(fmt.Sprintf("user-%04d@example.com", (i*7+j*31)%3_000)), rbac.ServiceAccount(ns, "default"))
			s.ServiceAccounts = append(s.ServiceAccounts, rbac.ObjectRef{Namespace: ns, Name: "default"})
		}
	}
	moment := source.Moment{Snapshot: s, Inventory: &inventory.Inventory{}, Complete: true, Link: source.Link{State: source.Still}}
	return world.New(moment, world.Frame{Context: "huge", Offline: true, ReadOnly: true}, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
})

// BenchmarkWhoCan is a key in the prompt on a huge cluster: the page is built, and its first 60 rows are drawn.
func BenchmarkWhoCan(b *testing.B) {
	w := hugeRights()
	for _, query := range []string{
		"get se", "get secrets", "get secrets -A", "get pods -n team-0007", "delete pods", "list deployments.apps", "get /metrics",
		"why user-0007@example.com delete pods -n team-0042", "why user-0007@example.com delete nodes", "why user-0007@example.com get pods -n team-0042",
	} {
		b.Run(query, func(b *testing.B) {
			for b.Loop() {
				page, err := Build(w, Place{Kind: WhoCan, Query: query})
				if err != nil {
					b.Fatal(err)
				}
				draw(page)
			}
		})
	}
}

// draw asks for what a screen of 60 lines shows of a page.
func draw(page *Page) {
	if page.List == nil {
		return
	}
	for row := range min(60, page.List.Rows) {
		for column := range page.List.Columns {
			page.List.Cell(row, column)
		}
	}
	if page.List.Rows > 0 && page.List.Detail != nil {
		page.List.Detail(0)
	}
}

// BenchmarkComplete is what comes with a key in the prompt on a huge cluster.
func BenchmarkComplete(b *testing.B) {
	w := hugeRights()
	for _, text := range []string{"", "get po", "get secrets -n team-4", "get rolebindings gr", "get rolebindings xx", "why user:user-29", "why zz"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				Complete(w, Place{Kind: WhoCan}, text, len(text))
			}
		})
	}
}

// BenchmarkSearch is a key in the palette on a huge cluster.
func BenchmarkSearch(b *testing.B) {
	w := hugeRights()
	for _, text := range []string{"", "t", "team-4", "grant", "user-0007", "tm42gr5", "team-0042 grant"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				Search(w, text, 50)
			}
		})
	}
}
