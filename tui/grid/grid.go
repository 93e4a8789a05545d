// Package grid draws tables of any length, and remembers where somebody is in them. Only what is on the screen is ever
// looked at; sorting and filtering, which look at everything, are for the background: see [Arrange].
package grid

import (
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// Grid is the state of one table on the screen. The zero value is an empty one.
type Grid struct {
	shown *Arrangement
	// cursor and top are the places in shown of the row under the cursor and of the first row in sight.
	cursor, top int
	// moved says that somebody has moved the cursor.
	moved bool
	// wanted is the key of a row that is not there yet.
	wanted string
	// marks are the rows, by key, that came or changed.
	marks map[string]theme.Sign
	// shift is how many columns are out of sight on the left.
	shift int
	// widths are how wide these columns have been: they don't jump while one scrolls.
	widths  []int
	columns []screen.Column
	// measured are the rows of its list whose widths are among those: to measure them again and again takes longer than to
	// draw them.
	measured measured
	// drawn is what was drawn last.
	drawn drawn
}

// measured are rows of a list.
type measured struct {
	list *screen.List
	rows map[int32]bool
}

// drawn is how a grid was drawn: how many rows there was room for, how wide the screen was, and its columns.
type drawn struct {
	rows, width int
	layout      layout
}

// Show takes a new arrangement, which [Arrange] has made. The cursor stays on the row of the same key, and that on the same
// line; when it is gone the cursor stays near to where it was, or goes to the top when the filter is another. While a list
// is still being read, or a filter typed, and nobody has moved the cursor, it is at the top. With changed set, rows in sight
// that came or are otherwise than before are marked until [Grid.Unmark], and the cursor stays on a row that somebody may have
// seen under it, whether he has moved it or not; while he has not, the first row stays in sight.
func (g *Grid) Show(a *Arrangement, changed bool) {
	before, key, line := g.shown, g.Key(), g.cursor-g.top
	g.shown = a
	wanted := a.place(g.wanted)
	at := wanted
	stay := g.moved || before != nil && before.Sort == a.Sort && (changed && g.drawn.rows > 0 || before.Filter != "" && a.Filter == "")
	if at < 0 && stay {
		at = a.place(key)
	}
	switch {
	case wanted >= 0:
		g.wanted = ""
	case at < 0 && stay && before != nil && before.Filter == a.Filter:
		at = g.cursor
	}
	g.cursor = at
	g.top = at - line
	if !g.moved {
		g.top = 0
	}
	g.keepInSight()
	if changed && before != nil {
		g.mark(before)
	}
}

// Shown is what is shown; nil before the first [Grid.Show].
func (g *Grid) Shown() *Arrangement { return g.shown }

// Row is the row of the list under the cursor; -1 when there is none.
func (g *Grid) Row() int { return g.rowAt(g.cursor) }

// Key is the key of the row under the cursor; empty when there is none.
func (g *Grid) Key() string {
	if row := g.Row(); row >= 0 {
		return g.shown.List.Key(row)
	}
	return ""
}

// Position is the number of the row under the cursor, counted from 1, of how many; 0 of 0 when there is none.
func (g *Grid) Position() (at, of int) {
	if g.Row() < 0 {
		return 0, 0
	}
	return g.cursor + 1, g.length()
}

// length is how many rows are shown, in sight or not.
func (g *Grid) length() int {
	if g.shown == nil {
		return 0
	}
	return len(g.shown.Rows)
}

// rowAt is the row of the list at a place; -1 when there is none.
func (g *Grid) rowAt(place int) int {
	if place < 0 || place >= g.length() {
		return -1
	}
	return int(g.shown.Rows[place])
}
