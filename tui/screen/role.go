package screen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// The tabs of a role.
const (
	tabRules   = "rules"
	tabHolders = "holders"
	tabParts   = "parts"
)

// roleID is the role of a place.
func roleID(p Place) rbac.ObjectID {
	if p.Namespace == "" {
		return rbac.ObjectID{Kind: "ClusterRole", Name: p.Name}
	}
	return rbac.ObjectID{Kind: "Role", Namespace: p.Namespace, Name: p.Name}
}

// rolePage shows what a role allows, who has it, and what it is made of. A role that is not there has a page as long as
// something refers to it.
func rolePage(w *world.World, p Place) (*Page, error) {
	id := roleID(p)
	r := w.Role(id)
	if r == nil {
		return nil, fmt.Errorf("open %s: %s", id, emptyWords(w, id.Namespace, "there is no such role", rolesOf(id)))
	}
	page := &Page{
		Title: strings.ToLower(r.ID.Kind) + " " + nameIn(r.ID), Facts: roleFacts(w, r), Command: roleCommand(w, r),
		Notes: rightsNotes(w, r.ID.Namespace),
	}
	if r.Object == nil {
		page.Notes = append([]string{absentWords(r)}, page.Notes...)
	} else {
		page.Tabs = append(page.Tabs, Tab{ID: tabRules, Title: "Rules", Badge: strconv.Itoa(len(r.Object.Rules))})
	}
	page.Tabs = append(page.Tabs, Tab{ID: tabHolders, Title: "Holders", Badge: holdersCell(w, r).Text})
	rows := partRows(w, r)
	if len(rows) > 0 {
		page.Tabs = append(page.Tabs, Tab{ID: tabParts, Title: "Parts", Badge: strconv.Itoa(len(rows))})
	}
	switch tabOf(page, p) {
	case tabHolders:
		page.List = holdersList(w, r)
	case tabParts:
		page.List = partsList(w, rows)
	default:
		page.List = rulesList(w, r)
	}
	return page, nil
}

// withoutEffect counts the rights of a ClusterRole that nobody has, because it is bound by RoleBindings only: on
// cluster-scoped resources, and URLs.
func withoutEffect(w *world.World, r *world.Role) int {
	void := 0
	if r.Object == nil || r.ID.Namespace != "" || r.Everywhere || r.Namespaces == 0 {
		return void
	}
	for _, right := range w.Index.Catalog().Lines(r.Object.Rules, true) {
		if right.Void != "" {
			void++
		}
	}
	return void
}

// tabOf returns the tab of the place, or the first where the page has no such tab (any more).
func tabOf(page *Page, p Place) string {
	if slices.ContainsFunc(page.Tabs, func(t Tab) bool { return t.ID == p.Tab }) {
		return p.Tab
	}
	return page.Tabs[0].ID
}

// nameIn is the name of an object, with its namespace where it has one: "team-vision/deployer".
func nameIn(id rbac.ObjectID) string {
	if id.Namespace == "" {
		return id.Name
	}
	return id.Namespace + "/" + id.Name
}

func roleFacts(w *world.World, r *world.Role) []Fact {
	facts := []Fact{{Name: "of", Value: "the whole cluster"}}
	if r.ID.Namespace != "" {
		facts[0] = Fact{Name: "namespace", Value: r.ID.Namespace, Open: Place{Kind: Workspace, Name: r.ID.Namespace}}
	}
	bound, state, allows := boundCell(r.Everywhere, r.Namespaces), roleState(r), strengthCell(r)
	facts = append(facts, Fact{Name: "bound", Value: bound.Text, Tone: bound.Tone})
	if void := withoutEffect(w, r); void > 0 {
		facts = append(facts, Fact{Name: "without effect there", Value: question.Plural(void, "right"), Tone: Warn})
	}
	if state.Tone != Quiet || r.Unused {
		facts = append(facts, Fact{Name: "state", Value: state.Text, Tone: state.Tone})
	}
	if r.Strength != 0 {
		facts = append(facts, Fact{Name: "allows", Value: allows.Text, Tone: allows.Tone})
	}
	if r.Object != nil && r.Object.Origin != "" {
		facts = append(facts, Fact{Name: "from", Value: r.Object.Origin, Tone: Quiet})
	}
	return facts
}

// holdersList is who has a role, a row for each binding of each subject.
func holdersList(w *world.World, r *world.Role) *List {
	rows := r.Held()
	return Table[world.Holder]{
		Columns: []TypedColumn[world.Holder]{
			{Column{Name: "Subject", Min: subjectWidth, Shrink: true}, func(h world.Holder) Cell { return Cell{Text: h.String(), Tone: Strong} }},
			{Column{Name: "Where", Min: 10, Shrink: true}, func(h world.Holder) Cell { return whereCell(h.Binding) }},
			{Column{Name: "Via", Min: 12, Drop: 2, Shrink: true}, func(h world.Holder) Cell { return Cell{Text: h.Binding.KindName()} }},
			{Column{Name: "Remark", Min: 8, Drop: 1, Shrink: true}, func(h world.Holder) Cell { return subjectRemark(w, h.Subject) }},
		},
		Key:  func(h world.Holder) string { return h.String() + "\x00" + h.Binding.ID().String() },
		Open: func(h world.Holder) Place { return Place{Kind: Subject, Subject: h.Subject.Subject} },
		Jump: func(h world.Holder, to Kind) Place {
			return JumpTo(to, h.Subject.Subject, h.Binding.ID(), r.ID, h.Binding.Namespace)
		},
		Command: func(h world.Holder) string { return rightsCommand(w, h.Subject.Subject, h.Binding.Namespace) },
		Wishes:  func(h world.Holder) []change.Wish { return grantWishes(w, h.Binding, h.Subject.Subject) },
		Empty:   emptyWords(w, r.ID.Namespace, "nobody: no binding refers to it", bindingKinds()...),
	}.Of(rows)
}
