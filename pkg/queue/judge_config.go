package queue

import (
	"fmt"
	"reflect"
	"slices"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// judgeConfig judges the KaiwoQueueConfig as a whole (QA001), and the default queue (QA011).
func (j *judging) judgeConfig() {
	if !j.known(inventory.QueueConfigs) {
		return
	}
	var others []*unstructured.Unstructured
	for _, config := range j.Inventory.Objects(inventory.QueueConfigs) {
		if config.GetName() != ConfigName {
			others = append(others, config)
		}
	}
	if j.config == nil && len(others) != 1 {
		j.add("QA001", configName, "it is not there",
			"Without it Kaiwo has no queues, and every KaiwoJob ends in ERROR. When the operator comes upon that, it makes one with "+
				"one open queue, and deletes all other ClusterQueues, flavors and priority classes first. Write it before that: "+
				"kubectl apply -f FILE, with the name "+ConfigName+".")
	}
	for _, other := range others {
		j.judgeOther(other, len(others) == 1)
	}
	if j.config == nil {
		return
	}
	j.judgeEntries()
	down := j.judgeOperatorDown()
	switch text(j.config.Object, "status", "status") {
	case "":
		if j.Inventory.Live && !down {
			f := j.add("QA001", configName, "it has no status: Kaiwo has not looked at it yet",
				"Kaiwo writes READY or FAILED when it has made what the config says; until then its queues may not be there. "+
					"It takes a moment after it was written. After that, see whether the operator runs: kubectl get deployments -A -l "+
					kaiwo.OperatorLabel+"="+kaiwo.OperatorAccount+".")
			f.Severity = finding.Info
		}
	case kaiwo.ConfigFailed:
		j.add("QA001", configName, "its status is FAILED: Kaiwo could not make all that it says",
			"Kaiwo tries again every 30 s, and says in events of the object what is in its way, most often a listed namespace that "+
				"is not there (QA002): kubectl get events -A --field-selector involvedObject.kind=KaiwoQueueConfig.")
	}
	j.judgeDefault()
}

// judgeOperatorDown says that Kaiwo's operator does not run (QA001), so that nothing that is written has an effect. Manifests
// as they are written do not say whether it does.
func (j *judging) judgeOperatorDown() bool {
	down := false
	for _, o := range j.Inventory.Objects(inventory.QueueOperators) {
		if o.GetKind() != "Deployment" || o.GetNamespace() != kaiwo.SystemNamespace || o.GetLabels()[kaiwo.OperatorLabel] != kaiwo.OperatorAccount {
			continue
		}
		status, _, _ := unstructured.NestedMap(o.Object, "status")
		if running, _ := quantity(status["availableReplicas"]); running.Sign() > 0 || len(status) == 0 && !j.Inventory.Live {
			continue
		}
		down = true
		j.add("QA001", "deployment "+o.GetNamespace()+"/"+o.GetName(), "no replica of Kaiwo's operator runs",
			"Nothing that is written in the KaiwoQueueConfig has an effect, and every new KaiwoJob waits without a status: "+
				"kubectl describe deployment "+shell.Word(o.GetName())+" -n "+o.GetNamespace()+" says why.")
	}
	return down
}

// judgeEntries judges the entries for queues that nobody can go by, or not by all of them (QA001).
func (j *judging) judgeEntries() {
	list, _, _ := unstructured.NestedFieldNoCopy(j.config.Object, "spec", "clusterQueues")
	items, ok := list.([]any)
	if !ok && list != nil {
		j.add("QA001", configName, "spec.clusterQueues is no list", "The API server does not take it so.")
	}
	count := map[string]int{}
	for i, item := range items {
		entry, _ := item.(map[string]any)
		name := text(entry, "name")
		where := fmt.Sprintf("entry %d of spec.clusterQueues", i+1)
		switch {
		case entry == nil:
			j.add("QA001", configName, where+" is no object", "The API server does not take it so. An entry has a name, namespaces and a spec.")
		case name == "":
			j.add("QA001", configName, where+" has no name", "No queue can be made of it, so the KaiwoQueueConfig is FAILED, of all queues. Name it, or take it out.")
		case isUnclear(entry):
			j.add("QA001", configName, "the namespaces of queue "+name+" are no list of names",
				"The API server does not take it so. Were they read as none, the queue would be open to everybody: write namespaces: [NAME].")
		}
		if count[name]++; name != "" && count[name] == 2 {
			j.add("QA001", configName, "it has more than one entry for queue "+name,
				"Nothing refuses that. There is one ClusterQueue of the name, and one LocalQueue in a namespace, so the entries undo each other: "+
					"make one of them. What is said here of the queue goes by the last.")
		}
	}
}

// judgeOther judges a KaiwoQueueConfig that is not called as it must be.
func (j *judging) judgeOther(other *unstructured.Unstructured, only bool) {
	object := "kaiwoqueueconfig " + other.GetName()
	f := j.add("QA001", object, "Kaiwo passes over it: a KaiwoQueueConfig must be named "+ConfigName,
		"Nothing refuses the name: the object is accepted, and its queues are never made. ")
	made := slices.ContainsFunc(j.Inventory.Objects(inventory.ClusterQueues), func(cq *unstructured.Unstructured) bool {
		return slices.ContainsFunc(cq.GetOwnerReferences(), func(ref metav1.OwnerReference) bool { return other.GetUID() != "" && ref.UID == other.GetUID() })
	})
	switch {
	case made:
		f.Why += "ClusterQueues refer to it as their owner, and would go with it: take that out of them first."
	case j.config == nil && only && j.namesAll(other):
		renamed := other.DeepCopy()
		renamed.Object["metadata"] = map[string]any{"name": ConfigName}
		setMarks(renamed, other)
		unstructured.RemoveNestedField(renamed.Object, "status")
		f.Why += "There is no other, so it is the one that is meant: the repair gives it the right name."
		mend(f, "give "+object+" the name "+ConfigName,
			plan.Step{Verb: plan.Create, Object: renamed, Unit: object, Why: "Kaiwo reads that name only"},
			removed(other, object, "nothing reads it"))
	case j.config == nil:
		f.Why += "It names not all queues that there are, and Kaiwo would delete the others: add them to it, and write it under the name " + ConfigName + "."
	case covers(j.config, other):
		f.Why += "All that it says is in " + ConfigName + " too, so nothing is lost with it."
		mend(f, "delete "+object, removed(other, object, ConfigName+" says the same"))
	default:
		f.Why += "It says something that " + ConfigName + " does not: move what is meant there, and delete it."
	}
}

// namesAll reports whether a config names every ClusterQueue that there is, so that none would be deleted for it.
func (j *judging) namesAll(config *unstructured.Unstructured) bool {
	if len(j.Inventory.Missing(inventory.ClusterQueues)) > 0 {
		return false
	}
	return !slices.ContainsFunc(j.Inventory.Objects(inventory.ClusterQueues), func(cq *unstructured.Unstructured) bool {
		return !slices.ContainsFunc(objects(config.Object, "spec", "clusterQueues"), func(entry map[string]any) bool {
			return text(entry, "name") == cq.GetName()
		})
	})
}

// covers reports whether everything in the lists of other is in those of config, just so.
func covers(config, other *unstructured.Unstructured) bool {
	for _, list := range []string{"clusterQueues", "resourceFlavors", "workloadPriorityClasses", "topologies"} {
		have := objects(config.Object, "spec", list)
		for _, item := range objects(other.Object, "spec", list) {
			if !slices.ContainsFunc(have, func(h map[string]any) bool { return reflect.DeepEqual(h, item) }) {
				return false
			}
		}
	}
	return true
}

// setMarks gives an object the labels and annotations of another.
func setMarks(to, from *unstructured.Unstructured) {
	if labels := from.GetLabels(); len(labels) > 0 {
		to.SetLabels(labels)
	}
	if annotations := from.GetAnnotations(); len(annotations) > 0 {
		to.SetAnnotations(annotations)
	}
}

// judgeDefault judges the queue of the workloads that name none.
func (j *judging) judgeDefault() {
	if !j.known(inventory.KaiwoConfigs) {
		return
	}
	settings, object := j.Settings(), j.SettingsObject()
	const name = "kaiwoconfig " + ConfigName
	entry := j.entry(settings.DefaultQueue)
	switch {
	case entry == nil:
		f := j.add("QA011", name, fmt.Sprintf("the default queue %s is not in the KaiwoQueueConfig", settings.DefaultQueue),
			"A KaiwoJob that names no queue ends in ERROR, with the reason ClusterQueueNotFound. ")
		j.mendDefault(f, object)
	case settings.Dynamic && isRestricted(entry):
		f := j.add("QA011", name, fmt.Sprintf("Kaiwo takes the restrictions of the default queue %s away", settings.DefaultQueue),
			"With dynamicallyUpdateDefaultClusterQueue it writes the entry anew each time it looks at its queues: with no namespaces, "+
				"and a selector that finds all. Whoever may create a KaiwoJob anywhere then uses the quota, and nobody is told. "+
				"The repair turns it off; then new nodes are no longer added to the queue by themselves.")
		if object != nil {
			mend(f, "keep the restrictions of queue "+settings.DefaultQueue, changed(object, name, "Kaiwo must not undo the restrictions",
				func(o map[string]any) {
					_ = unstructured.SetNestedField(o, false, "spec", "dynamicallyUpdateDefaultClusterQueue")
				}))
		}
	}
	given, on := j.environment(kaiwo.EnvDefaultQueue), j.webhooksOn()
	if given != "" && given != settings.DefaultQueue {
		f := j.add("QA011", "deployment "+kaiwo.SystemNamespace+"/"+kaiwo.OperatorAccount,
			fmt.Sprintf("its %s is %s, and the default queue is %s", kaiwo.EnvDefaultQueue, given, settings.DefaultQueue),
			"The webhook for Jobs reads the variable, everything else KaiwoConfig: the same work lands in two queues, by how it was "+
				"sent. Set the variable where the operator is installed from. ")
		if f.Severity = finding.Warning; !on {
			f.Severity = finding.Info
			f.Why += "Webhooks are off, so nothing reads it now."
		}
	}
}

// isRestricted reports whether an entry keeps anybody out: by its namespaces or by its selector.
func isRestricted(entry map[string]any) bool {
	if len(texts(entry, "namespaces")) > 0 {
		return true
	}
	s := selector(entry)
	return s == nil || !s.Empty()
}

// mendDefault names the only open queue as the default. That widens nothing: whoever names it may use it already.
func (j *judging) mendDefault(f *finding.Finding, object *unstructured.Unstructured) {
	var open []string
	for i := range j.queues {
		if j.queues[i].Open() {
			open = append(open, j.queues[i].Name)
		}
	}
	if len(open) != 1 || object == nil {
		f.Why += "Name one that is there in spec.defaultClusterQueueName of the KaiwoConfig " + ConfigName + ", or add the queue."
		return
	}
	f.Why += "The repair names " + open[0] + ", the only open queue: whoever is let in by that may use it already."
	mend(f, "make "+open[0]+" the default queue", changed(object, f.Object, "it is the only open queue", func(o map[string]any) {
		_ = unstructured.SetNestedField(o, open[0], "spec", "defaultClusterQueueName")
	}))
}

// environment returns a variable of the operator; empty when it is not set, or not known.
func (j *judging) environment(name string) string {
	for _, o := range j.Inventory.Objects(inventory.QueueOperators) {
		if o.GetKind() != "Deployment" || o.GetNamespace() != kaiwo.SystemNamespace {
			continue
		}
		for _, container := range objects(o.Object, "spec", "template", "spec", "containers") {
			for _, variable := range objects(container, "env") {
				if text(variable, "name") == name {
					return text(variable, "value")
				}
			}
		}
	}
	return ""
}

// webhooksOn reports whether the operator was told to serve its webhooks, which it does not unless it is.
func (j *judging) webhooksOn() bool {
	value := j.environment(kaiwo.EnvDisableWebhooks)
	return value != "" && value != "true"
}
