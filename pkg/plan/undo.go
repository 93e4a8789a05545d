package plan

import (
	"errors"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Undo makes the plan that takes back what a plan has written, out of its outcome: what was created is deleted, what was
// deleted is created anew as a person would have written it, what was changed gets back the content that it had. What was
// there already, what failed, and what was taken back is left alone. The units are those of the outcome.
//
// The plan is carried out as any other: it does not touch what somebody else has changed or made anew meanwhile, and its
// own outcome can be undone, which does again what was done. What went with an object, such as all that was in a
// namespace, does not come back.
//
// Of a unit nothing is taken back unless all of it can be. The error joins one for each step that stands in the way: a
// write of which nobody knows whether it was done, one whose answer was lost, so that its object may be somebody else's,
// and a delete of what was never read. The plan is valid with an error, too, and takes back the other units.
func Undo(summary string, o Outcome) (Plan, error) {
	var (
		steps []Step
		errs  []error
	)
	for _, u := range o.Units {
		back, err := u.back()
		if err != nil {
			errs = append(errs, err)
			continue
		}
		steps = append(steps, back...)
	}
	p, err := New(summary, steps...)
	if err != nil {
		return Plan{}, err
	}
	return p, errors.Join(errs...)
}

// back returns the steps that take a unit back.
func (u UnitOutcome) back() ([]Step, error) {
	var (
		steps []Step
		errs  []error
	)
	for _, s := range u.Steps {
		if !s.Result.isWrite() && s.Result != Doubtful {
			continue
		}
		back, err := s.back()
		if err != nil {
			errs = append(errs, s.Step.wrap(err))
			continue
		}
		back.Unit = u.Unit
		if !back.writesNothing() {
			steps = append(steps, back)
		}
	}
	return steps, errors.Join(errs...)
}

// back returns the step that takes a write back.
func (s StepOutcome) back() (Step, error) {
	switch {
	case s.Result == Doubtful:
		return Step{}, errors.New("it is not known whether it was done")
	case s.Foreign:
		return Step{}, errForeign
	case s.Result == Created:
		return Step{Verb: Delete, Old: s.Object, Why: "it was not there before"}, nil
	case s.Before == nil:
		return Step{}, errors.New("what it was like before was not read")
	case s.Result == Deleted:
		return Step{Verb: Create, Object: manifest(s.Before), Why: "it was there before"}, nil
	}
	return Step{Verb: Update, Object: reverted(s.Object, s.Before), Old: s.Object, Why: "it was so before"}, nil
}

// reverted returns an object with the content that it had before; what the server writes is today's.
func reverted(now, before *unstructured.Unstructured) *unstructured.Unstructured {
	o := manifest(before)
	o.SetUID(now.GetUID())
	o.SetResourceVersion(now.GetResourceVersion())
	return o
}
