package change

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// Carry carries a proposal out: what was read for it must still be so, or nothing of that part is written. progress hears
// of each step, and may be nil. When ctx ends, what is under way is brought to its end, and open parts are taken back,
// which takes up to ten seconds more.
//
// The result is there with an error, too: its outcome says what is there now, and Back takes back what was done. There is
// none for a proposal that was refused beforehand, or that is out of date: that is not tried at all.
func (m *Maker) Carry(ctx context.Context, p *Proposal, progress func(plan.Event)) (*Result, error) {
	switch {
	case len(p.Refused) > 0:
		return nil, errors.New("carry it out: you may not do all of it")
	case p.DryRun != nil:
		return nil, fmt.Errorf("carry it out: %w", p.DryRun)
	}
	if err := m.checkReplaced(ctx, p.Plan); err != nil {
		return nil, err
	}
	outcome, err := plan.Apply(ctx, m.server(), p.Plan, plan.Options{FieldManager: m.fieldManager, Progress: progress})
	if err != nil {
		err = advised(err)
	}
	result := &Result{Outcome: outcome, Err: err}
	back, left := plan.Undo(reverse(p.Plan.Summary), outcome)
	if result.Left = left; len(back.Steps) > 0 {
		result.Back = &back
	}
	return result, err
}

// checkReplaced refuses a plan that puts something in the place of what is not there any more. To delete what is gone is
// nothing, but who was taken out of a workspace since it was looked at must not come back by a change of his role.
func (m *Maker) checkReplaced(ctx context.Context, p plan.Plan) error {
	changes := p.Changes()
	deletes := plan.Plan{Summary: p.Summary}
	for _, s := range changes.Steps {
		if s.Verb == plan.Delete {
			deletes.Steps = append(deletes.Steps, s)
		}
	}
	if len(deletes.Steps) == 0 || len(deletes.Steps) == len(changes.Steps) {
		return nil
	}
	left, err := plan.Left(ctx, m.server(), deletes)
	if err != nil {
		return fmt.Errorf("carry it out: %w", err)
	}
	for i, s := range deletes.Steps {
		if i == len(left.Steps) || left.Steps[i].String() != s.String() {
			return fmt.Errorf("%s: it is gone already: somebody has changed this since it was shown; nothing was written", s)
		}
	}
	return nil
}

// What stands in front of the summary of a plan that takes another one back, and of one that does it again.
const (
	undoing = "undo: "
	redoing = "redo: "
)

// reverse returns the summary of a plan that takes back the one with this summary.
func reverse(summary string) string {
	if what, is := strings.CutPrefix(summary, undoing); is {
		return redoing + what
	}
	return undoing + strings.TrimPrefix(summary, redoing)
}
