package dialog

import (
	"strings"
	"time"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// form asks for what a wish still needs.
type form struct {
	title   string
	wish    change.Wish
	world   *world.World
	facts   []fact
	entries []*entry
	keys    formKeys
	// at is the entry that is typed in. What is wrong with those before tried is said even if nothing was typed.
	at, tried int
	// offers complete what is typed; the first is the one that is taken.
	offers []string
	// lines are what was drawn last, for the mouse.
	lines formLines
}

type formKeys struct{ Enter, Next, Previous, Complete, CompleteAtEnd, Done, Leave key.Binding }

// offersMsg brings the words that complete what was typed in one entry of one form.
type offersMsg struct {
	form   *form
	at     int
	typed  string
	offers []string
}

// NewForm asks for what a wish still needs: the subject, role, workspace and expiry of a member. w completes names; nil
// completes none.
func NewForm(wish change.Wish, w *world.World, now time.Time) Dialog {
	f := &form{wish: wish, world: w, title: formTitle(wish.Verb), keys: formKeys{
		Enter:         bind("enter", "next", "enter"),
		Next:          bind("↓", "next", "down", "tab"),
		Previous:      bind("↑", "back", "up", "shift+tab"),
		Complete:      bind("tab", "complete", "tab"),
		CompleteAtEnd: bind("→", "complete", "right"),
		Done:          bind("ctrl+s", "go on", "ctrl+s", "ctrl+enter", "alt+enter"),
		Leave:         bind("esc", "leave", "esc"),
	}}
	f.facts, f.entries = questions(&wish, now)
	for f.at < len(f.entries)-1 && f.entries[f.at].field.Text() != "" {
		f.at++
	}
	return f
}

func formTitle(verb change.Verb) string {
	switch verb {
	case change.SetRole:
		return "change the role"
	case change.Expire:
		return "change the expiry"
	case change.Add, change.Remove, change.Fix, change.Undo:
	}
	return "add a member"
}

// Init implements [Dialog].
func (f *form) Init() tea.Cmd { return f.complete() }

// complete asks for the words that go on with what is typed.
func (f *form) complete() tea.Cmd {
	f.offers = nil
	if f.world == nil {
		return nil
	}
	w, at, e, typed, namespace := f.world, f.at, f.entries[f.at], f.entries[f.at].field.Text(), f.namespace()
	return func() tea.Msg { return offersMsg{f, at, typed, offers(e.words(w, namespace), typed)} }
}

// namespace is what is typed as the workspace, or what the wish says.
func (f *form) namespace() string {
	for _, e := range f.entries {
		if e.name == workspaceName {
			return strings.TrimSpace(e.field.Text())
		}
	}
	return f.wish.Workspace
}

// taken returns the wish with everything that was typed, and what is wrong with each entry.
func (f *form) taken() (change.Wish, []error) {
	wish, errs := f.wish, make([]error, len(f.entries))
	for i, e := range f.entries {
		_, errs[i] = e.take(&wish, e.field.Text())
	}
	return wish, errs
}

// Update implements [Dialog].
func (f *form) Update(msg tea.Msg) (bool, tea.Cmd) {
	switch msg := msg.(type) {
	case offersMsg:
		if msg.form == f && msg.at == f.at && msg.typed == f.entries[f.at].field.Text() {
			f.offers = msg.offers
		}
		return false, nil
	case tea.MouseClickMsg:
		if msg.Button == tea.MouseLeft {
			return false, f.click(msg.Y)
		}
		return false, nil
	case tea.KeyPressMsg:
		if done, cmd, ok := f.press(msg); ok {
			return done, cmd
		}
	}
	changed, cmd := f.entries[f.at].field.Update(msg)
	if !changed {
		return false, cmd
	}
	return false, tea.Batch(cmd, f.complete())
}

// press answers the keys that move, complete and leave.
func (f *form) press(msg tea.KeyPressMsg) (done bool, cmd tea.Cmd, ok bool) {
	typed := &f.entries[f.at].field
	switch {
	case key.Matches(msg, f.keys.Leave):
		return true, nil, true
	case key.Matches(msg, f.keys.Done), key.Matches(msg, f.keys.Enter) && f.at == len(f.entries)-1:
		done, cmd = f.finish()
		return done, cmd, true
	case f.offered() != "" && (key.Matches(msg, f.keys.Complete) || key.Matches(msg, f.keys.CompleteAtEnd) && typed.AtEnd()):
		typed.Set(f.offered())
		return false, f.complete(), true
	case key.Matches(msg, f.keys.Next), key.Matches(msg, f.keys.Enter):
		return false, f.turn(f.at + 1), true
	case key.Matches(msg, f.keys.Previous):
		return false, f.turn(f.at - 1), true
	}
	return false, nil, false
}

// offered is what completes what is typed; empty when nothing is typed, or nothing goes on with it.
func (f *form) offered() string {
	typed := f.entries[f.at].field.Text()
	if len(f.offers) == 0 || strings.TrimSpace(typed) == "" || f.offers[0] == typed {
		return ""
	}
	return f.offers[0]
}

// rest is what of the offer comes after what is typed; empty when it does not begin with that.
func (f *form) rest() string {
	if rest, ok := strings.CutPrefix(f.offered(), f.entries[f.at].field.Text()); ok {
		return rest
	}
	return ""
}

// turn goes to another entry.
func (f *form) turn(to int) tea.Cmd {
	f.tried = max(f.tried, f.at+1)
	f.at = max(min(to, len(f.entries)-1), 0)
	return f.complete()
}

// finish brings the wish, or goes to the first entry that is wrong.
func (f *form) finish() (bool, tea.Cmd) {
	wish, errs := f.taken()
	f.tried = len(f.entries)
	for i, err := range errs {
		if err != nil {
			return false, f.turn(i)
		}
	}
	return true, func() tea.Msg { return WishMsg{wish, f} }
}

// click goes to the entry, or takes the offer, in a line of the box.
func (f *form) click(y int) tea.Cmd {
	switch what := f.lines.what(y); {
	case what.offer != "":
		f.entries[f.at].field.Set(what.offer)
		return f.complete()
	case what.entry != nothing:
		return f.turn(what.entry)
	}
	return nil
}

// Keys implements [Dialog].
func (f *form) Keys() []key.Binding {
	enter := f.keys.Enter
	if f.at == len(f.entries)-1 {
		enter = bind("enter", "go on", "enter")
	}
	keys := []key.Binding{enter}
	if f.offered() != "" {
		keys = append(keys, f.keys.Complete)
	}
	if len(f.entries) > 1 {
		keys = append(keys, bind("↑↓", "move", "up", "down"), f.keys.Done)
	}
	return append(keys, f.keys.Leave)
}
