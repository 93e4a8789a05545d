package gatehouse

import (
	"time"

	"k8s.io/utils/clock"
)

// ticking is the clock of the environment, which tells the time, with the waiting of the real one.
type ticking struct {
	clock.RealClock
	now clock.PassiveClock
}

// Now implements [clock.PassiveClock].
func (t ticking) Now() time.Time { return t.now.Now() }

// Since implements [clock.PassiveClock].
func (t ticking) Since(at time.Time) time.Duration { return t.now.Since(at) }
