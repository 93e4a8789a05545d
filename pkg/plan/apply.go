package plan

import (
	"cmp"
	"context"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/utils/clock"
)

const (
	usualParallel = 16
	usualPatience = 15 * time.Second
	// maxGrace is how long an interrupted plan may take to bring its open units to an end.
	maxGrace = 10 * time.Second
)

// Options say how a plan is carried out. The zero value is fit for use.
type Options struct {
	// FieldManager is who the server notes as the author of what is written.
	FieldManager string
	// Parallel is how many units are carried out at once; 0 means 16.
	Parallel int
	// Patience is how long one write is looked after that was not answered, or that the server is too busy for; 0 means
	// 15 s. Once it has been at its end with a server that does not answer, no other write waits for that server.
	Patience time.Duration
	// Progress, which may be nil, hears of every step that came to an end, and of those that are taken back later. It is
	// called by one goroutine at a time, and holds up the steps while it runs.
	Progress func(Event)
	// Clock is what waits; nil means the real one.
	Clock clock.Clock
	// Thorough makes [DryRun] ask for every step, however many there are.
	Thorough bool
}

// Event is the news of one step.
type Event struct {
	// Done counts the steps that came to an end, and those that will not be started, of Total.
	Done, Total int
	Step        Step
	Result      Result
}

// Apply carries out a plan. The steps of a unit are done in their order, and whole or not at all: when one fails, those
// before it are taken back. Units are carried out at once, and don't end each other.
//
// Writes carry the UID and version of what was read, so that nothing is overwritten or deleted that somebody else has
// changed meanwhile; a change elsewhere in the object is no hindrance. A write whose answer is lost is looked after
// until it is known whether it was done. What is there already, just as it is wanted, is left alone, and never taken
// back.
//
// When ctx ends, the write under way is brought to its end, no other is started, and the open units are taken back; that
// takes up to ten seconds, more than ctx has. The outcome says what is there now. The error is that of [Outcome.Err], or
// of [Plan.Validate] before anything is written.
func Apply(ctx context.Context, server Server, p Plan, o Options) (Outcome, error) {
	if err := p.Validate(); err != nil {
		return Outcome{}, err
	}
	c := newCarrier(server, o, len(p.Steps))
	working, cancel := c.outlive(ctx)
	defer cancel()
	units := split(p.Steps)
	out := Outcome{Units: make([]UnitOutcome, len(units))}
	var group errgroup.Group
	group.SetLimit(c.options.Parallel)
	for i, steps := range units {
		group.Go(func() error {
			out.Units[i] = c.unit(ctx, working, steps)
			return nil
		})
	}
	_ = group.Wait() // the units keep their errors
	return out, out.Err()
}

// carrier carries out one plan.
type carrier struct {
	server  Server
	options Options
	alarm   *alarm

	mu          sync.Mutex
	done, total int
}

func newCarrier(server Server, o Options, total int) *carrier {
	o.Parallel = cmp.Or(max(o.Parallel, 0), usualParallel)
	o.Patience = cmp.Or(max(o.Patience, 0), usualPatience)
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	return &carrier{server: server, options: o, alarm: newAlarm(), total: total}
}

// outlive returns a context that goes on for some grace when ctx has ended.
func (c *carrier) outlive(ctx context.Context) (context.Context, context.CancelFunc) {
	working, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		timer := c.options.Clock.NewTimer(min(c.options.Patience, maxGrace))
		defer timer.Stop()
		select {
		case <-timer.C():
			cancel()
		case <-working.Done():
		}
	})
	return working, func() {
		stop()
		cancel()
	}
}

func (c *carrier) patience() *patience {
	return &patience{clock: c.options.Clock, length: c.options.Patience, stop: c.alarm.ring}
}

// tell counts a step that came to an end, or more that won't be started, and reports it.
func (c *carrier) tell(s StepOutcome, skipped int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.Result != TakenBack {
		c.done += 1 + skipped
	}
	if c.options.Progress != nil {
		c.options.Progress(Event{Done: c.done, Total: c.total, Step: s.Step, Result: s.Result})
	}
}

// split returns the steps of each unit, units in the order of their first steps.
func split(steps []Step) [][]Step {
	var units [][]Step
	index := map[string]int{}
	for _, s := range steps {
		i, known := index[s.Unit]
		if !known {
			i = len(units)
			index[s.Unit] = i
			units = append(units, nil)
		}
		units[i] = append(units[i], s)
	}
	return units
}
