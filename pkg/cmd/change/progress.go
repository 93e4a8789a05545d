package change

import (
	"fmt"
	"io"
	"time"

	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

const (
	// fewSteps are done before anybody could read a number.
	fewSteps = 8
	// redraw is how long a number stays, so that a fast plan does not wait for a slow terminal.
	redraw = 100 * time.Millisecond
)

// progress is a line on a terminal that says how far a plan is. It is written over by the next, and gone in the end.
type progress struct {
	to    io.Writer
	clock clock.PassiveClock
	shown bool

	drawn time.Time
	dirty bool
}

// event is the news of one step: see [plan.Options].
func (p *progress) event(e plan.Event) {
	if !p.shown || e.Total <= fewSteps {
		return
	}
	now := p.clock.Now()
	if p.dirty && now.Sub(p.drawn) < redraw {
		return
	}
	p.drawn, p.dirty = now, true
	// A line that can't be drawn is nobody's loss.
	_, _ = fmt.Fprintf(p.to, "\r\x1b[K%d/%d changes", e.Done, e.Total)
}

// clear takes the line away.
func (p *progress) clear() {
	if p.dirty {
		_, _ = fmt.Fprint(p.to, "\r\x1b[K")
	}
}
