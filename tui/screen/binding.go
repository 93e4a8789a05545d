package screen

import (
	"fmt"
	"slices"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// bindingID is the binding of a place.
func bindingID(p Place) rbac.ObjectID {
	if p.Namespace == "" {
		return rbac.ObjectID{Kind: "ClusterRoleBinding", Name: p.Name}
	}
	return rbac.ObjectID{Kind: "RoleBinding", Namespace: p.Namespace, Name: p.Name}
}

// bindingPage shows whom a binding gives which role, and what that gives in words.
func bindingPage(w *world.World, p Place) (*Page, error) {
	id := bindingID(p)
	b := w.Binding(id)
	if b == nil {
		return nil, fmt.Errorf("open %s: %s", id, emptyWords(w, id.Namespace, "there is no such binding", bindingsOf(id)))
	}
	text := &Text{Lines: []Line{line("What it gives "+whereWords(b), Strong)}}
	text.Lines = append(text.Lines, givenLines(w, b, 1<<30)...)
	text.Lines = append(text.Lines, line("Its role is fixed: to give another one, the binding is deleted and made anew.", Quiet))
	return &Page{
		Title: strings.ToLower(id.Kind) + " " + nameIn(id), Facts: bindingFacts(w, b), Text: text,
		Notes: append(bindingNotes(b), rightsNotes(w, b.Namespace)...), Command: objectCommand(w, id), Wishes: bindingWishes(w, b),
		List: Table[*world.Subject]{
			Columns: []TypedColumn[*world.Subject]{
				{Column{Name: "Subject", Min: subjectWidth, Shrink: true}, func(s *world.Subject) Cell { return Cell{Text: s.String(), Tone: Strong} }},
				{Column{Name: "Bindings", Right: true, Numeric: true, Min: 8, Drop: 2}, func(s *world.Subject) Cell { return bindingsCell(w, s) }},
				{Column{Name: "Remark", Min: 8, Drop: 1, Shrink: true}, func(s *world.Subject) Cell { return subjectRemark(w, s) }},
			},
			Key:     func(s *world.Subject) string { return s.String() },
			Open:    func(s *world.Subject) Place { return Place{Kind: Subject, Subject: s.Subject} },
			Jump:    func(s *world.Subject, to Kind) Place { return JumpTo(to, s.Subject, id, roleOf(b), b.Namespace) },
			Command: func(s *world.Subject) string { return rightsCommand(w, s.Subject, b.Namespace) },
			Wishes:  func(s *world.Subject) []change.Wish { return grantWishes(w, b, s.Subject) },
			Empty:   "it names nobody: it gives nothing",
		}.Of(b.Subjects),
	}, nil
}

func whereWords(b *world.Binding) string {
	if b.Namespace == "" {
		return everywhere
	}
	return "in " + b.Namespace
}

func bindingFacts(w *world.World, b *world.Binding) []Fact {
	facts := []Fact{{Name: "where", Value: whereCell(b).Text, Tone: whereCell(b).Tone}}
	if b.Namespace != "" {
		facts[0].Open = Place{Kind: Workspace, Name: b.Namespace}
	}
	role := Fact{Name: "role", Value: b.RoleKindName()}
	if b.Role != nil {
		role.Open = rolePlace(b.Role.ID)
	}
	facts = append(facts, role)
	if state := bindingState(b); state.Text != "-" {
		facts = append(facts, Fact{Name: "state", Value: state.Text, Tone: state.Tone})
	}
	if allows := strengthCell(b.Role); allows.Text != "-" {
		facts = append(facts, Fact{Name: "allows", Value: allows.Text, Tone: allows.Tone})
	}
	if created := createdAt(w, b); !created.IsZero() {
		facts = append(facts, Fact{Name: "age", Value: ageCell(created, w.Now).Text})
	}
	if b.Origin != "" {
		facts = append(facts, Fact{Name: "from", Value: b.Origin, Tone: Quiet})
	}
	return facts
}

// createdAt is when a RoleBinding was made; zero of others, and where the source does not tell.
func createdAt(w *world.World, b *world.Binding) time.Time {
	all := w.State.Bindings(b.Namespace)
	i := slices.IndexFunc(all, func(o *rbacv1.RoleBinding) bool { return o.Name == b.Name })
	if i < 0 {
		return time.Time{}
	}
	return all[i].CreationTimestamp.Time
}

// bindingNotes say what is wrong with a binding.
func bindingNotes(b *world.Binding) []string {
	var out []string
	switch {
	case b.Role == nil && b.RoleRef.Kind == "Role":
		out = append(out, "it gives nothing: a ClusterRoleBinding can't refer to a Role, which is of one namespace")
	case b.Role == nil:
		out = append(out, fmt.Sprintf("it gives nothing: %q is no kind of role", b.RoleRef.Kind))
	case b.Role.Dangling():
		out = append(out, fmt.Sprintf("it gives nothing: there is no %s. Whoever makes one gives its rights to all subjects of this binding",
			b.RoleKindName()))
	case b.Role.Object == nil:
		out = append(out, absentWords(b.Role))
	}
	for _, s := range b.Missing() {
		out = append(out, fmt.Sprintf("%s does not exist: whoever makes a service account of this name gets the rights", s.Subject))
	}
	if ignored := len(b.Binding.Subjects) - len(b.Subjects); ignored > 0 {
		out = append(out, fmt.Sprintf("of its subjects %d do not count: they can be nobody, or are named twice", ignored))
	}
	return out
}

// givenLines say in words what a binding gives, at most so many lines. What its role holds beyond that is without effect:
// cluster-scoped resources and URLs through a RoleBinding.
func givenLines(w *world.World, b *world.Binding, most int) []Line {
	switch {
	case b.Dangling():
		return []Line{line("nothing: there is no "+b.RoleKindName(), Bad)}
	case b.Role.Object == nil:
		return []Line{line(absentWords(b.Role), Warn)}
	}
	rights := w.Index.Catalog().Lines(b.Role.Object.Rules, b.Namespace != "")
	slices.SortStableFunc(rights, func(a, b rbac.Right) int { return order(a.Void != "") - order(b.Void != "") })
	if len(rights) == 0 {
		return []Line{line("nothing: the role has no rules", Quiet)}
	}
	var out []Line
	for i := range rights[:min(most, len(rights))] {
		out = append(out, rightLine(&rights[i]))
	}
	if more := len(rights) - most; more > 0 {
		out = append(out, line(fmt.Sprintf("and %d more", more), Quiet))
	}
	return out
}
