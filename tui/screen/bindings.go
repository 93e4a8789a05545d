package screen

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// bindingsPage lists all bindings.
func bindingsPage(w *world.World, _ Place) (*Page, error) {
	all := w.Bindings()
	var clusterBindings, dangling int
	for _, b := range all {
		if b.Namespace == "" {
			clusterBindings++
		}
		if b.Dangling() {
			dangling++
		}
	}
	facts := []Fact{
		{Name: "cluster role bindings", Value: strconv.Itoa(clusterBindings)},
		{Name: "role bindings", Value: strconv.Itoa(len(all) - clusterBindings)},
	}
	if dangling > 0 {
		facts = append(facts, Fact{Name: "without a role", Value: strconv.Itoa(dangling), Tone: Bad})
	}
	return &Page{
		Title: Bindings.Title(), Facts: facts, Command: listCommand(w, bindingResources), Notes: rightsNotes(w, ""),
		List: bindingTable(w, true, emptyWords(w, "", "there are no bindings", bindingKinds()...)).Of(all),
	}, nil
}

// bindingTable describes lists of bindings. everywhere says that they are not all of one namespace; empty is said of a list
// without any.
func bindingTable(w *world.World, everywhere bool, empty string) Table[*world.Binding] {
	table := Table[*world.Binding]{
		Columns: []TypedColumn[*world.Binding]{
			{Column{Name: "Name", Min: nameWidth, Shrink: true}, func(b *world.Binding) Cell { return Cell{Text: b.Name, Tone: Strong} }},
			{Column{Name: whereColumn, Min: 10, Shrink: true}, whereCell},
			{Column{Name: "Role", Min: 18, Drop: 1, Shrink: true}, func(b *world.Binding) Cell { return Cell{Text: b.RoleKindName()} }},
			{Column{Name: "Subjects", Min: 16, Drop: 2, Shrink: true}, subjectsCell},
			{Column{Name: "State", Min: 7, Drop: 3}, bindingState},
			{Column{Name: "Allows", Numeric: true, Min: 10, Drop: 4, Shrink: true}, func(b *world.Binding) Cell { return strengthCell(b.Role) }},
		},
		Key:     func(b *world.Binding) string { return b.ID().String() },
		Open:    func(b *world.Binding) Place { return bindingPlace(b.ID()) },
		Jump:    bindingJump,
		Command: func(b *world.Binding) string { return objectCommand(w, b.ID()) },
		Detail:  func(b *world.Binding) *Text { return bindingDetail(w, b) },
		Wishes:  func(b *world.Binding) []change.Wish { return bindingWishes(w, b) },
		Empty:   empty,
	}
	if !everywhere {
		table.Columns = slices.DeleteFunc(table.Columns, func(c TypedColumn[*world.Binding]) bool { return c.Name == whereColumn })
	}
	return table
}

const whereColumn = "Where"

// subjectsCell names the first two subjects of a binding.
func subjectsCell(b *world.Binding) Cell {
	const most = 2
	names := make([]string, 0, most)
	for _, s := range b.Subjects[:min(most, len(b.Subjects))] {
		names = append(names, s.String())
	}
	switch more := len(b.Subjects) - most; {
	case len(names) == 0:
		return cell("", Plain)
	case more > 0:
		return Cell{Text: question.List(names, most) + fmt.Sprintf(" and %d more", more)}
	}
	return Cell{Text: question.List(names, most)}
}

// bindingState says what is wrong with a binding, the gravest only.
func bindingState(b *world.Binding) Cell {
	switch {
	case b.Dangling():
		return Cell{Text: "dangling", Tone: Bad}
	case len(b.Subjects) == 0:
		return Cell{Text: "nobody", Tone: Warn}
	case b.Role.Object == nil:
		return Cell{Text: "role unread", Tone: Warn}
	case len(b.Missing()) > 0:
		return Cell{Text: "missing account", Tone: Warn}
	}
	return cell("", Plain)
}

// bindingJump leads to the binding, its role and its namespace, and to its subject, the first of several.
func bindingJump(b *world.Binding, to Kind) Place {
	var subject rbac.Subject
	if len(b.Subjects) > 0 {
		subject = b.Subjects[0].Subject
	}
	return JumpTo(to, subject, b.ID(), roleOf(b), b.Namespace)
}

// bindingWishes are the changes of the grant that a binding of one subject is.
func bindingWishes(w *world.World, b *world.Binding) []change.Wish {
	if len(b.Subjects) != 1 {
		return nil
	}
	return grantWishes(w, b, b.Subjects[0].Subject)
}

// bindingDetail says who gets what by a binding.
func bindingDetail(w *world.World, b *world.Binding) *Text {
	const most = 10
	text := &Text{}
	for _, s := range b.Subjects[:min(most, len(b.Subjects))] {
		one := line(s.String(), Strong)
		one.Open = Place{Kind: Subject, Subject: s.Subject}
		text.Lines = append(text.Lines, one)
	}
	if more := len(b.Subjects) - most; more > 0 {
		text.Lines = append(text.Lines, line(fmt.Sprintf("and %d more", more), Quiet))
	}
	text.Lines = append(text.Lines, givenLines(w, b, mostRules)...)
	return text
}
