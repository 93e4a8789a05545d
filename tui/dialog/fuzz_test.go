package dialog_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/dialog"
	"github.com/kubegatehouse/gatehouse/tui/theme"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// everyDialog opens each kind of dialog, with a name in it.
func everyDialog(w *world.World, name string) []func() dialog.Dialog {
	open := []func() dialog.Dialog{
		func() dialog.Dialog { return dialog.NewPalette(found) },
		func() dialog.Dialog { return dialog.NewHelp(sections()) },
		func() dialog.Dialog { return dialog.NewForm(change.Wish{Verb: change.Add, Workspace: name}, w, now()) },
		func() dialog.Dialog {
			return dialog.NewForm(change.Wish{Verb: change.Add, Subject: rbac.Group(name)}, w, now())
		},
		func() dialog.Dialog { return dialog.NewForm(member(change.SetRole), w, now()) },
		func() dialog.Dialog { return dialog.NewForm(member(change.Expire), nil, now()) },
		func() dialog.Dialog { return dialog.NewMessage(name, errors.New(name+"\n"+name)) },
		func() dialog.Dialog { return dialog.NewWaiting(name) },
		func() dialog.Dialog { return dialog.NewExport(name) },
		func() dialog.Dialog { return dialog.NewSave(name) },
		func() dialog.Dialog { return dialog.NewProgress(proposals()["turns"]) },
		func() dialog.Dialog { return dialog.NewOutcome(nil, errors.New(name)) },
	}
	for _, kind := range sorted(proposals()) {
		open = append(open, func() dialog.Dialog { return dialog.NewPreview(proposals()[kind]) })
	}
	return open
}

// message makes a message of a byte: a key, a text, the mouse.
func message(b byte) tea.Msg {
	names := append(sorted(keyCodes()), "ctrl+a", "ctrl+e", "ctrl+k", "ctrl+u", "ctrl+w", "ctrl+s", "ctrl+n", "ctrl+p", "alt+b", "alt+f",
		"alt+d", "alt+backspace", "shift+tab", "ctrl+enter", "团", "a", "/", ":", "q", "y", "c", "\u0301")
	switch n := int(b) % (len(names) + 4); n {
	case 0:
		return tea.MouseClickMsg{X: int(b) % 13, Y: int(b) % 7, Button: tea.MouseLeft}
	case 1:
		return tea.MouseWheelMsg{Button: tea.MouseWheelDown}
	case 2:
		return tea.MouseWheelMsg{Button: tea.MouseWheelUp}
	case 3:
		return tea.PasteMsg{Content: strings.Repeat("团\x1b[m\u202e ", int(b)%40)}
	default:
		return key(names[n-4])
	}
}

// FuzzDialogs presses keys at random: nothing panics, and everything fits whatever the size.
func FuzzDialogs(f *testing.F) {
	w := small(f)
	all := len(everyDialog(w, ""))
	for i := range all {
		var script []byte
		for j := range 60 {
			script = append(script, byte(i*31+j*j*7+j))
		}
		f.Add(i, strings.Repeat("団x\x1b[31m\u0301", 40+i*100), 1+i*7%90, 1+i*5%30, script)
	}
	themes := []*theme.Theme{{}, theme.New(true), theme.Colourless(), {ASCII: true}}
	f.Fuzz(func(t *testing.T, kind int, name string, width, height int, script []byte) {
		kind, width, height = (kind%all+all)%all, (width%200+200)%200+1, (height%60+60)%60+1
		p := play(everyDialog(w, name)[kind]())
		for i, b := range script[:min(len(script), 60)] {
			p.done = false
			p.send(message(b))
			content, cursor := p.dialog.View(width, height, themes[i/20%len(themes)])
			if problem := misfit(content, cursor, width, height); problem != "" {
				t.Fatalf("dialog %d after %d keys, %d x %d: %s in\n%s", kind, i+1, width, height, problem, content)
			}
			p.dialog.Keys()
		}
	})
}

// An answer to a key takes no time, whatever was typed and however much is shown.
func TestQuick(t *testing.T) {
	w, name := small(t), strings.Repeat("name-", 2000)
	for i, open := range everyDialog(w, name) {
		p := play(open())
		p.dialog.View(78, 22, theme.New(true))
		best := time.Hour
		for range 20 {
			start := time.Now() //nolint:forbidigo // it is time that is measured
			for _, k := range []string{"down", "x", "pgdown", "backspace"} {
				p.dialog.Update(key(k))
			}
			best = min(best, time.Since(start)/4) //nolint:forbidigo // it is time that is measured
		}
		if best > time.Millisecond {
			t.Errorf("dialog %d takes %v to answer a key", i, best)
		}
	}
}
