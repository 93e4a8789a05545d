package dialog

import (
	"cmp"
	"slices"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// outcome is what became of a change.
type outcome struct {
	title  string
	result *change.Result
	err    error
	text   reader
	keys   outcomeKeys
}

type outcomeKeys struct{ Close, Undo key.Binding }

// NewOutcome shows what became of a change. The result is nil when nothing was written; err is nil when all is done.
func NewOutcome(r *change.Result, err error) Dialog {
	if r == nil {
		r = &change.Result{}
	}
	d := &outcome{result: r, err: cmp.Or(err, r.Err), keys: outcomeKeys{Close: closeKey(), Undo: bind("u", "undo", "u")}}
	d.keys.Undo.SetEnabled(r.Back != nil)
	d.text.write = d.words
	left := func(u plan.UnitOutcome) bool { return u.State != plan.Undone }
	switch {
	case d.err == nil:
		d.title = "done"
	case slices.ContainsFunc(r.Outcome.Units, left):
		d.title = "not all is done"
	default:
		d.title = "nothing is done"
	}
	return d
}

// Init implements [Dialog].
func (d *outcome) Init() tea.Cmd { return nil }

// Update implements [Dialog].
func (d *outcome) Update(msg tea.Msg) (bool, tea.Cmd) {
	if press, ok := msg.(tea.KeyPressMsg); ok {
		switch {
		case key.Matches(press, d.keys.Close):
			return true, nil
		case key.Matches(press, d.keys.Undo):
			return true, func() tea.Msg { return WishMsg{Wish: change.Wish{Verb: change.Undo, Back: d.result.Back}} }
		}
	}
	d.text.answer(msg)
	return false, nil
}

// View implements [Dialog].
func (d *outcome) View(w, h int, t *theme.Theme) (string, *tea.Cursor) {
	return d.text.view(d.title, w, h, t)
}

// words says what was done, what was not and why, and how it is taken back.
func (d *outcome) words(t *theme.Theme) prose {
	var p prose
	for _, unit := range d.result.Outcome.Units {
		for _, s := range unit.Steps {
			p.addOutcome(s, t)
		}
	}
	if d.err != nil {
		p.part()
		p.addError(d.err)
	}
	if d.result.Back != nil {
		p.part()
		p.add(plain, "", "u undoes it")
	}
	if d.result.Left != nil {
		p.part()
		p.add(warn, t.Sign(theme.Warning)+" ", "not undone with it: "+d.result.Left.Error())
	}
	return p
}

func (p *prose) addOutcome(s plan.StepOutcome, t *theme.Theme) {
	sign, l := resultSign(s.Result, t)
	p.add(l, sign+" ", s.Step.String()+"  "+string(s.Result))
}

// Keys implements [Dialog].
func (d *outcome) Keys() []key.Binding { return []key.Binding{d.keys.Close, d.keys.Undo, scrollKey()} }
