package grid_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/tui/grid"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// Aims: 60 ms for the first arrangement of 50,000 rows of 6 columns, 16 ms for one more letter, 2 ms for a screen.

func BenchmarkArrange50k(b *testing.B) {
	list := grants(crowd(50_000))
	for name, bc := range map[string]struct {
		sort   grid.Sort
		filter string
	}{
		"plain":              {},
		"sorted by text":     {sort: grid.Sort{Column: 1}},
		"sorted by few":      {sort: grid.Sort{Column: 3}},
		"sorted by number":   {sort: grid.Sort{Column: 6, Descending: true}},
		"filtered":           {filter: "1"},
		"sorted, filtered":   {sort: grid.Sort{Column: 1}, filter: "e"},
		"sorted, fuzzy":      {sort: grid.Sort{Column: 1}, filter: "prdae"},
		"sorted, two words":  {sort: grid.Sort{Column: 3}, filter: "owner 123"},
		"sorted, nothing":    {sort: grid.Sort{Column: 3}, filter: "zzz"},
		"sorted, without it": {sort: grid.Sort{Column: 3}, filter: "!kubeflow"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				arrange(b, list, bc.sort, bc.filter, nil)
			}
		})
	}
}

func BenchmarkNarrow50k(b *testing.B) {
	list := grants(crowd(50_000))
	for name, typed := range map[string][2]string{
		"first letter": {"", "e"}, // texts were never read
		"second":       {"e", "er"},
		"third":        {"pe", "per"}, // the first that may be found fuzzily
		"third, fuzzy": {"ps", "psa"},
		"fourth":       {"per", "pers"},
		"rare":         {"person-123", "person-1234"},
		"fuzzy":        {"psace", "psacex"},
		"word":         {"person", "person e"},
		"back":         {"pers", "per"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			sort := grid.Sort{Column: 1}
			earlier := arrange(b, list, sort, typed[0], nil)
			for b.Loop() {
				arrange(b, list, sort, typed[1], earlier)
			}
		})
	}
}

func BenchmarkView200x60(b *testing.B) {
	wide := make([]grant, 100)
	for i := range wide {
		name := strings.Repeat("東京", i)
		wide[i] = grant{subject: name, role: name, namespace: name + "-é", flavor: name, expires: name}
	}
	for name, bc := range map[string]struct {
		items  []grant
		filter string
	}{
		"50 rows": {crowd(50), ""}, "50k rows": {crowd(50_000), ""}, "filtered": {crowd(50_000), "person e"}, "fuzzy": {crowd(50_000), "prdae"},
		"wide": {wide, ""}, "odd": {slices.Repeat(odd(), 20), ""},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var g grid.Grid
			g.Show(arrange(b, grants(bc.items), grid.Sort{Column: 1}, bc.filter, nil), false)
			t := theme.New(true)
			for b.Loop() {
				g.Move(1)
				if g.View(200, 60, t) == "" {
					b.Fatal("nothing was drawn")
				}
			}
		})
	}
}

// BenchmarkShow50k is what a new state of the cluster costs in the loop that answers keys.
func BenchmarkShow50k(b *testing.B) {
	var g grid.Grid
	one := arrange(b, grants(crowd(50_000)), grid.Sort{Column: 1}, "", nil)
	other := arrange(b, grants(crowd(49_990)), grid.Sort{Column: 1}, "", nil)
	g.Show(one, false)
	g.View(200, 60, theme.New(true))
	g.Move(25_000)
	b.ReportAllocs()
	for b.Loop() {
		g.Show(other, true)
		g.Unmark()
		one, other = other, one
	}
}

// BenchmarkCancel50k is how long an arrangement goes on that nobody wants any more.
func BenchmarkCancel50k(b *testing.B) {
	list := grants(crowd(50_000))
	for b.Loop() {
		ctx, cancel := context.WithCancel(b.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			if _, err := grid.Arrange(ctx, list, grid.Sort{Column: 1}, "person", nil); err == nil {
				b.Error("Arrange ended before it was stopped")
			}
		}()
		cancel()
		<-done
	}
}
