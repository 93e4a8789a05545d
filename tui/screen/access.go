package screen

import (
	"cmp"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// defaultResource is what the access tab is about until another resource is asked for.
const defaultResource = "pods"

// access is the question of the access tab: who may do what with a resource in a namespace.
type access struct {
	w         *world.World
	namespace string
	words     []string // the resource, and the name of an object of it
	request   question.Request
	verbs     []string
	rows      []*accessRow
	system    int // built-in subjects that are left out
}

// accessTab fills in the access tab of a workspace: a matrix of subjects and verbs for the resource that the place's query
// names, cluster-wide rights and groups included.
func accessTab(w *world.World, p Place, page *Page) {
	resource := cmp.Or(p.Query, defaultResource)
	a := &access{w: w, namespace: p.Name, words: []string{resource}}
	page.Facts = append([]Fact{{Name: "resource", Value: resource, Tone: Strong}}, page.Facts...)
	page.Notes = append(page.Notes, rightsNotes(w, p.Name)...)
	doubts, err := a.resolve(resource)
	page.Command = a.command("matrix")
	if err != nil {
		page.Notes = append(page.Notes, err.Error())
		page.List = a.list()
		page.List.Empty = "there is no such question: ask about a resource such as pods, pods/exec or deployments.apps"
		return
	}
	a.ask()
	page.Notes = append(page.Notes, doubts...)
	switch {
	case a.request.Namespaced:
	case len(a.words) > 1:
		page.Notes = append(page.Notes, "of "+resource+", "+p.Name+" is meant: its role bindings count for what is done to it by name, "+
			"such as get, and not for list and create")
	default:
		page.Notes = append(page.Notes, resource+" are cluster-scoped: role bindings of "+p.Name+" do not count")
	}
	if a.system > 0 {
		page.Facts = append(page.Facts, Fact{Name: "folded", Value: question.Plural(a.system, "built-in system subject"), Tone: Quiet})
	}
	page.List = a.list()
}

// command is a question of "kubectl whocan" on the resource in the namespace; the words stand in front of it.
func (a *access) command(words ...string) string {
	return command(a.w, slices.Concat([]string{"whocan"}, words, a.words, []string{"-n", a.namespace})...)
}

// resolve makes the question exact, and says what was taken for what.
func (a *access) resolve(resource string) ([]string, error) {
	c := a.w.Index.Catalog()
	words := question.Words{Resource: resource}
	found, err := c.Resolve(resource, "", false)
	if err != nil {
		return nil, err
	}
	full := rbac.Action{Resource: found.Resource, Subresource: found.Subresource}
	if found.Group == "" && found.Resource == "namespaces" && found.Name == "" {
		words.Name = a.namespace // of all namespaces this one is meant
		a.words = append(a.words, words.Name)
	}
	if a.verbs = c.Verbs(found.Group, full.ResourceName()); len(a.verbs) == 0 {
		a.verbs = rbac.StandardVerbs()
	}
	words.Verb = a.verbs[0]
	request, doubts, err := question.Resolve(words, c, question.Place{Namespace: a.namespace})
	a.request = request
	return slices.Concat(doubts.Warnings, doubts.Notes), err
}

// ask asks about each verb.
func (a *access) ask() {
	rows := map[rbac.Subject]*accessRow{}
	row := func(s rbac.Subject) *accessRow {
		if rows[s] == nil {
			rows[s] = &accessRow{subject: s, full: make([]*rbac.Grant, len(a.verbs)), named: make([][]*rbac.Grant, len(a.verbs))}
		}
		return rows[s]
	}
	for i, verb := range a.verbs {
		answer := a.w.Index.WhoCan(a.request.With(verb), rbac.InNamespace)
		for n := range answer.Grants {
			g := &answer.Grants[n]
			row(g.Subject).full[i] = g
		}
		for n := range answer.OnlyNamed {
			g := &answer.OnlyNamed[n]
			row(g.Subject).named[i] = append(row(g.Subject).named[i], g)
		}
	}
	for s, r := range rows {
		if s.IsSystem() {
			a.system++
			continue
		}
		a.rows = append(a.rows, r)
	}
	slices.SortFunc(a.rows, func(x, y *accessRow) int {
		masters := rbac.Group(rbac.GroupMasters)
		return cmp.Or(order(x.subject != masters)-order(y.subject != masters), rbac.CompareSubjects(x.subject, y.subject))
	})
}

func (a *access) list() *List {
	columns := []TypedColumn[*accessRow]{
		{Column{Name: "Subject", Min: 24, Shrink: true}, func(r *accessRow) Cell { return Cell{Text: r.subject.String(), Tone: Strong} }},
	}
	for i, verb := range a.verbs {
		columns = append(columns, TypedColumn[*accessRow]{verbColumn(verb), func(r *accessRow) Cell { return r.cell(i) }})
	}
	columns = append(columns, TypedColumn[*accessRow]{Column{Name: "Via", Min: 16, Drop: 1, Shrink: true}, func(r *accessRow) Cell {
		return Cell{Text: question.Via(r.grants()[0], 1)}
	}})
	return Table[*accessRow]{
		Columns: columns,
		Key:     func(r *accessRow) string { return r.subject.String() },
		Open:    func(r *accessRow) Place { return Place{Kind: Subject, Subject: r.subject} },
		Jump:    a.jump,
		Command: func(r *accessRow) string { return a.why(r) },
		Detail:  func(r *accessRow) *Text { return a.proof(r) },
		Wishes:  a.wishes,
		Empty:   emptyWords(a.w, a.namespace, "nobody may do anything with "+a.words[0]+" in "+a.namespace, rightsKinds()...),
	}.Of(a.rows)
}
