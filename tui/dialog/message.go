package dialog

import (
	"errors"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// message is words to read.
type message struct {
	title string
	text  reader
	keys  []key.Binding
	close key.Binding
}

// NewMessage shows an error whole, with its hint.
func NewMessage(title string, err error) Dialog {
	return newMessage(title, func(p *prose) { p.addError(err) })
}

// NewRemarks shows remarks whole, one after the other.
func NewRemarks(remarks []string) Dialog {
	return newMessage("remarks", func(p *prose) {
		for _, remark := range remarks {
			p.part()
			p.add(plain, "", remark)
		}
	})
}

func newMessage(title string, add func(p *prose)) Dialog {
	m := &message{title: title, close: closeKey(), text: words(add)}
	m.keys = []key.Binding{m.close, scrollKey()}
	return m
}

// NewWaiting says that something is under way; esc leaves it.
func NewWaiting(what string) Dialog {
	m := &message{title: "please wait", close: leaveKey("leave it"), text: words(func(p *prose) { p.add(plain, "", what) })}
	m.keys = []key.Binding{m.close}
	return m
}

// addError appends an error and what can be done about it.
func (p *prose) addError(err error) {
	p.add(bad, "", err.Error())
	if hint := Hint(err); hint != "" {
		p.part()
		p.add(plain, "hint: ", hint)
	}
}

// Hint returns the hint of an error, or of the first of those that it wraps or joins which has one; empty for none.
func Hint(err error) string {
	type hinter interface {
		error
		Hint() string
	}
	if h, ok := errors.AsType[hinter](err); ok {
		return h.Hint()
	}
	return ""
}

// Init implements [Dialog].
func (m *message) Init() tea.Cmd { return nil }

// Update implements [Dialog].
func (m *message) Update(msg tea.Msg) (bool, tea.Cmd) {
	if press, ok := msg.(tea.KeyPressMsg); ok && key.Matches(press, m.close) {
		return true, nil
	}
	m.text.answer(msg)
	return false, nil
}

// View implements [Dialog].
func (m *message) View(w, h int, t *theme.Theme) (string, *tea.Cursor) {
	return m.text.view(m.title, w, h, t)
}

// Keys implements [Dialog].
func (m *message) Keys() []key.Binding { return m.keys }
