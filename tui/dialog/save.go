package dialog

import (
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/field"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// noFile is said when there is nothing to write to.
const noFile = "say which file to write"

// save asks for the name of a file.
type save struct {
	field field.Field
	tried bool
	keys  saveKeys
}

type saveKeys struct{ Write, Leave key.Binding }

// NewSave asks for the name of a snapshot file.
func NewSave(name string) Dialog {
	return &save{field: field.New(name), keys: newSaveKeys()}
}

func newSaveKeys() saveKeys {
	return saveKeys{Write: bind("enter", "write", "enter"), Leave: bind("esc", "leave", "esc")}
}

// Init implements [Dialog].
func (d *save) Init() tea.Cmd { return nil }

// Update implements [Dialog].
func (d *save) Update(msg tea.Msg) (bool, tea.Cmd) {
	if press, ok := msg.(tea.KeyPressMsg); ok {
		switch {
		case key.Matches(press, d.keys.Leave):
			return true, nil
		case key.Matches(press, d.keys.Write):
			path := strings.TrimSpace(d.field.Text())
			d.tried = path == ""
			if d.tried {
				return false, nil
			}
			return true, func() tea.Msg { return SaveMsg{path, d} }
		}
	}
	_, cmd := d.field.Update(msg)
	return false, cmd
}

// View implements [Dialog].
func (d *save) View(w, h int, t *theme.Theme) (string, *tea.Cursor) {
	f := newFrame(t, "write a snapshot", w, h, wide, 2)
	typed, x := d.field.View(f.w, "", t)
	return f.draw([]string{typed, fileNote(&d.field, d.tried, f.w, t)}, ""), f.at(x, 0)
}

// fileNote is what is said below the name of a file.
func fileNote(name *field.Field, tried bool, w int, t *theme.Theme) string {
	if tried && strings.TrimSpace(name.Text()) == "" {
		return bad.style(t).Render(text.Cut(t.Sign(theme.Cross)+" "+noFile, w))
	}
	return quiet.style(t).Render(text.Cut("the file to write", w))
}

// Keys implements [Dialog].
func (d *save) Keys() []key.Binding { return []key.Binding{d.keys.Write, d.keys.Leave} }
