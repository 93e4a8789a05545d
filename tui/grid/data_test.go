package grid_test

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/kubegatehouse/gatehouse/tui/grid"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// grant is a row of the lists of these tests.
type grant struct {
	subject, role, namespace, flavor, expires string
	used                                      float64
	tone                                      screen.Tone
}

func column(name string, change func(*screen.Column)) screen.Column {
	c := screen.Column{Name: name, Min: 4}
	if change != nil {
		change(&c)
	}
	return c
}

// grants returns a list with columns of every kind: one that shrinks, one of numbers with bars, some that drop.
func grants(items []grant) *screen.List {
	return screen.Table[grant]{
		Columns: []screen.TypedColumn[grant]{
			{
				Column: column("SUBJECT", func(c *screen.Column) { c.Min, c.Shrink = 12, true }),
				Cell:   func(g grant) screen.Cell { return screen.Cell{Text: g.subject, Tone: screen.Strong} },
			},
			{
				Column: column("ROLE", nil),
				Cell:   func(g grant) screen.Cell { return screen.Cell{Text: g.role, Tone: g.tone} },
			},
			{
				Column: column("NAMESPACE", func(c *screen.Column) { c.Min, c.Shrink = 8, true }),
				Cell:   func(g grant) screen.Cell { return screen.Cell{Text: g.namespace} },
			},
			{
				Column: column("FLAVOR", func(c *screen.Column) { c.Drop = 2 }),
				Cell:   func(g grant) screen.Cell { return screen.Cell{Text: g.flavor, Tone: screen.Quiet} },
			},
			{
				Column: column("EXPIRES", func(c *screen.Column) { c.Drop = 1 }),
				Cell:   func(g grant) screen.Cell { return screen.Cell{Text: g.expires} },
			},
			{
				Column: column("USED", func(c *screen.Column) { c.Right, c.Numeric, c.Drop = true, true, 3 }),
				Cell: func(g grant) screen.Cell {
					return screen.Cell{Text: strconv.Itoa(int(g.used*100+0.5)) + "%", Number: g.used, Bar: g.used, HasBar: true}
				},
			},
		},
		Key: func(g grant) string { return g.subject + "/" + g.namespace },
	}.Of(items)
}

// team is a few grants, in no order.
func team() []grant {
	return []grant{
		{"user:dana@acme.example", "owner", "team-vision", "kubeflow", "never", 0.5, screen.Good},
		{"user:bob@acme.example", "editor", "team-10", "kubeflow", "in 3 days", 0.02, screen.Warn},
		{"user:Ann@acme.example", "viewer", "team-9", "native", "never", 1, screen.Plain},
		{"sa:team-nlp/default-editor", "editor", "team-nlp", "kubeflow", "2 hours ago", 1.2, screen.Bad},
		{"group:ml-platform", "viewer", "team-vision", "kalm", "never", 0, screen.Quiet},
	}
}

// crowd is many grants, as they are on a huge cluster.
func crowd(n int) []grant {
	roles, flavors := []string{"viewer", "editor", "owner"}, []string{"kubeflow", "native", "kalm"}
	items := make([]grant, n)
	for i := range items {
		items[i] = grant{
			subject:   fmt.Sprintf("user:person-%05d@department-%d.acme.example", i*7919%n, i%23),
			role:      roles[i%3],
			namespace: fmt.Sprintf("team-%d-workspace", i*31%5000),
			flavor:    flavors[i/5%3],
			expires:   fmt.Sprintf("2027-%02d-%02d", i%12+1, i%28+1),
			used:      float64(i%101) / 100,
		}
	}
	return items
}

// arrange is [grid.Arrange] where nothing can go wrong.
func arrange(t testing.TB, list *screen.List, sort grid.Sort, filter string, earlier *grid.Arrangement) *grid.Arrangement {
	t.Helper()
	a, err := grid.Arrange(t.Context(), list, sort, filter, earlier)
	if err != nil {
		t.Fatalf("Arrange: %v", err)
	}
	return a
}

func theTheme() *theme.Theme { return theme.New(true) }
