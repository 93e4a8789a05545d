package screen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// passage is a subject with one of its ways into a queue.
type passage struct {
	subject   rbac.Subject
	superuser bool
	way       *queue.Way // nil for a superuser without one
}

// isOrdinary reports whether somebody is counted among those who may submit: neither one that Kubernetes made up itself nor a
// superuser.
func isOrdinary(s *queue.Submitter) bool { return !s.Subject.IsSystem() && !s.Superuser }

// submitterCounts counts, for each namespace, who gets work into a queue from there.
func submitterCounts(a *queue.Answer) map[string]int {
	counts := map[string]int{}
	for i := range a.Submitters {
		if !isOrdinary(&a.Submitters[i]) {
			continue
		}
		in := map[string]struct{}{}
		for _, way := range a.Submitters[i].Ways {
			for _, ns := range way.Namespaces {
				in[ns] = struct{}{}
			}
		}
		for ns := range in {
			counts[ns]++
		}
	}
	return counts
}

// queueWhoTab lists who gets work into a queue, a row for each way. Subjects of Kubernetes itself are counted.
func queueWhoTab(w *world.World, q *queue.Queue, page *Page) {
	answer := w.QueueState().Who(q)
	var rows []passage
	system := 0
	for i := range answer.Submitters {
		s := &answer.Submitters[i]
		switch {
		case s.Subject.IsSystem() && !s.Superuser:
			system++
			continue
		case len(s.Ways) == 0:
			rows = append(rows, passage{subject: s.Subject, superuser: s.Superuser})
		}
		for n := range s.Ways {
			rows = append(rows, passage{subject: s.Subject, superuser: s.Superuser, way: &s.Ways[n]})
		}
	}
	if system > 0 {
		page.Facts = append(page.Facts, Fact{Name: "folded", Value: question.Plural(system, "built-in system subject"), Tone: Quiet})
	}
	page.List = passageList(w, q, rows)
	page.Notes = append(page.Notes, uselessNotes(&answer)...)
	page.Command = command(w, "queueaccess", "who", q.Name)
}

// uselessNotes say who has the right to submit, and gets nothing into the queue by it.
func uselessNotes(a *queue.Answer) []string {
	var out []string
	for i, u := range a.Useless {
		if i == mostWhere {
			out = append(out, fmt.Sprintf("%d more have the right where it is of no use", len(a.Useless)-i))
			break
		}
		out = append(out, fmt.Sprintf("%s may create KaiwoJobs in %s to no use: %s", u.Subject, u.Namespace, u.Why))
	}
	if n := len(a.Outside); n > 0 {
		out = append(out, question.Plural(n, "subject")+" may create KaiwoJobs in namespaces that the queue does not list: those that name it fail")
	}
	return out
}

func passageList(w *world.World, q *queue.Queue, rows []passage) *List {
	column := func(c Column, of func(*passage) Cell) TypedColumn[*passage] {
		return TypedColumn[*passage]{Column: c, Cell: of}
	}
	way := func(of func(*queue.Way) string) func(*passage) Cell {
		return func(p *passage) Cell {
			if p.way == nil {
				return cell("", Plain)
			}
			return cell(of(p.way), Plain)
		}
	}
	return Table[*passage]{
		Columns: []TypedColumn[*passage]{
			column(Column{Name: "Subject", Min: subjectWidth, Shrink: true}, func(p *passage) Cell { return Cell{Text: p.subject.String(), Tone: Strong} }),
			column(Column{Name: "Path", Min: 9, Shrink: true}, pathCell),
			column(Column{Name: "Namespaces", Min: 10, Shrink: true, Drop: 1}, way(func(v *queue.Way) string { return question.List(v.Namespaces, mostWhere) })),
			column(Column{Name: "Kinds", Min: 10, Shrink: true, Drop: 2}, way(kindWords)),
			column(Column{Name: "Needs", Min: 10, Shrink: true, Drop: 3}, way(needWords)),
			column(Column{Name: "Remarks", Min: 10, Shrink: true, Drop: 4}, func(p *passage) Cell {
				if p.superuser {
					return Cell{Text: "may do everything", Tone: Warn}
				}
				return cell(crowdText(w, p.subject), Warn)
			}),
		},
		Key:  func(p *passage) string { return p.key() },
		Open: func(p *passage) Place { return Place{Kind: Subject, Subject: p.subject} },
		Jump: func(p *passage, to Kind) Place {
			proof := p.proof(w)
			if proof == nil {
				return JumpTo(to, p.subject, rbac.ObjectID{}, rbac.ObjectID{}, "")
			}
			return jumpAlong(to, p.subject, proof.Binding, proof.Role, p.way.Namespaces[0])
		},
		Command: func(p *passage) string { return p.command(w, q) },
		Detail:  func(p *passage) *Text { return p.detail(w) },
		Wishes: func(p *passage) []change.Wish {
			return []change.Wish{{Verb: change.Remove, Queue: q.Name, Subject: p.subject}}
		},
		Empty: emptyWords(w, "", "nobody may", rightsKinds()...),
	}.Of(pointers(rows))
}

