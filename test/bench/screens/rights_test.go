package screens

import (
	"sync"
	"testing"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/test/bench/cluster"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// huge is the moment of a huge cluster: 17,000 roles and 52,000 bindings in 5,000 namespaces.
var huge = sync.OnceValue(func() source.Moment {
	return source.Moment{Snapshot: cluster.New(cluster.Huge()).Snapshot(true), Inventory: &inventory.Inventory{}, Complete: true}
})

// BenchmarkStandings works out who has what, which happens once for each state of the cluster. The bar is 100 ms.
func BenchmarkStandings(b *testing.B) {
	moment := huge()
	for b.Loop() {
		b.StopTimer()
		w := world.New(moment, world.Frame{}, time.Time{})
		b.StartTimer()
		_ = w.Roles()
	}
}

// BenchmarkPages builds the pages of roles, bindings and subjects, and the first screenful of each. The bar is 50 ms.
func BenchmarkPages(b *testing.B) {
	w := world.New(huge(), world.Frame{}, time.Time{})
	everybody := screen.Place{Kind: screen.Subject, Subject: rbac.Group("everybody")}
	user := screen.Place{Kind: screen.Subject, Subject: rbac.User(cluster.User(42))}
	role := screen.Place{Kind: screen.Role, Name: "team-edit"}
	for name, place := range map[string]screen.Place{
		"roles":                      {Kind: screen.Roles},
		"bindings":                   {Kind: screen.Bindings},
		"subjects":                   {Kind: screen.Subjects},
		"rules of a role":            role,
		"holders of a role":          role.WithTab("holders"),
		"parts of a role":            role.WithTab("parts"),
		"binding":                    {Kind: screen.Binding, Namespace: cluster.Namespace(42), Name: "binding-01"},
		"grants of a user":           user,
		"rights of a user":           user.WithTab("rights"),
		"grants in 5,000 namespaces": everybody,
		"rights in 5,000 namespaces": everybody.WithTab("rights"),
		"somebody unknown":           {Kind: screen.Subject, Subject: rbac.User("user-0042@acme.exampel")},
		"access to pods":             {Kind: screen.Workspace, Name: cluster.Namespace(42), Tab: "access"},
		"access to secrets":          {Kind: screen.Workspace, Name: cluster.Namespace(42), Tab: "access", Query: "secrets"},
	} {
		b.Run(name, func(b *testing.B) {
			if _, err := screen.Build(w, place); err != nil { // what is worked out once is no part of the page
				b.Fatal(err)
			}
			for b.Loop() {
				page, err := screen.Build(w, place)
				if err != nil {
					b.Fatal(err)
				}
				look(page.List)
			}
		})
	}
}

// look reads what one screen shows.
func look(l *screen.List) {
	for row := range min(60, l.Rows) {
		_ = l.Key(row)
		for column := range l.Columns {
			_ = l.Cell(row, column)
		}
	}
	if l.Rows > 0 && l.Detail != nil {
		_ = l.Detail(0)
	}
}
