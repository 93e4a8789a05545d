package queue

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// family is a set of kinds that are alike in how they get into a queue.
type family int

const (
	kaiwoKinds family = iota
	allKinds          // that Kueue takes
	jobKinds          // of these, those that it takes in namespaces which it does not manage too
	podKinds          // of these, the others
)

// need is what a way takes beside creating the work.
type need int

const (
	makeQueue need = 1 << iota // create a LocalQueue
	relabel                    // change the labels of the namespace
)

// opening is a way into a queue, before anybody's rights are looked at.
type opening struct {
	path   Path
	kinds  family
	needs  need
	places []int32 // numbers of namespaces, ascending
}

// foundHere is what a queue has in a namespace: any LocalQueue, the one of its name, or one of its name that leads elsewhere.
type foundHere struct{ listed, any, own, blocked bool }

// openings returns the ways into a queue that are open somewhere, in the order of paths.
func (s *State) openings(q *Queue) []opening {
	if !s.likely(q) || q.selector == nil {
		return nil
	}
	var out []opening
	add := func(place int, path Path, kinds family, needs need) {
		i := slices.IndexFunc(out, func(o opening) bool { return o.path == path && o.kinds == kinds && o.needs == needs })
		if i < 0 {
			i = len(out)
			out = append(out, opening{path: path, kinds: kinds, needs: needs})
		}
		out[i].places = append(out[i].places, int32(place))
	}
	open, eligible, reached := q.Open(), s.eligible(q), s.reached(q)
	there := s.foundBy(q)
	for i := range s.spaces {
		n := &s.spaces[i]
		if n.closed || !eligible[i] && (reached == nil || !reached[i]) {
			continue
		}
		here := there[int32(i)]
		raw, kaiwos, missing := need(0), q.Kaiwo && !here.blocked && (open || here.listed), need(0)
		if !here.any {
			raw = makeQueue
		}
		if !open && !here.own {
			missing = makeQueue
		}
		switch {
		case eligible[i]:
			if kaiwos {
				add(i, pathOf(ByKaiwo, missing), kaiwoKinds, missing)
			}
			if n.managed {
				add(i, pathOf(ByKueue, raw), allKinds, raw)
				break
			}
			add(i, pathOf(ByKueue, raw), jobKinds, raw)
			if n.manageable {
				add(i, ByRelabel, podKinds, raw|relabel)
			}
		default:
			if kaiwos {
				add(i, ByRelabel, kaiwoKinds, missing|relabel)
			}
			kinds := jobKinds
			if n.managed || n.manageable {
				kinds = allKinds
			}
			add(i, ByRelabel, kinds, raw|relabel)
		}
	}
	slices.SortStableFunc(out, func(a, b opening) int { return slices.Index(paths(), a.path) - slices.Index(paths(), b.path) })
	return out
}

// foundBy says what the queue has in namespaces, by their numbers; of the others it has nothing.
func (s *State) foundBy(q *Queue) map[int32]foundHere {
	out := make(map[int32]foundHere, len(q.Locals)+len(q.Listed))
	note := func(namespace string, change func(*foundHere)) {
		if place, known := s.number[namespace]; known {
			here := out[int32(place)]
			change(&here)
			out[int32(place)] = here
		}
	}
	foreseen := s.Foreseen() || s.Unread(inventory.LocalQueues) // who can't see them hears of what Kaiwo makes
	for _, ns := range q.Listed {
		note(ns, func(f *foundHere) { f.listed, f.any, f.own = true, foreseen, foreseen })
	}
	for _, l := range q.Locals {
		note(l.Namespace, func(f *foundHere) { f.any, f.own = true, f.own || l.Name == q.Name })
	}
	for _, ns := range s.named[q.Name] {
		if s.locals[Local{ns, q.Name}] != q.Name {
			note(ns, func(f *foundHere) { f.blocked, f.own = true, false })
		}
	}
	return out
}

func pathOf(direct Path, needs need) Path {
	if needs&makeQueue != 0 {
		return ByOwnLocalQueue
	}
	return direct
}

// kindsOf returns the kinds of a family that match one of the words, or all without words. Kinds that a live cluster is
// known not to serve are left out.
func (s *State) kindsOf(f family, words []string) []rbac.Resource {
	var all []rbac.Resource
	if f == kaiwoKinds {
		all = kaiwo.Workloads()
	} else {
		for _, w := range s.kueue.Work() {
			if f == allKinds || w.Pods == (f == podKinds) {
				all = append(all, w.Resource)
			}
		}
	}
	return slices.DeleteFunc(all, func(r rbac.Resource) bool {
		return !s.serves(r) || len(words) > 0 && !slices.ContainsFunc(words, func(word string) bool { return IsKind(r, word) })
	})
}

// serves reports whether a kind may be there: it is not, when a live cluster said what it serves.
func (s *State) serves(r rbac.Resource) bool {
	switch {
	case s.Serves != nil:
		return s.Serves(r.Group, r.Name)
	case s.Rights == nil || !s.Inventory.Live || len(s.Rights.Snapshot().Resources) == 0:
		return true
	}
	_, served := s.Rights.Catalog().Lookup(r.Group, r.Name)
	return served
}

// IsKind reports whether a word means a kind: its plural, singular or kind, in any case, with or without its group.
func IsKind(r rbac.Resource, word string) bool {
	word = strings.ToLower(word)
	return slices.ContainsFunc([]string{r.Name, r.Singular, strings.ToLower(r.Kind)}, func(name string) bool {
		return word == name || r.Group != "" && word == name+"."+r.Group
	})
}

// Kinds returns all kinds that may get into queues: Kaiwo's, where it has queues or is there, and those that Kueue takes.
func (s *State) Kinds() []rbac.Resource {
	return slices.Concat(s.kindsOf(kaiwoKinds, nil), s.kindsOf(allKinds, nil))
}

// Work returns the kinds that Kueue takes, those left out that a live cluster is known not to serve.
func (s *State) Work() []kueue.Work {
	return slices.DeleteFunc(s.kueue.Work(), func(w kueue.Work) bool { return !s.serves(w.Resource) })
}
