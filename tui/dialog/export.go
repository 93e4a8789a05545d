package dialog

import (
	"path/filepath"
	"strings"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/field"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// format is a way to write a page.
type format struct{ name, ending string }

func formats() []format {
	return []format{{"yaml", ".yaml"}, {"csv", ".csv"}, {"markdown", ".md"}}
}

// export asks for a format and a file.
type export struct {
	format int
	field  field.Field
	// naming says that the name of the file is typed in, and not the format chosen.
	naming, tried bool
	keys          exportKeys
	// top and left are where the choice of the format was drawn.
	top, left int
}

type exportKeys struct {
	saveKeys

	Other, Previous, Next key.Binding
}

// NewExport asks for a format and a file; name is proposed, without an ending.
func NewExport(name string) Dialog {
	return &export{field: field.New(name + formats()[0].ending), keys: exportKeys{
		saveKeys: newSaveKeys(),
		Other:    bind("tab", "format/file", "tab", "shift+tab", "up", "down"),
		Previous: bind("←", "format before", "left"),
		Next:     bind("→", "next format", "right"),
	}}
}

// Init implements [Dialog].
func (d *export) Init() tea.Cmd { return nil }

// Update implements [Dialog].
func (d *export) Update(msg tea.Msg) (bool, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.MouseClickMsg:
		if msg.Button == tea.MouseLeft {
			d.click(msg.X-d.left, msg.Y-d.top)
		}
		return false, nil
	case tea.KeyPressMsg:
		switch {
		case key.Matches(msg, d.keys.Leave):
			return true, nil
		case key.Matches(msg, d.keys.Write):
			return d.write()
		case key.Matches(msg, d.keys.Other):
			d.naming = !d.naming
			return false, nil
		case !d.naming && key.Matches(msg, d.keys.Previous):
			d.choose(d.format - 1)
			return false, nil
		case !d.naming && key.Matches(msg, d.keys.Next):
			d.choose(d.format + 1)
			return false, nil
		}
	}
	changed, cmd := d.field.Update(msg)
	if changed {
		d.naming = true
		d.follow()
	}
	return false, cmd
}

// write brings what was asked for, when it is known.
func (d *export) write() (bool, tea.Cmd) {
	path := strings.TrimSpace(d.field.Text())
	if path == "" {
		d.naming, d.tried = true, true
		return false, nil
	}
	name := formats()[d.format].name
	return true, func() tea.Msg { return ExportMsg{Format: name, Path: path, Form: d} }
}

// choose takes a format, round and round, and gives the file its ending.
func (d *export) choose(n int) {
	all := formats()
	d.format = (n + len(all)) % len(all)
	name := d.field.Text()
	for _, f := range all {
		if bare, ok := strings.CutSuffix(name, f.ending); ok {
			d.field.Set(bare + all[d.format].ending)
			return
		}
	}
}

// follow takes the format that the ending of the file means, if it means one.
func (d *export) follow() {
	ending := filepath.Ext(strings.TrimSpace(d.field.Text()))
	for i, f := range formats() {
		if f.ending == ending {
			d.format = i
		}
	}
}

// click chooses the format that is at a place of the choice, or the file.
func (d *export) click(x, y int) {
	d.naming = y == 1
	if y != 0 || x < 0 {
		return
	}
	at := 0
	for i, f := range formats() {
		if at += len(f.name) + 3; x < at {
			d.choose(i)
			return
		}
	}
}

// View implements [Dialog].
func (d *export) View(w, h int, t *theme.Theme) (string, *tea.Cursor) {
	f := newFrame(t, "export the view", w, h, wide, 3)
	d.top, d.left = f.top, f.left
	var choice strings.Builder
	for i, format := range formats() {
		name := quiet.style(t).Render(" " + format.name + " ")
		if i == d.format {
			style := strong.style(t)
			if !d.naming {
				style = t.Cursor
			}
			name = style.Render("[" + format.name + "]")
		}
		choice.WriteString(name + " ")
	}
	lines := []string{text.Cut(choice.String(), f.w), text.Fit(d.field.Text(), f.w), fileNote(&d.field, d.tried, f.w, t)}
	if !d.naming {
		return f.draw(lines, ""), nil
	}
	typed, x := d.field.View(f.w, "", t)
	lines[1] = typed
	if f.h < 2 { // the name of the file is what the choice gives way to
		lines, d.top = lines[1:], f.top-1
	}
	return f.draw(lines, ""), f.at(x, min(1, f.h-1))
}

// Keys implements [Dialog].
func (d *export) Keys() []key.Binding {
	if d.naming {
		return []key.Binding{d.keys.Write, d.keys.Other, d.keys.Leave}
	}
	return []key.Binding{d.keys.Write, bind("←→", "format", "left", "right"), d.keys.Other, d.keys.Leave}
}
