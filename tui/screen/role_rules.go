package screen

import (
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// ruleRow is a line of a role's rights, and the ClusterRole out of which an aggregated role has it.
type ruleRow struct {
	rbac.Right
	from *world.Role
}

// ruleRows are the lines of a role, part by part where it is aggregated.
func ruleRows(w *world.World, r *world.Role) []ruleRow {
	rules := map[*world.Role]*rbac.Role{}
	var parts []*world.Role
	for i := range r.Object.Rules {
		from := w.Origin(r, i)
		if rules[from] == nil {
			rules[from] = &rbac.Role{}
			parts = append(parts, from)
		}
		rules[from].Rules = append(rules[from].Rules, r.Object.Rules[i])
	}
	var out []ruleRow
	for _, from := range parts {
		for _, right := range w.Index.Catalog().Lines(rules[from].Rules, r.ID.Namespace != "") {
			out = append(out, ruleRow{right, from})
		}
	}
	return out
}

// rulesList is what a role allows, as a grid of verbs.
func rulesList(w *world.World, r *world.Role) *List {
	rows := ruleRows(w, r)
	columns := gridColumns(w, func(row *ruleRow) *rbac.Right { return &row.Right })
	if len(r.Object.Aggregates) > 0 {
		columns = append(columns, TypedColumn[*ruleRow]{Column{Name: "From", Min: 8, Drop: 8, Shrink: true}, fromCell})
	}
	return Table[*ruleRow]{
		Columns: columns,
		Key:     func(row *ruleRow) string { return fromCell(row).Text + "\x00" + rightKey(&row.Right) },
		Open:    func(row *ruleRow) Place { return askPlace(&row.Right, r.ID.Namespace) },
		Jump: func(row *ruleRow, to Kind) Place {
			role := r.ID
			if row.from != nil {
				role = row.from.ID
			}
			return JumpTo(to, rbac.Subject{}, rbac.ObjectID{}, role, r.ID.Namespace)
		},
		Command: func(row *ruleRow) string {
			return command(w, append([]string{"whocan"}, askWords(&row.Right, r.ID.Namespace)...)...)
		},
		Detail: func(row *ruleRow) *Text { return ruleDetail(r, row) },
		Empty:  "it has no rules: whoever has it may do nothing",
	}.Of(pointers(rows))
}

// fromCell names the part that a rule comes from.
func fromCell(row *ruleRow) Cell {
	if row.from == nil {
		return cell("", Plain)
	}
	return Cell{Text: row.from.ID.Name}
}

// pointers returns where the items are, for tables of large ones.
func pointers[T any](items []T) []*T {
	out := make([]*T, len(items))
	for i := range items {
		out[i] = &items[i]
	}
	return out
}

func ruleDetail(r *world.Role, row *ruleRow) *Text {
	text := &Text{Lines: []Line{rightLine(&row.Right)}}
	if len(row.Names) > 3 {
		text.Lines = append(text.Lines, labelled("names", question.RightNames(row.Names, len(row.Names))))
	}
	if row.from != nil {
		from := labelled("from", row.from.ID.String()+", a part of "+r.ID.Name)
		from.Open = rolePlace(row.from.ID)
		text.Lines = append(text.Lines, from)
	}
	return text
}
