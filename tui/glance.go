package tui

import (
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// glance is what there is to say of the row under the cursor. It is asked for once for each row that the cursor comes to,
// and not with every frame.
type glance struct {
	list   *screen.List
	row    int
	detail *screen.Text
	wishes []change.Wish
}

// glance looks at the row under the cursor.
func (v *visit) glance() glance {
	if v.page == nil || v.page.List == nil {
		return glance{row: -1}
	}
	list, row := v.page.List, v.grid.Row()
	if v.seen.list == list && v.seen.row == row {
		return v.seen
	}
	v.seen = glance{list: list, row: row}
	if row < 0 {
		return v.seen
	}
	if list.Detail != nil {
		v.seen.detail = list.Detail(row)
	}
	if list.Wishes != nil {
		v.seen.wishes = list.Wishes(row)
	}
	return v.seen
}
