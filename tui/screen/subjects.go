package screen

import (
	"fmt"
	"strconv"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// subjectsPage lists everybody whom a binding names, and the service accounts that nobody has given anything.
func subjectsPage(w *world.World, _ Place) (*Page, error) {
	all := w.Subjects()
	counts := map[string]int{}
	for _, s := range all {
		counts[s.Kind]++
	}
	return &Page{
		Title: Subjects.Title(),
		Facts: []Fact{
			{Name: "users", Value: strconv.Itoa(counts[rbacv1.UserKind])},
			{Name: "groups", Value: strconv.Itoa(counts[rbacv1.GroupKind])},
			{Name: "service accounts", Value: strconv.Itoa(counts[rbacv1.ServiceAccountKind])},
		},
		Notes:   append(rightsNotes(w, ""), gapNotes(w, "", need{kind: "serviceaccounts", means: "service accounts without grants are missing"})...),
		Command: listCommand(w, bindingResources),
		List: Table[*world.Subject]{
			Columns: []TypedColumn[*world.Subject]{
				{Column{Name: "Subject", Min: subjectWidth, Shrink: true}, func(s *world.Subject) Cell { return Cell{Text: s.String(), Tone: Strong} }},
				{Column{Name: "Bindings", Right: true, Numeric: true, Min: 8, Drop: 4}, func(s *world.Subject) Cell { return bindingsCell(w, s) }},
				{Column{Name: "Where", Numeric: true, Min: 10, Drop: 2, Shrink: true}, func(s *world.Subject) Cell { return boundCell(s.Everywhere, s.Namespaces) }},
				{Column{Name: "Strongest role", Min: 18, Drop: 3, Shrink: true}, strongestCell},
				{Column{Name: "Allows", Numeric: true, Min: 10, Drop: 5, Shrink: true}, func(s *world.Subject) Cell { return strengthCell(s.Strongest) }},
				{Column{Name: "Remark", Min: 8, Drop: 1, Shrink: true}, func(s *world.Subject) Cell { return subjectRemark(w, s) }},
			},
			Key:     func(s *world.Subject) string { return s.String() },
			Open:    func(s *world.Subject) Place { return Place{Kind: Subject, Subject: s.Subject} },
			Jump:    subjectJump,
			Command: func(s *world.Subject) string { return rightsCommand(w, s.Subject, "") },
			Detail:  subjectDetail,
			Empty:   emptyWords(w, "", "no binding names anybody", bindingKinds()...),
		}.Of(all),
	}, nil
}

// bindingsCell counts the bindings that name a subject.
func bindingsCell(w *world.World, s *world.Subject) Cell {
	return countCell(w, "", len(s.Bindings), bindingKinds()...)
}

func strongestCell(s *world.Subject) Cell {
	if s.Strongest == nil {
		return cell("", Plain)
	}
	return Cell{Text: s.Strongest.Object.KindName()}
}

// subjectJump leads to the subject, the namespace of a service account, the strongest role, and the binding where there is
// one only.
func subjectJump(s *world.Subject, to Kind) Place {
	var role, binding rbac.ObjectID
	if s.Strongest != nil {
		role = s.Strongest.ID
	}
	if len(s.Bindings) == 1 {
		binding = s.Bindings[0].ID()
	}
	return JumpTo(to, s.Subject, binding, role, s.Namespace)
}

// subjectDetail lists the first bindings of a subject.
func subjectDetail(s *world.Subject) *Text {
	const most = 10
	text := &Text{}
	for _, b := range s.Bindings[:min(most, len(s.Bindings))] {
		text.Lines = append(text.Lines, bindingLine(b))
	}
	switch more := len(s.Bindings) - most; {
	case len(s.Bindings) == 0:
		text.Lines = append(text.Lines, line("no binding names it", Quiet))
	case more > 0:
		text.Lines = append(text.Lines, line(fmt.Sprintf("and %d more", more), Quiet))
	}
	return text
}

// bindingLine writes a binding and where it counts, and leads to it.
func bindingLine(b *world.Binding) Line {
	where := whereCell(b)
	return Line{
		Spans: []Span{{Text: b.KindName() + " > " + b.RoleKindName()}, {Text: "  " + where.Text, Tone: Quiet}},
		Open:  bindingPlace(b.ID()),
	}
}
