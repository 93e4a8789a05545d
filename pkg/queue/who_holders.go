package queue

import (
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// holders are the subjects that may do something, by their numbers in the index, ascending: superusers are left out.
type holders struct {
	everywhere []int32
	// in are those that RoleBindings let do it in each namespace, by the namespace's number. Some may be everywhere too.
	in [][]int32
}

// at reports whether one of the subjects may do it in a namespace.
func (h *holders) at(place int32, subjects []int32) bool {
	return slices.ContainsFunc(subjects, func(n int32) bool { return has(h.everywhere, n) || has(h.in[place], n) })
}

func has(list []int32, n int32) bool {
	_, found := slices.BinarySearch(list, n)
	return found
}

// remembered returns what work gives, once for each key.
func (s *State) remembered(key string, work func() *holders) *holders {
	s.lock.Lock()
	known := s.holders[key]
	s.lock.Unlock()
	if known != nil {
		return known
	}
	made := work() // may be made twice at once, and comes out the same
	s.lock.Lock()
	defer s.lock.Unlock()
	s.holders[key] = made
	return made
}

// holdersOf returns who may do an action whose namespace is left open.
func (s *State) holdersOf(a rbac.Action) *holders {
	return s.remembered(a.Verb+" "+a.ResourceName()+"."+a.Group, func() *holders {
		h := &holders{in: make([][]int32, len(s.spaces))}
		granted := s.Rights.Granted(a, rbac.Anywhere)
		for i := range granted.Len() {
			n, bound := s.Rights.SubjectNumber(granted.Subject(i))
			if !bound || granted.Subject(i) == rbac.Group(rbac.GroupMasters) {
				continue
			}
			everywhere, namespaces := granted.Reach(i)
			if everywhere {
				h.everywhere = append(h.everywhere, int32(n))
			}
			h.add(s, int32(n), namespaces)
		}
		if a.Resource == "namespaces" && a.Group == "" {
			// Who may change namespaces of certain names may do it in these: such a request is in the namespace that it is for.
			for _, g := range granted.OnlyNamed() {
				if n, bound := s.Rights.SubjectNumber(g.Subject); bound && g.Everywhere {
					h.add(s, int32(n), g.Names)
				}
			}
		}
		h.sort()
		return h
	})
}

func (h *holders) add(s *State, subject int32, namespaces []string) {
	for _, ns := range namespaces {
		if place, known := s.number[ns]; known {
			h.in[place] = append(h.in[place], subject)
		}
	}
}

func (h *holders) sort() {
	order := func(list []int32) []int32 { slices.Sort(list); return slices.Compact(list) }
	h.everywhere = order(h.everywhere)
	for i := range h.in {
		h.in[i] = order(h.in[i])
	}
}

// either returns who may do at least one of several things. The key stands for them.
func (s *State) either(key string, of func(yield func(*holders))) *holders {
	return s.remembered("either "+key, func() *holders {
		h := &holders{in: make([][]int32, len(s.spaces))}
		of(func(one *holders) {
			h.everywhere = append(h.everywhere, one.everywhere...)
			for i := range one.in {
				h.in[i] = append(h.in[i], one.in[i]...)
			}
		})
		h.sort()
		return h
	})
}

// both returns who may do all of several things in the same namespace, by themselves or through the groups that the API
// server gives to everybody of their kind; at least one of the things by themselves. The key stands for them.
func (s *State) both(key string, all ...*holders) *holders {
	if len(all) == 1 {
		return all[0]
	}
	return s.remembered("both "+key, func() *holders {
		h := &holders{in: make([][]int32, len(s.spaces))}
		everyone := s.identities()
		var anywhere []int32 // who may do one of the things everywhere
		for _, one := range all {
			anywhere = append(anywhere, one.everywhere...)
		}
		slices.Sort(anywhere)
		anywhere = slices.Compact(anywhere)
		for _, n := range anywhere {
			if !slices.ContainsFunc(all, func(one *holders) bool {
				return !slices.ContainsFunc(everyone.of[n], func(m int32) bool { return has(one.everywhere, m) })
			}) {
				h.everywhere = append(h.everywhere, n)
			}
		}
		var near []int32
		for place := range s.spaces {
			near = near[:0]
			common := false
			for _, one := range all {
				near = append(near, one.in[place]...)
				common = common || slices.ContainsFunc(one.in[place], func(n int32) bool { return has(everyone.groups, n) })
			}
			if common {
				near = append(near, anywhere...)
			}
			slices.Sort(near)
			for _, n := range slices.Compact(near) {
				if !has(h.everywhere, n) && !slices.ContainsFunc(all, func(one *holders) bool { return !one.at(int32(place), everyone.of[n]) }) {
					h.in[place] = append(h.in[place], n)
				}
			}
		}
		return h
	})
}

// identities say under which subjects of bindings each subject acts.
type identities struct {
	// subjects are those of the index, in its order; built says of each whether Kubernetes made it up, or it is the superusers.
	subjects []rbac.Subject
	built    []bool
	// of are the subject itself, and those groups of its that the API server gives to all of its kind.
	of [][]int32
	// groups are those groups, ascending.
	groups []int32
}

func (s *State) identities() *identities {
	s.lock.Lock()
	defer s.lock.Unlock()
	if s.known != nil {
		return s.known
	}
	subjects := s.Rights.Subjects()
	s.known = &identities{subjects: subjects, built: make([]bool, len(subjects)), of: make([][]int32, len(subjects))}
	common := map[int32]struct{}{}
	for i, subject := range subjects {
		s.known.of[i] = []int32{int32(i)}
		s.known.built[i] = subject.IsSystem() || subject == rbac.Group(rbac.GroupMasters)
		for _, group := range rbac.NewIdentity(subject).Groups {
			if n, bound := s.Rights.SubjectNumber(rbac.Group(group)); bound && n != i {
				s.known.of[i] = append(s.known.of[i], int32(n))
				common[int32(n)] = struct{}{}
			}
		}
	}
	for n := range common {
		s.known.groups = append(s.known.groups, n)
	}
	slices.Sort(s.known.groups)
	return s.known
}
