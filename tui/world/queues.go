package world

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

// QueueState answers questions about queues. It is made when it is first asked for, and keeps what it has worked out.
func (w *World) QueueState() *queue.State { return w.queues() }

// Queues returns the queues that were read, by name. The slice is shared. Where there are none, nothing is worked out.
func (w *World) Queues() []queue.Queue {
	if len(w.Inventory.Objects(inventory.QueueConfigs))+len(w.Inventory.Objects(inventory.ClusterQueues))+len(w.Inventory.Objects(inventory.LocalQueues)) == 0 {
		return nil
	}
	return w.QueueState().Queues()
}

// QueueFindings returns what is wrong with a queue, with its LocalQueues, and with the namespaces that it lists as far as it
// concerns queues; the gravest first, as far as [World.Judged]. The slice is shared.
func (w *World) QueueFindings(name string) []finding.Finding {
	if found := w.known(); found != nil {
		return found.queues[name]
	}
	return nil
}

// byQueue sorts findings about queues by the queues that they concern.
func (w *World) byQueue(all []finding.Finding) map[string][]finding.Finding {
	out, listing := map[string][]finding.Finding{}, map[string][]string{}
	for i := range w.Queues() {
		q := &w.Queues()[i]
		for _, ns := range q.Namespaces() {
			listing[ns] = append(listing[ns], q.Name)
		}
	}
	for i := range all {
		if !isQueueRule(all[i].ID) {
			continue
		}
		for _, name := range w.queuesOf(&all[i], listing) {
			out[name] = append(out[name], all[i])
		}
	}
	return out
}

// isQueueRule reports whether a rule is one of package queue.
func isQueueRule(id string) bool {
	return slices.ContainsFunc(queue.Rules(), func(r finding.Rule) bool { return r.ID == id })
}

// queuesOf returns the names of the queues that a finding concerns. Where several could be meant, those that it names are.
func (w *World) queuesOf(f *finding.Finding, listing map[string][]string) []string {
	kind, object, _ := strings.Cut(f.Object, " ")
	namespace, name, _ := strings.Cut(object, "/")
	var names []string
	switch kind {
	case "clusterqueue":
		return []string{object}
	case "localqueue":
		if to, ok := w.QueueState().Leads(namespace, name); ok {
			names = append(names, to)
		}
		if w.QueueState().Queue(name) != nil && !slices.Contains(names, name) {
			names = append(names, name)
		}
		return names
	case "kaiwoqueueconfig":
		for i := range w.Queues() {
			names = append(names, w.Queues()[i].Name)
		}
		return named(f.Message, names)
	}
	names = listing[finding.NamespaceOf(f.Object)]
	if only := named(f.Message, names); len(only) > 0 {
		return only
	}
	return names
}

// named returns those of the queues that a text speaks of.
func named(text string, queues []string) []string {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" ,:;()\"", r) })
	var out []string
	for i, word := range words {
		if i > 0 && (words[i-1] == "queue" || words[i-1] == "queues") && slices.Contains(queues, word) && !slices.Contains(out, word) {
			out = append(out, word)
		}
	}
	return out
}
