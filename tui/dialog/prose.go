package dialog

import (
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// look is how a line of prose is drawn.
type look uint8

const (
	plain look = iota
	quiet
	strong
	good
	warn
	bad
	added
	removed
)

func (l look) style(t *theme.Theme) lipgloss.Style {
	switch l {
	case plain:
	case quiet:
		return t.Tone(screen.Quiet)
	case strong:
		return t.Tone(screen.Strong)
	case good:
		return t.Tone(screen.Good)
	case warn:
		return t.Tone(screen.Warn)
	case bad:
		return t.Tone(screen.Bad)
	case added:
		return t.Added
	case removed:
		return t.Removed
	}
	return t.Tone(screen.Plain)
}

// prose is a text of any width.
type prose struct{ lines []paragraph }

// paragraph is what is broken into lines where there is no room for it in one.
type paragraph struct {
	look look
	// mark stands in front of the first line, and the others are indented as far.
	mark, text string
}

// add appends a paragraph for each line of a raw text.
func (p *prose) add(l look, mark, raw string) {
	for i, line := range strings.Split(raw, "\n") {
		if i > 0 {
			mark = strings.Repeat(" ", text.Width(mark))
		}
		p.lines = append(p.lines, paragraph{l, mark, text.Clean(strings.TrimSuffix(line, "\r"))})
	}
}

// part leaves a line free in front of what follows, unless nothing stands above, or one is free already.
func (p *prose) part() {
	if n := len(p.lines); n > 0 && p.lines[n-1] != (paragraph{}) {
		p.lines = append(p.lines, paragraph{})
	}
}

// width is that of its longest line.
func (p *prose) width() int {
	w := 0
	for _, l := range p.lines {
		w = max(w, text.Width(l.mark)+text.Width(l.text))
	}
	return w
}

// draw breaks the text to a width.
func (p *prose) draw(w int, t *theme.Theme) []string {
	var out []string
	for _, l := range p.lines {
		style := l.look.style(t)
		for _, line := range l.wrap(w) {
			out = append(out, style.Render(line))
		}
	}
	return out
}

// wrap breaks the paragraph into lines of at most w cells, between words where that is possible.
func (p paragraph) wrap(w int) []string {
	indent := text.Width(p.mark)
	if indent+text.Width(p.text) <= w {
		return []string{p.mark + p.text}
	}
	if indent >= w/2 { // where there is hardly any room, it goes to words
		p.mark, indent = "", 0
	}
	lines := text.Wrap(p.text, w-indent)
	for i, line := range lines {
		mark := p.mark
		if i > 0 {
			mark = strings.Repeat(" ", indent)
		}
		lines[i] = mark + line
	}
	return lines
}
