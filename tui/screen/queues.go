package screen

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// queueNotes says what the pages of queues lack.
func queueNotes(w *world.World) []string {
	needs := []need{
		{inventory.QueueConfigs, "queues of Kaiwo may be missing"},
		{inventory.ClusterQueues, "queues and quotas may be missing"},
		{inventory.LocalQueues, "namespaces may be missing"},
	}
	if len(w.Queues()) > 0 {
		needs = append(needs,
			need{inventory.KaiwoConfigs, "which queue is the default one is not certain"},
			need{inventory.QueueOperators, "which namespaces Kueue manages is not certain"},
		)
	}
	return append(gapNotes(w, "", needs...), rightsNotes(w, "")...)
}

// queuesPage lists the queues of Kaiwo and Kueue.
func queuesPage(w *world.World, _ Place) (*Page, error) {
	column := func(c Column, of func(*queue.Queue) Cell) TypedColumn[*queue.Queue] {
		return TypedColumn[*queue.Queue]{Column: c, Cell: of}
	}
	counts, doubt := make(map[string]Cell, len(w.Queues())), isUnjudged(w)
	for i := range w.Queues() {
		q := &w.Queues()[i]
		counts[q.Name] = countCell(w, "", w.QueueState().Count(q).All, rightsKinds()...)
	}
	page := &Page{
		Title: Queues.Title(), Notes: queueNotes(w), Command: command(w, "queueaccess", "list"),
		List: Table[*queue.Queue]{
			Columns: []TypedColumn[*queue.Queue]{
				column(Column{Name: "Name", Min: 10, Shrink: true}, func(q *queue.Queue) Cell { return Cell{Text: q.Name, Tone: Strong} }),
				column(Column{Name: "Access", Min: 10, Drop: 4}, func(q *queue.Queue) Cell { return accessCell(w, q) }),
				column(Column{Name: "Namespaces", Min: 12, Shrink: true}, func(q *queue.Queue) Cell { return queueWhereCell(w, q) }),
				column(Column{Name: "LocalQueues", Min: 5, Drop: 5, Shrink: true}, func(q *queue.Queue) Cell { return localsCell(w, q) }),
				column(Column{Name: "Quota", Min: 12, Shrink: true, Drop: 6}, func(q *queue.Queue) Cell { return cell(quotaWords(q), Plain) }),
				column(Column{Name: "May submit", Right: true, Numeric: true, Min: 4, Drop: 2}, func(q *queue.Queue) Cell { return counts[q.Name] }),
				column(Column{Name: "Findings", Numeric: true, Min: 8, Shrink: true, Drop: 1}, func(q *queue.Queue) Cell { return queueFindingsCell(w, q, doubt) }),
				column(Column{Name: "State", Min: 8, Shrink: true, Drop: 3}, func(q *queue.Queue) Cell { return queueStateCell(w, q) }),
			},
			Key:     func(q *queue.Queue) string { return q.Name },
			Open:    func(q *queue.Queue) Place { return Place{Kind: Queue, Name: q.Name} },
			Command: func(q *queue.Queue) string { return command(w, "queueaccess", "describe", q.Name) },
			Detail:  func(q *queue.Queue) *Text { return &Text{Lines: queueLines(w, q)} },
			Wishes:  queueWishes,
			Empty:   emptyWords(w, "", "there are no queues", inventory.ClusterQueues, inventory.QueueConfigs),
		}.Of(pointers(w.Queues())),
	}
	page.judgeLater(w)
	return page, nil
}

// queueWishes refuse that somebody becomes a member: he would be one of a workspace. What gives him the queue is said.
func queueWishes(q *queue.Queue) []change.Wish {
	return refusals("a queue has no members: "+shell.Command("kubectl", "queueaccess", "grant", "SUBJECT", "--queue", q.Name), change.Add)
}

// accessCell says for whom a queue is: for all namespaces, for those that Kaiwo lists, or, where Kueue alone has it, for those
// with a LocalQueue.
func accessCell(w *world.World, q *queue.Queue) Cell {
	words := w.QueueState().Words(q)
	if q.Open() || words.Access == unsure {
		return Cell{Text: words.AccessWords(), Tone: Warn}
	}
	return Cell{Text: words.AccessWords()}
}

// unsure is what package queue says of what can't be read.
const unsure = "unknown"

// queueWhereCell names the namespaces of a queue, with a question mark where there may be more.
func queueWhereCell(w *world.World, q *queue.Queue) Cell {
	words := w.QueueState().Words(q)
	switch {
	case words.Where == unsure:
		return Cell{Text: unknown, Tone: Warn}
	case words.Where != "":
		return Cell{Text: words.Where, Tone: Warn}
	case words.Partial:
		return Cell{Text: question.List(q.Namespaces(), mostWhere) + ", " + unknown, Tone: Warn}
	}
	return cell(question.List(q.Namespaces(), mostWhere), Plain)
}

