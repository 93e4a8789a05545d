package screen

import (
	"slices"

	"github.com/kubegatehouse/gatehouse/tui/world"
)

// partRow is a part of a role, or one that it is a part of.
type partRow struct {
	world.Part
	into bool
}

func (row partRow) direction() string {
	if row.into {
		return "goes into"
	}
	return "comes from"
}

// partRows are what a role is made of, then what it is a part of.
func partRows(w *world.World, r *world.Role) []partRow {
	var out []partRow
	for _, part := range w.Parts(r) {
		out = append(out, partRow{part, false})
	}
	for _, of := range r.Into {
		parts := w.Parts(of)
		i := slices.IndexFunc(parts, func(part world.Part) bool { return part.Role == r })
		part := parts[i]
		part.Role = of
		out = append(out, partRow{part, true})
	}
	return out
}

func partsList(w *world.World, rows []partRow) *List {
	return Table[partRow]{
		Columns: []TypedColumn[partRow]{
			{Column{Name: "Direction", Min: 10}, func(row partRow) Cell { return Cell{Text: row.direction()} }},
			{Column{Name: "Cluster role", Min: 20, Shrink: true}, func(row partRow) Cell { return Cell{Text: row.ID.Name, Tone: Strong} }},
			{Column{Name: "Rules", Right: true, Numeric: true, Min: 5, Drop: 2}, func(row partRow) Cell { return numberCell(row.Rules) }},
			{Column{Name: "Because of", Min: 12, Drop: 1, Shrink: true}, func(row partRow) Cell { return cell(row.Selector, Plain) }},
		},
		Key:     func(row partRow) string { return row.direction() + "\x00" + row.ID.Name },
		Open:    func(row partRow) Place { return rolePlace(row.ID) },
		Jump:    func(row partRow, to Kind) Place { return roleJump(row.Role, to) },
		Command: func(row partRow) string { return objectCommand(w, row.ID) },
		Detail:  func(row partRow) *Text { return roleDetail(w, row.Role) },
	}.Of(rows)
}
