package queueaccess

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// listView is the JSON of a list. Fields are added, never renamed or removed, within one version.
type listView struct {
	APIVersion string      `json:"apiVersion"`
	Kind       string      `json:"kind"`
	Complete   bool        `json:"complete"`
	Gaps       []rbac.Gap  `json:"gaps,omitempty"`
	Items      []queueView `json:"items"`
}

// queueView is the JSON of one queue.
type queueView struct {
	Name string `json:"name"`
	// Access is "restricted", "open" or "kueue"; "unknown" where Kaiwo's configuration could not be read.
	Access string `json:"access"`
	// Default says that Kaiwo's workloads that name no queue go into it.
	Default bool `json:"default,omitempty"`
	// Listed are the namespaces that Kaiwo has it for.
	Listed []string `json:"listed"`
	// Selector is its namespaceSelector as kubectl writes it: "{}" finds all namespaces, none is absent and finds nothing.
	Selector    string      `json:"selector,omitempty"`
	LocalQueues []localView `json:"localQueues"`
	Cohort      string      `json:"cohort,omitempty"`
	Quotas      []quotaView `json:"quotas"`
	// State is "active", or what stands in the way.
	State string `json:"state"`
	// MaySubmit counts who may get work into it, by path and in all.
	MaySubmit queue.Count `json:"maySubmit"`
}

type localView struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
}

type quotaView struct {
	Resource string   `json:"resource"`
	Nominal  string   `json:"nominal"`
	Flavors  []string `json:"flavors"`
}

func viewList(l *loaded, all []queue.Queue, counts []queue.Count) listView {
	v := listView{
		APIVersion: apiVersion, Kind: "QueueList", Complete: len(l.Inventory.Gaps) == 0, Gaps: l.Inventory.Gaps, Items: []queueView{},
	}
	for i := range all {
		v.Items = append(v.Items, viewQueue(l.state, &all[i], counts[i]))
	}
	return v
}

func viewQueue(s *queue.State, q *queue.Queue, count queue.Count) queueView {
	words := s.Words(q)
	v := queueView{
		Name: q.Name, Access: words.Access, Default: words.Default, Listed: append([]string{}, q.Listed...), Selector: q.Selector(),
		LocalQueues: []localView{}, Cohort: q.Cohort, Quotas: []quotaView{}, State: words.State, MaySubmit: count,
	}
	for _, l := range q.Locals {
		v.LocalQueues = append(v.LocalQueues, localView(l))
	}
	for _, have := range q.Quotas {
		v.Quotas = append(v.Quotas, quotaView{have.Resource, have.Nominal.String(), have.Flavors})
	}
	return v
}

// stateOf is the state of a queue with all that Kueue says of it.
func stateOf(s *queue.State, q *queue.Queue) string {
	words := s.Words(q)
	if words.State == q.Reason && q.Inactive != q.Reason {
		return q.Reason + ": " + q.Inactive
	}
	return words.State
}

// whereOf names the namespaces of a queue: the listed ones, or those with LocalQueues of one that Kaiwo does not have.
func whereOf(words *queue.Words, q *queue.Queue, most int) string {
	if words.Where != "" {
		return words.Where
	}
	named := question.List(queue.NameWords(q.Namespaces()), most)
	if words.Partial {
		named += ", ?"
	}
	return orDash(named)
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

func listTable(s *queue.State, all []queue.Queue, counts []queue.Count) *metav1.Table {
	t := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{
		{Name: "Queue", Type: "string"},
		{Name: "Access", Type: "string"},
		{Name: "Namespaces", Type: "string"},
		{Name: "LocalQueues", Type: "integer"},
		{Name: "May submit", Type: "integer"},
		{Name: "State", Type: "string"},
		{Name: "By path", Type: "string", Priority: 1},
		{Name: "Selector", Type: "string", Priority: 1},
		{Name: "Cohort", Type: "string", Priority: 1},
		{Name: "Quota", Type: "string", Priority: 1},
	}}
	for i := range all {
		q := &all[i]
		words := s.Words(q)
		t.Rows = append(t.Rows, metav1.TableRow{Cells: []any{
			q.Name, words.AccessWords(), whereOf(&words, q, 3), sureCount(len(q.Locals), !s.Unread(inventory.LocalQueues)),
			sureCount(counts[i].All, s.Rights.Snapshot().Complete()), words.State, orDash(strings.Join(byPath(counts[i]), ", ")),
			orDash(q.Selector()), orDash(q.Cohort), orDash(strings.Join(quotaWords(q), ", ")),
		}})
	}
	return t
}

// sureCount is a number, or a question mark where not all was seen that should be counted.
func sureCount(n int, sure bool) any {
	if !sure {
		return "?"
	}
	return int64(n)
}

// byPath are the counts that are not zero: "kaiwo 3".
func byPath(c queue.Count) []string {
	out := []string{
		fmt.Sprintf("%s %d", queue.ByKaiwo, c.Kaiwo), fmt.Sprintf("%s %d", queue.ByKueue, c.Kueue),
		fmt.Sprintf("%s %d", queue.ByOwnLocalQueue, c.OwnLocalQueue), fmt.Sprintf("%s %d", queue.ByRelabel, c.Relabel),
	}
	return slices.DeleteFunc(out, func(text string) bool { return strings.HasSuffix(text, " 0") })
}

// quotaWords are the quotas in words: "cpu 192 (mi300x)".
func quotaWords(q *queue.Queue) []string {
	out := make([]string, 0, len(q.Quotas))
	for _, have := range q.Quotas {
		flavors := slices.Compact(slices.Sorted(slices.Values(have.Flavors)))
		out = append(out, fmt.Sprintf("%s %s (%s)", have.Resource, have.Nominal.String(), strings.Join(flavors, "+")))
	}
	return out
}
