package screen

import (
	"strconv"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// The tabs of a queue.
const (
	TabQueueNamespaces = "namespaces"
	TabQueueWho        = "who"
	TabQueueFindings   = "findings"
	TabQueueQuota      = "quota"
)

// queuePage shows from which namespaces a queue can be used, who gets work into it and how, what is wrong with it, and what
// it has.
func queuePage(w *world.World, p Place) (*Page, error) {
	q, err := queueNamed(w, p.Name)
	if err != nil {
		return nil, err
	}
	var (
		places = w.QueueState().Places(q)
		found  = w.QueueFindings(q.Name)
		who    = countCell(w, "", w.QueueState().Count(q).All, rightsKinds()...)
	)
	page := &Page{
		Title: "queue " + q.Name, Notes: queueNotes(w), Facts: queueFacts(w, q, who), Wishes: queueWishes(q),
		Tabs: []Tab{
			{ID: TabQueueNamespaces, Title: "Namespaces", Badge: strconv.Itoa(len(places))},
			{ID: TabQueueWho, Title: "Who may submit", Badge: who.Text},
			{ID: TabQueueFindings, Title: "Findings"},
			{ID: TabQueueQuota, Title: "Quota", Badge: count(numberCell(len(q.Quotas)))},
		},
	}
	switch {
	case w.Judged() && len(found) == 0 && isUnjudged(w):
		page.Tabs[2].Badge, page.Tabs[2].Tone = unknown, Warn
	case w.Judged():
		page.Tabs[2].Badge, page.Tabs[2].Tone = count(numberCell(len(found))), badge(found)
	}
	switch tabOf(page, p) {
	case TabQueueWho:
		queueWhoTab(w, q, page)
	case TabQueueFindings:
		page.List = findingList(w, found, true)
		page.Notes = append(page.Notes, unjudged(w, "")...)
		page.Command = command(w, "queueaccess", "check", "--queue", q.Name)
	case TabQueueQuota:
		page.List = queueQuotas(q)
		page.Text, page.Command = &Text{Lines: queueLines(w, q)}, command(w, "queueaccess", "describe", q.Name)
	default:
		page.List = queuePlaces(w, q, places)
		page.Text, page.Command = &Text{Lines: queueLines(w, q)}, command(w, "queueaccess", "describe", q.Name)
	}
	page.judgeLater(w)
	return page, nil
}

// queueFacts are what one wants to know of a queue at first sight.
func queueFacts(w *world.World, q *queue.Queue, who Cell) []Fact {
	access, where, state := accessCell(w, q), queueWhereCell(w, q), queueStateCell(w, q)
	facts := []Fact{{Name: "access", Value: access.Text, Tone: access.Tone}}
	if !q.Open() {
		facts = append(facts, Fact{Name: "namespaces", Value: where.Text, Tone: where.Tone})
	}
	facts = append(facts, Fact{Name: "may submit", Value: who.Text, Open: Place{Kind: Queue, Name: q.Name, Tab: TabQueueWho}})
	if w.Judged() {
		found := queueFindingsCell(w, q, isUnjudged(w))
		facts = append(facts, Fact{Name: "findings", Value: found.Text, Tone: found.Tone, Open: Place{
			Kind: Queue, Name: q.Name, Tab: TabQueueFindings,
		}})
	}
	return append(facts, Fact{Name: "state", Value: state.Text, Tone: state.Tone})
}

// queuePlaces lists the namespaces that a queue is for, or that it lets in.
func queuePlaces(w *world.World, q *queue.Queue, places []queue.Place) *List {
	answer := w.QueueState().Who(q)
	counts := submitterCounts(&answer)
	column := func(c Column, of func(*queue.Place) Cell) TypedColumn[*queue.Place] {
		return TypedColumn[*queue.Place]{Column: c, Cell: of}
	}
	return Table[*queue.Place]{
		Columns: []TypedColumn[*queue.Place]{
			column(Column{Name: "Namespace", Min: 10, Shrink: true}, func(at *queue.Place) Cell { return Cell{Text: at.Namespace, Tone: Strong} }),
			column(Column{Name: "Listed", Min: 6, Drop: 4}, func(at *queue.Place) Cell { return listedCell(q, at) }),
			column(Column{Name: "LocalQueue", Min: 10, Shrink: true, Drop: 1}, func(at *queue.Place) Cell { return localCell(w, q, at) }),
			column(Column{Name: "Selected", Min: 6, Drop: 5}, func(at *queue.Place) Cell {
				return sureCell(w, at.Eligible, at.Namespace, inventory.ClusterQueues, inventory.Namespaces)
			}),
			column(Column{Name: "Managed", Min: 6, Drop: 6}, func(at *queue.Place) Cell { return managedCell(w, at) }),
			column(Column{Name: "May submit", Right: true, Numeric: true, Min: 4, Drop: 3}, func(at *queue.Place) Cell {
				return countCell(w, at.Namespace, counts[at.Namespace], rightsKinds()...)
			}),
			column(Column{Name: "State", Min: 10, Shrink: true, Drop: 2}, func(at *queue.Place) Cell { return placeStateCell(w, q, at) }),
		},
		Key:  func(at *queue.Place) string { return at.Namespace },
		Open: func(at *queue.Place) Place { return Place{Kind: WhoCan, Query: submitQuery(q, at.Namespace)} },
		Jump: func(at *queue.Place, to Kind) Place {
			return JumpTo(to, rbac.Subject{}, rbac.ObjectID{}, rbac.ObjectID{}, at.Namespace)
		},
		Command: func(at *queue.Place) string { return command(w, "queueaccess", "who", q.Name, "-n", at.Namespace) },
		Empty:   emptyWords(w, "", "no namespace is named for it, and none has a LocalQueue of it", inventory.LocalQueues, inventory.QueueConfigs),
	}.Of(pointers(places))
}

// submitQuery asks who may create what users of a queue create, in a namespace.
func submitQuery(q *queue.Queue, namespace string) string {
	action := rbac.Action{Verb: "create", Group: "batch", Resource: "jobs"}
	if q.Kaiwo {
		action = rbac.Action{Verb: "create", Group: "kaiwo.silogen.ai", Resource: "kaiwojobs"}
	}
	return action.String() + " -n " + namespace
}

// sureCell says yes or no, and that it is unknown where a kind on which the answer depends could not be read.
func sureCell(w *world.World, yes bool, namespace string, kinds ...inventory.Kind) Cell {
	if _, gap := unread(w, namespace, kinds...); gap != nil {
		return Cell{Text: unknown, Tone: Warn}
	}
	if yes {
		return Cell{Text: "yes", Tone: Good}
	}
	return Cell{Text: "no", Tone: Bad}
}

// managedCell says whether Kueue manages a namespace, where its configuration tells.
func managedCell(w *world.World, at *queue.Place) Cell {
	if _, told, _ := w.QueueState().Kueue(); !told {
		return Cell{Text: unknown, Tone: Quiet}
	}
	return sureCell(w, at.Managed, at.Namespace, inventory.Namespaces)
}

func listedCell(q *queue.Queue, at *queue.Place) Cell {
	switch {
	case !q.Kaiwo, q.Open():
		return cell("", Plain)
	case at.Listed:
		return Cell{Text: "yes", Tone: Good}
	}
	return Cell{Text: "no", Tone: Warn}
}

func localCell(w *world.World, q *queue.Queue, at *queue.Place) Cell {
	switch _, gap := unread(w, at.Namespace, inventory.LocalQueues); {
	case len(at.Locals) > 0:
		return Cell{Text: strings.Join(at.Locals, ", ")}
	case gap != nil:
		return Cell{Text: unknown, Tone: Warn}
	case at.Namesake != "":
		return Cell{Text: "leads to " + at.Namesake, Tone: Bad}
	case q.Open():
		return Cell{Text: "made when needed", Tone: Quiet}
	}
	return Cell{Text: "missing", Tone: Bad}
}

// placeStateCell says what keeps work of a namespace out, for a queue of Kaiwo; of others, whether there is a way in.
func placeStateCell(w *world.World, q *queue.Queue, at *queue.Place) Cell {
	_, gap := unread(w, at.Namespace, inventory.ClusterQueues, inventory.LocalQueues, inventory.QueueConfigs, inventory.Namespaces)
	obstacle := at.Obstacle(q)
	switch {
	case gap != nil:
		return Cell{Text: unknown, Tone: Warn}
	case q.Kaiwo && obstacle != "":
		return Cell{Text: obstacle, Tone: Bad}
	case !q.Kaiwo && !at.Raw():
		return Cell{Text: "nothing is admitted", Tone: Bad}
	case !at.Managed:
		return Cell{Text: "Kueue does not manage it", Tone: Bad}
	}
	return Cell{Text: "ok", Tone: Good}
}

// queueQuotas lists what a queue has of each resource.
func queueQuotas(q *queue.Queue) *List {
	return Table[*queue.Quota]{
		Columns: []TypedColumn[*queue.Quota]{
			{Column{Name: "Resource", Min: 10, Shrink: true}, func(have *queue.Quota) Cell { return Cell{Text: have.Resource, Tone: Strong} }},
			{Column{Name: "Nominal", Right: true, Numeric: true, Min: 6}, func(have *queue.Quota) Cell {
				return Cell{Text: have.Nominal.String(), Number: have.Nominal.AsApproximateFloat64()}
			}},
			{Column{Name: "Flavors", Min: 10, Shrink: true}, func(have *queue.Quota) Cell { return cell(strings.Join(have.Flavors, ", "), Plain) }},
		},
		Key:   func(have *queue.Quota) string { return have.Resource },
		Empty: "it has no quota, so nothing that needs any is admitted",
	}.Of(pointers(q.Quotas))
}
