package queue

import (
	"cmp"
	"maps"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// whoWork puts together what the openings of a queue let each subject do.
type whoWork struct {
	state   *State
	masters Submitter
	// kinds are those met so far; found has, for each subject and way, the places by the number of the kind here.
	kinds []rbac.Resource
	found map[int32]map[wayKey]map[int][]int32
}

// wayKey tells ways apart. Verb is that by which labels are changed.
type wayKey struct {
	path  Path
	needs need
	verb  string
}

func (w *whoWork) open(o opening, words []string) {
	for _, r := range w.state.kindsOf(o.kinds, words) {
		kind := slices.IndexFunc(w.kinds, func(k rbac.Resource) bool { return k.Group == r.Group && k.Name == r.Name })
		if kind < 0 {
			kind = len(w.kinds)
			w.kinds = append(w.kinds, r)
		}
		h := w.state.holdersFor(r, o.needs)
		for _, n := range h.everywhere {
			w.add(n, o, kind, o.places...)
		}
		for _, place := range o.places {
			for _, n := range h.in[place] {
				if !has(h.everywhere, n) {
					w.add(n, o, kind, place)
				}
			}
		}
		w.add(nobody, o, kind, o.places...)
	}
}

// nobody stands for the superusers, whom bindings need not name.
const nobody int32 = -1

func (w *whoWork) add(subject int32, o opening, kind int, places ...int32) {
	if o.needs&relabel == 0 {
		w.put(subject, wayKey{o.path, o.needs, ""}, kind, places)
		return
	}
	for _, place := range places {
		w.put(subject, wayKey{o.path, o.needs, w.verb(subject, place)}, kind, []int32{place})
	}
}

// verb returns how a subject changes the labels of a namespace.
func (w *whoWork) verb(subject, place int32) string {
	for _, a := range relabelActions() {
		if subject == nobody || w.state.holdersOf(a).at(place, w.state.identities().of[subject]) {
			return a.Verb
		}
	}
	return ""
}

func (w *whoWork) put(subject int32, key wayKey, kind int, places []int32) {
	ways := w.found[subject]
	if ways == nil {
		ways = map[wayKey]map[int][]int32{}
		w.found[subject] = ways
	}
	if ways[key] == nil {
		ways[key] = map[int][]int32{}
	}
	if have := ways[key][kind]; len(have) > 0 {
		places = append(slices.Clip(have), places...)
	}
	ways[key][kind] = places
}

// submitters returns what was found, in the order of output.
func (w *whoWork) submitters() []Submitter {
	var out []Submitter
	subjects := w.state.identities().subjects
	for _, n := range slices.Sorted(maps.Keys(w.found)) { // nobody comes first, and subjects are in the order of output
		one := w.masters
		if n != nobody {
			one = Submitter{Subject: subjects[n]}
		}
		one.Ways = w.ways(w.found[n])
		out = append(out, one)
	}
	return out
}

// ways makes one way of the kinds that are possible in the same namespaces.
func (w *whoWork) ways(found map[wayKey]map[int][]int32) []Way {
	keys := slices.SortedFunc(maps.Keys(found), func(a, b wayKey) int {
		return cmp.Or(slices.Index(paths(), a.path)-slices.Index(paths(), b.path), cmp.Compare(a.needs, b.needs), cmp.Compare(a.verb, b.verb))
	})
	var out []Way
	for _, key := range keys {
		first := len(out)
		var places [][]int32
		for _, kind := range slices.Sorted(maps.Keys(found[key])) {
			here := found[key][kind]
			slices.Sort(here)
			here = slices.Compact(here)
			i := slices.IndexFunc(places, func(p []int32) bool { return slices.Equal(p, here) })
			if i < 0 {
				i = len(places)
				places = append(places, here)
				out = append(out, Way{Path: key.path, Namespaces: w.names(here), Needs: key.actions()})
			}
			out[first+i].Kinds = append(out[first+i].Kinds, w.kinds[kind])
		}
	}
	return out
}

func (w *whoWork) names(places []int32) []string {
	out := make([]string, len(places))
	for i, place := range places {
		out[i] = w.state.spaces[place].name
	}
	return out
}

func (k wayKey) actions() []rbac.Action {
	var out []rbac.Action
	if k.needs&makeQueue != 0 {
		out = append(out, makeQueueAction())
	}
	if k.needs&relabel != 0 {
		out = append(out, rbac.Action{Verb: k.verb, Resource: "namespaces"})
	}
	return out
}
