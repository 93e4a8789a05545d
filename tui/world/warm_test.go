package world_test

import (
	"sync"
	"testing"

	"github.com/kubegatehouse/gatehouse/tui/world"
)

// TestWarm asks while the world is being warmed, as the browser does; the race detector tells what is wrong with that.
func TestWarm(t *testing.T) {
	t.Parallel()
	w := newWorld(snapshot(), world.Frame{})
	var group sync.WaitGroup
	for range 4 {
		group.Go(w.Warm)
	}
	subjects, entries := w.Subjects(), w.Entries()
	group.Wait()
	if after := w.Subjects(); len(after) == 0 || &after[0] != &subjects[0] {
		t.Error("subjects were worked out twice")
	}
	if after := w.Entries(); len(after) == 0 || &after[0] != &entries[0] {
		t.Error("entries were worked out twice")
	}
}
