package world_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// example is a world of one of the examples.
func example(t *testing.T, name string) *world.World {
	t.Helper()
	moment, err := source.FileMoment(t.Context(), []string{"../../examples/" + name}, source.FilesOptions{}, world.Want())
	if err != nil {
		t.Fatal(err)
	}
	return world.New(moment, world.Frame{Offline: true, ReadOnly: true}, now())
}

// Whoever has something in Kalm alone is found by name, once, and who is in bindings too is not entered again.
func TestEntriesOfKalm(t *testing.T) {
	t.Parallel()
	found := map[rbac.Subject]int{}
	for _, e := range example(t, "kalm").Entries() {
		if e.Of == world.OfSubject {
			found[*e.Subject]++
		}
	}
	for _, s := range []rbac.Subject{rbac.User("heidi@shop.example"), rbac.User("erin@shop.example"), rbac.Group("operators")} {
		if found[s] != 1 {
			t.Errorf("%s is entered %d times", s, found[s])
		}
	}
}

// Of a queue the same is found as "kubectl queueaccess check --queue" finds in the same objects.
func TestQueueFindings(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"acme", "queues/lab"} {
		w := example(t, name)
		for i := range w.Queues() {
			of := w.Queues()[i].Name
			var want, got []string
			for _, f := range queue.JudgeWith(w.QueueState(), queue.JudgeOptions{Queues: []string{of}}) {
				want = append(want, f.ID+" "+f.Object)
			}
			for _, f := range w.QueueFindings(of) {
				got = append(got, f.ID+" "+f.Object)
			}
			slices.Sort(want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s, queue %s (-want +got):\n%s", name, of, diff)
			}
		}
	}
}

// A world says cheaply whether there are queues and tokens: what answers questions about them takes a while to make.
func TestHasSystems(t *testing.T) {
	for name, test := range map[string]struct{ queues, tokens bool }{
		"acme": {true, false}, "queues/lab": {true, false}, "kalm": {false, true}, "tokens": {false, true},
	} {
		w := example(t, name)
		if queues := len(w.Queues()) > 0; queues != test.queues || w.HasTokens() != test.tokens {
			t.Errorf("%s: queues %v, tokens %v", name, queues, w.HasTokens())
		}
		if test.tokens != (len(w.Tokens().Tokens()) > 0) || test.queues != (len(w.QueueState().Queues()) > 0) {
			t.Errorf("%s: %d tokens, %d queues", name, len(w.Tokens().Tokens()), len(w.QueueState().Queues()))
		}
	}
	moment := source.Moment{Inventory: &inventory.Inventory{Live: true}, Snapshot: &rbac.Snapshot{}}
	w := world.New(moment, world.Frame{}, now())
	if allocated := testing.AllocsPerRun(10, func() { w.Queues(); w.HasTokens() }); allocated > 0 {
		t.Errorf("%v allocations to find out that there is nothing", allocated)
	}
}
