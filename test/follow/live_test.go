package follow

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// TestFirst reads the example company.
func TestFirst(t *testing.T) {
	f := follow(t, shared.Admin(), clock.RealClock{}, everything())
	first := f.until("a first moment", func(m source.Moment) bool { return len(m.Progress) > 0 })
	if first.Snapshot == nil && (first.Inventory != nil || first.Complete || first.Link.State != source.Loading) {
		t.Errorf("before the snapshot: %+v", first)
	}
	m := f.complete()
	if len(m.Snapshot.Bindings) < 50 || len(m.Inventory.Profiles) == 0 || len(m.Inventory.Custom) == 0 {
		t.Errorf("bindings %d, profiles %d, custom %d", len(m.Snapshot.Bindings), len(m.Inventory.Profiles), len(m.Inventory.Custom))
	}
	if m.Link.State != source.Watching || m.Link.Since.IsZero() {
		t.Errorf("link %+v", m.Link)
	}
	for _, p := range m.Progress {
		if !p.Done {
			t.Errorf("%+v is not done", p)
		}
	}
	f.same("at first")
}

// TestOneNamespace follows for an inventory of one namespace.
func TestOneNamespace(t *testing.T) {
	w := newWriter(t, admin(), "follow-one")
	want := everything()
	want.Namespace = w.namespace
	f := follow(t, shared.Admin(), clock.RealClock{}, want)
	f.complete()
	f.same("at first")
	for _, k := range kinds() {
		w.create(k, w.namespace)
	}
	f.same("when all is made")
	for _, k := range kinds() {
		w.patch(k, w.namespace, change(1))
	}
	f.same("when all is changed")
	for _, k := range kinds()[1:] {
		w.remove(k, w.namespace)
	}
	f.same("when all is deleted")
}

// TestChanges makes, changes and deletes an object of each kind.
func TestChanges(t *testing.T) {
	w := newWriter(t, admin(), "follow-changes")
	f := follow(t, shared.Admin(), clock.RealClock{}, everything())
	f.complete()
	const name = "follow-change"
	for _, k := range kinds() {
		w.create(k, name)
	}
	f.same("when all is made")
	for _, k := range kinds() {
		w.patch(k, name, change(1))
	}
	f.same("when all is changed")
	for _, k := range kinds() {
		w.remove(k, name)
	}
	f.same("when all is deleted")
}

// TestRandom writes whatever comes to mind, by several hands, and looks now and then.
func TestRandom(t *testing.T) {
	w := newWriter(t, admin(), "follow-random")
	f := follow(t, shared.Admin(), clock.RealClock{}, everything())
	all := kinds()
	for seed := range uint64(4) {
		random := rand.New(rand.NewPCG(seed, 5)) //nolint:gosec // has to be repeatable
		for range 100 {
			k, name := all[random.IntN(len(all))], fmt.Sprintf("follow-random-%d", random.IntN(5))
			switch random.IntN(4) {
			case 0:
				w.remove(k, name)
			case 1:
				w.patch(k, name, change(random.IntN(9)))
			default:
				w.create(k, name)
			}
		}
		f.same(fmt.Sprintf("after the writes of seed %d", seed))
	}
	for _, k := range all {
		for n := range 5 {
			w.remove(k, fmt.Sprintf("follow-random-%d", n))
		}
	}
	f.same("when all is deleted")
}

// change is a patch of metadata.
func change(n int) string {
	return fmt.Sprintf(`{"metadata":{"labels":{"follow":"%d"},"annotations":{"follow":"%d"}}}`, n, n)
}
