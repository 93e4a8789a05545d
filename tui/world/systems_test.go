package world_test

import (
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
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