// key names a row by all that makes the way another one but for its namespaces, which may come and go.
func (p *passage) key() string {
	if p.way == nil {
		return p.subject.String()
	}
	return strings.Join([]string{p.subject.String(), string(p.way.Path), kindWords(p.way), needWords(p.way)}, " ")
}

func pathCell(p *passage) Cell {
	switch {
	case p.way == nil:
		return Cell{Text: "any", Tone: Warn}
	case p.way.Path == queue.ByKaiwo:
		return Cell{Text: string(p.way.Path), Tone: Good}
	}
	return Cell{Text: string(p.way.Path), Tone: Warn}
}

// kindWords are the resources that somebody may create.
func kindWords(v *queue.Way) string {
	out := make([]string, len(v.Kinds))
	for i := range v.Kinds {
		out[i] = v.Kinds[i].Name
	}
	return strings.Join(out, ", ")
}

// needWords say what somebody has to do beside creating work.
func needWords(v *queue.Way) string {
	var out []string
	for _, a := range v.Needs {
		out = append(out, a.String())
	}
	return strings.Join(out, ", ")
}

// proof is the first path that opens the way; nil when there is none.
func (p *passage) proof(w *world.World) *rbac.Proof {
	if p.way == nil || len(p.way.Namespaces) == 0 {
		return nil
	}
	if found := w.QueueState().Proofs(p.subject, p.way, 1); len(found) > 0 {
		return &found[0]
	}
	return nil
}

// command asks why the subject may create what the way takes; in the first of its namespaces.
func (p *passage) command(w *world.World, q *queue.Queue) string {
	if p.way == nil || len(p.way.Namespaces) == 0 || len(p.way.Kinds) == 0 {
		return command(w, "queueaccess", "who", q.Name)
	}
	kind := p.way.Kinds[0]
	resource := kind.Name
	if kind.Group != "" {
		resource += "." + kind.Group
	}
	return command(w, "whocan", "why", p.subject.String(), "create", resource, "-n", p.way.Namespaces[0])
}

// detail proves the way in the first of its namespaces.
func (p *passage) detail(w *world.World) *Text {
	text := &Text{}
	if p.way == nil {
		text.Lines = append(text.Lines, line("the API server asks nobody about "+p.subject.String(), Warn))
		return text
	}
	text.Lines = append(text.Lines, line(pathWords(p.way.Path), Plain))
	if n := len(p.way.Namespaces); n > 1 {
		text.Lines = append(text.Lines, labelled(strconv.Itoa(n)+" namespaces", question.List(p.way.Namespaces, 2*mostWhere)))
	}
	shown := &proofs{}
	for _, proof := range w.QueueState().Proofs(p.subject, p.way, 1) {
		shown.prove(&proof, question.RuleLine(&proof))
	}
	for _, one := range shown.list {
		head := line(one.path, Strong)
		head.Open = one.open
		text.Lines = append(text.Lines, head)
		for _, rule := range one.rules {
			text.Lines = append(text.Lines, line("  "+rule, Quiet))
		}
	}
	return text
}
