package dialog

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

const (
	// leastWidth and leastHeight are what a box with a border takes to leave room for something in it.
	leastWidth, leastHeight = 28, 7
	// wide is how wide a box is that could be of any width: longer lines are hard to read.
	wide = 76
)

// frame is the box around a dialog: a border with the title in it and room for lines. On a small screen it goes without
// the border, and on a tiny one without the title.
type frame struct {
	theme *theme.Theme
	title string
	// w and h are the room inside, left and top where it begins.
	w, h, left, top int
	bordered        bool
}

// newFrame fits a box into w by h cells. Its inside is at most as big as wanted.
func newFrame(t *theme.Theme, title string, w, h, wantW, wantH int) frame {
	f := frame{theme: t, title: text.Fit(title, w), w: w, h: h}
	wantW = max(wantW, text.Width(f.title)+4)
	switch {
	case w >= leastWidth && h >= leastHeight:
		f.bordered = true
		f.w, f.h, f.left, f.top = w-4, h-2, 2, 1
	case h >= 2:
		f.h, f.top = h-1, 1
	}
	f.w, f.h = max(min(f.w, wantW), 1), max(min(f.h, wantH), 1)
	return f
}

// draw returns the box around lines, of which it shows as many as there is room for. The note stands in the lower border.
func (f *frame) draw(lines []string, note string) string {
	lines = lines[:min(len(lines), f.h)]
	out := make([]string, 0, len(lines)+2)
	switch {
	case f.bordered:
		title := " " + text.Cut(f.title, f.w-2) + " "
		rest := strings.Repeat(f.theme.Sign(theme.Rule), f.w-text.Width(title))
		out = append(out, f.edge(theme.TopLeft)+f.theme.Title.Render(title)+f.theme.Border.Render(rest)+f.edge(theme.TopRight))
	case f.top > 0:
		out = append(out, f.theme.Title.Render(text.Pad(f.title, f.w, false)))
	}
	for _, line := range lines {
		line = text.Pad(line, f.w, false)
		if f.bordered {
			wall := f.theme.Border.Render(f.theme.Sign(theme.Wall))
			line = wall + " " + line + " " + wall
		}
		out = append(out, line)
	}
	if f.bordered {
		if note != "" {
			note = " " + text.Cut(note, f.w-2) + " "
		}
		rest := strings.Repeat(f.theme.Sign(theme.Rule), f.w-text.Width(note))
		out = append(out, f.edge(theme.BottomLeft)+f.theme.Border.Render(rest+note)+f.edge(theme.BottomRight))
	}
	return f.theme.Frame(strings.Join(out, "\n"))
}

// edge is a corner with the piece of a border that leads to it.
func (f *frame) edge(corner theme.Sign) string {
	sign, rule := f.theme.Sign(corner), f.theme.Sign(theme.Rule)
	if corner == theme.TopLeft || corner == theme.BottomLeft {
		return f.theme.Border.Render(sign + rule)
	}
	return f.theme.Border.Render(rule + sign)
}

// at is the place of the terminal's cursor, given where it belongs in the lines that are in sight.
func (f *frame) at(x, y int) *tea.Cursor { return tea.NewCursor(f.left+x, f.top+y) }
