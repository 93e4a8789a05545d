package tui

import (
	"strings"

	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/text"
)

// prose draws a line of text in at most most lines of w cells. What it is broken into is set in as far as the line itself,
// and a little more.
func (a *App) prose(l screen.Line, w, most int) []string {
	if w < 4 || most < 1 {
		return nil
	}
	var b strings.Builder
	room := w * most // what is longer does not fit anyway, and is not looked at
	for _, s := range l.Spans {
		if room <= 0 {
			break
		}
		cut := text.Fit(s.Text, room)
		room -= text.Width(cut)
		b.WriteString(a.theme.Tone(s.Tone).Render(cut))
	}
	whole := b.String()
	if text.Width(whole) < w {
		return []string{" " + whole}
	}
	plain := text.Plain(whole)
	indent := strings.Repeat(" ", min(len(plain)-len(strings.TrimLeft(plain, " "))+2, w/4))
	lines := text.Wrap(whole, w-1-len(indent))
	cut := len(lines) > most
	lines = lines[:min(len(lines), most)]
	for i := range lines {
		if i > 0 {
			lines[i] = indent + strings.TrimLeft(lines[i], " ")
		}
		lines[i] = " " + lines[i]
	}
	if cut {
		lines[most-1] = text.Cut(lines[most-1]+text.Ellipsis+" ", w)
	}
	return lines
}
