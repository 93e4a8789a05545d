package world

import (
	"sync"
	"time"
)

// At returns the same world at a later time: what ends by the clock is judged anew, and all else is shared.
func (w *World) At(now time.Time) *World {
	next := *w
	next.State = w.State.At(now)
	next.turn(now, w.judging.last)
	return &next
}

// Seen returns the same world with what has become known of where and as whom it is seen.
func (w *World) Seen(frame Frame) *World {
	next := *w
	next.Frame = frame
	if frame.Namespace != w.Frame.Namespace {
		next.namespaces = sync.OnceValue(next.settle)
	}
	return &next
}

// Since reports whether something has changed in the source since an earlier world. What was only read to the end, worked
// out or judged in the meantime is no change.
func (w *World) Since(earlier *World) bool {
	return earlier.Complete && (w.Snapshot != earlier.Snapshot || w.Inventory != earlier.Inventory)
}
