package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/text"
)

// wheelRows is how far one notch of a wheel goes.
const wheelRows = 3

// click answers the mouse: a tab opens it, the head of a column sorts by it, a row is chosen, and opened when it was chosen
// already.
func (a *App) click(msg tea.MouseClickMsg) tea.Cmd {
	v := a.visit()
	if v.page == nil || msg.Button != tea.MouseLeft {
		return nil
	}
	// Where there is no room for all of the head, its first line is not the tabs.
	if tabs := a.tabs(); len(tabs) > 0 && a.bodyTop > 1 && msg.Y == a.bodyTop-1 {
		return a.clickTab(tabs, msg.X)
	}
	if v.page.List == nil || msg.Y < a.gridTop || msg.Y >= a.gridTop+a.gridHeight {
		return nil
	}
	row, head := v.grid.Hit(msg.X, msg.Y-a.gridTop)
	switch {
	case head > 0:
		order := v.order(v.page.List)
		return a.sortBy(head, order.Column == head && !order.Descending || order.Column != head && v.page.List.Columns[head-1].Numeric)
	case row >= 0 && row == v.grid.Row():
		return a.openRow()
	case row >= 0:
		v.grid.MoveTo(row)
	}
	return nil
}

func (a *App) clickTab(tabs []tab, x int) tea.Cmd {
	at := 0
	for i := a.firstTab; i < len(tabs); i++ {
		at += text.Width(a.tabText(i, tabs[i], i == a.tabAt(tabs)))
		if x < at {
			return a.turnTo(i)
		}
	}
	return nil
}

// wheel scrolls.
func (a *App) wheel(msg tea.MouseWheelMsg) tea.Cmd {
	v, rows := a.visit(), 0
	switch msg.Button {
	case tea.MouseWheelUp:
		rows = -wheelRows
	case tea.MouseWheelDown:
		rows = wheelRows
	default: // sideways
	}
	switch {
	case v.page == nil:
	case v.page.List != nil:
		v.grid.Scroll(rows)
	case v.page.Text != nil:
		v.line = min(max(v.line+rows, 0), max(len(v.page.Text.Lines)-1, 0))
	}
	return nil
}
