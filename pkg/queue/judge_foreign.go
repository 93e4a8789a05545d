package queue

import (
	"fmt"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
)

// judgeForeign judges the objects of Kueue that the KaiwoQueueConfig does not have (QA012): Kaiwo deletes them, whoever made
// them.
func (j *judging) judgeForeign() {
	if j.config == nil || !j.known(inventory.QueueConfigs) {
		return
	}
	kinds := []struct {
		kind        inventory.Kind
		list, thing string
		name        []string // where items of the list have their name
	}{
		{inventory.ClusterQueues, "clusterQueues", "clusterqueue", []string{"name"}},
		{inventory.ResourceFlavors, "resourceFlavors", "resourceflavor", []string{"name"}},
		{inventory.PriorityClasses, "workloadPriorityClasses", "workloadpriorityclass", []string{"metadata", "name"}},
	}
	for _, k := range kinds {
		for _, o := range j.Inventory.Objects(k.kind) {
			if slices.ContainsFunc(objects(j.config.Object, "spec", k.list), func(item map[string]any) bool { return text(item, k.name...) == o.GetName() }) {
				continue
			}
			f := j.add("QA012", k.thing+" "+o.GetName(), "it is not in the KaiwoQueueConfig, so Kaiwo deletes it",
				"Kaiwo takes all that Kueue has for its own: whenever it looks at its queues, it deletes the ClusterQueues, flavors and priority "+
					"classes that are not in its config, whoever made them. That it is still there means that the operator has not run since. ")
			j.mendForeign(f, k.list, o)
		}
	}
}

// mendForeign adds an object to the KaiwoQueueConfig where that changes neither the object nor who may use it: priority
// classes; and queues that lead somewhere, which are then for those namespaces. Kaiwo changes flavors, which have no fix.
func (j *judging) mendForeign(f *finding.Finding, list string, o *unstructured.Unstructured) {
	var item map[string]any
	switch list {
	case "workloadPriorityClasses":
		item = map[string]any{"metadata": map[string]any{"name": o.GetName()}, "value": o.Object["value"]}
		if described := text(o.Object, "description"); described != "" {
			item["description"] = described
		}
		f.Why += "The repair adds it there as it is."
	case "clusterQueues":
		if item = j.asEntry(o); item == nil {
			f.Why += "Add it there, with the namespaces that it is for: with none it would be open to everybody. Or delete it yourself, when nobody needs it."
			return
		}
		f.Why += "The repair adds it there as it is, for the namespaces in which LocalQueues lead to it."
	default:
		f.Why += "Add it there, but look first: Kaiwo drops taints and tolerations, and gives flavors without topology a node label more."
		return
	}
	mend(f, "keep "+f.Object, changed(j.config, f.Object, "Kaiwo deletes what is not there", func(object map[string]any) {
		items, _, _ := unstructured.NestedSlice(object, "spec", list)
		_ = unstructured.SetNestedSlice(object, append(items, item), "spec", list)
	}))
}

// asEntry is the entry of the KaiwoQueueConfig that says what a ClusterQueue says, for the namespaces with LocalQueues; nil
// when there are none, or when the entry can't say it.
func (j *judging) asEntry(cq *unstructured.Unstructured) map[string]any {
	q := j.Queue(cq.GetName())
	if q == nil || len(q.Locals) == 0 || len(cq.GetOwnerReferences()) > 0 || cq.GetAPIVersion() != kueue.Group+"/v1beta1" {
		return nil
	}
	var namespaces []any
	for _, l := range q.Locals {
		if l.Name != q.Name { // Kaiwo would make another beside it
			return nil
		}
		namespaces = append(namespaces, l.Namespace)
	}
	flavors := objects(j.config.Object, "spec", "resourceFlavors")
	for _, group := range objects(cq.Object, "spec", "resourceGroups") {
		for _, used := range objects(group, "flavors") {
			if !slices.ContainsFunc(flavors, func(f map[string]any) bool { return text(f, "name") == text(used, "name") }) {
				return nil
			}
		}
	}
	spec, _, err := unstructured.NestedMap(cq.Object, "spec")
	if err != nil {
		return nil
	}
	delete(spec, "stopPolicy") // Kueue's default is written into every object
	return map[string]any{"name": q.Name, "namespaces": namespaces, "spec": runtime.DeepCopyJSON(spec)}
}

// judgePriorities judges the priority classes that workloads name, and who may use which (QA013).
func (j *judging) judgePriorities() {
	if j.config == nil || !j.known(inventory.QueueConfigs) {
		return
	}
	classes := map[string]bool{}
	for _, item := range objects(j.config.Object, "spec", "workloadPriorityClasses") {
		classes[text(item, "metadata", "name")] = true
	}
	for _, o := range j.Inventory.Objects(inventory.PriorityClasses) {
		classes[o.GetName()] = true
	}
	delete(classes, "")
	for _, kind := range []inventory.Kind{inventory.KaiwoJobs, inventory.KaiwoServices} {
		for _, o := range j.Inventory.Objects(kind) {
			named := text(o.Object, "spec", "priorityClass")
			if named == "" || classes[named] || ended(o) {
				continue
			}
			if len(j.Inventory.Missing(inventory.PriorityClasses)) > 0 {
				continue
			}
			f := j.add("QA013", fmt.Sprintf("%s %s/%s", kind[:len(kind)-1], o.GetNamespace(), o.GetName()), "its priority class "+named+" is not there",
				"Kueue makes no Workload of it, so it waits for ever. Correct spec.priorityClass, or add the class to the KaiwoQueueConfig.")
			f.Severity = finding.Warning
		}
	}
	if len(classes) > 0 && j.preempts() {
		j.add("QA013", configName, "anybody who may submit may use its priority classes ("+listed(slices.Sorted(maps.Keys(classes)))+"), and so end the work of others",
			"No right is needed to name a class, and some queue preempts work of a lower priority. A policy can bind classes to namespaces or groups.")
	}
}

// ended reports whether a workload of Kaiwo has come to its end.
func ended(o *unstructured.Unstructured) bool {
	switch text(o.Object, "status", "status") {
	case kaiwo.StatusComplete, kaiwo.StatusFailed, kaiwo.StatusTerminated:
		return true
	}
	return false
}

// preempts reports whether some queue lets work of a higher priority end that of a lower one.
func (j *judging) preempts() bool {
	return slices.ContainsFunc(objects(j.config.Object, "spec", "clusterQueues"), func(entry map[string]any) bool {
		within, across := text(entry, "spec", "preemption", "withinClusterQueue"), text(entry, "spec", "preemption", "reclaimWithinCohort")
		return within != "" && within != "Never" || across == "LowerPriority"
	})
}
