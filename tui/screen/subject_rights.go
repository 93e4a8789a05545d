package screen

import (
	"fmt"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// rightRow is a line of what a subject may do. Lines that come from the same bindings share the list of them.
type rightRow struct {
	rbac.Right
	sources []question.Source
}

// rightRows are what a subject may do, with those rights at the end that are written and can't be used, and how many are
// left out that Kubernetes gives to everybody.
func rightRows(w *world.World, s *world.Subject) (rows []*rightRow, everybodys int) {
	folded := map[*rbac.Source][]question.Source{}
	var void []*rightRow
	for _, right := range w.Index.Rights(w.Identity(s.Subject), "") {
		if right.Void == "" && question.Everybodys(&right) {
			everybodys++
			continue
		}
		first := &right.Sources[0]
		if folded[first] == nil {
			folded[first] = question.FoldSources(right.Sources)
		}
		row := &rightRow{right, folded[first]}
		if right.Void == "" {
			rows = append(rows, row)
		} else {
			void = append(void, row)
		}
	}
	return append(rows, void...), everybodys
}

// rightsTab fills in what a subject may do, line by line.
func rightsTab(w *world.World, s *world.Subject, page *Page) {
	rows, everybodys := rightRows(w, s)
	if everybodys > 0 {
		page.Facts = append(page.Facts, Fact{Name: "folded", Value: question.Plural(everybodys, "right") + " that everybody has", Tone: Quiet})
	}
	columns := append([]TypedColumn[*rightRow]{
		{Column{Name: "Where", Min: 8, Shrink: true}, func(r *rightRow) Cell { return rightWhere(&r.Right) }},
	}, gridColumns(w, func(r *rightRow) *rbac.Right { return &r.Right })...)
	columns = append(columns, TypedColumn[*rightRow]{Column{Name: "Via", Min: 12, Drop: 8, Shrink: true}, func(r *rightRow) Cell {
		return Cell{Text: question.Sources(r.sources, 1)}
	}})
	page.List = Table[*rightRow]{
		Columns: columns,
		Key:     func(r *rightRow) string { return rightKey(&r.Right) },
		Open:    func(r *rightRow) Place { return askPlace(&r.Right, onlyNamespace(&r.Right)) },
		Jump: func(r *rightRow, to Kind) Place {
			first := r.sources[0]
			return jumpAlong(to, first.Subject, first.Binding, first.Role, first.Binding.Namespace)
		},
		Command: func(r *rightRow) string { return whyCommand(w, s.Subject, &r.Right) },
		Detail:  rightDetail,
		Empty:   emptyWords(w, "", s.String()+" may do nothing beyond what everybody may", rightsKinds()...),
	}.Of(rows)
}

func rightWhere(r *rbac.Right) Cell {
	if r.Everywhere {
		return Cell{Text: everywhere, Tone: Strong}
	}
	return Cell{Text: question.RightWhere(r, 3)}
}

// onlyNamespace is the namespace of a right that holds in one.
func onlyNamespace(r *rbac.Right) string {
	if len(r.Namespaces) == 1 {
		return r.Namespaces[0]
	}
	return ""
}

// whyCommand proves a right in a shell.
func whyCommand(w *world.World, s rbac.Subject, r *rbac.Right) string {
	namespace := ""
	if len(r.Namespaces) > 0 {
		namespace = r.Namespaces[0]
	}
	return command(w, append([]string{"whocan", "why", s.String()}, askWords(r, namespace)...)...)
}

// rightDetail is a right in words, where it holds, and all through which it comes.
func rightDetail(r *rightRow) *Text {
	const most = 20
	text := &Text{Lines: []Line{rightLine(&r.Right), labelled("where", question.RightWhere(&r.Right, most))}}
	for i := range r.sources[:min(most, len(r.sources))] {
		one := line(r.sources[i].String(), Plain)
		if b := r.sources[i].Binding; !b.Told() {
			one.Open = bindingPlace(b.ID())
		}
		text.Lines = append(text.Lines, one)
	}
	if more := len(r.sources) - most; more > 0 {
		text.Lines = append(text.Lines, line(fmt.Sprintf("and %d more", more), Quiet))
	}
	return text
}
