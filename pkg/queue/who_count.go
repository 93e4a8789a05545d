package queue

import (
	"strconv"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Count is how many subjects may get work into a queue, by each path and by any. Subjects that Kubernetes made up itself and
// superusers are not counted.
type Count struct {
	Kaiwo         int `json:"kaiwo"`
	Kueue         int `json:"rawKueue"`
	OwnLocalQueue int `json:"canMakeOwnLocalQueue"`
	Relabel       int `json:"canRelabelNamespace"`
	// All counts each subject once.
	All int `json:"all"`
}

// Count returns how many subjects [State.Who] has for the queue. It is the cheaper question, for all queues at once: who may
// create a kind is asked once in the life of the state, for all namespaces.
func (s *State) Count(q *Queue) Count {
	var out Count
	if s.Rights == nil {
		return out
	}
	known := s.identities()
	all, by := newMarks(len(known.subjects)), map[Path]*marks{}
	for _, o := range s.openings(q) {
		if by[o.path] == nil {
			by[o.path] = newMarks(len(known.subjects))
		}
		h := s.family(o.kinds, o.needs)
		mark := func(list []int32) {
			for _, n := range list {
				by[o.path].mark(n)
				all.mark(n)
			}
		}
		mark(h.everywhere)
		for _, place := range o.places {
			mark(h.in[place])
		}
	}
	count := func(m *marks) int {
		if m == nil {
			return 0
		}
		people := 0
		for _, n := range m.list {
			if !known.built[n] {
				people++
			}
		}
		return people
	}
	return Count{
		Kaiwo: count(by[ByKaiwo]), Kueue: count(by[ByKueue]), OwnLocalQueue: count(by[ByOwnLocalQueue]),
		Relabel: count(by[ByRelabel]), All: count(all),
	}
}

// family returns who may create at least one of the kinds, and what it takes beside.
func (s *State) family(f family, needs need) *holders {
	key := strconv.Itoa(int(f))
	create := s.either(key, func(yield func(*holders)) {
		for _, r := range s.kindsOf(f, nil) {
			yield(s.holdersOf(rbac.Action{Verb: "create", Group: r.Group, Resource: r.Name}))
		}
	})
	return s.withNeeds(key, create, needs)
}

// marks is a set of subjects.
type marks struct {
	is   []bool
	list []int32
}

func newMarks(n int) *marks { return &marks{is: make([]bool, n)} }

func (m *marks) mark(n int32) {
	if !m.is[n] {
		m.is[n] = true
		m.list = append(m.list, n)
	}
}
