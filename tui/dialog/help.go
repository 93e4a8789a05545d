package dialog

import (
	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// helpGap is how many cells are between two columns of keys.
const helpGap = 3

// Section is keys under a title.
type Section struct {
	Title string
	Keys  []key.Binding
}

// help is the keys there are.
type help struct {
	sections []Section
	scroll   scroll
	close    key.Binding
	// keyWidth and sayWidth are the widths of the longest name of a key, and of what it does.
	keyWidth, sayWidth int
}

// NewHelp shows keys.
func NewHelp(sections []Section) Dialog {
	d := &help{sections: sections, close: bind("esc", "close", "esc", "?", "q", "f1", "enter")}
	for _, s := range sections {
		for _, k := range s.Keys {
			d.keyWidth = max(d.keyWidth, text.Width(k.Help().Key))
			d.sayWidth = max(d.sayWidth, text.Width(k.Help().Desc))
		}
	}
	return d
}

// Init implements [Dialog].
func (d *help) Init() tea.Cmd { return nil }

// Update implements [Dialog].
func (d *help) Update(msg tea.Msg) (bool, tea.Cmd) {
	if press, ok := msg.(tea.KeyPressMsg); ok && key.Matches(press, d.close) {
		return true, nil
	}
	d.scroll.answer(msg)
	return false, nil
}

// View implements [Dialog].
func (d *help) View(w, h int, t *theme.Theme) (string, *tea.Cursor) {
	column := d.keyWidth + 2 + d.sayWidth
	f := newFrame(t, "keys", w, h, w, h)
	columns := max(min((f.w+helpGap)/(column+helpGap), len(d.sections)), 1)
	f = newFrame(t, "keys", w, h, columns*(column+helpGap)-helpGap, h)
	lines := d.lines(columns, min(column, f.w), t)
	return f.draw(d.scroll.cut(lines, f.h), d.scroll.note()), nil
}

// lines draws the sections in columns of a width. Sections stay whole, and in their order: first down, then to the right.
func (d *help) lines(columns, w int, t *theme.Theme) []string {
	blocks := make([][]string, len(d.sections))
	for i, s := range d.sections {
		blocks[i] = d.block(s, w, t)
	}
	var out []string
	for i, at := range arrange(blocks, columns) {
		for len(out) < at.row+len(blocks[i]) {
			out = append(out, "")
		}
		for j, line := range blocks[i] {
			out[at.row+j] = text.Pad(out[at.row+j], at.column*(w+helpGap), false) + line
		}
	}
	return out
}

// spot is where a block begins.
type spot struct{ column, row int }

// arrange puts blocks into at most so many columns, so that they take as few lines as possible.
func arrange(blocks [][]string, columns int) []spot {
	high := 0
	for _, block := range blocks {
		high = max(high, len(block))
	}
	for {
		spots := flow(blocks, high)
		if len(spots) == 0 || spots[len(spots)-1].column < columns {
			return spots
		}
		high++
	}
}

// flow puts blocks into columns of a height, with a line free between two blocks.
func flow(blocks [][]string, high int) []spot {
	spots := make([]spot, 0, len(blocks))
	at := spot{}
	for _, block := range blocks {
		if at.row > 0 && at.row+len(block) > high {
			at = spot{column: at.column + 1}
		}
		spots = append(spots, at)
		at.row += len(block) + 1
	}
	return spots
}

// block draws a section.
func (d *help) block(s Section, w int, t *theme.Theme) []string {
	var lines []string
	if s.Title != "" {
		lines = append(lines, t.Title.Render(text.Fit(s.Title, w)))
	}
	for _, k := range s.Keys {
		name := text.Pad(text.Clean(k.Help().Key), min(d.keyWidth, w), false)
		says := text.Fit(k.Help().Desc, w-text.Width(name)-2)
		lines = append(lines, t.Key.Render(name)+"  "+t.KeyText.Render(says))
	}
	return lines
}

// Keys implements [Dialog].
func (d *help) Keys() []key.Binding { return []key.Binding{d.close, scrollKey()} }
