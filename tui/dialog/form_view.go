package dialog

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

const (
	// nameWidth is how much the names of entries take, with what is between them and the text.
	nameWidth = 13
	// leastBeside is how wide a form is in which names stand beside what is typed, and not above it; leastUnder, one in which
	// notes stand under what is typed, and not further to the left.
	leastBeside, leastUnder = 32, 60
	// leastNamed is how high a form is that says what it is for, besides what is typed in it.
	leastNamed = 5
	// mostNotes is how many lines the remarks on what is typed may take.
	mostNotes = 3
)

// formLines is a form in the making.
type formLines struct {
	theme *theme.Theme
	w     int
	text  []string
	whats []what
	// x is where the cursor belongs in the line of the entry that is typed in, which is number focus.
	x, focus int
	// top is the first line in sight, and at is where the box shows it.
	top, at int
}

// what is what a line of a form belongs to: an offer, or an entry by its number, or nothing.
type what struct {
	offer string
	entry int
}

// nothing is what lines belong to with which nothing can be done.
const nothing = -1

func (l *formLines) add(of what, line string) {
	l.text, l.whats = append(l.text, line), append(l.whats, of)
}

// what returns what a line of the box belongs to.
func (l *formLines) what(y int) what {
	n := y - l.at + l.top
	if y < l.at || n >= len(l.whats) {
		return what{entry: nothing}
	}
	return l.whats[n]
}

// name returns the name of an entry or a fact for in front of its text. Where there is no room beside the text, it adds a
// line for the name, and returns nothing.
func (l *formLines) name(of what, name string, style func(...string) string) string {
	if l.w < leastBeside {
		l.add(of, style(text.Fit(name, l.w)))
		return ""
	}
	return style(text.Pad(name, nameWidth, false))
}

// View implements [Dialog].
func (f *form) View(w, h int, t *theme.Theme) (string, *tea.Cursor) {
	title, high := f.title, len(f.facts)+2*len(f.entries)+mostNotes+mostOffers
	if h < leastNamed { // there is no room for a name above what is typed
		title = f.entries[f.at].name
	}
	box := newFrame(t, title, w, h, wide, high)
	l := formLines{theme: t, w: box.w, at: box.top}
	for _, fact := range f.facts {
		name := l.name(what{entry: nothing}, fact.name, quiet.style(t).Render)
		l.add(what{entry: nothing}, name+text.Fit(fact.value, l.w-text.Width(name)))
	}
	for i := range f.entries {
		f.drawEntry(&l, i)
	}
	l.add(what{entry: nothing}, "")
	f.drawOffers(&l)
	for len(l.text) < high {
		l.add(what{entry: nothing}, "")
	}
	l.top = max(min(l.focus-box.h/3, len(l.text)-box.h), 0)
	f.lines = l
	return box.draw(l.text[l.top:], ""), box.at(l.x, l.focus-l.top)
}

// drawEntry draws an entry, and what there is to say of it.
func (f *form) drawEntry(l *formLines, i int) {
	e, t, of := f.entries[i], l.theme, what{entry: i}
	if i != f.at {
		name := l.name(of, e.name, plain.style(t).Render)
		l.add(of, name+text.Fit(e.field.Text(), l.w-text.Width(name)))
		for _, note := range f.notes(l, i, 1) {
			l.add(of, note)
		}
		return
	}
	name := l.name(of, e.name, t.Prompt.Render)
	typed, x := e.field.View(l.w-text.Width(name), f.rest(), t)
	l.focus, l.x = len(l.text), text.Width(name)+x
	l.add(of, name+typed)
	for _, note := range f.notes(l, i, mostNotes) {
		l.add(of, note)
	}
}

// notes say what is wrong with what was typed, or how it was understood, or what may be typed: in so many lines at most.
func (f *form) notes(l *formLines, i, most int) []string {
	e, wish, p := f.entries[i], f.wish, prose{}
	says, err := e.take(&wish, e.field.Text())
	switch {
	case err != nil && (i < f.tried || e.field.Text() != "" && (i != f.at || f.rest() == "")):
		words := err.Error()
		if hint := Hint(err); hint != "" {
			words += "; " + hint
		}
		p.add(bad, l.theme.Sign(theme.Cross)+" ", text.Fit(words, l.w*most))
	case i != f.at:
	case err == nil && e.field.Text() != "" && says != "" && says != e.field.Text():
		p.add(quiet, l.theme.Sign(theme.Tick)+" ", text.Fit(says, l.w*most))
	default:
		p.add(quiet, "", e.want)
	}
	indent := nameWidth
	if l.w < leastUnder {
		indent = 0
	}
	lines := p.draw(l.w-indent, l.theme)
	if len(lines) > most {
		lines = lines[:most]
		lines[most-1] = text.Left(lines[most-1], l.w-indent-1) + l.theme.Sign(theme.Ellipsis)
	}
	for n := range lines {
		lines[n] = strings.Repeat(" ", indent) + lines[n]
	}
	return lines
}

// drawOffers draws the words that may be taken; the one that a key takes has a sign.
func (f *form) drawOffers(l *formLines) {
	for i, offer := range f.offers {
		sign, style := "  ", quiet.style(l.theme)
		if i == 0 && f.offered() != "" {
			sign, style = l.theme.Sign(theme.Cursor)+" ", plain.style(l.theme)
		}
		l.add(what{offer: offer}, style.Render(sign+text.Fit(offer, l.w-2)))
	}
}
