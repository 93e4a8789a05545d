package tui

import (
	"cmp"

	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/grid"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// press answers a key of a page.
func (a *App) press(msg tea.KeyPressMsg) tea.Cmd {
	k := &a.keys
	is := func(b ...keyBinding) bool { return keyMatches(msg, b...) }
	if a.scrolled(msg) {
		return nil
	}
	switch {
	case is(k.Open):
		return a.openRow()
	case is(k.Back):
		return a.escape()
	case is(k.Forward):
		return a.forward()
	case is(k.NextTab):
		return a.turnBy(1)
	case is(k.PreviousTab):
		return a.turnBy(-1)
	case is(k.Tab):
		return a.turnTo(int(msg.Code-'0'+9) % 10) // 0 is behind 9
	case is(k.Filter):
		return a.startFilter()
	case is(k.Sort):
		return a.sortNext()
	case is(k.Reverse):
		return a.sortReversed()
	case is(k.Detail):
		a.detail = (a.detail + 1) % details
	case is(k.Remarks):
		return a.openRemarks()
	case is(k.Subject):
		return a.jump(screen.Subject)
	case is(k.Binding):
		return a.jump(screen.Binding)
	case is(k.Role):
		return a.jump(screen.Role)
	case is(k.Namespace):
		return a.jump(screen.Workspace)
	case is(k.Ask):
		return a.ask()
	case is(k.Resource):
		return a.chooseResource()
	case is(k.Palette):
		return a.openPalette()
	case is(k.Help):
		return a.openHelp()
	case is(k.Copy):
		return a.copyCommand()
	case is(k.Export):
		return a.openExport()
	case is(k.Snapshot):
		return a.openSave()
	case is(k.Add):
		return a.wish(change.Add)
	case is(k.Remove):
		return a.wish(change.Remove)
	case is(k.SetRole):
		return a.wish(change.SetRole)
	case is(k.Expiry):
		return a.wish(change.Expire)
	case is(k.Fix):
		return a.wish(change.Fix)
	case is(k.Undo):
		return a.wish(change.Undo)
	case is(k.Quit):
		return tea.Quit
	case is(k.Suspend):
		return tea.Suspend
	}
	return nil
}

// scrolled moves the cursor, or the text of a page without a list.
func (a *App) scrolled(msg tea.KeyPressMsg) bool {
	k, v := &a.keys, a.visit()
	move := []struct {
		key  keyBinding
		list func(*grid.Grid)
		text func(int) int
	}{
		{k.Up, func(g *grid.Grid) { g.Move(-1) }, func(at int) int { return at - 1 }},
		{k.Down, func(g *grid.Grid) { g.Move(1) }, func(at int) int { return at + 1 }},
		{k.PageUp, func(g *grid.Grid) { g.Page(-1) }, func(at int) int { return at - a.bodyHeight() }},
		{k.PageDown, func(g *grid.Grid) { g.Page(1) }, func(at int) int { return at + a.bodyHeight() }},
		{k.Top, (*grid.Grid).Top, func(int) int { return 0 }},
		{k.Bottom, (*grid.Grid).Bottom, func(int) int { return 1 << 30 }},
		{k.Left, func(g *grid.Grid) { g.Shift(-1) }, nil},
		{k.Right, func(g *grid.Grid) { g.Shift(1) }, nil},
	}
	for _, m := range move {
		if !keyMatches(msg, m.key) {
			continue
		}
		switch {
		case v.page == nil:
		case v.page.List != nil:
			m.list(&v.grid)
			v.top = 0
		case v.page.Text != nil && m.text != nil:
			v.line = min(max(m.text(v.line), 0), max(len(v.page.Text.Lines)-1, 0))
		}
		return true
	}
	return false
}

// openRow opens what is under the cursor.
func (a *App) openRow() tea.Cmd { return a.open(a.target()) }

// target is where what is under the cursor leads; zero for nowhere.
func (a *App) target() screen.Place {
	v := a.visit()
	switch {
	case v.page == nil:
	case v.page.List != nil:
		if row := v.grid.Row(); row >= 0 && v.page.List.Open != nil {
			return v.page.List.Open(row)
		}
	case v.page.Text != nil && v.line < len(v.page.Text.Lines):
		return v.page.Text.Lines[v.line].Open
	}
	return screen.Place{}
}

// escape takes a filter away, and otherwise goes back.
func (a *App) escape() tea.Cmd {
	v := a.visit()
	if v.filter != "" {
		v.filter = ""
		return a.arrange(v)
	}
	return a.back()
}

// jump goes from the row under the cursor to its subject, binding, role or namespace, or else to that of the page.
func (a *App) jump(to screen.Kind) tea.Cmd {
	v := a.visit()
	if v.page == nil {
		return nil
	}
	if list, row := v.page.List, v.grid.Row(); list != nil && list.Jump != nil && row >= 0 {
		if p := list.Jump(row, to); !p.Zero() {
			return a.open(p)
		}
	}
	for _, f := range v.page.Facts {
		if f.Open.Kind == to {
			return a.open(f.Open)
		}
	}
	words := "there is no " + jumpWord(to) + " to go to from here"
	if list, row := v.page.List, v.grid.Row(); list != nil && list.Nowhere != nil && row >= 0 {
		words = cmp.Or(list.Nowhere(row, to), words)
	}
	return a.say(words)
}

func jumpWord(to screen.Kind) string {
	if to == screen.Workspace {
		return "namespace"
	}
	return string(to)
}

// turnBy opens the tab that is so many further.
func (a *App) turnBy(n int) tea.Cmd {
	tabs := a.tabs()
	if len(tabs) == 0 {
		return nil
	}
	return a.turnTo((a.tabAt(tabs) + n + len(tabs)) % len(tabs))
}

// turnTo opens a tab by its number.
func (a *App) turnTo(n int) tea.Cmd {
	tabs := a.tabs()
	if n < 0 || n >= len(tabs) || n == a.tabAt(tabs) {
		return nil
	}
	if tabs[n].place.Kind != a.visit().place.Kind {
		return a.open(tabs[n].place)
	}
	return a.turn(tabs[n].place)
}

// sortNext sorts by the next column, and by none after the last.
func (a *App) sortNext() tea.Cmd {
	v := a.visit()
	if v.page == nil || v.page.List == nil {
		return nil
	}
	column := (v.order(v.page.List).Column + 1) % (len(v.page.List.Columns) + 1)
	return a.sortBy(column, column > 0 && v.page.List.Columns[column-1].Numeric)
}

func (a *App) sortReversed() tea.Cmd {
	v := a.visit()
	if v.page == nil || v.page.List == nil {
		return nil
	}
	order := v.order(v.page.List)
	return a.sortBy(order.Column, !order.Descending)
}

func (a *App) sortBy(column int, descending bool) tea.Cmd {
	v := a.visit()
	v.sort = &grid.Sort{Column: column, Descending: descending}
	return a.arrange(v)
}
