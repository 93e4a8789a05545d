package dialog

import (
	"fmt"

	"charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// Progress shows how far a change is. It stays until something else takes its place: what was begun is brought to its end.
type Progress struct {
	summary     string
	done, total int
	steps       []step
	// numbers are those of the steps, by what they are called.
	numbers map[string]int
	// latest is the step that was heard of last; it stays in sight until somebody scrolls.
	latest int
	scroll scroll
	free   bool
}

// step is a step of a plan, and what became of it: empty for nothing yet.
type step struct {
	name   string
	result plan.Result
}

// NewProgress begins with nothing done.
func NewProgress(p *change.Proposal) *Progress {
	d := &Progress{summary: p.Plan.Summary, total: len(p.Plan.Steps), numbers: map[string]int{}}
	for i, name := range p.Plan.Strings() {
		d.steps = append(d.steps, step{name: name})
		d.numbers[name] = i
	}
	return d
}

// Step takes the news of one step. Some may be left out: the next ones count their steps too.
func (d *Progress) Step(e plan.Event) {
	d.done, d.total = max(d.done, e.Done), e.Total
	if i, ok := d.numbers[e.Step.String()]; ok {
		d.latest, d.steps[i].result = i, e.Result
	}
}

// Init implements [Dialog].
func (d *Progress) Init() tea.Cmd { return nil }

// Update implements [Dialog].
func (d *Progress) Update(msg tea.Msg) (bool, tea.Cmd) {
	d.free = d.scroll.answer(msg) || d.free
	return false, nil
}

// View implements [Dialog].
func (d *Progress) View(w, h int, t *theme.Theme) (string, *tea.Cursor) {
	head := prose{}
	head.add(strong, "", fmt.Sprintf("%d of %s done", d.done, count(d.total, "step")))
	head.add(quiet, "", "This can't be broken off. It closes by itself.")
	f := newFrame(t, d.title(), w, h, wide, len(head.lines)+len(d.steps))
	lines := head.draw(f.w, t)
	lines = lines[:min(len(lines), max(f.h/2, 1))]

	room := f.h - len(lines)
	if !d.free {
		d.scroll.top = d.latest - room + 1
	}
	steps := make([]string, len(d.steps))
	d.scroll.cut(steps, room)
	for i := d.scroll.top; i < min(d.scroll.top+room, len(d.steps)); i++ {
		lines = append(lines, d.steps[i].draw(f.w, t))
	}
	return f.draw(lines, d.scroll.note()), nil
}

func (d *Progress) title() string {
	if d.summary == "" {
		return "under way"
	}
	return d.summary
}

// draw draws a step with what became of it.
func (s step) draw(w int, t *theme.Theme) string {
	sign, l := resultSign(s.result, t)
	words := ""
	if s.result != "" {
		words = "  " + string(s.result)
	}
	name := text.Fit(s.name, w-2-text.Width(words))
	return l.style(t).Render(text.Cut(sign+" "+name+words, w))
}

// resultSign returns the sign for what became of a step, and how it is drawn.
func resultSign(r plan.Result, t *theme.Theme) (string, look) {
	switch r {
	case plan.Created, plan.Configured, plan.Deleted, plan.AsWanted:
		return t.Sign(theme.Tick), good
	case plan.Failed:
		return t.Sign(theme.Cross), bad
	case plan.TakenBack, plan.Doubtful:
		return t.Sign(theme.Warning), warn
	case plan.NotStarted:
	}
	return t.Sign(theme.Bullet), quiet
}

// Keys implements [Dialog].
func (d *Progress) Keys() []key.Binding { return []key.Binding{scrollKey()} }
