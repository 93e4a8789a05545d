package screen

import (
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// How much of a grant is shown in a row and beside the table; the rest is counted.
const (
	mostWhere  = 3
	mostProofs = 40
)

// answer is a question with its answer. Rows are numbers: of a grant, or, behind the grants, of one for certain names.
type answer struct {
	w       *world.World
	req     question.Request
	granted *rbac.Granted
	// made are the grants that were asked for.
	made []atomic.Pointer[rbac.Grant]
}

// grant is what a row is about.
func (a *answer) grant(row int) *rbac.Grant {
	if row >= len(a.made) {
		return &a.granted.OnlyNamed()[row-len(a.made)]
	}
	if g := a.made[row].Load(); g != nil {
		return g
	}
	g := a.granted.Grant(row)
	a.made[row].Store(&g)
	return &g
}

// whoPage lists who may do something. Subjects of Kubernetes itself and those who may do it for certain names only are
// counted, as by "kubectl whocan".
func whoPage(w *world.World, q *asked, req question.Request, notes []string) *Page {
	granted := w.Index.Granted(req.Action, req.Scope)
	a := &answer{w: w, req: req, granted: granted, made: make([]atomic.Pointer[rbac.Grant], granted.Len())}
	rows, system, named := make([]int, 0, granted.Len()), 0, 0
	for row := range granted.Len() {
		if !q.system && granted.Subject(row).IsSystem() {
			system++
		} else {
			rows = append(rows, row)
		}
	}
	for i := range granted.OnlyNamed() {
		switch {
		case !q.system && granted.OnlyNamed()[i].Subject.IsSystem():
			system++
		case !q.names:
			named++
		default:
			rows = append(rows, granted.Len()+i)
		}
	}
	words := askedAs(req, "", nil)
	if q.system {
		words = append(words, "--system")
	}
	if q.names {
		words = append(words, "--names")
	}
	page := &Page{
		Title: fmt.Sprintf("who can %s %s", req.Action, req.Where()),
		Facts: []Fact{{Name: "subjects", Value: strconv.Itoa(len(rows))}},
		List:  a.list(rows), Command: command(w, append([]string{"whocan"}, words...)...),
		Notes: append(notes, partial(w, req.Action.Namespace)...),
	}
	if system > 0 {
		page.Facts = append(page.Facts, Fact{Name: "folded", Value: question.Plural(system, "built-in system subject") + " (ask with --system)", Tone: Quiet})
	}
	if named > 0 {
		page.Facts = append(page.Facts, Fact{Name: "certain names only", Value: question.Plural(named, "subject") + " (ask with --names)", Tone: Quiet})
	}
	return page
}

// list has the rows of the answer.
func (a *answer) list(rows []int) *List {
	list := a.table().Of(rows)
	list.Empty = emptyWords(a.w, a.req.Action.Namespace, "nobody can", rightsKinds()...)
	return list
}

// table describes the rows.
func (a *answer) table() Table[int] {
	column := func(c Column, of func(*rbac.Grant) Cell) TypedColumn[int] {
		return TypedColumn[int]{Column: c, Cell: func(row int) Cell { return of(a.grant(row)) }}
	}
	return Table[int]{
		Columns: []TypedColumn[int]{
			column(Column{Name: "Subject", Min: subjectWidth, Shrink: true}, func(g *rbac.Grant) Cell { return Cell{Text: g.Subject.String(), Tone: Strong} }),
			column(Column{Name: "Where", Min: 10, Shrink: true}, func(g *rbac.Grant) Cell { return Cell{Text: question.Where(g, mostWhere)} }),
			column(Column{Name: "Via", Min: 20, Shrink: true, Drop: 1}, func(g *rbac.Grant) Cell { return Cell{Text: question.Via(g, 1)} }),
			column(Column{Name: "Role", Min: 12, Shrink: true, Drop: 3}, roleCell),
			column(Column{Name: "Remarks", Min: 10, Shrink: true, Drop: 2}, a.remark),
		},
		Key: func(row int) string {
			g := a.grant(row)
			return strings.Join(append([]string{g.Subject.String()}, g.Names...), " ")
		},
		Open:    func(row int) Place { return Place{Kind: Subject, Subject: a.grant(row).Subject} },
		Jump:    func(row int, to Kind) Place { return jumpFromGrant(a.grant(row), to) },
		Command: func(row int) string { return a.command(a.grant(row)) },
		Detail:  func(row int) *Text { return a.detail(a.grant(row)) },
	}
}

func roleCell(g *rbac.Grant) Cell {
	if len(g.Proofs) == 0 || g.Proofs[0].Binding.Told() {
		return cell("", Plain)
	}
	return Cell{Text: g.Proofs[0].Role.KindName()}
}

// remark says what is not seen in the name of a subject: how many it stands for, and what limits its right.
func (a *answer) remark(g *rbac.Grant) Cell {
	if g.Superuser {
		return Cell{Text: "may do everything", Tone: Warn}
	}
	text := crowdText(a.w, g.Subject)
	if len(g.Names) == 0 {
		return cell(text, Warn)
	}
	return Cell{Text: strings.TrimPrefix(text+"; certain names only", "; ")}
}

// jumpFromGrant goes to what the first path of a grant is made of, and to its namespace when it is in one.
func jumpFromGrant(g *rbac.Grant, to Kind) Place {
	namespace := g.Subject.Namespace
	if len(g.Namespaces) > 0 {
		namespace = g.Namespaces[0]
	}
	if len(g.Proofs) > 0 {
		return jumpAlong(to, g.Subject, g.Proofs[0].Binding, g.Proofs[0].Role, namespace)
	}
	return JumpTo(to, g.Subject, rbac.ObjectID{}, rbac.ObjectID{}, namespace)
}

// command asks why the subject may do it, where it may.
func (a *answer) command(g *rbac.Grant) string {
	req := a.req
	switch {
	case req.Action.Namespace != "" || g.Everywhere || len(g.Namespaces) == 0:
	case req.Namespaced:
		req.Action.Namespace = g.Namespaces[0]
	case question.NamespaceObject(req.Action):
		req.Action.Name, req.Scope = g.Namespaces[0], rbac.InNamespace
	}
	if req.Action.Name == "" && len(g.Names) > 0 {
		req.Action.Name = g.Names[0]
	}
	return command(a.w, append([]string{"whocan"}, askedAs(req, g.Subject.String(), nil)...)...)
}
