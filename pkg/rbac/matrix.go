package rbac

import "slices"

// Extent says how far somebody may do something.
type Extent struct {
	// Everywhere, or in Namespaces only, or for Names only; nowhere when all are empty.
	Everywhere bool
	Namespaces []string
	Names      []string
}

// None reports whether the action is not allowed at all.
func (e Extent) None() bool { return !e.Everywhere && len(e.Namespaces) == 0 && len(e.Names) == 0 }

// MatrixRow is one row of a matrix: an extent for every verb.
type MatrixRow struct {
	Subject Subject
	Cells   []Extent
}

// SubjectMatrix returns who may do each of the verbs on the resource of the action, as [Index.WhoCan] answers; rows are
// those that may do at least one. Names only are kept where the subject has no wider right.
func (ix *Index) SubjectMatrix(a Action, verbs []string, scope Scope) []MatrixRow {
	rows := map[Subject][]Extent{}
	cells := func(s Subject) []Extent {
		if rows[s] == nil {
			rows[s] = make([]Extent, len(verbs))
		}
		return rows[s]
	}
	for i, verb := range verbs {
		a.Verb = verb
		answer := ix.WhoCan(a, scope)
		for _, g := range answer.Grants {
			cells(g.Subject)[i] = Extent{Everywhere: g.Everywhere, Namespaces: g.Namespaces}
		}
		for _, g := range answer.OnlyNamed {
			if cell := &cells(g.Subject)[i]; !cell.Everywhere && len(cell.Namespaces) == 0 {
				cell.Names = sortedUnique(append(cell.Names, g.Names...))
			}
		}
	}
	out := make([]MatrixRow, 0, len(rows))
	for s, list := range rows {
		out = append(out, MatrixRow{Subject: s, Cells: list})
	}
	slices.SortFunc(out, func(a, b MatrixRow) int {
		if r := boolRank(b.Subject == Group(GroupMasters)) - boolRank(a.Subject == Group(GroupMasters)); r != 0 {
			return r
		}
		return CompareSubjects(a.Subject, b.Subject)
	})
	return out
}