// localsCell counts the LocalQueues that lead to a queue, and those that are missing where it is listed.
func localsCell(w *world.World, q *queue.Queue) Cell {
	if _, gap := unread(w, "", inventory.LocalQueues); gap != nil {
		return Cell{Text: unknown, Tone: Warn}
	}
	missing := 0
	for _, ns := range q.Listed {
		if to, ok := w.QueueState().Leads(ns, q.Name); !ok || to != q.Name {
			missing++
		}
	}
	if missing > 0 {
		return Cell{Text: fmt.Sprintf("%d, %d missing", len(q.Locals), missing), Tone: Bad}
	}
	return Cell{Text: strconv.Itoa(len(q.Locals))}
}

func quotaWords(q *queue.Queue) string {
	var parts []string
	for i := range q.Quotas {
		parts = append(parts, q.Quotas[i].Resource+" "+q.Quotas[i].Nominal.String())
	}
	return strings.Join(parts, ", ")
}

// queueFindingsCell counts what is wrong with a queue. With doubt, not all could be judged.
func queueFindingsCell(w *world.World, q *queue.Queue, doubt bool) Cell {
	found := w.QueueFindings(q.Name)
	switch {
	case !w.Judged():
		return Cell{Text: "…", Tone: Quiet, Number: -1}
	case len(found) == 0 && doubt:
		return Cell{Text: unknown, Tone: Warn, Number: -1}
	}
	return tallyCell(found)
}

// isUnjudged reports whether something could not be read that rules about queues need: that none was found says nothing then.
func isUnjudged(w *world.World) bool {
	_, gap := unread(w, "", append(queue.JudgedKinds(), rightsKinds()...)...)
	return gap != nil
}

// queueStateCell says whether a queue admits work, or what stands in the way.
func queueStateCell(w *world.World, q *queue.Queue) Cell {
	words := w.QueueState().Words(q)
	tones := map[queue.Standing]Tone{queue.Passed: Good, queue.NotReached: Quiet, queue.Unknown: Warn, queue.Blocked: Bad}
	if words.Standing == queue.Unknown {
		return Cell{Text: unknown, Tone: Warn}
	}
	return Cell{Text: words.State, Tone: tones[words.Standing]}
}

// queueLines say what a queue has, and by which ways how many get work into it.
func queueLines(w *world.World, q *queue.Queue) []Line {
	var lines []Line
	if selector := q.Selector(); selector != "" {
		lines = append(lines, labelled("namespaceSelector", selector))
	} else if q.Kueue {
		lines = append(lines, Line{Spans: []Span{{Text: "namespaceSelector  ", Tone: Quiet}, {Text: "none, which admits no namespace at all", Tone: Warn}}})
	}
	if w.QueueState().Default(q) {
		lines = append(lines, labelled("default", "work of Kaiwo that names no queue goes into it"))
	}
	if q.Cohort != "" {
		lines = append(lines, labelled("cohort", q.Cohort+", whose quota it may borrow"))
	}
	c := w.QueueState().Count(q)
	for _, way := range []struct {
		path queue.Path
		n    int
	}{{queue.ByKaiwo, c.Kaiwo}, {queue.ByKueue, c.Kueue}, {queue.ByOwnLocalQueue, c.OwnLocalQueue}, {queue.ByRelabel, c.Relabel}} {
		if way.n > 0 {
			lines = append(lines, labelled(question.Plural(way.n, "subject"), pathWords(way.path)))
		}
	}
	return lines
}

// pathWords say how work gets into a queue.
func pathWords(p queue.Path) string {
	switch p {
	case queue.ByKaiwo:
		return "may submit to it as Kaiwo means it"
	case queue.ByKueue:
		return "may create work of other kinds, with the label of a LocalQueue that is there"
	case queue.ByOwnLocalQueue:
		return "may make a LocalQueue for it where there is none, and use that"
	case queue.ByRelabel:
		return "may change the labels of a namespace so that it is let in"
	}
	return string(p)
}

// queueNamed returns the queue of a place.
func queueNamed(w *world.World, name string) (*queue.Queue, error) {
	i := slices.IndexFunc(w.Queues(), func(q queue.Queue) bool { return q.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("open queue %s: %s", name, emptyWords(w, "", "there is no such queue", inventory.ClusterQueues, inventory.QueueConfigs))
	}
	return &w.Queues()[i], nil
}
