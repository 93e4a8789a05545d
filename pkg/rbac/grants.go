package rbac

import "slices"

// answer sorts the hits out by subject.
func (q *whoCan) answer() Answer {
	full, named := q.bySubject()
	return Answer{Grants: q.grants(full, nil), OnlyNamed: q.onlyNamed(named, full)}
}

// bySubject returns the hits in the order of subjects, and of bindings for each: those without a limit, and those for certain
// names.
func (q *whoCan) bySubject() (full, named []hit) {
	sortHits(q.hits[:q.cluster], func(h *hit) int32 { return h.binding })
	sortHits(q.hits, func(h *hit) int32 { return h.subject })
	full = q.hits
	if q.named > 0 {
		full, named = make([]hit, 0, len(q.hits)-q.named), make([]hit, 0, q.named)
		for _, h := range q.hits {
			if h.named {
				named = append(named, h)
			} else {
				full = append(full, h)
			}
		}
	}
	return full, named
}

// grants makes one grant for each subject, or for each group of hits when their ends are given. The hits are in the order
// of subjects, and of bindings for each grant. Without ends the superusers come first: they may do everything whether or
// not a binding names them.
func (q *whoCan) grants(hits []hit, ends []int) []Grant {
	masters := ends == nil
	count, spaces := len(ends), 0
	for i := range hits {
		if masters && (i == 0 || hits[i].subject != hits[i-1].subject) {
			count++
		}
		if q.ix.bindings[hits[i].binding].namespace != 0 {
			spaces++
		}
	}
	grants := make([]Grant, 0, count+1)
	if masters {
		grants = append(grants, Grant{Subject: Group(GroupMasters), Superuser: true, Everywhere: true})
	}
	proofs, places := make([]Proof, len(hits)), make([]string, 0, spaces)
	for from := 0; from < len(hits); {
		n, start, to, last := hits[from].subject, len(places), from, int32(0)
		g := &grants[:1][0] // there is room for it, whether or not it is the superusers
		if s := &q.ix.subjects[n].Subject; !masters || *s != g.Subject {
			grants = append(grants, Grant{})
			g = &grants[len(grants)-1]
			g.Subject = *s
		}
		end := len(hits)
		if !masters {
			end, ends = ends[0], ends[1:]
		}
		for ; to < end && hits[to].subject == n; to++ {
			h := &hits[to]
			q.prover.prove(&proofs[to], n, ViaDirect, h.binding, int(h.position))
			switch ns := q.ix.bindings[h.binding].namespace; ns {
			case 0:
				g.Everywhere = true
			case last:
			default:
				places = append(places, q.ix.namespaces[ns])
				last = ns
			}
		}
		g.Proofs = proofs[from:to:to]
		if len(places) > start {
			g.Namespaces = places[start:len(places):len(places)]
		}
		from = to
	}
	return grants
}

// onlyNamed returns the grants for certain names, leaving out the places where the subject may do it without a limit: the
// full hits. Both lists are in the order of subjects, and of bindings for each of them.
func (q *whoCan) onlyNamed(named, full []hit) []Grant {
	left := named[:0]
	for _, h := range named {
		for len(full) > 0 && full[0].subject < h.subject {
			full = full[1:]
		}
		if q.ix.subjects[h.subject].Subject != Group(GroupMasters) && !q.hasWithoutLimit(h, full) {
			left = append(left, h)
		}
	}
	if len(left) == 0 {
		return nil
	}
	ordered, ends, names := make([]hit, 0, len(left)), make([]int, 0, len(left)), make([][]string, 0, len(left))
	for len(left) > 0 {
		end := 1
		for end < len(left) && left[end].subject == left[0].subject {
			end++
		}
		ordered, ends, names = q.splitNames(left[:end], ordered, ends, names)
		left = left[end:]
	}
	grants := q.grants(ordered, ends)
	for i := range grants {
		grants[i].Names = names[i]
	}
	return grants
}

