package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// feed brings what the source publishes into the loop. Of moments that come faster than they can be compiled only the
// last counts.
type feed struct {
	ctx    context.Context //nolint:containedctx // the source runs until the browser ends
	source Source
	latest chan source.Moment // of one place: a newer moment takes the place of one that nobody has taken
	// waiting is the moment to compile next, compiling says that one is being compiled.
	waiting   *source.Moment
	compiling bool
	// resting is a pause before the next, awaited says that the first one was put off.
	resting, awaited bool
	progress         []source.Progress
	link             source.Link
	complete         bool
	// loaded is called when everything was read; nil when nobody wants to know, or knows.
	loaded func()
}

// Pauses between worlds: shorter ones are not worth it, and longer ones would be seen.
const (
	leastRest     = 20 * time.Millisecond
	mostRest      = time.Second
	restOfObjects = 700 * time.Millisecond // for the rest of the objects
	firstPage     = 300 * time.Millisecond // for the page that somebody waits for
)

type (
	momentMsg struct{ moment source.Moment }
	worldMsg  struct {
		world *world.World
		kinds []screen.Kind
		// took is how long it took to make it.
		took time.Duration
	}
	// restedMsg lets the next world be made, when the pause before it is over.
	restedMsg struct{}
	// warmMsg has a world warmed.
	warmMsg  struct{ world *world.World }
	endedMsg struct{ err error }
)

func newFeed(ctx context.Context, from Source) feed {
	return feed{ctx: ctx, source: from, latest: make(chan source.Moment, 1), link: source.Link{State: source.Loading}}
}

// start runs the source. Its end is told only when it is an error: a source that is read through has nothing more to say.
func (f *feed) start() tea.Cmd {
	ctx, from, latest := f.ctx, f.source, f.latest
	return func() tea.Msg {
		err := from.Run(ctx, func(m source.Moment) {
			select {
			case <-latest: // nobody has seen it, and it is out of date now
			default:
			}
			latest <- m
		})
		if err == nil || ctx.Err() != nil {
			return nil
		}
		return endedMsg{err}
	}
}

// next waits for a moment. It is asked for again with each that came; on a stage, which has no source of its own, never.
func (a *App) next() tea.Cmd {
	if a.still {
		return nil
	}
	f := &a.feed
	ctx, latest := f.ctx, f.latest
	return func() tea.Msg {
		select {
		case <-ctx.Done():
			return nil
		case m := <-latest:
			return momentMsg{m}
		}
	}
}

// heard takes a moment.
func (a *App) heard(msg momentMsg) tea.Cmd {
	f, m := &a.feed, msg.moment
	f.progress, f.link, f.complete = m.Progress, m.Link, m.Complete
	if m.Snapshot == nil || a.world != nil && a.world.Snapshot == m.Snapshot && a.world.Inventory == m.Inventory {
		return tea.Batch(a.next(), a.tickSecond())
	}
	f.waiting = &m
	return tea.Batch(a.next(), a.await(m.Complete), a.compile(), a.tickSecond())
}

// compile makes a world of the moment that waits, one at a time.
func (a *App) compile() tea.Cmd {
	f := &a.feed
	if f.compiling || f.resting || f.waiting == nil {
		return nil
	}
	m, frame, now, earlier, clk := *f.waiting, a.options.Frame, a.now(), a.world, a.options.Clock
	f.waiting, f.compiling = nil, true
	return func() tea.Msg {
		began := clk.Now()
		var w *world.World
		if earlier == nil {
			w = world.New(m, frame, now)
		} else {
			w = earlier.Next(m, frame, now)
			w.Warm()
		}
		return worldMsg{w, screen.Kinds(w), clk.Since(began)}
	}
}

// enter takes a new world: the page is built anew from it. The first one is warmed only later: its page is waited for.
func (a *App) enter(msg worldMsg) tea.Cmd {
	var also []tea.Cmd
	if a.world == nil {
		also = append(also, a.after(firstPage, warmMsg{msg.world}))
	}
	if loaded := a.feed.loaded; loaded != nil && msg.world.Complete {
		a.feed.loaded = nil
		also = append(also, func() tea.Msg {
			loaded()
			return nil
		})
	}
	a.world, a.kinds, a.feed.compiling = msg.world.WithPods(a.pods), msg.kinds, false
	for i, v := range a.visits {
		if i != a.at {
			v.rest()
		}
	}
	return tea.Batch(append(also, a.build(a.visit(), true), a.rest(msg.took), a.compile())...)
}

func warm(w *world.World) tea.Cmd {
	return func() tea.Msg {
		w.Warm()
		return nil
	}
}

// await puts off the first world while the rest of what it is made of may come any moment: one that is made of a part
// would only hold up the whole. When the rest takes long, the part is shown.
func (a *App) await(complete bool) tea.Cmd {
	f := &a.feed
	switch {
	case complete && a.world == nil:
		f.resting = false
	case a.world == nil && !f.awaited && !a.still:
		f.awaited, f.resting = true, true
		return a.after(restOfObjects, restedMsg{})
	}
	return nil
}

// rest leaves a pause as long as the work before it: where worlds take long to make, and changes come all the time, half of
// the machine's time is left to whoever presses keys. While it is read for the first time nobody should wait for longer.
func (a *App) rest(took time.Duration) tea.Cmd {
	if took < leastRest || a.still || !a.world.Complete {
		return nil
	}
	a.feed.resting = true
	return a.after(min(took, mostRest), restedMsg{})
}

func (a *App) rested() tea.Cmd {
	a.feed.resting = false
	return a.compile()
}
