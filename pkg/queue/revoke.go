package queue

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Revocation is what is to be taken from somebody.
type Revocation struct {
	Subject rbac.Subject
	// Queue is the only one; empty for all.
	Queue string
	// Namespaces are the only ones; empty for all.
	Namespaces []string
}

// Take plans that grants of ours go from a subject, and roles of ours that nobody needs then. Where a binding names others
// too, the subject alone goes out of it. What is no grant of ours stays, and notes, one a line, say what the subject can do
// by it. They need [State.Rights]. Somebody who has no such grant is noted.
func Take(s *State, r Revocation) (plan.Plan, []string, error) {
	d := newGranting(s)
	var taken []*Granted
	for _, namespace := range slices.Sorted(maps.Keys(d.granted)) {
		if len(r.Namespaces) > 0 && !slices.Contains(r.Namespaces, namespace) {
			continue
		}
		unit := Label(r.Subject) + " in " + namespace
		for _, g := range d.granted[namespace] {
			if g.Subject != r.Subject || r.Queue != "" && g.Queue != r.Queue {
				continue
			}
			taken = append(taken, g)
			if g.Shared {
				d.note("rolebinding %s/%s names others too: they stay in it", namespace, g.Binding.Name)
			}
			d.take(g, unit, Label(r.Subject)+" loses queue "+g.Queue)
		}
		d.sweep(namespace, unit)
	}
	what := "queue " + r.Queue
	if r.Queue == "" {
		what = "all queues"
	}
	if len(taken) == 0 {
		d.noteAbsent(&r, what)
	}
	if len(r.Namespaces) > 0 {
		d.narrow(&r, taken)
	}
	d.notePretending(&r)
	d.noteUnread(r.Namespaces)
	d.remains(&r, taken)
	return d.finish("take " + what + " from " + Label(r.Subject))
}

// narrow plans that grants in other namespaces no longer say that they are for all of the queue's: else a check would find
// that one is missing where it was taken.
func (d *granting) narrow(r *Revocation, taken []*Granted) {
	for _, namespace := range slices.Sorted(maps.Keys(d.granted)) {
		for _, g := range d.granted[namespace] {
			if g.Subject == r.Subject && !slices.Contains(r.Namespaces, namespace) &&
				slices.ContainsFunc(taken, func(gone *Granted) bool { return gone.Queue == g.Queue }) {
				d.unmark(g)
			}
		}
	}
}

// Expire plans that grants of ours go that have ended by [State.Now], wherever they are: for the queue of that name, or for
// all when it is empty; then roles of ours go, too, to which nobody is bound any more. A date that can't be read is noted, and ends nothing.
func Expire(s *State, queue string, namespaces []string) (plan.Plan, []string, error) {
	d := newGranting(s)
	for _, namespace := range slices.Sorted(maps.Keys(d.granted)) {
		if len(namespaces) > 0 && !slices.Contains(namespaces, namespace) {
			continue
		}
		unit := "ended grants in " + namespace
		for _, g := range d.granted[namespace] {
			switch {
			case queue != "" && g.Queue != queue:
			case g.Undated != "":
				d.note("rolebinding %s/%s ends at %q, which is no date: it stays", namespace, g.Binding.Name, g.Undated)
			case g.Expired(s.Now):
				d.take(g, unit, "it has ended at "+g.Expires.Format(time.RFC3339))
			}
		}
		d.sweep(namespace, unit)
	}
	if queue == "" {
		d.orphans(namespaces)
	}
	d.noteUnread(namespaces)
	return d.finish("take what has ended")
}

