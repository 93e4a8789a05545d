package grid

import "github.com/kubegatehouse/gatehouse/tui/screen"

const (
	// between columns are so many blanks.
	gap = 2
	// leastCut is how many cells a column needs that is cut by the edge of the screen.
	leastCut = 4
)

// span is a column where it is drawn.
type span struct{ column, x, width int }

// layout is the columns in sight. hidden says that others are not, which come into sight by a shift.
type layout struct {
	spans  []span
	hidden bool
}

// arrangeColumns finds room for columns that want to be so wide, from x on. All but the first go out of sight one by one
// as shift grows. Where there is no room for all, first those that may are cut, the widest most; then columns are left out
// in their order of [screen.Column.Drop], but not the one that a shift has brought forward; and then the edge of the screen
// cuts.
func arrangeColumns(columns []screen.Column, want []int, x, room, shift int) layout {
	var spans []span
	for i := range columns {
		if i == 0 || i > shift {
			spans = append(spans, span{column: i, width: want[i]})
		}
	}
	all, kept := len(spans), 0
	if shift > 0 {
		kept = 2
	}
	for !squeeze(columns, spans, want, room) {
		out := -1
		for i, s := range spans {
			if drop := columns[s.column].Drop; i >= kept && drop > 0 && (out < 0 || drop >= columns[spans[out].column].Drop) {
				out = i
			}
		}
		if out < 0 {
			break
		}
		spans = append(spans[:out], spans[out+1:]...)
	}
	end := x + room
	for i := range spans {
		s := &spans[i]
		s.x = x
		if left := end - x; s.width > left && (i > 0 && left < leastCut || left <= 0) {
			spans = spans[:i]
			break
		}
		s.width = min(s.width, end-x)
		x += s.width + gap
	}
	return layout{spans: spans, hidden: len(spans) > 0 && len(spans) < all && shift < len(columns)-2}
}

// squeeze sets the widths of columns so that they fit into the room; false when they can't.
func squeeze(columns []screen.Column, spans []span, want []int, room int) bool {
	over := (len(spans)-1)*gap - room
	for i := range spans {
		s := &spans[i]
		s.width = want[s.column]
		over += s.width
	}
	if over <= 0 {
		return true
	}
	// No column has more than half of the room while others need it.
	for i := range spans {
		s := &spans[i]
		most := max(room/2, columns[s.column].Min, 1)
		over -= max(s.width-most, 0)
		s.width = min(s.width, most)
	}
	for ; over > 0; over-- {
		var widest *span
		for i := range spans {
			s := &spans[i]
			if c := &columns[s.column]; c.Shrink && s.width > max(c.Min, 1) && (widest == nil || s.width >= widest.width) {
				widest = s
			}
		}
		if widest == nil {
			return false
		}
		widest.width--
	}
	return true
}
