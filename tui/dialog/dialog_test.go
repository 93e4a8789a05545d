package dialog_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/dialog"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// now is when all tests take place.
func now() time.Time { return time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC) }

func keyCodes() map[string]rune {
	return map[string]rune{
		"enter": tea.KeyEnter, "esc": tea.KeyEscape, "tab": tea.KeyTab, "backspace": tea.KeyBackspace, "space": tea.KeySpace,
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd,
		"pgup": tea.KeyPgUp, "pgdown": tea.KeyPgDown, "delete": tea.KeyDelete, "f1": tea.KeyF1,
	}
}

// key returns the message of a key by its name: "enter", "ctrl+s", "a".
func key(name string) tea.KeyPressMsg {
	k := tea.KeyPressMsg{}
	for prefix, mod := range map[string]tea.KeyMod{"ctrl+": tea.ModCtrl, "alt+": tea.ModAlt, "shift+": tea.ModShift} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			k.Mod, name = mod, rest
		}
	}
	if code, ok := keyCodes()[name]; ok {
		k.Code = code
		return k
	}
	k.Code, _ = utf8.DecodeRuneInString(name)
	if k.Mod == 0 {
		k.Text = name
	}
	return k
}

// keys returns the messages of a script: names of keys, and texts that are typed in quotes: "'team' down enter".
func keys(script string) []tea.Msg {
	var out []tea.Msg
	for i, part := range strings.Split(script, "'") {
		if i%2 == 1 {
			for _, r := range part {
				out = append(out, key(string(r)))
			}
			continue
		}
		for name := range strings.FieldsSeq(part) {
			out = append(out, key(name))
		}
	}
	return out
}

// player plays a dialog without a program around it.
type player struct {
	dialog dialog.Dialog
	done   bool
	// outcomes are the messages that are for the program.
	outcomes []tea.Msg
	// form is where the last of them was said.
	form dialog.Dialog
	// late is what commands are kept in while slow is set.
	late []tea.Cmd
	slow bool
}

// seen is a dialog that was drawn once on a small screen, so that there is something to scroll.
func seen(d dialog.Dialog) dialog.Dialog {
	d.View(38, 10, theme.Colourless())
	return d
}

func play(d dialog.Dialog, msgs ...tea.Msg) *player {
	p := &player{dialog: d}
	p.run(d.Init())
	return p.send(msgs...)
}

func (p *player) send(msgs ...tea.Msg) *player {
	for _, msg := range msgs {
		if p.done {
			break
		}
		var cmd tea.Cmd
		p.done, cmd = p.dialog.Update(msg)
		p.run(cmd)
	}
	return p
}

// run does what a command says, or keeps it.
func (p *player) run(cmd tea.Cmd) {
	switch {
	case cmd == nil:
		return
	case p.slow:
		p.late = append(p.late, cmd)
		return
	}
	p.take(cmd())
}

// take hands a message to whom it is for.
func (p *player) take(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			p.run(c)
		}
	case dialog.WishMsg:
		p.form, msg.Form = msg.Form, nil
		p.outcomes = append(p.outcomes, msg)
	case dialog.ExportMsg:
		p.form, msg.Form = msg.Form, nil
		p.outcomes = append(p.outcomes, msg)
	case dialog.SaveMsg:
		p.form, msg.Form = msg.Form, nil
		p.outcomes = append(p.outcomes, msg)
	case dialog.OpenMsg, dialog.CarryMsg, dialog.CopyMsg, dialog.BackMsg, dialog.QuitMsg:
		p.outcomes = append(p.outcomes, msg)
	default:
		p.send(msg)
	}
}

// catchUp does the first of the commands that were kept.
func (p *player) catchUp() {
	cmd := p.late[0]
	p.late = p.late[1:]
	p.take(cmd())
}

// scripts are tables of keys, and what comes of them.
type scripts map[string]struct {
	keys string
	// want is the outcome, nil for none; open says that the dialog stays.
	want tea.Msg
	open bool
}

