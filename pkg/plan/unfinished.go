package plan

import (
	"errors"
	"fmt"
)

// shown is how many units' errors are told one by one.
const shown = 10

// Err returns nil when every unit is done, or was as wanted before. Otherwise it joins the errors of the units, ten at
// most, and one that says what is there now: "undone: nothing has changed", or "done in part: ...", or "not known:
// ...", and when the same command completes it. It never is context.Canceled, so that an interrupted plan still says
// what it left.
func (o Outcome) Err() error {
	var (
		errs  []error
		count = map[State]int{}
		early error // why not all units were started
		idle  int   // how many were not
	)
	for _, u := range o.Units {
		count[u.State]++
		general := generalReason(u.Err)
		if general != nil && early != errInterrupted { //nolint:errorlint // one of three values
			early = general
		}
		switch {
		case u.Err == nil:
		case u.State == Undone && general != nil:
			idle++
		default:
			errs = append(errs, u.Err)
		}
	}
	if count[Done]+count[Unchanged] == len(o.Units) {
		return nil
	}
	if more := len(errs) - shown; more > 0 {
		errs = append(errs[:shown], fmt.Errorf("and %d more changes failed", more))
	}
	text := summary(count, len(o.Units))
	if idle > 0 && len(o.Units) > 1 {
		text += fmt.Sprintf(" (%d not started)", idle)
	}
	if early != nil {
		text = early.Error() + ": " + text
	}
	return errors.Join(append(errs, errors.New(text))...)
}

// generalReason returns why no other unit was started either, if that is what ended the unit.
func generalReason(err error) error {
	for _, reason := range []error{errInterrupted, errOutOfTime, errNoServer} {
		if errors.Is(err, reason) {
			return reason
		}
	}
	return nil
}

// summary says what is there after a plan that is not done whole.
func summary(count map[State]int, all int) string {
	const again = ": run the same command again to complete it"
	wanted := count[Done] + count[Unchanged]
	switch {
	case count[Unknown] > 0 && all == 1:
		return "not known: the old state, the new one, or something between" + again
	case count[Unknown] > 0:
		return fmt.Sprintf("not known: of %d changes %d are done, %d undone, %d done in part, %d not known%s",
			all, wanted, count[Undone], count[Between], count[Unknown], again)
	case count[Done] == 0 && count[Between] == 0:
		return "undone: nothing has changed"
	case all == 1:
		return "done in part" + again
	case count[Between] == 0:
		return fmt.Sprintf("done in part: of %d changes %d are done, %d undone%s", all, wanted, count[Undone], again)
	}
	return fmt.Sprintf("done in part: of %d changes %d are done, %d undone, %d done in part%s",
		all, wanted, count[Undone], count[Between], again)
}
