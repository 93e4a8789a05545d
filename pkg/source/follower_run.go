package source

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"reflect"
	"slices"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// following is one run of a follower.
type following struct {
	*Follower
	tracks []*track
	wake   chan struct{} // of one place: there may be something to publish
	listed chan struct{} // closed when all lists of RBAC were tried
	ready  chan struct{} // closed when everything was

	mu     sync.Mutex    // guards what follows, and the states of the tracks
	pulse  chan struct{} // closed when whatever waits had better try again
	pulsed time.Time     // when that was last
	pulses int           // how often it was, of late
	served answer[[]rbac.Resource]
	own    answer[ownPolicies]
	// last is what was published.
	last Moment
}

// answer is what is asked for now and then.
type answer[T any] struct {
	value T
	gaps  []rbac.Gap
	tried bool
	fresh bool // it is another than in the last moment
}

func newFollowing(f *Follower, tracks []*track) *following {
	run := &following{
		Follower: f, tracks: tracks, wake: make(chan struct{}, 1),
		listed: make(chan struct{}), ready: make(chan struct{}), pulse: make(chan struct{}),
	}
	for _, t := range tracks {
		t.following = run
	}
	return run
}

// publish hands out moments until ctx ends, or until it shows that there is nothing to hand out.
func (f *following) publish(ctx context.Context, publish func(Moment)) error {
	for {
		moment, changed := f.moment()
		if err := f.hopeless(); err != nil {
			return err
		}
		if changed {
			publish(moment)
		}
		if f.sleep(ctx, moment.Complete); ctx.Err() != nil {
			return nil
		}
	}
}

// sleep waits until there may be something to publish: once everything was read, for a change, and before for a little
// more of it.
func (f *following) sleep(ctx context.Context, complete bool) {
	ready := f.ready
	if complete {
		ready = nil
	}
	timer := f.clock.NewTimer(pace)
	defer timer.Stop()
	select {
	case <-timer.C():
	case <-ready:
	case <-ctx.Done():
	}
	if !complete {
		return
	}
	select {
	case <-f.wake:
	case <-ctx.Done():
	}
}

// hopeless returns why nothing can be read, once everything was tried.
func (f *following) hopeless() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	var errs []error
	for _, t := range f.tracks {
		if !t.tried || t.there() {
			return nil
		}
		if t.err != nil {
			errs = append(errs, t.err)
		}
	}
	return cmp.Or(errs...)
}

// update changes the state of a track, and says so to whom it concerns.
func (f *following) update(t *track, change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	before, broken := t.seen(), t.broken()
	change()
	t.touched = t.touched || !reflect.DeepEqual(before, t.seen())
	if broken && !t.broken() {
		f.through()
	}
	f.tell()
}

// answered notes an answer.
func answered[T any](f *following, into *answer[T], value T, gaps []rbac.Gap) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if into.tried && reflect.DeepEqual(into.value, value) && reflect.DeepEqual(into.gaps, gaps) {
		return
	}
	*into = answer[T]{value: value, gaps: gaps, tried: true, fresh: true}
	f.tell()
}

// tell says what was tried by now, and that there may be something to publish. The lock must be held.
func (f *following) tell() {
	lists := !slices.ContainsFunc(f.tracks, func(t *track) bool { return t.access && !t.tried })
	shut(f.listed, lists)
	shut(f.ready, lists && f.served.tried && f.own.tried && !slices.ContainsFunc(f.tracks, func(t *track) bool { return !t.tried }))
	f.rouse()
}

// shut closes a channel once it is time.
func shut(c chan struct{}, now bool) {
	select {
	case <-c:
	default:
		if now {
			close(c)
		}
	}
}

// rouse lets the publisher look for what is new.
func (f *following) rouse() {
	select {
	case f.wake <- struct{}{}:
	default: // he will look anyway
	}
}

// through lets others try again, now that one got through. When that happens again and again, since what gets through is cut
// at once, it is ever less often: else all of them would wake each other without a pause. The lock must be held.
func (f *following) through() {
	quiet := f.clock.Since(f.pulsed)
	if quiet > 3*lastDelay {
		f.pulses = 0
	}
	if quiet > delay(f.pulses) {
		f.pulses++
		f.retry()
	}
}

// delay is how long to wait after that many tries.
func delay(tries int) time.Duration { return min(firstDelay<<min(tries, 10), lastDelay) }

// retry lets all that wait try again at once. The lock must be held.
func (f *following) retry() {
	close(f.pulse)
	f.pulse, f.pulsed = make(chan struct{}), f.clock.Now()
}

// pause waits: for that long and a little more, so that not everything comes at the same time, or until it is worth
// trying again.
func (f *following) pause(ctx context.Context, d time.Duration) {
	f.mu.Lock()
	pulse := f.pulse
	f.mu.Unlock()
	timer := f.clock.NewTimer(f.jitter(d))
	defer timer.Stop()
	select {
	case <-timer.C():
	case <-pulse:
	case <-ctx.Done():
	}
}

// jitter adds up to a tenth to a time. How much the clock decides: nobody else asks it in the same microsecond.
func (f *following) jitter(d time.Duration) time.Duration {
	const parts = 1000
	n := time.Duration(f.clock.Now().Nanosecond()) / time.Microsecond % parts
	return d + d/10*n/parts
}

// severs reports whether an error says that the connection, or the caller's login, is gone. Others are about one kind.
func severs(err error) bool {
	if err == nil || errors.Is(err, errNotServed) {
		return false
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) {
		return true
	}
	switch status.Status().Code {
	case http.StatusUnauthorized, http.StatusTooManyRequests,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}
