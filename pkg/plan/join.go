package plan

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Join makes one plan of several that were made from the same objects, such as the fixes of several findings. An object
// that more than one plan changes is changed once: equal creates collapse, updates are laid on top of each other, what
// one plan deletes needs no updates, and of deleting and replacing the later plan is followed. Units that come to share
// an object become one unit, which is named after them.
//
// The error joins a [Disagreement] for each object that the plans disagree about: creates that differ, updates of one
// field to different values, a create of what another plan changes; and one for each plan that [Plan.Validate] refuses.
// Without the plans that they name, see [Disagreeing], the others can be joined.
func Join(summary string, plans ...Plan) (Plan, error) {
	var (
		order   []key // of first appearance, so that the result is the same each time
		effects = map[key]effect{}
		units   = &unitSets{parent: map[string]string{}}
		errs    []error
	)
	for i, p := range plans {
		if err := p.Validate(); err != nil {
			errs = append(errs, &Disagreement{Plan: i, Err: err})
			continue
		}
		keys, found := effectsOf(p.Steps)
		for _, k := range keys {
			next := found[k]
			units.join(next.units()...)
			before, known := effects[k]
			if !known {
				order = append(order, k)
				effects[k] = next
				continue
			}
			units.join(append(before.units(), next.units()...)...)
			both, err := before.then(next)
			if err != nil {
				errs = append(errs, &Disagreement{Plan: i, Err: err})
				continue
			}
			effects[k] = both
		}
	}
	if err := errors.Join(errs...); err != nil {
		return Plan{}, err
	}
	var steps []Step
	for _, k := range order {
		for _, s := range effects[k].steps() {
			s.Unit = units.name(s.Unit)
			steps = append(steps, s)
		}
	}
	return New(summary, steps...)
}

// Disagreement says why a plan can't be joined with those before it.
type Disagreement struct {
	// Plan counts from 0, in the order in which the plans were given to [Join].
	Plan int
	// Err names the step that is in the way, and what is wrong with it.
	Err error
}

func (d *Disagreement) Error() string { return d.Err.Error() }

// Unwrap returns what is wrong.
func (d *Disagreement) Unwrap() error { return d.Err }

// Disagreeing returns the disagreements that an error of [Join] consists of, by plan, the first of each; nil when it
// consists of something else.
func Disagreeing(err error) []*Disagreement {
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	var out []*Disagreement
	for _, one := range all {
		d, ok := errors.AsType[*Disagreement](one)
		if ok && (len(out) == 0 || out[len(out)-1].Plan != d.Plan) {
			out = append(out, d)
		}
	}
	return out
}

// effect is what a plan does to one object: deletes it, makes or changes it, or the one and then the other.
type effect struct{ gone, made *Step }

func effectsOf(steps []Step) ([]key, map[key]effect) {
	var order []key
	out := map[key]effect{}
	for _, s := range steps {
		k := keyOf(s.target())
		e, known := out[k]
		if !known {
			order = append(order, k)
		}
		if s.Verb == Delete {
			e.gone = &s
		} else {
			e.made = &s
		}
		out[k] = e
	}
	return order, out
}

func (e effect) steps() []Step {
	var out []Step
	for _, s := range []*Step{e.gone, e.made} {
		if s != nil {
			out = append(out, *s)
		}
	}
	return out
}

func (e effect) units() []string {
	var out []string
	for _, s := range e.steps() {
		out = append(out, s.Unit)
	}
	return out
}

// then returns the effect of two plans that were made from the same objects, e's first.
func (e effect) then(next effect) (effect, error) {
	switch {
	case e.creates() != next.creates() && !e.deletes() && !next.deletes():
		return e, next.steps()[0].wrap(errors.New("another plan disagrees whether it exists"))
	case e.updates() && next.updates(), e.replaces() && next.updates():
		made, err := e.made.with(*next.made)
		return effect{e.gone, made}, err
	case e.updates() && next.replaces():
		made, err := next.made.with(*e.made)
		return effect{next.gone, made}, err
	case e.made != nil && e.made.Verb == Create && next.made != nil && next.made.Verb == Create:
		if field := firstDifference(*e.made, *next.made); field != "" {
			return e, next.made.wrap(fmt.Errorf("another plan creates it with another %s", field))
		}
		gone := e.gone
		if gone == nil {
			gone = next.gone
		}
		return effect{gone, e.made.because(*next.made)}, nil
	case e.deletes() && next.deletes():
		return effect{gone: e.gone.because(*next.gone)}, nil
	case e.deletes() && next.updates():
		return e, nil
	case e.deletes() && next.creates():
		return effect{e.gone, next.made}, nil
	case e.creates() && next.deletes():
		return e, next.gone.wrap(errors.New("another plan creates it"))
	}
	return next, nil
}

func (e effect) deletes() bool { return e.made == nil }

func (e effect) creates() bool { return e.gone == nil && e.made.Verb == Create }

func (e effect) updates() bool { return e.made != nil && e.made.Verb == Update }

func (e effect) replaces() bool { return e.gone != nil && e.made != nil && e.made.Verb == Create }

func firstDifference(a, b Step) string {
	for _, l := range leaves(a.Object, b.Object) {
		return l.field()
	}
	return ""
}

// because returns the step with the other one's reason too.
func (s Step) because(other Step) *Step {
	if !slices.Contains(strings.Split(s.Why, "; "), other.Why) {
		s.Why = strings.Trim(s.Why+"; "+other.Why, "; ")
	}
	return &s
}

// with returns the step with an update laid on top.
func (s Step) with(update Step) (*Step, error) {
	object := s.Object.DeepCopy()
	for _, l := range leaves(update.Old, update.Object) {
		now := at(object.Object, l.path)
		value := l.new
		switch {
		case sameValue(now, l.new):
			continue
		case sameValue(now, l.old):
		case l.isSet():
			value = mergedList(now, l)
		default:
			both, ok := l.together(now)
			if !ok {
				return &s, update.wrap(fmt.Errorf("another plan changes its %s too", l.field()))
			}
			value = both
		}
		put(object.Object, l.path, value)
	}
	s.Object = object
	return s.because(update), nil
}

// isSet reports whether the field is a list in which each element stands for itself.
func (l leaf) isSet() bool { return l.field() == "subjects" }

// mergedList returns a list without what the change takes out of it, and with what it adds.
func mergedList(now any, l leaf) []any {
	current, _ := now.([]any)
	before, _ := l.old.([]any)
	after, _ := l.new.([]any)
	in := func(list []any, value any) bool {
		return slices.ContainsFunc(list, func(other any) bool { return sameValue(value, other) })
	}
	out := []any{}
	for _, value := range current {
		if !in(before, value) || in(after, value) {
			out = append(out, value)
		}
	}
	for _, value := range after {
		if !in(before, value) && !in(out, value) {
			out = append(out, value)
		}
	}
	return out
}

// put writes a value, or takes the field away when there is none.
func put(in map[string]any, path []string, value any) {
	if value != nil {
		set(in, path, value)
		return
	}
	if parent, ok := at(in, path[:len(path)-1]).(map[string]any); ok {
		delete(parent, path[len(path)-1])
	}
}
