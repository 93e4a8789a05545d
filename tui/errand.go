package tui

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/dialog"
)

// errand is a change that is being carried out. It is not broken off when the browser is left: nothing is half done
// because somebody was in a hurry.
type errand struct {
	proposal *change.Proposal
	begun    atomic.Bool
	done     chan struct{} // closed when it has ended
	result   *change.Result
	err      error
}

func newErrand(p *change.Proposal) *errand { return &errand{proposal: p, done: make(chan struct{})} }

// run carries the change out, unless it was called off.
func (e *errand) run(ctx context.Context, changes *change.Maker, progress func(plan.Event)) {
	if !e.begun.CompareAndSwap(false, true) {
		return
	}
	defer close(e.done)
	e.err = errors.New("broken off by a fault of the browser, so that it may be done in part") // unless it comes to its end
	e.result, e.err = changes.Carry(ctx, e.proposal, progress)
}

// patience is how long a change may still take when the process was told to end.
const patience = 10 * time.Second

// finish waits for the end of an errand that has begun, and calls off one that has not. tell hears of it. When ctx ends it
// does not wait for long: a server may never answer.
func (e *errand) finish(ctx context.Context, tell func(string)) error {
	if e.begun.CompareAndSwap(false, true) {
		return fmt.Errorf("%s: left before it began", e.proposal.Plan.Summary)
	}
	select {
	case <-e.done:
	default:
		tell("finishing what is under way: " + e.proposal.Plan.Summary)
		if !e.wait(ctx) {
			return fmt.Errorf("%s: left before the server had answered, so that it may be done in part", e.proposal.Plan.Summary)
		}
	}
	if e.err == nil {
		tell("done: " + e.proposal.Plan.Summary)
	}
	return e.err
}

func (e *errand) wait(ctx context.Context) bool {
	select {
	case <-e.done:
		return true
	case <-ctx.Done():
	}
	select {
	case <-e.done:
		return true
	case <-time.After(patience):
		return false
	}
}

type (
	stepMsg struct {
		errand *errand
		event  plan.Event
		more   <-chan plan.Event
	}
	carriedMsg struct{ errand *errand }
)

// carry carries a proposal out, and shows how far it is.
func (a *App) carry(p *change.Proposal) tea.Cmd {
	shown := a.show(dialog.NewProgress(p))
	e, ctx, changes := newErrand(p), context.WithoutCancel(a.ctx), a.options.Changes
	a.errand = e
	events := make(chan plan.Event, 64)
	return tea.Batch(shown,
		func() tea.Msg {
			defer close(events)
			e.run(ctx, changes, func(event plan.Event) {
				select {
				case events <- event:
				default: // the next one says more anyway
				}
			})
			return carriedMsg{e}
		},
		nextStep(e, events),
	)
}

func nextStep(e *errand, events <-chan plan.Event) tea.Cmd {
	return func() tea.Msg {
		event, ok := <-events
		if !ok {
			return nil
		}
		return stepMsg{e, event, events}
	}
}

// stepped shows the news of a step.
func (a *App) stepped(msg stepMsg) tea.Cmd {
	if p, ok := a.dialog.(*dialog.Progress); ok && msg.errand == a.errand {
		p.Step(msg.event)
	}
	return nextStep(msg.errand, msg.more)
}

// carried shows what became of a change.
func (a *App) carried(msg carriedMsg) tea.Cmd {
	e := msg.errand
	if e.result != nil && e.result.Back != nil {
		a.undo = e.result.Back
	}
	if e != a.errand {
		return nil
	}
	a.errand = nil
	return a.show(dialog.NewOutcome(e.result, e.err))
}
