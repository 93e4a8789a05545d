package screen

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// queuePage shows from which namespaces a queue can be used, and by how many.
func queuePage(w *world.World, p Place) (*Page, error) {
	i := slices.IndexFunc(w.Queues(), func(q queue.Queue) bool { return q.Name == p.Name })
	if i < 0 {
		return nil, fmt.Errorf("open queue %s: there is no such queue", p.Name)
	}
	q := &w.Queues()[i]
	where, state := queueWhereCell(w, q), queueStateCell(w, q)
	users := &submitters{w: w, in: map[rbac.Action]int{}}
	column := func(c Column, of func(string) Cell) TypedColumn[string] {
		return TypedColumn[string]{Column: c, Cell: of}
	}
	return &Page{
		Title: "queue " + q.Name, Notes: queueNotes(w), Command: queueCommand(w, q), Text: &Text{Lines: queueLines(q)},
		Facts: []Fact{
			{Name: "namespaces", Value: where.Text, Tone: where.Tone},
			{Name: "quota", Value: cell(quotaWords(q), Plain).Text},
			{Name: "may submit", Value: countCell(w, "", users.of(q), rightsKinds()...).Text, Open: everySubmitter(q)},
			{Name: "state", Value: state.Text, Tone: state.Tone},
		},
		List: Table[string]{
			Columns: []TypedColumn[string]{
				column(Column{Name: "Namespace", Min: 10, Shrink: true}, func(ns string) Cell { return Cell{Text: ns, Tone: Strong} }),
				column(Column{Name: "Listed", Min: 6, Drop: 2}, func(ns string) Cell { return listedCell(q, ns) }),
				column(Column{Name: "LocalQueue", Min: 10, Shrink: true}, func(ns string) Cell { return localCell(w, q, ns) }),
				column(Column{Name: "Admitted", Min: 6, Drop: 3}, func(ns string) Cell { return admittedCell(w, q, ns) }),
				column(Column{Name: "May submit", Right: true, Numeric: true, Min: 4, Drop: 1}, func(ns string) Cell {
					return countCell(w, ns, len(submittersOf(w, submit(q, ns), rbac.InNamespace)), rightsKinds()...)
				}),
			},
			Key:  func(ns string) string { return ns },
			Open: func(ns string) Place { return Place{Kind: WhoCan, Namespace: ns, Query: submitQuery(q, ns)} },
			Jump: func(ns string, to Kind) Place {
				return JumpTo(to, rbac.Subject{}, rbac.ObjectID{}, rbac.ObjectID{}, ns)
			},
			Empty: emptyWords(w, "", "no namespace is named for it, and none has a LocalQueue of it", inventory.LocalQueues, inventory.QueueConfigs),
		}.Of(q.Named()),
	}, nil
}

// everySubmitter asks who may put work into an open queue, from anywhere. Of others each namespace is asked about.
func everySubmitter(q *queue.Queue) Place {
	if !q.Open() {
		return Place{}
	}
	return Place{Kind: WhoCan, Query: submitQuery(q, "")}
}

// submitQuery asks who may put work into a queue, in a namespace or in any.
func submitQuery(q *queue.Queue, namespace string) string {
	query := submit(q, namespace).String()
	if namespace == "" {
		return query + " -A"
	}
	return query + " -n " + namespace
}

func listedCell(q *queue.Queue, namespace string) Cell {
	switch {
	case !q.Kaiwo, q.Open():
		return cell("", Plain)
	case slices.Contains(q.Listed, namespace):
		return Cell{Text: "yes", Tone: Good}
	}
	return Cell{Text: "no", Tone: Warn}
}

// admittedCell says whether Kueue admits what comes from a namespace, by its labels.
func admittedCell(w *world.World, q *queue.Queue, namespace string) Cell {
	if _, gap := unread(w, namespace, inventory.ClusterQueues, inventory.Namespaces); gap != nil {
		return Cell{Text: unknown, Tone: Warn}
	}
	var labels map[string]string
	if ns := w.Inventory.Namespace(namespace); ns != nil {
		labels = ns.Labels
	}
	if q.Admits(namespace, labels) {
		return Cell{Text: "yes", Tone: Good}
	}
	return Cell{Text: "no", Tone: Bad}
}

func localCell(w *world.World, q *queue.Queue, namespace string) Cell {
	var names []string
	for _, l := range q.Locals {
		if l.Namespace == namespace {
			names = append(names, l.Name)
		}
	}
	switch _, gap := unread(w, namespace, inventory.LocalQueues); {
	case len(names) == 0 && gap != nil:
		return Cell{Text: unknown, Tone: Warn}
	case len(names) == 0:
		return Cell{Text: "missing", Tone: Warn}
	}
	return Cell{Text: strings.Join(names, ", ")}
}

// queueLines say what a queue has, and what the count of its users leaves out.
func queueLines(q *queue.Queue) []Line {
	var lines []Line
	for i := range q.Quotas {
		have := &q.Quotas[i]
		lines = append(lines, labelled(have.Resource, have.Nominal.String()+" of "+strings.Join(have.Flavors, ", ")))
	}
	if q.Cohort != "" {
		lines = append(lines, labelled("cohort", q.Cohort+", whose quota it may borrow"))
	}
	if q.Kaiwo {
		return append(lines, line("counted are those who may create KaiwoJobs; who may create Jobs or Pods with the queue's label gets in, too", Quiet))
	}
	return append(lines, line("counted are those who may create Jobs; who may create Pods or other work with the queue's label gets in, too", Quiet))
}
