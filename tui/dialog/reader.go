package dialog

import (
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// leastApart is how high a box is in which a line is left free between a text and what stands below it.
const leastApart = 14

// reader is a text to scroll. It is written once for each theme, whose signs are in it, and broken once for each width.
type reader struct {
	scroll

	write func(t *theme.Theme) prose

	theme   *theme.Theme
	written prose
	natural int // how wide the longest line is
	width   int
	drawn   []string
}

// words is a reader of a text without signs.
func words(add func(p *prose)) reader {
	return reader{write: func(*theme.Theme) prose {
		var p prose
		add(&p)
		return p
	}}
}

// view draws the text in a box, and below it lines that don't scroll.
func (r *reader) view(title string, w, h int, t *theme.Theme, below ...paragraph) (string, *tea.Cursor) {
	if r.theme != t {
		r.theme, r.written, r.width = t, r.write(t), 0
		r.natural = r.written.width()
	}
	foot := prose{below}
	f := newFrame(t, title, w, h, min(max(r.natural, foot.width()), wide), h)
	if r.width != f.w {
		r.width, r.drawn = f.w, r.written.draw(f.w, t)
	}
	fixed := foot.draw(f.w, t)
	if len(fixed) > 0 && f.h >= leastApart {
		fixed = append([]string{""}, fixed...)
	}
	fixed = fixed[:min(len(fixed), f.h/2)]
	lines := append([]string{}, r.cut(r.drawn, f.h-len(fixed))...)
	return f.draw(append(lines, fixed...), r.note()), nil
}
