package grid

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// leastMarks is how wide a screen is that has a cell for the signs of marked rows besides the one for the cursor.
const leastMarks = 20

// View draws a line of column heads and below it as many rows as fit: exactly h lines of exactly w cells each. It looks at
// visible rows only.
func (g *Grid) View(w, h int, t *theme.Theme) string {
	if w <= 0 || h <= 0 {
		return ""
	}
	g.drawn.rows, g.drawn.width = h-1, w
	g.keepInSight()
	cells := g.cells()
	for g.shift > 0 && !g.lay(w, g.shift-1).hidden { // there is room now
		g.shift--
	}
	g.drawn.layout = g.lay(w, g.shift)
	p := &painter{theme: t, filter: &filter{}}
	if g.shown != nil {
		p.filter = &g.shown.filter
	}
	g.head(p)
	inks := newInks(t)
	for line := range h - 1 {
		p.WriteByte('\n')
		switch {
		case line < len(cells):
			g.row(p, g.top+line, cells[line], inks)
		case line == 0 && g.shown != nil && g.shown.Filter != "":
			inks.plain.text[screen.Quiet].write(&p.Builder, text.Pad(text.Fit(" nothing matches "+g.shown.Filter, w), w, false))
		default:
			inks.plain.blank.blanks(&p.Builder, w)
		}
	}
	return t.Frame(p.String())
}

// cells reads the rows in sight, and widens the columns for them.
func (g *Grid) cells() [][]screen.Cell {
	if g.shown == nil {
		return nil
	}
	list := g.shown.List
	g.measure(list)
	var rows [][]screen.Cell
	for _, row := range g.shown.Rows[g.top:min(g.top+g.drawn.rows, g.length())] {
		cells := make([]screen.Cell, len(list.Columns))
		for column := range cells {
			cells[column] = list.Cell(int(row), column)
			if !g.measured.rows[row] {
				g.widths[column] = max(g.widths[column], cellWidth(cells[column]))
			}
		}
		g.measured.rows[row] = true
		rows = append(rows, cells)
	}
	return rows
}

// measure sets the widths of the columns: those of the list, and, while the columns stay the same, what they were.
func (g *Grid) measure(list *screen.List) {
	if !slices.Equal(g.columns, list.Columns) {
		g.columns, g.widths, g.shift = list.Columns, make([]int, len(list.Columns)), 0
	}
	if g.measured.list != list {
		g.measured = measured{list, map[int32]bool{}}
	}
	for i, w := range g.shown.index.widths {
		g.widths[i] = max(g.widths[i], w)
	}
}

// lay finds room for the columns on a screen of w cells.
func (g *Grid) lay(w, shift int) layout {
	want := slices.Clone(g.widths)
	for i := range g.columns {
		title := text.Width(text.Fit(g.columns[i].Name, widest))
		if g.shown.Sort.Column == i+1 {
			title += 2 // the sign of the order
		}
		want[i] = max(want[i], title)
	}
	return arrangeColumns(g.columns, want, gutter(w), w-gutter(w), shift)
}

// gutter is how many cells there are in front of the columns.
func gutter(w int) int {
	if w < leastMarks {
		return 1
	}
	return 2
}

// title is the head of a column in at most w cells: its name, and the sign of the order when the list is sorted by it.
func (g *Grid) title(column, w int, t *theme.Theme) string {
	name := g.columns[column].Name
	if g.shown.Sort.Column != column+1 {
		return text.Fit(name, w)
	}
	arrow := theme.SortUp
	if g.shown.Sort.Descending {
		arrow = theme.SortDown
	}
	if name = text.Fit(name, w-2); name != "" {
		name += " "
	}
	return name + t.Sign(arrow)
}

// head draws the line of column heads.
func (g *Grid) head(p *painter) {
	w, pen := g.drawn.width, newPen(p.theme.ColumnHead)
	var b strings.Builder
	if g.shift > 0 {
		b.WriteString(p.theme.Sign(theme.Back))
	}
	at := text.Width(b.String())
	for _, s := range g.drawn.layout.spans {
		b.WriteString(strings.Repeat(" ", s.x-at))
		b.WriteString(text.Pad(g.title(s.column, s.width, p.theme), s.width, g.columns[s.column].Right))
		at = s.x + s.width
	}
	line := text.Pad(b.String(), w, false)
	if g.drawn.layout.hidden {
		line = text.Left(line, w-1) + p.theme.Sign(theme.Onward)
	}
	pen.write(&p.Builder, line)
}

// row draws the row at a place.
func (g *Grid) row(p *painter, place int, cells []screen.Cell, inks *inks) {
	k, cursor, mark := &inks.plain, " ", " "
	if len(g.marks) > 0 {
		if sign, ok := g.marks[g.shown.List.Key(g.rowAt(place))]; ok {
			k, mark = &inks.marked, p.theme.Sign(sign)
		}
	}
	if place == g.cursor {
		k, cursor = &inks.cursor, p.theme.Sign(theme.Cursor)
	}
	at := gutter(g.drawn.width)
	signs := cursor + mark
	switch {
	case at > 1:
	case place == g.cursor:
		signs = cursor
	default:
		signs = mark
	}
	k.text[screen.Plain].write(&p.Builder, signs)
	for _, s := range g.drawn.layout.spans {
		k.blank.blanks(&p.Builder, s.x-at)
		p.cell(cells[s.column], s.width, g.columns[s.column].Right, place >= g.shown.exact, k)
		at = s.x + s.width
	}
	k.blank.blanks(&p.Builder, g.drawn.width-at)
}