// orphans plans that roles of ours go whose bindings others have taken away, such as kubectl contrib expire.
func (d *granting) orphans(namespaces []string) {
	used := map[Local]bool{}
	for namespace, bindings := range d.bindings {
		for _, b := range bindings {
			if b.RoleRef.Kind == "Role" {
				used[Local{namespace, b.RoleRef.Name}] = true
			}
		}
	}
	all := slices.SortedFunc(maps.Keys(d.roles), func(a, b Local) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	for _, at := range all {
		elsewhere := len(namespaces) > 0 && !slices.Contains(namespaces, at.Namespace)
		if elsewhere || used[at] || !isOurs(d.roles[at]) || d.unseen(inventory.RoleBindings, at.Namespace) {
			continue
		}
		d.put(d.roles[at], nil, "nobody is bound to it", "ended grants in "+at.Namespace)
	}
}

// noteAbsent says that there is nothing to take, and what may have been meant.
func (d *granting) noteAbsent(r *Revocation, what string) {
	if gaps := d.state.UnreadGrants(r.Namespaces); len(gaps) > 0 {
		d.note("whether %s has a grant for %s can't be told: %s can't be read", Label(r.Subject), what, gaps[0].What)
	} else {
		d.note("%s has no grant for %s that was made by kubectl queueaccess grant", Label(r.Subject), what)
	}
	var queues, names []string
	for _, all := range d.granted {
		for _, g := range all {
			switch {
			case g.Subject == r.Subject:
				queues = append(queues, g.Queue)
			case g.Subject.Kind == r.Subject.Kind && strings.EqualFold(g.Subject.Name, r.Subject.Name):
				names = append(names, Label(g.Subject))
			}
		}
	}
	slices.Sort(queues)
	slices.Sort(names)
	if queues = slices.Compact(queues); len(queues) > 0 {
		d.note("%s has grants for %s", Label(r.Subject), listed(queues))
	}
	for _, name := range slices.Compact(names) {
		d.note("%s has grants: a different subject, since names differ by their case", name)
	}
}

// notePretending says which bindings say that they are a grant of the subject's, and are none of ours.
func (d *granting) notePretending(r *Revocation) {
	for _, b := range d.state.Inventory.RoleBindings {
		queue := b.Annotations[QueueAnnotation]
		if queue == "" || r.Queue != "" && queue != r.Queue || len(r.Namespaces) > 0 && !slices.Contains(r.Namespaces, b.Namespace) || len(grantsOf(b)) > 0 {
			continue
		}
		for _, subject := range b.Subjects {
			if who, ok := rbac.NewSubject(subject, b.Namespace); ok && who == r.Subject {
				d.note("rolebinding %s/%s says that it is for queue %s, and gives %s/%s, which is no role of ours: it stays",
					b.Namespace, b.Name, queue, strings.ToLower(b.RoleRef.Kind), b.RoleRef.Name)
			}
		}
	}
}

// UnreadGrants returns what could not be read of grants of ours in namespaces; in all of them for none.
func (s *State) UnreadGrants(namespaces []string) []rbac.Gap {
	return slices.DeleteFunc(s.Inventory.Missing(inventory.RoleBindings), func(gap rbac.Gap) bool {
		return len(namespaces) > 0 && !slices.ContainsFunc(namespaces, gap.Concerns)
	})
}

// noteUnread says where grants may be that could not be read.
func (d *granting) noteUnread(namespaces []string) {
	if gaps := d.state.UnreadGrants(namespaces); len(gaps) > 0 {
		d.note("not all grants are known: %s can't be read", gaps[0].What)
	}
}

// remains notes what a subject may still put into the queues when the plan is carried out, by which way, and who of the
// groups may that it perhaps belongs to: RBAC does not know who is in a group.
func (d *granting) remains(r *Revocation, taken []*Granted) {
	if d.state.Rights == nil {
		return
	}
	snapshot := d.state.Rights.Snapshot()
	if !snapshot.Complete() {
		d.note("not all roles and bindings can be read: what %s may do by others is not known", Label(r.Subject))
	}
	index := rbac.Compile(d.after(snapshot))
	id := rbac.NewIdentity(r.Subject)
	still, groups := map[string][]string{}, map[string][]string{}
	for _, namespace := range d.concerned(r, taken) {
		for _, kind := range d.kinds(r, namespace) {
			a := rbac.Action{Verb: "create", Group: kind.Group, Resource: kind.Name, Namespace: namespace}
			if can := index.Can(id, a); can.Superuser {
				d.note("%s is a superuser: the API server refuses him nothing", Label(r.Subject))
				return
			} else if len(can.Proofs) > 0 {
				still[can.Proofs[0].String()] = append(still[can.Proofs[0].String()], a.ResourceName()+"\x00"+namespace)
				continue
			}
			for _, group := range index.AllowedSubjects(a, rbac.InNamespace) {
				if group.Kind == rbacv1.GroupKind && !strings.HasPrefix(group.Name, "system:") && group != r.Subject {
					groups[Label(group)] = append(groups[Label(group)], a.ResourceName()+"\x00"+namespace)
				}
			}
		}
	}
	for _, by := range slices.Sorted(maps.Keys(still)) {
		kinds, places := apart(still[by])
		d.note("%s may still create %s in %s: %s", Label(r.Subject), listed(kinds), listed(places), by)
	}
	for _, group := range slices.Sorted(maps.Keys(groups)) {
		kinds, places := apart(groups[group])
		d.note("who belongs to %s may still create %s in %s", group, listed(kinds), listed(places))
	}
}

// apart takes pairs of a kind and a namespace apart: each once, kinds in their order.
func apart(pairs []string) (kinds, namespaces []string) {
	for _, pair := range pairs {
		kind, namespace, _ := strings.Cut(pair, "\x00")
		if !slices.Contains(kinds, kind) {
			kinds = append(kinds, kind)
		}
		if !slices.Contains(namespaces, namespace) {
			namespaces = append(namespaces, namespace)
		}
	}
	slices.Sort(namespaces)
	return kinds, namespaces
}

// after returns the roles and bindings as they are after the plan so far.
func (d *granting) after(s *rbac.Snapshot) *rbac.Snapshot {
	var gone []rbac.ObjectID
	change := &rbac.Snapshot{}
	for _, slot := range d.slots {
		switch b := slot.now; {
		case b != nil:
			change.Bindings = append(change.Bindings, rbac.Binding{Namespace: b.Namespace, Name: b.Name, RoleRef: b.RoleRef, Subjects: b.Subjects})
		case slot.old != nil:
			b := rbac.Binding{Namespace: slot.old.Namespace, Name: slot.old.Name}
			gone = append(gone, b.ID())
		}
	}
	next, _ := s.Without(gone...)
	return next.With(change)
}

// concerned are the namespaces in which access may remain: those of the grants that go and those of the queue, unless they
// are named.
func (d *granting) concerned(r *Revocation, taken []*Granted) []string {
	names := slices.Clone(r.Namespaces)
	if len(names) == 0 {
		for _, g := range taken {
			names = append(names, g.Namespace)
		}
		if q := d.state.Queue(r.Queue); q != nil {
			names = append(names, q.Namespaces()...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// kinds are those that get into the queue in a namespace: Kaiwo's, and where a LocalQueue leads there those of Kueue.
func (d *granting) kinds(r *Revocation, namespace string) []rbac.Resource {
	out := kaiwo.Workloads()
	q := d.state.Queue(r.Queue)
	if q == nil {
		return out
	}
	if d.state.plain(q) {
		out = nil
	}
	if p := d.state.Place(q, namespace); p.Raw() {
		config, _, _ := d.state.Kueue()
		for _, w := range config.Work() {
			out = append(out, w.Resource)
		}
	}
	return out
}