func (s scripts) run(t *testing.T, open func() dialog.Dialog) {
	t.Helper()
	for name, tt := range s {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var want []tea.Msg
			if tt.want != nil {
				want = []tea.Msg{tt.want}
			}
			p := play(open(), keys(tt.keys)...)
			proposals := cmp.Comparer(func(a, b *change.Proposal) bool { return a == b })
			if diff := cmp.Diff(want, p.outcomes, proposals, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if p.done == tt.open {
				t.Errorf("done %v, want %v", p.done, !tt.open)
			}
		})
	}
}

// looks compares what a dialog looks like with golden files, on three screens, of each of which the browser leaves two
// cells and two lines free. Styles are compared with those of [styled].
func looks(t *testing.T, name string, d dialog.Dialog) {
	t.Helper()
	for _, size := range []struct {
		name string
		w, h int
	}{{"20x5", 18, 3}, {"40x12", 38, 10}, {"80x24", 78, 22}} {
		content, cursor := draw(t, d, size.w, size.h, theme.Colourless())
		golden.Equal(t, withCursor(text.Plain(content), cursor), name+"_"+size.name)
	}
	zero, _ := draw(t, d, 78, 22, &theme.Theme{})
	if full, _ := draw(t, d, 78, 22, theme.New(true)); text.Plain(full) != zero {
		t.Errorf("%s says something else without styles:\n%s", name, zero)
	}
}

// styled compares the styles of a dialog with golden files.
func styled(t *testing.T, name string, d dialog.Dialog) {
	t.Helper()
	for kind, th := range map[string]*theme.Theme{"dark": theme.New(true), "light": theme.New(false), "colourless": theme.Colourless()} {
		content, _ := draw(t, d, 58, 10, th)
		golden.Equal(t, visible(content), name+"_"+kind)
	}
}

// draw draws a dialog, and fails unless it fits.
func draw(t *testing.T, d dialog.Dialog, w, h int, th *theme.Theme) (string, *tea.Cursor) {
	t.Helper()
	content, cursor := d.View(w, h, th)
	if problem := misfit(content, cursor, w, h); problem != "" {
		t.Errorf("%d x %d: %s in\n%s", w, h, problem, content)
	}
	return content, cursor
}

// withCursor puts a sign where the cursor is.
func withCursor(plain string, cursor *tea.Cursor) string {
	lines := strings.Split(plain, "\n")
	for i, line := range lines {
		if cursor != nil && cursor.Y == i {
			line = text.Left(line, cursor.X) + "▏" + text.From(line, cursor.X)
		}
		lines[i] = strings.TrimRight(line, " ")
	}
	return strings.Join(lines, "\n") + "\n"
}

// visible makes styles readable.
func visible(content string) string {
	lines := strings.Split(content, "\n")
	for i, line := range lines {
		lines[i] = printer.Escape(line)
	}
	return strings.Join(lines, "\n") + "\n"
}

// misfit says in which way a view does not fit, or could change what a terminal does.
func misfit(content string, cursor *tea.Cursor, w, h int) string {
	lines := strings.Split(content, "\n")
	if len(lines) > h {
		return "too high"
	}
	for _, line := range lines {
		plain := text.Plain(line)
		switch {
		case text.Width(line) > w:
			return "too wide"
		case printer.Escape(plain) != plain:
			return "not clean"
		}
	}
	if cursor != nil && (cursor.X < 0 || cursor.Y < 0 || cursor.X >= w || cursor.Y >= len(lines)) {
		return "the cursor is outside"
	}
	return ""
}

// names returns the names of keys in the footer.
func names(d dialog.Dialog) []string {
	var out []string
	for _, k := range d.Keys() {
		if k.Enabled() {
			out = append(out, k.Help().Key+" "+k.Help().Desc)
		}
	}
	return out
}

// sorted returns the keys of a map.
func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
