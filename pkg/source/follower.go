package source

import (
	"context"
	"sync"
	"time"

	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
)

// pace is the shortest time between two moments: what changes faster comes together.
const pace = 100 * time.Millisecond

// Follower reads a cluster and hears of what changes in it.
type Follower struct {
	cluster *kube.Cluster
	clock   clock.Clock
	warn    Warn
	want    inventory.Want
}

// NewFollower returns what follows a cluster: roles and bindings, namespaces, service accounts and what the server serves,
// and the wanted kinds of the inventory. The clock waits and dates; warn, which may be nil, is as for [Live].
func NewFollower(cluster *kube.Cluster, clk clock.Clock, warn Warn, want inventory.Want) *Follower {
	if warn == nil {
		warn = func(string, ...any) {}
	}
	return &Follower{cluster: cluster, clock: clk, warn: warn, want: want}
}

// Run reads everything at once, and then watches it, until ctx ends. Each new state is given to publish, which is called
// by one goroutine at a time, at most about ten times a second, and must return soon. Objects that were handed out are
// never changed; a snapshot or an inventory that is the same as before has the same address.
//
// What a moment holds is what [Live] and [LiveInventory] would read at that time, with these differences. An inventory
// may come before all of its kinds were read: those that were not are gaps. A kind that the server fails to give, while
// it gives others, is a gap too. What the caller may list but not watch is read again now and then, and so are what he
// may not list at all, his own rules when they stand for the real ones, and what the server serves; that comes fresh from
// the server each time but the first.
//
// It returns an error only when nothing can be read at all at the start: a server that can't be reached or does not know
// the caller, or a kind that nobody knows. Later losses of the connection are told by [Moment.Link], and get better by
// themselves.
func (f *Follower) Run(ctx context.Context, publish func(Moment)) error {
	tracks, err := f.tracks()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	run := newFollowing(f, tracks)
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()
	for _, t := range tracks {
		group.Go(func() { t.follow(ctx) })
	}
	group.Go(func() { run.followServed(ctx) })
	group.Go(func() { run.followOwn(ctx) })
	return run.publish(ctx, publish)
}