// splitNames appends a subject's hits so that those of places with the same names stand together, with the ends of these
// groups and their names: no name may be said to be allowed in a place where it is not. The hits are in the order of
// bindings, and so of places.
func (q *whoCan) splitNames(hits, ordered []hit, ends []int, names [][]string) ([]hit, []int, [][]string) {
	space := func(h *hit) int32 { return q.ix.bindings[h.binding].namespace }
	if space(&hits[0]) == space(&hits[len(hits)-1]) {
		ordered = append(ordered, hits...)
		return ordered, append(ends, len(ordered)), append(names, q.names(hits))
	}
	var sets [][]string
	var groups [][]hit
	for len(hits) > 0 {
		end := 1
		for end < len(hits) && space(&hits[end]) == space(&hits[0]) {
			end++
		}
		set := q.names(hits[:end])
		i := slices.IndexFunc(sets, func(have []string) bool { return slices.Equal(have, set) })
		if i < 0 {
			i = len(sets)
			sets, groups = append(sets, set), append(groups, nil)
		}
		groups[i] = append(groups[i], hits[:end]...)
		hits = hits[end:]
	}
	for i := range sets {
		ordered = append(ordered, groups[i]...)
		ends, names = append(ends, len(ordered)), append(names, sets[i])
	}
	return ordered, ends, names
}

// hasWithoutLimit reports whether the first of the full hits are those of the same subject, and one is for the place of h
// or for everywhere.
func (q *whoCan) hasWithoutLimit(h hit, full []hit) bool {
	space := q.ix.bindings[h.binding].namespace
	i, _ := slices.BinarySearchFunc(full, space, func(f hit, space int32) int {
		if f.subject != h.subject {
			return 1
		}
		return int(q.ix.bindings[f.binding].namespace) - int(space)
	})
	at := func(i int, space int32) bool {
		return i < len(full) && full[i].subject == h.subject && q.ix.bindings[full[i].binding].namespace == space
	}
	return at(0, 0) || at(i, space)
}

// names lists the object names for which the roles of the hits allow the action.
func (q *whoCan) names(hits []hit) []string {
	var names []string
	rules := 0
	for i := range hits {
		for _, n := range q.ix.roles[q.ix.bindings[hits[i].binding].role].rules {
			rule := &q.ix.rules[n]
			if rule.sieve.passes(q.sieve) && rule.allowsSomeName(&q.action) {
				if rules++; rules == 1 {
					names = slices.Clip(rule.policy.ResourceNames) // most often there are no others
					continue
				}
				names = append(names, rule.policy.ResourceNames...)
			}
		}
	}
	if rules == 1 && strictlyAscending(names) {
		return names
	}
	return sortedUnique(names)
}

// sortHits orders hits by a key that is not negative, and keeps the order of those with the same key. It takes as many
// steps for each hit as the largest key has bytes.
func sortHits(hits []hit, key func(*hit) int32) {
	largest, sorted := int32(0), true
	for i := range hits {
		k := key(&hits[i])
		sorted = sorted && k >= largest
		largest = max(largest, k)
	}
	if sorted {
		return
	}
	if len(hits) <= fewHits {
		sortFew(hits, key)
		return
	}
	from, to := hits, make([]hit, len(hits))
	for shift := 0; largest>>shift > 0; shift += 8 {
		var next [257]int
		for i := range from {
			next[key(&from[i])>>shift&255+1]++
		}
		for i := range 256 {
			next[i+1] += next[i]
		}
		for i := range from {
			digit := key(&from[i]) >> shift & 255
			to[next[digit]] = from[i]
			next[digit]++
		}
		from, to = to, from
	}
	if &from[0] != &hits[0] {
		copy(hits, from)
	}
}

// fewHits is up to how many hits are sorted by comparison.
const fewHits = 256

// sortFew orders numbers of key and place, which is faster than hits.
func sortFew(hits []hit, key func(*hit) int32) {
	var order [fewHits]int64
	var copied [fewHits]hit
	for i := range hits {
		order[i] = int64(key(&hits[i]))<<32 | int64(i)
	}
	slices.Sort(order[:len(hits)])
	copy(copied[:], hits)
	for i := range hits {
		hits[i] = copied[uint32(order[i])]
	}
}

// strictlyAscending reports whether the list is sorted and holds nothing twice.
func strictlyAscending(list []string) bool {
	for i := 1; i < len(list); i++ {
		if list[i-1] >= list[i] {
			return false
		}
	}
	return true
}
