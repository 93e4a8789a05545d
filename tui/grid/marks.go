package grid

import (
	"hash/maphash"
	"slices"

	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// Marked reports whether rows are marked.
func (g *Grid) Marked() bool { return len(g.marks) > 0 }

// Unmark takes all marks away.
func (g *Grid) Unmark() { g.marks = nil }

// mark marks the rows in sight that were not in the list before, or otherwise.
func (g *Grid) mark(before *Arrangement) {
	was, is := before.List, g.shown.List
	if was == is || !slices.Equal(was.Columns, is.Columns) {
		return
	}
	inSight := map[uint64]int{}
	var maybe [4096]bool // says of almost all rows that they are not, and quicker
	for place := g.top; place < g.top+g.drawn.rows; place++ {
		if row := g.rowAt(place); row >= 0 {
			hash := maphash.String(before.index.seed, is.Key(row))
			inSight[hash], maybe[hash%uint64(len(maybe))] = row, true
		}
	}
	for old, hash := range before.index.keys {
		if !maybe[hash%uint64(len(maybe))] {
			continue
		}
		if row, ok := inSight[hash]; ok && was.Key(old) == is.Key(row) {
			delete(inSight, hash)
			if !sameCells(was, old, is, row) {
				g.setMark(is.Key(row), theme.Changed)
			}
		}
	}
	for _, row := range inSight {
		g.setMark(is.Key(row), theme.Came)
	}
}

// setMark marks a row. One that came and changed then still came.
func (g *Grid) setMark(key string, sign theme.Sign) {
	if g.marks == nil {
		g.marks = map[string]theme.Sign{}
	}
	if g.marks[key] != theme.Came {
		g.marks[key] = sign
	}
}

// sameCells reports whether two rows look the same, but for what time alone changes.
func sameCells(was *screen.List, old int, is *screen.List, row int) bool {
	for column := range is.Columns {
		if is.Columns[column].Drifts {
			continue
		}
		a, b := was.Cell(old, column), is.Cell(row, column)
		a.Number, b.Number = 0, 0
		if a != b {
			return false
		}
	}
	return true
}
