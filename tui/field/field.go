// Package field is a line to type in.
package field

import (
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// Field is a line to type in. It is edited by bubbles' text input, and drawn here: that one counts runes where a terminal
// counts cells, and draws characters that change what a terminal does.
type Field struct{ input textinput.Model }

// New returns a field with a text, and the cursor behind it.
func New(value string) Field {
	input := textinput.New()
	input.SetVirtualCursor(false)
	// It reads behind the end of a text whose last character is under the cursor.
	input.KeyMap.DeleteWordForward.SetEnabled(false)
	input.SetValue(value)
	input.CursorEnd()
	input.Focus()
	return Field{input}
}

// Text is what was typed.
func (f *Field) Text() string { return f.input.Value() }

// Set puts another text there, with the cursor behind it.
func (f *Field) Set(value string) {
	f.input.SetValue(value)
	f.input.CursorEnd()
}

// SetAt puts another text there, with the cursor behind so many of its runes.
func (f *Field) SetAt(value string, cursor int) {
	f.input.SetValue(value)
	f.input.SetCursor(cursor)
}

// Position is how many runes are in front of the cursor.
func (f *Field) Position() int { return f.input.Position() }

// AtEnd reports whether the cursor is behind the text.
func (f *Field) AtEnd() bool { return f.Position() == len([]rune(f.Text())) }

// Update edits the text, and reports whether it is another one now.
func (f *Field) Update(msg tea.Msg) (changed bool, cmd tea.Cmd) {
	before := f.Text()
	f.input, cmd = f.input.Update(msg)
	return f.Text() != before, cmd
}

// View draws as much of the text as fits into w cells, around the cursor, and says in which of them that is. Behind the
// text stands what would complete it.
func (f *Field) View(w int, suggestion string, t *theme.Theme) (line string, x int) {
	typed := []rune(f.Text())
	position := f.Position()
	// Of a long text no more is looked at than can be in sight, but for letters of very many marks.
	head := text.Clean(string(typed[max(position-4*w, 0):position]))
	if over := text.Width(head) - (w - 1); over > 0 {
		head = text.From(head, over)
	}
	x = text.Width(head)
	line = head + text.Fit(string(typed[position:]), w-x)
	if suggestion != "" {
		line += t.Suggestion.Render(text.Fit(suggestion, w-text.Width(line)-1))
	}
	return line, x
}
