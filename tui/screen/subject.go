package screen

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// The tabs of a subject.
const (
	tabGrants = "grants"
	tabRights = "rights"
	tabPods   = "pods"
)

// subjectPage shows what somebody has got, by himself and through groups that he is known to be in, what he may do with it,
// and which pods run as a service account. Anybody has a page, since anybody may log in.
func subjectPage(w *world.World, p Place) (*Page, error) {
	s := w.Subject(p.Subject)
	holdings := w.Holdings(s.Subject)
	page := &Page{
		Title: s.String(), Facts: subjectFacts(w, s), Notes: append(subjectNotes(w, s), rightsNotes(w, "")...),
		Command: rightsCommand(w, s.Subject, ""),
		Tabs: []Tab{
			{ID: tabGrants, Title: "Grants", Badge: countCell(w, "", len(holdings), bindingKinds()...).Text},
			{ID: tabRights, Title: "Rights"},
		},
	}
	if s.Kind == rbacv1.ServiceAccountKind {
		page.Tabs = append(page.Tabs, podsTab(w, s))
	}
	switch tabOf(page, p) {
	case tabRights:
		rightsTab(w, s, page)
	case tabPods:
		podsPage(w, s, page)
	default:
		page.List = holdingsList(w, s, holdings)
	}
	return page, nil
}

func subjectFacts(w *world.World, s *world.Subject) []Fact {
	bound := boundCell(s.Everywhere, s.Namespaces)
	if len(s.Bindings) == 0 {
		if _, gap := unread(w, "", bindingKinds()...); gap != nil {
			bound = Cell{Text: unknown, Tone: Warn}
		}
	}
	facts := []Fact{{Name: "bound", Value: bound.Text, Tone: bound.Tone}}
	if s.Namespace != "" {
		facts = append([]Fact{{Name: "namespace", Value: s.Namespace, Open: Place{Kind: Workspace, Name: s.Namespace}}}, facts...)
	}
	if s.Strongest != nil {
		facts = append(facts, Fact{Name: "strongest role", Value: s.Strongest.Object.KindName(), Open: rolePlace(s.Strongest.ID)})
	}
	if allows := strengthCell(s.Strongest); allows.Text != "-" {
		facts = append(facts, Fact{Name: "allows", Value: allows.Text, Tone: allows.Tone})
	}
	var groups []string
	for _, name := range w.Identity(s.Subject).Groups {
		if rbac.Group(name) != s.Subject {
			groups = append(groups, name)
		}
	}
	if len(groups) > 0 {
		facts = append(facts, Fact{Name: "member of", Value: question.List(groups, 4)})
	}
	return facts
}

// subjectNotes say what nobody should overlook of a subject.
func subjectNotes(w *world.World, s *world.Subject) []string {
	var out []string
	if s.Missing {
		out = append(out, "this service account does not exist: whoever makes one of this name gets what is bound to it")
	}
	if text := crowdText(w, s.Subject); text != "" {
		out = append(out, "the API server itself puts people into this group: "+text)
	}
	if w.Identity(s.Subject).Superuser() {
		out = append(out, "may do everything: the API server does not check members of "+rbac.GroupMasters+" against RBAC")
	}
	if len(s.Bindings) == 0 {
		var alike []string
		if s.Kind != rbacv1.ServiceAccountKind || s.Missing { // an account that is there is no slip of the finger
			_, alike = question.Known(w.Index, s.Subject, memberSubjects(w))
		}
		binding := "no binding"
		if _, gap := unread(w, "", bindingKinds()...); gap != nil {
			binding += " that could be read"
		}
		out = append(out, binding+" names "+s.String()+question.DidYouMean(alike))
	}
	if admitted := admittedTo(w, s.Subject); len(admitted) > 0 {
		out = append(out, "policies alone, without a binding, let it in through the gateway: "+question.List(admitted, 4))
	}
	if grants := ofKalm(w, s.Subject); len(grants) > 0 {
		out = append(out, "Kalm, whose roles give nothing in the Kubernetes API, has grants of its own for it: "+question.List(grants, 4))
	}
	if s.Kind == rbacv1.UserKind && s.UserName() != w.Frame.User {
		out = append(out, "groups of users are known to the identity provider only: what they give is not shown")
	}
	return out
}

// admittedTo returns the workspaces in which a subject works through the gateway, though no binding says so.
func admittedTo(w *world.World, s rbac.Subject) []string {
	var out []string
	for _, m := range w.Members() {
		if m.Subject == s && m.How == workspace.ByPolicy {
			out = append(out, m.Workspace)
		}
	}
	return slices.Compact(out)
}

// holdingsList is what a subject has got, a row for each binding.
func holdingsList(w *world.World, s *world.Subject, holdings []world.Holding) *List {
	return Table[world.Holding]{
		Columns: []TypedColumn[world.Holding]{
			{Column{Name: "Where", Min: 10, Shrink: true}, func(h world.Holding) Cell { return whereCell(h.Binding) }},
			{Column{Name: "Role", Min: 12, Shrink: true}, func(h world.Holding) Cell { return Cell{Text: h.RoleKindName(), Tone: Strong} }},
			{Column{Name: "Binding", Min: 12, Drop: 2, Shrink: true}, func(h world.Holding) Cell { return Cell{Text: h.KindName()} }},
			{Column{Name: "Via", Min: 8, Drop: 1, Shrink: true}, func(h world.Holding) Cell { return viaCell(s, h) }},
			{Column{Name: "State", Min: 7, Drop: 3}, func(h world.Holding) Cell { return bindingState(h.Binding) }},
			{Column{Name: "Allows", Numeric: true, Min: 10, Drop: 4, Shrink: true}, func(h world.Holding) Cell { return strengthCell(h.Role) }},
		},
		Key:     func(h world.Holding) string { return h.Via.String() + "\x00" + h.ID().String() },
		Open:    func(h world.Holding) Place { return bindingPlace(h.ID()) },
		Jump:    func(h world.Holding, to Kind) Place { return JumpTo(to, h.Via, h.ID(), roleOf(h.Binding), h.Namespace) },
		Command: func(h world.Holding) string { return rightsCommand(w, s.Subject, h.Namespace) },
		Detail:  func(h world.Holding) *Text { return &Text{Lines: givenLines(w, h.Binding, mostRules)} },
		Wishes: func(h world.Holding) []change.Wish {
			if h.Via != s.Subject {
				return nil // what is a group's is not taken from one of its members
			}
			return grantWishes(w, h.Binding, s.Subject)
		},
		Empty: emptyWords(w, "", "no binding names "+s.String()+", nor a group that it is known to be in", bindingKinds()...),
	}.Of(holdings)
}

// viaCell says through which group a subject has got something.
func viaCell(s *world.Subject, h world.Holding) Cell {
	if h.Via == s.Subject {
		return Cell{Text: "by name"}
	}
	return Cell{Text: "via " + h.Via.String(), Tone: Quiet}
}

// ofKalm returns the grants of a subject in Kalm, as "owner in shop".
func ofKalm(w *world.World, s rbac.Subject) []string {
	if len(w.Inventory.Objects(inventory.KalmBindings)) == 0 {
		return nil
	}
	var out []string
	for _, m := range w.Members() {
		if m.Subject == s && m.OfKalm() {
			out = append(out, m.RoleText()+" in "+m.Workspace)
		}
	}
	return out
}
