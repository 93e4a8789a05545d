package plan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

var (
	errInterrupted = errors.New("interrupted")
	errOutOfTime   = errors.New("out of time")
	errNoServer    = errors.New("the server does not answer")
	errForeign     = errors.New("its answer was lost, so it may be somebody else's")
)

// stopped returns why no other step may be started, if so.
func (c *carrier) stopped(ctx context.Context) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return errOutOfTime
	case ctx.Err() != nil:
		return errInterrupted
	case c.alarm.raised():
		return errNoServer
	}
	return nil
}

// unit carries out the steps of one unit until ctx ends; the writes under way have working's time.
func (c *carrier) unit(ctx, working context.Context, steps []Step) UnitOutcome {
	out := UnitOutcome{Unit: steps[0].Unit, State: Unchanged, Steps: make([]StepOutcome, len(steps))}
	for i, s := range steps {
		out.Steps[i] = StepOutcome{Step: s, Result: NotStarted}
	}
	var written []writing
	for i := range steps {
		step := &out.Steps[i]
		if err := c.stopped(ctx); err != nil {
			out.Err = step.Step.wrap(err)
			c.tell(*step, len(steps)-1-i)
			c.undo(working, &out, written)
			return out
		}
		if step.Step.writesNothing() {
			step.Result, step.Object = AsWanted, step.Step.Object
			c.tell(*step, 0)
			continue
		}
		w := workOf(c.server, Write{FieldManager: c.options.FieldManager}, step.Step)
		f := c.settle(working, w, awaits(steps[:i], step.Step))
		step.Result, step.Object, step.Err, step.Foreign = f.result, f.object, f.err, f.foreign
		if f.result.isWrite() {
			step.Before = w.before()
		}
		if f.err != nil {
			out.Err = step.Step.wrap(f.err)
			c.tell(*step, len(steps)-1-i)
			if f.result == Doubtful {
				out.State = Unknown
				out.Err = fmt.Errorf("%w: it is not known whether it was done%s", out.Err, stays(out.Steps))
				return out
			}
			c.undo(working, &out, written)
			return out
		}
		c.tell(*step, 0)
		if f.result != AsWanted {
			out.State = Done
			written = append(written, writing{step: i, work: w, fate: f})
		}
	}
	return out
}

// writesNothing reports whether the step is an update without a field to write. Unlike [Step.Unchanged] it takes numbers
// for equal that were decoded differently.
func (s Step) writesNothing() bool {
	return s.Unchanged() || s.Verb == Update && len(leaves(s.Old, s.Object)) == 0
}

// awaits reports which errors of a create will pass: a namespace that is not there yet, when a step before it has made
// that, or something of its name that a controller makes a namespace for.
func awaits(before []Step, s Step) func(error) bool {
	made := s.Verb == Create && s.Object.GetNamespace() != "" && makes(before, s.Object.GetNamespace())
	return func(err error) bool { return made && apierrors.IsNotFound(err) }
}

// makes reports whether steps create the namespace, or an object of the cluster with its name.
func makes(steps []Step, namespace string) bool {
	for _, s := range steps {
		if s.Verb == Create && s.Object.GetNamespace() == "" && s.Object.GetName() == namespace {
			return true
		}
	}
	return false
}

// writing is a write that was done.
type writing struct {
	step int
	work work
	fate fate
}

// undo takes back what was written, last things first, and ends where that is not possible: taking back more would take
// the new access before the old one is there again. It sets the unit's state and completes its error.
func (c *carrier) undo(ctx context.Context, out *UnitOutcome, written []writing) {
	out.State = Undone
	for _, last := range slices.Backward(written) {
		step := &out.Steps[last.step]
		f := fate{result: Failed, err: errForeign}
		if !last.fate.foreign {
			f = c.settle(ctx, last.work.undo(last.fate.object), func(error) bool { return false })
		}
		if f.err != nil {
			step.Err = fmt.Errorf("cannot take back %w", step.Step.wrap(f.err))
			out.State = Between
			doubt := ""
			if f.result == Doubtful {
				out.State, step.Result = Unknown, Doubtful
				doubt = " (not known whether that was done)"
			}
			out.Err = fmt.Errorf("%w; %w%s%s", out.Err, step.Err, doubt, stays(out.Steps))
			return
		}
		step.Result = TakenBack
		c.tell(*step, 0)
	}
}

// stays says which steps of a unit were done and were not taken back.
func stays(steps []StepOutcome) string {
	var done []string
	for _, s := range steps {
		if s.Result.isWrite() {
			done = append(done, describe(s.Step.target())+" is "+string(s.Result))
		}
	}
	if len(done) == 0 {
		return ""
	}
	return "; " + strings.Join(done, ", ")
}
