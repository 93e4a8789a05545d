package queue

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// mend gives a finding the plan that repairs it, unless that is no valid one.
func mend(f *finding.Finding, summary string, steps ...plan.Step) {
	if p, err := plan.New(summary, steps...); err == nil {
		f.Fix = &p
	}
}

// changed is the step that changes an object; change gets a copy of its content.
func changed(o runtime.Object, unit, why string, change func(object map[string]any)) plan.Step {
	both, err := plan.FromObjects(o, o)
	if err != nil {
		return plan.Step{} // no valid one, so that there is no plan
	}
	change(both[1].Object)
	return plan.Step{Verb: plan.Update, Old: both[0], Object: both[1], Unit: unit, Why: why}
}

// removed is the step that deletes an object, of which the UID and version are kept.
func removed(o *unstructured.Unstructured, unit, why string) plan.Step {
	return plan.Step{Verb: plan.Delete, Old: o, Unit: unit, Why: why}
}

// changeEntry is the step that changes the entry of a queue in the KaiwoQueueConfig; change gets a copy of the entry. The
// object is changed as it was read, never applied: its lists have no keys, so that whoever applies one entry loses all others.
// A config may have a thousand entries, and a finding about each, so the steps share what they don't change.
func (j *judging) changeEntry(name, why string, change func(entry map[string]any)) plan.Step {
	list, _, _ := unstructured.NestedFieldNoCopy(j.config.Object, "spec", "clusterQueues")
	entries, _ := list.([]any)
	entries = slices.Clone(entries)
	for i, item := range entries {
		if entry, ok := item.(map[string]any); ok && text(entry, "name") == name {
			entry = runtime.DeepCopyJSON(entry)
			change(entry)
			entries[i] = entry
		}
	}
	object, spec := maps.Clone(j.config.Object), map[string]any{}
	if old, ok := object["spec"].(map[string]any); ok {
		spec = maps.Clone(old)
	}
	spec["clusterQueues"] = entries
	object["spec"] = spec
	return plan.Step{
		Verb: plan.Update, Old: j.config, Object: &unstructured.Unstructured{Object: object}, Unit: "queue " + name, Why: why,
	}
}

// restrict has the selector of a queue find the namespaces that it lists and are there, and no others: in its entry, and in
// the ClusterQueue, so that it holds before Kaiwo has come to it.
func (j *judging) restrict(q *Queue, why string) []plan.Step {
	wanted := selectorOf(slices.DeleteFunc(slices.Clone(q.Listed), func(name string) bool { return j.gone(name) != "" }))
	set := func(object map[string]any) {
		spec, ok := object["spec"].(map[string]any)
		if !ok {
			spec = map[string]any{}
			object["spec"] = spec
		}
		spec["namespaceSelector"] = runtime.DeepCopyJSON(wanted)
	}
	steps := []plan.Step{j.changeEntry(q.Name, why, set)}
	if cq := j.clusterQueue(q.Name); cq != nil {
		steps = append(steps, changed(cq, "queue "+q.Name, why, set))
	}
	return steps
}

// selectorOf is a namespaceSelector that finds namespaces by their names, by the label that the API server gives each.
func selectorOf(namespaces []string) map[string]any {
	values := make([]any, 0, len(namespaces))
	for _, name := range namespaces {
		values = append(values, name)
	}
	return map[string]any{"matchExpressions": []any{
		map[string]any{"key": corev1.LabelMetadataName, "operator": "In", "values": values},
	}}
}

// newLocal is a LocalQueue as Kaiwo makes it: of the queue's name, and the ClusterQueue's, as whose part it is deleted.
// Source: syncLocalQueues in internal/controller/kaiwoqueueconfig_controller.go.
func (j *judging) newLocal(namespace, name string) *unstructured.Unstructured {
	local := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": kueue.Group + "/v1beta1", "kind": "LocalQueue",
		"metadata": map[string]any{"namespace": namespace, "name": name},
		"spec":     map[string]any{"clusterQueue": name},
	}}
	cq := j.clusterQueue(name)
	if cq == nil {
		return local
	}
	local.SetAPIVersion(cq.GetAPIVersion())
	if cq.GetUID() != "" { // manifests don't know it
		metadata, _ := local.Object["metadata"].(map[string]any)
		metadata["ownerReferences"] = []any{map[string]any{
			"apiVersion": cq.GetAPIVersion(), "kind": "ClusterQueue", "name": name, "uid": string(cq.GetUID()),
			"controller": true, "blockOwnerDeletion": true,
		}}
	}
	return local
}

// waiting says what keeps a LocalQueue from being touched: the workloads that wait or run through it, or that these are not
// known. It is empty when there is nothing. With no name it is about all LocalQueues of the namespace that lead to a queue.
func (j *judging) waiting(namespace string, names ...string) string {
	if gaps := j.Inventory.Missing(inventory.Workloads); slices.ContainsFunc(gaps, func(g rbac.Gap) bool { return g.Concerns(namespace) }) {
		return "what waits in it can't be read"
	}
	count := 0
	for _, w := range j.Inventory.Objects(inventory.Workloads) {
		if w.GetNamespace() == namespace && slices.Contains(names, text(w.Object, "spec", "queueName")) && !finished(w) {
			count++
		}
	}
	switch count {
	case 0:
		return ""
	case 1:
		return "a workload uses it"
	}
	return fmt.Sprintf("%d workloads use it", count)
}

// idle begins what the repair does to a LocalQueue in which nothing waits. Who judges without the Workloads repairs with them.
func (j *judging) idle() string {
	if j.Inventory.Live && !j.Inventory.Served[inventory.Workloads] {
		return "Unless a workload uses it, the repair "
	}
	return "No workload uses it, so the repair "
}

// finished reports whether a Workload has come to its end.
func finished(w *unstructured.Unstructured) bool {
	return condition(w, kueue.ConditionFinished, "True") != nil
}

// condition returns the condition of a type when it has that status; nil otherwise.
func condition(o *unstructured.Unstructured, kind, status string) map[string]any {
	for _, c := range objects(o.Object, "status", "conditions") {
		if text(c, "type") == kind && text(c, "status") == status {
			return c
		}
	}
	return nil
}

// gone says what is wrong with a listed namespace: that it is not there, or is being deleted. It is empty when nothing is,
// or when namespaces are not known.
func (j *judging) gone(name string) string {
	if !j.known(inventory.Namespaces) {
		return ""
	}
	ns := j.Namespace(name)
	switch {
	case ns == nil:
		return "is not there"
	case ns.DeletionTimestamp != nil, ns.Status.Phase == corev1.NamespaceTerminating:
		return "is being deleted"
	}
	return ""
}

// listed joins a few names of many, and says how many more there are.
func listed(names []string) string {
	const most = 5
	out := strings.Join(names[:min(most, len(names))], ", ")
	if more := len(names) - most; more > 0 {
		out += fmt.Sprintf(" and %d more", more)
	}
	return out
}

// count writes a number of things in words.
func count(n int, thing string) string {
	switch {
	case n == 1:
		return "1 " + thing
	case strings.HasSuffix(thing, "s"):
		return fmt.Sprintf("%d %ses", n, thing)
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
