package grid

import "slices"

// Seek puts the cursor on the row of that key, now or, when it isn't there yet, with the next [Grid.Show] that has it.
// Whoever moves the cursor meanwhile gives that up.
func (g *Grid) Seek(key string) {
	if at := g.shown.place(key); at >= 0 {
		g.moveTo(at)
		return
	}
	g.moved, g.wanted = true, key
}

// Move moves the cursor by rows, Page by screens; both stop at the ends.
func (g *Grid) Move(rows int) { g.moveTo(g.cursor + rows) }

// Page moves the cursor by screens of the height that was drawn last.
func (g *Grid) Page(screens int) {
	rows := screens * max(g.drawn.rows, 1)
	g.top += rows
	g.moveTo(g.cursor + rows)
}

// Top moves the cursor to the first row.
func (g *Grid) Top() { g.moveTo(0) }

// Bottom moves the cursor to the last row.
func (g *Grid) Bottom() { g.moveTo(g.length()) }

// MoveTo puts the cursor on a row of the list, if it is shown.
func (g *Grid) MoveTo(row int) {
	if g.shown == nil {
		return
	}
	if at := slices.Index(g.shown.Rows, int32(row)); at >= 0 {
		g.moveTo(at)
	}
}

// moveTo puts the cursor at a place, or at the end that is nearest.
func (g *Grid) moveTo(place int) {
	g.cursor, g.moved, g.wanted = place, true, ""
	g.keepInSight()
}

// Scroll moves what is in sight by rows, and the cursor only as far as it must, as a mouse wheel does.
func (g *Grid) Scroll(rows int) {
	g.top = g.inside(g.top + rows)
	g.moveTo(min(max(g.cursor, g.top), g.top+max(g.drawn.rows, 1)-1))
}

// keepInSight keeps the cursor among the rows, and what is in sight around the cursor.
func (g *Grid) keepInSight() {
	g.cursor = max(min(g.cursor, g.length()-1), 0)
	g.top = min(g.top, g.cursor)
	if rows := g.drawn.rows; rows > 0 {
		g.top = max(g.top, g.cursor-rows+1)
	}
	g.top = g.inside(g.top)
}

// inside is the first row in sight that is nearest to a place, without blank lines at the end where there are rows.
func (g *Grid) inside(top int) int { return max(min(top, g.length()-max(g.drawn.rows, 1)), 0) }

// Shift moves what is in sight by columns, where not all fit. The first column always stays.
func (g *Grid) Shift(columns int) {
	for ; columns < 0 && g.shift > 0; columns++ {
		g.shift--
	}
	for ; columns > 0 && g.lay(g.drawn.width, g.shift).hidden; columns-- {
		g.shift++
	}
}

// Hit returns what is at a cell of what was drawn last: a row of the list (-1 for none), and the column of the list counted
// from 1 when it is the head of a column (0 for none).
func (g *Grid) Hit(x, y int) (row, head int) {
	if y != 0 {
		if y < 0 || y > g.drawn.rows || x < 0 || x >= g.drawn.width {
			return -1, 0
		}
		return g.rowAt(g.top + y - 1), 0
	}
	for _, s := range g.drawn.layout.spans {
		if s.x <= x && x < s.x+s.width {
			return -1, s.column + 1
		}
	}
	return -1, 0
}
