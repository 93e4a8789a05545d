// Package world holds what the screens of the browser are made from: everything that was read of a cluster, or of
// manifests, at one moment, compiled for questions. A [World] never changes; when something changes in the cluster, the
// next one takes its place.
package world

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/token"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/beside"
)

// World is what is known at one moment. What is expensive is worked out once, when it is first asked for; the methods may
// be called from several goroutines.
type World struct {
	// Moment is what was read.
	source.Moment
	// Index answers questions about rights, State those about workspaces.
	Index *rbac.Index
	State *workspace.State
	// Frame says where and as whom.
	Frame Frame
	// Now is the time by which expiry is judged.
	Now time.Time

	pods       Pods
	judging    *judging
	namespaces func() []*Namespace
	accounts   func() *accounts
	standings  func() *standings
	names      func() *Names
	policies   func() []Entry // the entries of the snapshot
	entries    func() []Entry // and those of the inventory
	queues     func() *queue.State
	tokens     func() *token.State
}

// Frame is what does not change while the browser runs.
type Frame struct {
	// Context is the name of the context, or of what --from names.
	Context string
	// Namespace is that of the context.
	Namespace string
	// User is who is asking, as the cluster sees him (after --as); empty when nobody was asked.
	User   string
	Groups []string
	// Offline says that manifests or a snapshot are shown; ReadOnly that nothing may be changed.
	Offline, ReadOnly bool
	// From are the sources of --from, to be repeated in commands.
	From []string
	// Where are the flags and their values by which commands reach the same cluster as the same user, when they were given:
	// "--context", "prod". No secret is among them.
	Where []string
}

// New compiles what was read. It takes a while on a huge cluster, and is not for the loop that answers keys. The moment
// must have a snapshot and an inventory.
func New(m source.Moment, frame Frame, now time.Time) *World {
	w := &World{Moment: m, Frame: frame, State: workspace.NewState(m.Inventory, workspace.Options{Now: now})}
	w.turn(now, &atomic.Pointer[findings]{})
	w.list()
	w.compile()
	return w
}

// Next returns the world of a later moment. What the moments have in common is not worked out again, and what was wrong is
// known until it is judged anew.
func (w *World) Next(m source.Moment, frame Frame, now time.Time) *World {
	next := &World{Moment: m, Frame: frame, State: workspace.Following(w.State, m.Inventory, workspace.Options{Now: now})}
	next.turn(now, w.judging.last)
	next.list()
	if m.Snapshot == w.Snapshot {
		next.Index, next.accounts, next.standings, next.names, next.policies = w.Index, w.accounts, w.standings, w.names, w.policies
		next.Namespaces()
		return next
	}
	next.compile()
	return next
}

// compile works out the index, and beside it the namespaces, for which a row of any list may ask when it is drawn.
func (w *World) compile() {
	index := beside.Go(func() *rbac.Index { return rbac.Compile(w.Snapshot) })
	w.Namespaces()
	w.Index = index()
	w.accounts = sync.OnceValue(func() *accounts { return readAccounts(w.Snapshot) })
	stood, names := sync.OnceValue(w.stand), sync.OnceValue(w.nameAll)
	w.standings, w.names = stood, names
	// Worlds that follow may share this for long before anybody asks: it must not hold all of this one.
	w.policies = sync.OnceValue(func() []Entry { return enterPolicies(stood(), names()) })
}

// list is for what is read of the inventory, whatever the time.
func (w *World) list() {
	w.entries = sync.OnceValue(w.enter)
	w.tokens = sync.OnceValue(func() *token.State { return token.NewState(w.Inventory, w.Index, w.Now) })
	w.queues = sync.OnceValue(func() *queue.State { return queue.NewState(w.Inventory, w.Index, w.Now) })
}

// turn sets the clock: what depends on it will be worked out anew. judged is where findings are left for those who follow.
func (w *World) turn(now time.Time, judged *atomic.Pointer[findings]) {
	w.Now = now
	w.judging = newJudging(w.judge, judged)
	w.namespaces = sync.OnceValue(w.settle)
}
