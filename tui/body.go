package tui

import (
	"fmt"
	"strings"

	"github.com/kubegatehouse/gatehouse/tui/dialog"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

const (
	// leastDetail is how many lines a page has that shows details below a list.
	leastDetail = 12
	// mostNotes is how many lines are given to notes.
	mostNotes = 2
	// leastList is how many of its lines are left to the list, whatever there is to say of a row.
	leastList = 5
)

// body is the page itself, in exactly h lines.
func (a *App) body(w, h int) []string {
	if h <= 0 {
		return nil
	}
	v := a.visit()
	var lines []string
	if a.line.open() {
		lines = append(lines, a.inputLines(w)...)
	}
	switch {
	case a.failed != nil:
		lines = append(lines, a.explained(a.failed, w, h-len(lines))...)
	case v.err != nil:
		lines = append(lines, a.explained(v.err, w, h-len(lines))...)
	case a.world == nil:
		lines = append(lines, a.loadingLines(w)...)
	case v.page == nil:
		lines = append(lines, " "+a.theme.Sign(theme.Ellipsis))
	default:
		lines = append(lines, a.notes(v, w, min(h/6, mostNotes))...)
		a.gridTop = a.bodyTop + len(lines)
		switch {
		case v.page.List != nil:
			lines = append(lines, a.listBody(v, w, h-len(lines))...)
		case v.page.Text != nil:
			lines = append(lines, a.textBody(v, w, h-len(lines))...)
		}
	}
	for len(lines) < h {
		lines = append(lines, "")
	}
	return lines[:h]
}

// loadingLines say of each kind how much of it was read.
func (a *App) loadingLines(w int) []string {
	var lines []string
	for _, p := range a.feed.progress {
		sign := a.theme.Sign(theme.Ellipsis)
		if p.Done {
			sign = a.theme.Sign(theme.Tick)
		}
		lines = append(lines, text.Cut(fmt.Sprintf(" %s %7d %s", sign, p.Count, text.Fit(p.What, 40)), w))
	}
	return lines
}

// notes are what must not be missed, a line each, as many as there is room for. Where that is not all of it, a key shows
// the rest.
func (a *App) notes(v *visit, w, most int) []string {
	notes := v.page.Notes
	if len(notes) == 0 {
		return nil
	}
	more := " (" + a.keys.Remarks.Help().Key + " reads " + map[bool]string{true: "it", false: "all of them"}[len(notes) == 1] + ")"
	shown := min(len(notes), max(most, 1))
	var lines []string
	for i, n := range notes[:shown] {
		line := " ! " + text.Fit(n, w)
		if last := i == shown-1; last && (shown < len(notes) || text.Width(line) > w) {
			line = text.Cut(line, w-len(more)) + more
		}
		lines = append(lines, a.theme.Tone(screen.Warn).Render(text.Cut(line, w)))
	}
	return lines
}

// listBody draws the list, and below it what there is to say of the row under the cursor.
func (a *App) listBody(v *visit, w, h int) []string {
	if v.page.List.Rows == 0 && v.page.List.Empty != "" {
		return a.prose(screen.Line{Spans: []screen.Span{{Text: v.page.List.Empty}}}, w, max(h, 1))
	}
	below := a.below(v, w, h)
	a.gridHeight = max(h-len(below), 0)
	lines := strings.Split(v.grid.View(w, a.gridHeight, a.theme), "\n")
	return append(lines, below...)
}

// detail says how much is shown of the row under the cursor.
type detail uint8

const (
	someDetail detail = iota
	allDetail
	noDetail
	details // how many there are
)

// below is the text under a list: what there is to say of the row under the cursor, or the page's own.
func (a *App) below(v *visit, w, h int) []string {
	t := v.glance().detail
	if t == nil {
		t = v.page.Text
	}
	if t == nil || len(t.Lines) == 0 || a.detail == noDetail || a.detail == someDetail && h < leastDetail || h < leastList {
		return nil
	}
	room := max(h/2-1, h-2-v.page.List.Rows) // a short list leaves it more
	if a.detail == allDetail {
		room = h - min(leastList, h/3+1)
	}
	lines := []string{a.theme.Border.Render(strings.Repeat(a.theme.Sign(theme.Rule), w))}
	for i, l := range t.Lines {
		lines = append(lines, a.prose(l, w, room+1-len(lines))...)
		if len(lines) > room && (i < len(t.Lines)-1 || len(lines) > room+1) {
			more := fmt.Sprintf(" %s %d more lines", a.theme.Sign(theme.Ellipsis), len(t.Lines)-i)
			if a.detail == someDetail {
				more += ": d shows them"
			}
			return append(lines[:room], a.theme.Tone(screen.Quiet).Render(text.Cut(more, w)))
		}
	}
	return lines
}

// textBody draws a text to scroll, with the cursor on one of its lines.
func (a *App) textBody(v *visit, w, h int) []string {
	all := v.page.Text.Lines
	draw := func(i int) []string {
		lines := a.prose(all[i], w, h)
		if i == v.line {
			for n, l := range lines {
				sign := " "
				if n == 0 {
					sign = a.theme.Sign(theme.Cursor)
				}
				lines[n] = a.theme.Cursor.Render(text.Pad(sign+strings.TrimPrefix(text.Plain(l), " "), w, false))
			}
		}
		return lines
	}
	v.top = min(v.top, v.line)
	for used, i := 0, v.line; i >= v.top; i-- { // the cursor has to be in sight
		if used += len(draw(i)); used > h {
			v.top = min(i+1, v.line)
		}
	}
	var out []string
	for i := v.top; i < len(all) && len(out) < h; i++ {
		out = append(out, draw(i)...)
	}
	return out[:min(len(out), h)]
}

// explained draws an error, with the hint that it may have.
func (a *App) explained(err error, w, h int) []string {
	lines := a.prose(screen.Line{Spans: []screen.Span{{Text: err.Error(), Tone: screen.Bad}}}, w, h)
	if hint := dialog.Hint(err); hint != "" {
		lines = append(lines, a.prose(screen.Line{Spans: []screen.Span{{Text: "hint: " + hint}}}, w, h-len(lines))...)
	}
	return lines
}
