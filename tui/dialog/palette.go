package dialog

import (
	"fmt"
	"slices"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/field"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// paletteHits is how many hits are in sight at once.
const paletteHits = 12

// palette is a line to type in, and the places that fit what was typed.
type palette struct {
	search func(text string) []screen.Hit
	field  field.Field
	keys   paletteKeys

	// hits are those for the text in found. What the user can do beside going somewhere is among them, without a place.
	hits  []screen.Hit
	found string
	// searching says that a search is under way: there is never more than one, so that fast typing does not pile them up.
	// chosen says that the user wants the first hit of what is being searched for.
	searching, chosen bool

	// cursor is the hit that is chosen, top the first in sight, rows how many there is room for, first the line of the first.
	cursor, top, rows, first int
}

type paletteKeys struct{ Open, Up, Down, PageUp, PageDown, Leave key.Binding }

// foundMsg brings what one palette was looking for.
type foundMsg struct {
	palette *palette
	text    string
	hits    []screen.Hit
}

// NewPalette finds places by name; search is called in the background.
func NewPalette(search func(text string) []screen.Hit) Dialog {
	return &palette{search: search, field: field.New(""), keys: paletteKeys{
		Open:     bind("enter", "open", "enter"),
		Up:       bind("↑", "up", "up", "ctrl+p", "shift+tab"),
		Down:     bind("↓", "down", "down", "ctrl+n", "tab"),
		PageUp:   bind("pgup", "page up", "pgup"),
		PageDown: bind("pgdn", "page down", "pgdown"),
		Leave:    bind("esc", "leave", "esc"),
	}}
}

// Init implements [Dialog].
func (p *palette) Init() tea.Cmd { return p.ask() }

// ask searches for what is typed, unless a search is under way.
func (p *palette) ask() tea.Cmd {
	if p.searching {
		return nil
	}
	p.searching = true
	typed := p.field.Text()
	return func() tea.Msg { return foundMsg{p, typed, p.search(typed)} }
}

// Update implements [Dialog].
func (p *palette) Update(msg tea.Msg) (bool, tea.Cmd) {
	switch msg := msg.(type) {
	case foundMsg:
		if msg.palette == p {
			return p.take(msg)
		}
		return false, nil
	case tea.MouseWheelMsg:
		p.move(turned(msg))
		return false, nil
	case tea.MouseClickMsg:
		if msg.Button != tea.MouseLeft || msg.Y < p.first || msg.Y >= p.first+min(p.rows, len(p.hits)-p.top) {
			return false, nil
		}
		return p.open(p.top + msg.Y - p.first)
	case tea.KeyPressMsg:
		if done, cmd, ok := p.press(msg); ok {
			return done, cmd
		}
	}
	changed, cmd := p.field.Update(msg)
	if !changed {
		return false, cmd
	}
	p.cursor, p.top, p.chosen = 0, 0, false
	return false, tea.Batch(cmd, p.ask())
}

// press answers the keys that move and leave.
func (p *palette) press(msg tea.KeyPressMsg) (done bool, cmd tea.Cmd, ok bool) {
	switch {
	case key.Matches(msg, p.keys.Leave):
		return true, nil, true
	case key.Matches(msg, p.keys.Open):
		done, cmd = p.enter()
		return done, cmd, true
	case key.Matches(msg, p.keys.Up):
		p.move(-1)
	case key.Matches(msg, p.keys.Down):
		p.move(1)
	case key.Matches(msg, p.keys.PageUp):
		p.move(-max(p.rows, 1))
	case key.Matches(msg, p.keys.PageDown):
		p.move(max(p.rows, 1))
	default:
		return false, nil, false
	}
	return false, nil, true
}

func (p *palette) move(n int) { p.cursor = max(min(p.cursor+n, len(p.hits)-1), 0) }

// take shows what a search has found, unless something else is typed by now: then that is searched for.
func (p *palette) take(msg foundMsg) (bool, tea.Cmd) {
	p.searching = false
	if msg.text != p.field.Text() {
		return false, p.ask()
	}
	var under screen.Place
	if p.cursor > 0 { // somebody has chosen a hit, which stays chosen
		under = p.hits[p.cursor].Place
	}
	p.found, p.hits = msg.text, msg.hits
	if word := strings.TrimSpace(msg.text); word == "q" || word == "quit" {
		p.hits = append([]screen.Hit{{Text: "quit", What: "leave Gatehouse"}}, p.hits...)
	}
	p.cursor = 0
	if !under.Zero() {
		p.cursor = max(slices.IndexFunc(p.hits, func(hit screen.Hit) bool { return hit.Place == under }), 0)
	}
	if p.chosen {
		return p.enter()
	}
	return false, nil
}

// enter opens the hit under the cursor. Who is faster than the search, and has chosen none, gets its first hit.
func (p *palette) enter() (bool, tea.Cmd) {
	p.chosen = p.cursor == 0 && p.searching && p.found != p.field.Text()
	if p.chosen || p.cursor >= len(p.hits) {
		return false, nil
	}
	return p.open(p.cursor)
}

// open goes to a hit.
func (p *palette) open(i int) (bool, tea.Cmd) {
	hit := p.hits[i]
	if hit.Place.Zero() {
		return true, func() tea.Msg { return QuitMsg{} }
	}
	return true, func() tea.Msg { return OpenMsg{hit.Place} }
}

// View implements [Dialog].
func (p *palette) View(w, h int, t *theme.Theme) (string, *tea.Cursor) {
	f := newFrame(t, "go to", w, h, wide, paletteHits+1)
	prompt := ": "
	if f.w < 8 {
		prompt = ""
	}
	typed, x := p.field.View(f.w-len(prompt), "", t)
	lines := []string{t.Prompt.Render(prompt) + typed}

	p.first, p.rows = f.top+1, f.h-1
	p.top = max(min(p.top, p.cursor), p.cursor-p.rows+1, 0)
	for i := p.top; i < min(p.top+p.rows, len(p.hits)); i++ {
		lines = append(lines, p.hitLine(i, f.w, t))
	}
	note := ""
	switch {
	case len(p.hits) > 0:
		note = fmt.Sprintf("%d of %d", p.cursor+1, len(p.hits))
	case !p.searching && p.rows > 0:
		lines = append(lines, quiet.style(t).Render("nothing of that name"))
	}
	for len(lines) < f.h {
		lines = append(lines, "")
	}
	return f.draw(lines, note), f.at(len(prompt)+x, 0)
}

// hitLine draws a hit: its text with the letters that were typed marked, and its kind.
func (p *palette) hitLine(i, w int, t *theme.Theme) string {
	hit := p.hits[i]
	base, sign := plain.style(t), " "
	if i == p.cursor {
		base, sign = t.Cursor, t.Sign(theme.Cursor)
	}
	what := ""
	if w >= 2*text.Width(hit.What)+4 {
		what = " " + text.Fit(hit.What, w/2)
	}
	name := text.Fit(hit.Text, w-2-text.Width(what))
	fill := strings.Repeat(" ", max(w-2-text.Width(name)-text.Width(what), 0))
	kind := quiet.style(t)
	if i == p.cursor {
		kind = t.Cursor
	}
	return base.Render(sign+" ") + highlight(name, p.found, base, t) + base.Render(fill) + kind.Render(what)
}

// Keys implements [Dialog].
func (p *palette) Keys() []key.Binding {
	return []key.Binding{p.keys.Open, bind("↑↓", "choose", "up", "down"), p.keys.Leave}
}
