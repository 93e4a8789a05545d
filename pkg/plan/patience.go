package plan

import (
	"context"
	"sync"
	"time"

	"k8s.io/utils/clock"
)

const (
	firstPause = 50 * time.Millisecond
	lastPause  = 2 * time.Second
)

// patience is the time that one write has until it must be known what became of it. It begins with the first wait.
type patience struct {
	clock    clock.Clock
	length   time.Duration
	stop     <-chan struct{}
	deadline time.Time
	pause    time.Duration
}

// wait lets some time go by, more each time and at least as long as the server asks for. It returns false when the
// patience is at its end: then nothing is worth another try.
func (p *patience) wait(ctx context.Context, atLeast time.Duration) bool {
	now := p.clock.Now()
	if p.deadline.IsZero() {
		p.deadline, p.pause = now.Add(p.length), firstPause
	}
	left := p.deadline.Sub(now)
	if left <= 0 || atLeast > left {
		return false
	}
	length := min(max(p.pause, atLeast), left)
	p.pause = min(2*p.pause, lastPause)
	timer := p.clock.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-p.stop:
		return false
	case <-timer.C():
		return true
	}
}

// alarm tells all units that the server is not there, so that each doesn't have to find out for itself.
type alarm struct {
	once sync.Once
	ring chan struct{}
}

func newAlarm() *alarm { return &alarm{ring: make(chan struct{})} }

func (a *alarm) raise() { a.once.Do(func() { close(a.ring) }) }

func (a *alarm) raised() bool {
	select {
	case <-a.ring:
		return true
	default:
		return false
	}
}
