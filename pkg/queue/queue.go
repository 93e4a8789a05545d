// Package queue is about the queues that batch work waits in: Kaiwo's, which its one KaiwoQueueConfig describes, and those of
// Kueue, which Kaiwo makes of them or somebody made by hand.
//
// It reads what a source has of them, and talks to no cluster. Objects that are not as their schemas demand give what can
// be read of them.
package queue

import (
	"cmp"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// ConfigName is what a KaiwoQueueConfig must be called: Kaiwo passes over any other. Source:
// internal/controller/kaiwoqueueconfig_controller.go of silogen/kaiwo.
const ConfigName = "kaiwo"

// Queue is a queue under its name, which its ClusterQueue and Kaiwo's entry for it share.
type Queue struct {
	Name string
	// Kaiwo says that the KaiwoQueueConfig has it, Kueue that there is a ClusterQueue.
	Kaiwo, Kueue bool
	// Listed are the namespaces that Kaiwo has it for, sorted. With none a queue of Kaiwo is open: whoever may create a
	// KaiwoJob anywhere may use it.
	Listed []string
	// Locals are the LocalQueues that lead to it, by namespace and name.
	Locals []Local
	// Cohort is with whom it shares quota; empty for nobody.
	Cohort string
	// Quotas are what it has of each resource, in the order of the object, added up over its flavors.
	Quotas []Quota
	// Inactive says why Kueue admits nothing through it, and Reason the same in a word or two; empty when it does, or has not
	// said.
	Inactive, Reason string
	// BadSelector says that it has a namespaceSelector that can't be read, and so none.
	BadSelector bool

	// selector says which namespaces Kueue admits work from; nil for none.
	selector labels.Selector
	// seen says that Kueue has said whether it admits work.
	seen bool
	// unclear says that its namespaces can't be read: it is open to nobody then.
	unclear bool
}

// Local is a LocalQueue.
type Local struct{ Namespace, Name string }

// Quota is how much of a resource a queue may use.
type Quota struct {
	Resource string
	Nominal  resource.Quantity
	// Flavors are the kinds of nodes that it is of.
	Flavors []string
}

// Open reports whether Kaiwo lets every namespace use the queue.
func (q *Queue) Open() bool { return q.Kaiwo && len(q.Listed) == 0 && !q.unclear }

// Unclear reports whether Kaiwo's entry for the queue has namespaces that are no list of names: for whom it is nobody knows then.
func (q *Queue) Unclear() bool { return q.unclear }

// Namespaces are those that the queue is for, as far as they are named: the listed ones of a queue of Kaiwo, and those
// with a LocalQueue of any other. Sorted.
func (q *Queue) Namespaces() []string {
	if q.Kaiwo {
		return q.Listed
	}
	return q.Named()
}

// Named are the namespaces that are listed, and those in which a LocalQueue leads to the queue, though it may not be meant
// for them. Sorted.
func (q *Queue) Named() []string {
	found := slices.Clone(q.Listed)
	for _, l := range q.Locals {
		found = append(found, l.Namespace)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// Admits reports whether Kueue admits work from a namespace with that name and these labels. A queue without a selector
// admits none. Without a ClusterQueue nothing is admitted.
func (q *Queue) Admits(namespace string, given map[string]string) bool {
	if !q.Kueue || q.selector == nil {
		return false
	}
	all := labels.Set{corev1.LabelMetadataName: namespace} // the API server sees to that
	maps.Copy(all, given)
	return q.selector.Matches(all)
}

// Read returns the queues that an inventory has, by name.
func Read(inv *inventory.Inventory) []Queue {
	found := map[string]*Queue{}
	of := func(name string) *Queue {
		if found[name] == nil {
			found[name] = &Queue{Name: name}
		}
		return found[name]
	}
	for _, config := range inv.Objects(inventory.QueueConfigs) {
		if config.GetName() != ConfigName {
			continue
		}
		for _, entry := range objects(config.Object, "spec", "clusterQueues") {
			name := text(entry, "name")
			if name == "" {
				continue
			}
			q := of(name)
			q.Kaiwo, q.unclear = true, isUnclear(entry)
			q.Listed = texts(entry, "namespaces")
			slices.Sort(q.Listed)
			q.Listed = slices.Compact(q.Listed)
			q.spec(entry)
		}
	}
	for _, object := range inv.Objects(inventory.ClusterQueues) {
		q := of(object.GetName())
		q.Kueue = true
		q.spec(object.Object)
		q.status(object.Object)
	}
	for _, object := range inv.Objects(inventory.LocalQueues) {
		if name := text(object.Object, "spec", "clusterQueue"); name != "" {
			q := of(name)
			q.Locals = append(q.Locals, Local{object.GetNamespace(), object.GetName()})
		}
	}
	out := make([]Queue, 0, len(found))
	for _, name := range slices.Sorted(maps.Keys(found)) {
		out = append(out, *found[name])
	}
	return out
}

// isUnclear reports whether the namespaces of an entry are something else than a list of strings.
func isUnclear(entry map[string]any) bool {
	given, there := entry["namespaces"]
	if !there || given == nil {
		return false
	}
	items, ok := given.([]any)
	return !ok || len(items) > 0 && len(texts(entry, "namespaces")) < len(items)
}

// spec reads what Kaiwo's entry and the ClusterQueue have in common. That of the ClusterQueue, which is read last, counts.
func (q *Queue) spec(object map[string]any) {
	q.Cohort = cmp.Or(text(object, "spec", "cohort"), text(object, "spec", "cohortName")) // the latter since v1beta2
	q.selector, q.Quotas = selector(object), nil
	given, _, _ := unstructured.NestedFieldNoCopy(object, "spec", "namespaceSelector")
	q.BadSelector = given != nil && q.selector == nil
	for _, group := range objects(object, "spec", "resourceGroups") {
		for _, flavor := range objects(group, "flavors") {
			for _, have := range objects(flavor, "resources") {
				q.add(text(have, "name"), have["nominalQuota"], text(flavor, "name"))
			}
		}
	}
}

func (q *Queue) add(name string, nominal any, flavor string) {
	amount, ok := quantity(nominal)
	if name == "" || !ok {
		return
	}
	i := slices.IndexFunc(q.Quotas, func(have Quota) bool { return have.Resource == name })
	if i < 0 {
		i = len(q.Quotas)
		q.Quotas = append(q.Quotas, Quota{Resource: name})
	}
	q.Quotas[i].Nominal.Add(amount)
	q.Quotas[i].Flavors = append(q.Quotas[i].Flavors, flavor)
}

func (q *Queue) status(object map[string]any) {
	if policy := text(object, "spec", "stopPolicy"); policy != "" && policy != "None" {
		q.Inactive = "stopPolicy " + policy
		q.Reason = q.Inactive
	}
	for _, condition := range objects(object, "status", "conditions") {
		if text(condition, "type") != "Active" {
			continue
		}
		q.seen = true
		if text(condition, "status") == "False" {
			q.Inactive = cmp.Or(text(condition, "message"), text(condition, "reason"), "not active")
			q.Reason = cmp.Or(text(condition, "reason"), "not active")
		}
	}
}
