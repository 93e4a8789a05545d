package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

const (
	// pollEvery is how often what may not be watched is read again.
	pollEvery = 30 * time.Second
	// absentEvery is how often a kind is looked for that the server doesn't have. When it begins to serve something new,
	// all kinds are looked for at once.
	absentEvery = 5 * time.Minute
	// watchFor is how long one watch lasts, watchPartFor one of a part of the objects.
	watchFor, watchPartFor = 5 * time.Minute, time.Minute
	// watchGrace is how much longer a server is waited for that should have ended a watch.
	watchGrace = 30 * time.Second
	// firstDelay and lastDelay are the shortest and the longest time after which is tried again what failed or was refused.
	firstDelay, lastDelay = time.Second, 30 * time.Second
	// sound is how long a watch has to last, when nothing happens, to show that it works: proxies cut those that are quiet,
	// the most impatient after half a minute.
	sound = 10 * time.Second
)

var errSilent = errors.New("nothing is heard from the server any more")

// track keeps the objects of one resource current.
type track struct {
	*following
	resource shelved
	records  records
	// want is what part of the objects is read, and namespace where they are looked for when that is refused.
	want      inventory.Want
	namespace string
	// access and stock say that the objects, and what is missing of them, are part of snapshots and of inventories.
	access, stock bool

	// idle counts the tries since anything was heard.
	idle int

	reading // guarded by the lock of following, and changed by the track alone
	touched bool
}

// follow reads the resource and hears of changes, until ctx ends.
func (t *track) follow(ctx context.Context) {
	for ctx.Err() == nil {
		switch at, err := t.read(ctx); {
		case err != nil:
			t.failed(ctx, err)
		case at != nil:
			t.watch(ctx, *at)
		case t.exists || t.listed():
			// A server that starts may refuse what it will allow soon.
			t.idle = max(t.idle, 1)
			t.rest(ctx)
		default:
			t.pause(ctx, absentEvery)
		}
	}
}

// read reads the resource as [LiveInventory] does, and returns what there is to watch.
func (t *track) read(ctx context.Context) (*place, error) {
	load := &loading{cluster: t.cluster, namespace: t.namespace}
	if t.held {
		load.cluster = t.cluster.Latest() // a server's cache may know less than was heard already
	}
	load.servedIn = askOnce(ctx, load.cluster)
	t.records.Restart()
	r := &shelving{loading: load, want: t.want, shelved: &t.resource, shelf: t.records}
	exists, err := r.read(ctx)
	if err != nil {
		return nil, err
	}
	if !exists && !t.resource.custom {
		return nil, fmt.Errorf("list %s: %w", t.resource.resource, errNotServed)
	}
	t.records.end()
	t.update(t, func() {
		t.records.replace()
		t.reading = reading{
			tried: true, held: true, exists: exists, at: r.at, gaps: load.sortedGaps(), polling: t.polling && r.at != nil,
		}
	})
	return r.at, nil
}

// watch hears of changes of what was read, until it has to be read again.
func (t *track) watch(ctx context.Context, at place) {
	// More may be readable before long; and that a single object was gone before it was watched, no watch tells.
	part := len(t.gaps) > 0 || at.name != ""
	lasting := watchFor
	if part {
		lasting = watchPartFor
	}
	for ctx.Err() == nil {
		err := t.hear(ctx, &at, lasting)
		switch {
		case refused(err), apierrors.IsMethodNotSupported(err):
			t.update(t, func() { t.polling, t.err = true, nil })
			t.pause(ctx, pollEvery)
			return
		case stale(err), apierrors.IsNotFound(err), err == nil && part:
			t.rest(ctx)
			return
		case err != nil:
			t.failed(ctx, err)
		default:
			t.rest(ctx)
		}
	}
}

// stale reports whether a watch can't go on from the version that was heard last.
func stale(err error) bool {
	return apierrors.IsResourceExpired(err) || apierrors.IsGone(err) ||
		apierrors.HasStatusCause(err, metav1.CauseTypeResourceVersionTooLarge)
}

// hear watches until the stream ends, and notes how far it came. It is no error that the server ended it, nor that it was
// cut off after it had worked: the next try tells whether the connection is gone.
func (t *track) hear(ctx context.Context, at *place, lasting time.Duration) error {
	lasting = t.jitter(lasting)
	ctx, cancel := context.WithCancelCause(ctx)
	defer t.guard(ctx, cancel, lasting+watchGrace)()
	stream, err := t.resource.of(t.cluster).Watch(ctx, at.resource, at.namespace, at.name, at.version, lasting)
	if err != nil {
		return cmp.Or(context.Cause(ctx), err)
	}
	defer stream.Close() //nolint:errcheck // nothing was written
	t.update(t, func() { t.polling, t.err = false, nil })
	for began := t.clock.Now(); ; {
		event, err := stream.Next()
		if err != nil {
			at.version = stream.Version() // a bookmark may have moved it
			if t.clock.Since(began) > sound {
				t.idle = 0
			}
			if cause := context.Cause(ctx); cause != nil {
				return cause
			}
			if err == io.EOF || t.idle == 0 && severs(err) { //nolint:errorlint // a stream gives it as it is when it ends as it should
				return nil
			}
			return err
		}
		if err := t.records.change(event); err != nil {
			return err
		}
		at.version, t.idle = stream.Version(), 0
		t.rouse()
	}
}

// guard ends a context when the time is over. What it returns calls that off, and ends the context too.
func (t *track) guard(ctx context.Context, cancel context.CancelCauseFunc, limit time.Duration) (done func()) {
	var (
		timer = t.clock.NewTimer(limit)
		group sync.WaitGroup
	)
	group.Go(func() {
		select {
		case <-timer.C():
			cancel(errSilent)
		case <-ctx.Done():
		}
	})
	return func() {
		cancel(nil)
		timer.Stop()
		group.Wait()
	}
}

// failed notes why the resource is not current, and waits until the next try.
func (t *track) failed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	if t.resource.controller() && !t.tried {
		t.warn("the configuration of Kubeflow is not known: %v", err)
	}
	// As long as nothing else is known, the server may have the kind.
	t.update(t, func() { t.tried, t.exists, t.err = true, t.exists || !t.tried, err })
	t.idle = max(t.idle, 1)
	t.rest(ctx)
}

// rest waits until the next try: not at all for the first since something was heard, then longer each time.
func (t *track) rest(ctx context.Context) {
	if t.idle > 0 {
		t.pause(ctx, delay(t.idle-1))
	}
	t.idle++
}
