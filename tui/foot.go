package tui

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/text"
)

// toast is a remark that goes away by itself.
type toast struct {
	text   string
	number int
}

type (
	untoastMsg struct{ number int }
	unmarkMsg  struct{ visit *visit }
)

const (
	// toastLines is how many lines a remark may take: a command has to be readable where it can not be copied.
	toastLines = 4
	toastTime  = 4 * time.Second
	markTime   = 3 * time.Second
)

func (t *toast) end(number int) {
	if t.number == number {
		t.text = ""
	}
}

// say shows a remark for a moment.
func (a *App) say(words string) tea.Cmd {
	a.number++
	a.toast = toast{text: words, number: a.number}
	number := a.number
	return a.after(toastTime, untoastMsg{number})
}

func (a *App) unmarkLater(v *visit) tea.Cmd {
	if !v.grid.Marked() {
		return nil
	}
	return a.after(markTime, unmarkMsg{v})
}

func (a *App) unmark(msg unmarkMsg) tea.Cmd {
	msg.visit.grid.Unmark()
	return nil
}

// foot is a remark, or else the keys that can be pressed.
func (a *App) foot(w int) []string {
	if a.toast.text != "" {
		var lines []string
		for _, l := range a.prose(screen.Line{Spans: []screen.Span{{Text: a.toast.text}}}, w, toastLines) {
			lines = append(lines, a.theme.Toast.Render(text.Pad(text.Plain(l), w, false)))
		}
		return lines
	}
	var parts []string
	for _, b := range a.offeredKeys() {
		if !b.Enabled() {
			continue
		}
		h := b.Help()
		parts = append(parts, a.theme.Key.Render(h.Key)+" "+a.theme.KeyText.Render(h.Desc))
	}
	line, used := "", 0
	for _, p := range parts {
		if used+2+text.Width(p) > w {
			break
		}
		line += "  " + p
		used += 2 + text.Width(p)
	}
	return []string{strings.TrimPrefix(line, " ")}
}

// offeredKeys are those that matter where somebody is, the most telling first.
func (a *App) offeredKeys() []key.Binding {
	k := &a.keys
	if a.dialog != nil {
		return a.dialog.Keys()
	}
	if a.line.open() {
		keys := []key.Binding{key.NewBinding(key.WithKeys("enter"), key.WithHelp("enter", "done"))}
		if len(a.line.offers) > 0 {
			keys = append(keys, key.NewBinding(key.WithKeys("tab"), key.WithHelp("tab", "complete")))
		}
		return append(keys, key.NewBinding(key.WithKeys("esc"), key.WithHelp("esc", "leave")))
	}
	keys := []key.Binding{k.Help}
	if !a.target().Zero() {
		keys = append(keys, k.Open)
	}
	v := a.visit()
	if a.at > 0 || v.filter != "" {
		keys = append(keys, k.Back)
	}
	list := v.page != nil && v.page.List != nil
	if keys = append(keys, k.Ask); list {
		keys = append(keys, k.Filter)
	}
	keys = append(keys, k.Palette)
	if !a.readOnly() {
		if wish, _ := a.offered(change.Add); wish.Refusal == "" {
			keys = append(keys, k.Add)
		}
		for _, offer := range []struct {
			verb change.Verb
			key  key.Binding
		}{{change.Remove, k.Remove}, {change.SetRole, k.SetRole}, {change.Fix, k.Fix}} {
			if wish, ok := a.offered(offer.verb); ok && wish.Refusal == "" {
				keys = append(keys, offer.key)
			}
		}
		if a.undo != nil {
			keys = append(keys, k.Undo)
		}
	}
	if list {
		keys = append(keys, k.Sort)
	}
	if v.page != nil {
		keys = append(keys, k.Copy, k.Export)
	}
	return append(keys, k.Quit)
}
