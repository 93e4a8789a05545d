package grid

import (
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

const (
	// barWidth is how many cells a bar takes with its frame and the blank behind it; leastBar is the least of them with
	// which it says anything.
	barWidth = 11
	leastBar = 6
)

// pen is a style as what a terminal gets before and after text in it. It costs less than a style with each text.
type pen struct{ before, after string }

func newPen(s lipgloss.Style) pen {
	before, after, _ := strings.Cut(s.Render("x"), "x")
	return pen{before, after}
}

func (p pen) write(b *strings.Builder, s string) {
	if s == "" {
		return
	}
	b.WriteString(p.before)
	b.WriteString(s)
	b.WriteString(p.after)
}

func (p pen) blanks(b *strings.Builder, n int) { p.write(b, strings.Repeat(" ", max(n, 0))) }

// ink is the pens of a row: for its blanks, and by tone for its texts and for what of them the filter has found.
type ink struct {
	blank       pen
	text, match [screen.Bad + 1]pen
}

// inks are the pens of the kinds of rows.
type inks struct{ plain, marked, cursor ink }

func newInks(t *theme.Theme) *inks {
	k := &inks{}
	k.cursor.blank = newPen(t.Cursor)
	for tone := range k.plain.text {
		style := t.Tone(screen.Tone(tone))
		marked := style.Inherit(t.Marked)
		k.plain.text[tone], k.plain.match[tone] = newPen(style), newPen(t.Match.Inherit(style))
		k.marked.text[tone], k.marked.match[tone] = newPen(marked), newPen(t.Match.Inherit(marked))
		k.cursor.text[tone], k.cursor.match[tone] = k.cursor.blank, newPen(t.Cursor.Inherit(t.Match))
	}
	return k
}

// painter draws cells of tables into a line.
type painter struct {
	strings.Builder
	theme  *theme.Theme
	filter *filter
}

// cell draws a cell of a table in exactly w cells of the screen.
func (p *painter) cell(c screen.Cell, w int, right, fuzzy bool, k *ink) {
	tone := c.Tone
	if int(tone) >= len(k.text) {
		tone = screen.Plain
	}
	shown, width := text.Fitted(c.Text, w)
	if c.HasBar {
		bar := min(barWidth, w-width)
		if bar >= leastBar {
			p.bar(c.Bar, bar-1, k.text[tone])
			k.blank.blanks(&p.Builder, 1)
			w -= bar
		}
	}
	if right {
		k.blank.blanks(&p.Builder, w-width)
	}
	p.found(shown, fuzzy, k.text[tone], k.match[tone])
	if !right {
		k.blank.blanks(&p.Builder, w-width)
	}
}

// bar draws a share. It is full, or empty, only when the share is.
func (p *painter) bar(share float64, w int, k pen) {
	inside := w - 2
	full := int(share*float64(inside) + 0.5)
	switch {
	case !(share > 0): // or is no number
		full = 0
	case share >= 1:
		full = inside
	default:
		full = min(max(full, 1), inside-1)
	}
	k.write(&p.Builder, p.theme.Sign(theme.BarLeft)+strings.Repeat(p.theme.Sign(theme.BarFull), full)+
		strings.Repeat(p.theme.Sign(theme.BarFree), inside-full)+p.theme.Sign(theme.BarRight))
}

// found draws a text with what of it the filter has found.
func (p *painter) found(shown string, fuzzy bool, plain, match pen) {
	at := p.filter.found(shown, fuzzy)
	for from := 0; from < len(shown); {
		to := from + 1
		for to < len(shown) && (at == nil || at[to] == at[from]) {
			to++
		}
		k := plain
		if at != nil && at[from] {
			k = match
		}
		k.write(&p.Builder, shown[from:to])
		from = to
	}
}
