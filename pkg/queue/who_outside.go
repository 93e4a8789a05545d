package queue

import (
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// useless returns who is given the right to create Kaiwo's workloads in namespaces that the queue lists, in vain.
func (s *State) useless(q *Queue, kinds []string) []Useless {
	var out []Useless
	creators, subjects := s.kaiwoCreators(kinds), s.identities().subjects
	for _, ns := range q.Listed {
		p := s.Place(q, ns)
		why, place := p.Obstacle(q), s.number[ns]
		if why == "" {
			continue
		}
		for _, n := range creators.in[place] {
			out = append(out, Useless{subjects[n], ns, why})
		}
	}
	slices.SortStableFunc(out, func(a, b Useless) int { return rbac.CompareSubjects(a.Subject, b.Subject) })
	return out
}

// outside returns who may create Kaiwo's workloads where the queue is not for them.
func (s *State) outside(q *Queue, kinds []string) []Outside {
	if q.Open() {
		return nil
	}
	creators, subjects := s.kaiwoCreators(kinds), s.identities().subjects
	found := map[int32]*Outside{}
	of := func(n int32) *Outside {
		if found[n] == nil {
			found[n] = &Outside{Subject: subjects[n]}
		}
		return found[n]
	}
	for _, n := range creators.everywhere {
		of(n).Everywhere = true
	}
	for place := range s.spaces {
		if ns := s.spaces[place].name; !q.lists(ns) {
			for _, n := range creators.in[place] {
				o := of(n)
				o.Namespaces = append(o.Namespaces, ns)
			}
		}
	}
	out := make([]Outside, 0, len(found))
	for _, o := range found {
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b Outside) int { return rbac.CompareSubjects(a.Subject, b.Subject) })
	return out
}

// kaiwoCreators returns who may create Kaiwo's workloads.
func (s *State) kaiwoCreators(words []string) *holders {
	h := &holders{in: make([][]int32, len(s.spaces))}
	for _, r := range s.kindsOf(kaiwoKinds, words) {
		one := s.holdersOf(rbac.Action{Verb: "create", Group: r.Group, Resource: r.Name})
		h.everywhere = append(h.everywhere, one.everywhere...)
		for i := range one.in {
			h.in[i] = append(h.in[i], one.in[i]...)
		}
	}
	h.sort()
	return h
}
