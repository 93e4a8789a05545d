package source

import (
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// frame is what the objects of a moment are put into.
type frame struct {
	snapshot  *rbac.Snapshot
	inventory *inventory.Inventory
}

// moment returns what is known now, and whether that is another moment than the last.
func (f *following) moment() (Moment, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	access, stock := f.served.fresh || f.own.fresh, false // what is not as it was
	f.served.fresh, f.own.fresh = false, false
	for _, t := range f.tracks {
		whole, rights := t.records.settle()
		access, stock = access || t.access && (rights || t.touched), stock || t.stock && (whole || t.touched)
		t.touched = false
	}
	m := Moment{Snapshot: f.last.Snapshot, Inventory: f.last.Inventory, Progress: f.progress()}
	m.Complete = f.own.tried && !slices.ContainsFunc(m.Progress, func(p Progress) bool { return !p.Done })
	if f.own.tried && f.served.tried && slices.ContainsFunc(f.tracks, (*track).there) { // else there may be no server at all
		access, stock = access || m.Snapshot == nil, stock || m.Inventory == nil
		next := f.frame(access, stock)
		if access {
			m.Snapshot = next.snapshot
		}
		if stock {
			m.Inventory = next.inventory
		}
	}
	m.Link = f.link(m.Complete)
	changed := f.last.Link != m.Link || f.last.Snapshot != m.Snapshot || f.last.Inventory != m.Inventory ||
		f.last.Complete != m.Complete || !slices.Equal(f.last.Progress, m.Progress)
	f.last = m
	return m, changed
}

// frame puts together what is asked for of a snapshot and an inventory. The other one, if it isn't, has no objects.
func (f *following) frame(access, stock bool) frame {
	now := f.clock.Now().UTC()
	next := frame{
		snapshot: &rbac.Snapshot{
			Cluster: f.cluster.Name(), Taken: now, Marked: true, Resources: f.served.value,
			Gaps: slices.Concat(f.served.gaps, f.own.gaps),
		},
		inventory: &inventory.Inventory{Source: f.cluster.Name(), Taken: now, Live: true, Served: map[inventory.Kind]bool{}},
	}
	if slices.Contains(f.want.Kinds, inventory.Secrets) {
		next.inventory.Served[inventory.Secrets] = true
	}
	for _, t := range f.tracks {
		if access && t.access || stock && t.stock {
			t.publishInto(&next)
		}
	}
	next.snapshot.Roles = append(next.snapshot.Roles, f.own.value.roles...)
	next.snapshot.Bindings = append(next.snapshot.Bindings, f.own.value.bindings...)
	slices.SortFunc(next.snapshot.Gaps, compareGaps)
	slices.SortFunc(next.inventory.Gaps, compareGaps)
	next.inventory.Gaps = slices.CompactFunc(next.inventory.Gaps, sameGap)
	return next
}

// publishInto adds the objects and what is missing of them. The lock must be held.
func (t *track) publishInto(next *frame) {
	t.records.publish(next)
	missing := t.missing()
	if t.stock {
		kind := t.resource.want
		next.inventory.Served[kind] = next.inventory.Served[kind] || t.exists || !t.resource.custom
		next.inventory.Gaps = append(next.inventory.Gaps, missing...)
	}
	if !t.access {
		return
	}
	if t.at != nil && t.at.name != "" {
		// An inventory has the one namespace that could be read. For a snapshot, the list is missing.
		next.snapshot.Namespaces = nil
		missing = slices.Clone(missing)
		for i := range missing {
			missing[i].What = t.resource.resource
		}
	}
	next.snapshot.Gaps = append(next.snapshot.Gaps, missing...)
}

// progress says how far each kind is. The lock must be held.
func (f *following) progress() []Progress {
	progress := make([]Progress, 0, len(f.tracks)+1)
	for _, t := range f.tracks {
		progress = append(progress, Progress{What: t.resource.called(), Count: t.records.count(), Done: t.tried})
	}
	return append(progress, Progress{What: "resources", Count: len(f.served.value), Done: f.served.tried})
}

// link says how the next moment is kept current. The lock must be held.
func (f *following) link(complete bool) Link {
	next := Link{State: Watching}
	if slices.ContainsFunc(f.tracks, func(t *track) bool { return t.polling }) {
		next.State = Polling
	}
	if n := slices.IndexFunc(f.tracks, (*track).broken); n >= 0 {
		next.State, next.Cause = Lost, cause(f.tracks[n].err)
	}
	if !complete {
		next = Link{State: Loading}
	}
	if next.Since = f.last.Link.Since; next.State != f.last.Link.State {
		next.Since = f.clock.Now()
	}
	return next
}
