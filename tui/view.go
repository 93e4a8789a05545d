package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/text"
)

// leastBody is how many lines are left to the page: the head of a list, and three rows.
const leastBody = 4

// View implements [tea.Model].
func (a *App) View() tea.View {
	view := tea.NewView(a.draw())
	view.AltScreen = true
	if !a.options.NoMouse {
		view.MouseMode = tea.MouseModeCellMotion
	}
	view.WindowTitle = a.theme.Frame("Gatehouse " + text.Clean(a.options.Frame.Context))
	view.Cursor = a.cursor
	return view
}

// narrow is the width below which not each part of the screen looks after its own.
const narrow = 20

// draw returns the whole screen: a.height lines of at most a.width cells.
func (a *App) draw() string {
	a.cursor = nil
	w, h := a.width, a.height
	if w <= 0 || h <= 0 {
		return ""
	}
	top := a.head(w)
	bottom := a.foot(w)
	if len(top)+len(bottom)+leastBody > h { // hardly any room: the page itself counts most, and what was just remarked
		top = top[:min(1, len(top))]
		if a.toast.text == "" {
			bottom = nil
		}
		if h < 3 {
			top = nil
		}
	}
	a.bodyTop = len(top)
	lines := slices.Concat(top, a.body(w, h-len(top)-len(bottom)), bottom)
	lines = lines[:min(h, len(lines))]
	if w < narrow {
		for i := range lines {
			lines[i] = text.Cut(lines[i], w)
		}
	}
	if a.dialog != nil {
		lines = a.over(lines, w, h)
	}
	return a.theme.Frame(strings.Join(lines, "\n"))
}

// bodyHeight is how many lines the page has.
func (a *App) bodyHeight() int { return max(1, a.height-a.bodyTop-2) }

// over draws the dialog above the page, in the middle of the screen.
func (a *App) over(lines []string, w, h int) []string {
	content, cursor := a.dialog.View(max(1, w-2), max(1, h-2), a.theme)
	box := strings.Split(content, "\n")
	box = box[:min(len(box), h)]
	wide := 0
	for _, l := range box {
		wide = max(wide, text.Width(l))
	}
	left, top := max(0, (w-wide)/2), max(0, (h-len(box))/3)
	a.dialogLeft, a.dialogTop = left, top
	for len(lines) < h {
		lines = append(lines, "")
	}
	for i, l := range box {
		if top+i >= len(lines) {
			break
		}
		under := text.Pad(lines[top+i], w, false)
		lines[top+i] = text.Left(under, left) + text.Pad(l, wide, false) + text.From(under, left+wide)
	}
	if cursor != nil {
		a.cursor = tea.NewCursor(left+cursor.X, top+cursor.Y)
	}
	return lines
}
