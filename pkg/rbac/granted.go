package rbac

// Granted is the answer of [Index.WhoCan] of which each grant is made when it is asked for. Who shows a screen of ten
// thousand subjects needs the proofs of a few. It may be used by several goroutines.
type Granted struct {
	q *whoCan
	// ranges are the hits of each subject, those of the superusers first, who may have none.
	ranges    [][]hit
	onlyNamed []Grant
}

// Granted answers the question of [Index.WhoCan].
func (ix *Index) Granted(a Action, scope Scope) *Granted {
	q := ix.collect(a, scope)
	q.prover = ix.newProver()
	full, named := q.bySubject()
	g := &Granted{q: q, ranges: make([][]hit, 1, 64), onlyNamed: q.onlyNamed(named, full)}
	for len(full) > 0 {
		end := 1
		for end < len(full) && full[end].subject == full[0].subject {
			end++
		}
		if ix.subjects[full[0].subject].Subject == Group(GroupMasters) {
			g.ranges[0] = full[:end]
		} else {
			g.ranges = append(g.ranges, full[:end])
		}
		full = full[end:]
	}
	return g
}

// Len returns the number of grants.
func (g *Granted) Len() int { return len(g.ranges) }

// Subject returns the subject of a grant.
func (g *Granted) Subject(n int) Subject {
	if n == 0 {
		return Group(GroupMasters)
	}
	return g.q.ix.subjects[g.ranges[n][0].subject].Subject
}

// Grant returns what [Answer.Grants] has in that place.
func (g *Granted) Grant(n int) Grant {
	q := *g.q
	q.prover = q.ix.newProver()
	grants := q.grants(g.ranges[n], nil)
	return grants[len(grants)-1] // the superusers are before anybody else
}

// OnlyNamed returns what [Answer.OnlyNamed] has. The slice is shared.
func (g *Granted) OnlyNamed() []Grant { return g.onlyNamed }
