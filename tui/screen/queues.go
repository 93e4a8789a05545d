package screen

import (
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// queueNotes says what the pages of queues lack.
func queueNotes(w *world.World) []string {
	return append(gapNotes(w, "",
		need{inventory.QueueConfigs, "queues of Kaiwo may be missing"},
		need{inventory.ClusterQueues, "queues and quotas may be missing"},
		need{inventory.LocalQueues, "namespaces may be missing"},
	), rightsNotes(w, "")...)
}

// queuesPage lists the queues of Kaiwo and Kueue.
func queuesPage(w *world.World, _ Place) (*Page, error) {
	users := &submitters{w: w, in: map[rbac.Action]int{}}
	column := func(c Column, of func(*queue.Queue) Cell) TypedColumn[*queue.Queue] {
		return TypedColumn[*queue.Queue]{Column: c, Cell: of}
	}
	counts := map[string]int{}
	for i := range w.Queues() {
		counts[w.Queues()[i].Name] = users.of(&w.Queues()[i])
	}
	return &Page{
		Title: Queues.Title(), Notes: queueNotes(w), Command: listCommand(w, "clusterqueues.kueue.x-k8s.io"),
		List: Table[*queue.Queue]{
			Columns: []TypedColumn[*queue.Queue]{
				column(Column{Name: "Name", Min: 10, Shrink: true}, func(q *queue.Queue) Cell { return Cell{Text: q.Name, Tone: Strong} }),
				column(Column{Name: "Namespaces", Min: 12, Shrink: true}, func(q *queue.Queue) Cell { return queueWhereCell(w, q) }),
				column(Column{Name: "Quota", Min: 12, Shrink: true, Drop: 2}, func(q *queue.Queue) Cell { return cell(quotaWords(q), Plain) }),
				column(Column{Name: "May submit", Right: true, Numeric: true, Min: 4, Drop: 1}, func(q *queue.Queue) Cell { return countCell(w, "", counts[q.Name], rightsKinds()...) }),
				column(Column{Name: "State", Min: 8, Shrink: true, Drop: 3}, func(q *queue.Queue) Cell { return queueStateCell(w, q) }),
			},
			Key:     func(q *queue.Queue) string { return q.Name },
			Open:    func(q *queue.Queue) Place { return Place{Kind: Queue, Name: q.Name} },
			Command: func(q *queue.Queue) string { return queueCommand(w, q) },
			Detail:  func(q *queue.Queue) *Text { return &Text{Lines: queueLines(q)} },
			Empty:   emptyWords(w, "", "there are no queues", inventory.ClusterQueues, inventory.QueueConfigs),
		}.Of(pointers(w.Queues())),
	}, nil
}

// queueCommand shows the queue's object. Manifests are read without a command.
func queueCommand(w *world.World, q *queue.Queue) string {
	switch {
	case w.Frame.Offline:
		return ""
	case q.Kueue:
		return command(w, "get", "clusterqueues.kueue.x-k8s.io", q.Name, "-o", "yaml")
	}
	return command(w, "get", "kaiwoqueueconfigs.kaiwo.silogen.ai", queue.ConfigName, "-o", "yaml")
}

func queueWhereCell(w *world.World, q *queue.Queue) Cell {
	switch _, gap := unread(w, "", inventory.LocalQueues, inventory.QueueConfigs); {
	case q.Open():
		return Cell{Text: "open to all", Tone: Warn}
	case gap != nil && len(q.Namespaces()) == 0:
		return Cell{Text: unknown, Tone: Warn}
	}
	return cell(question.List(q.Namespaces(), mostWhere), Plain)
}

func quotaWords(q *queue.Queue) string {
	var parts []string
	for i := range q.Quotas {
		parts = append(parts, q.Quotas[i].Resource+" "+q.Quotas[i].Nominal.String())
	}
	return strings.Join(parts, ", ")
}

func queueStateCell(w *world.World, q *queue.Queue) Cell {
	switch _, gap := unread(w, "", inventory.ClusterQueues); {
	case !q.Kueue && gap != nil:
		return Cell{Text: unknown, Tone: Warn}
	case !q.Kueue:
		return Cell{Text: "no ClusterQueue", Tone: Bad}
	case q.Inactive != "":
		return Cell{Text: q.Inactive, Tone: Warn}
	}
	return cell("", Plain)
}
