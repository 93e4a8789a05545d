package queue

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// lookObject asks whether the work is there, and its namespace.
func (a *asking) lookObject() Step {
	name := fmt.Sprintf("%s %s", a.kindWord(), a.work.Name)
	namespace := a.Inventory.Namespace(a.work.Namespace)
	if a.object == nil {
		switch {
		case a.gap(a.work.Kind) != nil:
			return unread(a.gap(a.work.Kind), name)
		case a.Inventory.Live && namespace == nil && a.gap(inventory.Namespaces) == nil:
			return block(NamespaceMissing, "there is no namespace %s, and so no %s in it", a.work.Namespace, name).
				next("kubectl get namespaces")
		}
		var names []string
		for _, o := range a.Inventory.Objects(a.work.Kind) {
			if o.GetNamespace() == a.work.Namespace {
				names = append(names, o.GetName())
			}
		}
		alike := ""
		if near := rbac.Nearest(a.work.Name, names); len(near) > 0 {
			alike = ": did you mean " + strings.Join(near, ", ") + "?"
		}
		if a.o.By != nil { // who asks about somebody asks whether he could make it
			return remark("there is no %s in %s%s, so only the right to create it is looked at (-f FILE reads one that is to be)", name, a.work.Namespace, alike)
		}
		return block(NotThere, "there is no %s in %s%s", name, a.work.Namespace, alike).
			next("kubectl get " + a.resource() + " -n " + shell.Word(a.work.Namespace))
	}
	if ended, ok := a.ended(); ok {
		return ended
	}
	if namespace != nil && (namespace.DeletionTimestamp != nil || namespace.Status.Phase == corev1.NamespaceTerminating) {
		return block(NamespaceEnding, "namespace %s is being deleted: nothing new is made in it", a.work.Namespace).
			next("kubectl describe namespace " + shell.Word(a.work.Namespace))
	}
	if a.object.GetDeletionTimestamp() != nil {
		return block(Ended, "it is being deleted").next(a.describe())
	}
	for _, owner := range a.object.GetOwnerReferences() {
		if slices.Contains([]string{"KaiwoJob", "KaiwoService"}, owner.Kind) && !a.kaiwo {
			return remark("%s %s made it: ask about that too", strings.ToLower(owner.Kind), owner.Name).
				next("kubectl queueaccess why " + shell.Word(strings.ToLower(owner.Kind)+"/"+owner.Name) + " -n " + shell.Word(a.work.Namespace))
		}
	}
	if !a.stored() {
		return pass("it is not in a cluster yet")
	}
	return pass("it is there, and says that it is %s", a.e.Status)
}

// ended is the step of work that has come to an end that is no success.
func (a *asking) ended() (Step, bool) {
	switch {
	case a.kaiwo && a.e.Status == kaiwo.StatusFailed:
		return block(Ended, "it was admitted, ran and failed: it starts no more").next(a.describe()), true
	case a.kaiwo && (a.e.Status == kaiwo.StatusTerminating || a.e.Status == kaiwo.StatusTerminated):
		return block(Ended, "Kaiwo has ended it: it ran longer than its duration while others waited, used too little of its GPUs, or made room").
			next(a.describe()), true
	case a.work.Kind == inventory.Jobs && a.e.Status == "Failed":
		failed := conditionIn(a.object, "Failed")
		return block(Ended, "it ran and failed: it starts no more").says(text(failed, "message")).next(a.describe()), true
	}
	return Step{}, false
}

// lookOperator asks whether Kaiwo runs: work that it has never looked at says nothing.
func (a *asking) lookOperator() Step {
	seen := a.object != nil && a.e.Status != "new"
	if seen {
		return pass("Kaiwo has looked at it")
	}
	if a.object == nil {
		return skip("there is no such work")
	}
	if !a.stored() {
		return skip("it is not in a cluster yet")
	}
	if gap := a.gapIn(inventory.QueueOperators, kaiwo.SystemNamespace); gap != nil {
		return unread(gap, "whether Kaiwo runs")
	}
	for _, d := range a.operatorObjects("Deployment", kaiwo.SystemNamespace) {
		if d.GetLabels()[kaiwo.OperatorLabel] != kaiwo.OperatorAccount {
			continue
		}
		if ready, _, _ := unstructured.NestedInt64(d.Object, "status", "availableReplicas"); ready == 0 {
			return block(OperatorDown, "Kaiwo has not looked at it: no replica of deployment %s runs", d.GetName()).
				next("kubectl describe deployment " + shell.Word(d.GetName()) + " -n " + kaiwo.SystemNamespace)
		}
		return remark("Kaiwo runs, and has not looked at it yet").
			next("kubectl logs -n " + kaiwo.SystemNamespace + " deployment/" + shell.Word(d.GetName()))
	}
	if !a.Inventory.Live {
		return unread(nil, "whether Kaiwo runs")
	}
	return block(OperatorDown, "Kaiwo has not looked at it: there is no deployment of its operator in %s", kaiwo.SystemNamespace).
		next("kubectl get deployments -n " + kaiwo.SystemNamespace)
}

// lookQueue asks for the queue that the work names, and whether Kaiwo has it.
func (a *asking) lookQueue() Step {
	if a.object == nil {
		return skip("there is no such work")
	}
	how := "named by it"
	a.e.Queue = a.field("spec", "clusterQueue")
	if a.e.Queue == "" {
		a.e.Queue, how = a.madeFor(), "the default"
	}
	if a.e.Queue == "" {
		if gap := a.gap(inventory.KaiwoConfigs); gap != nil {
			return unread(gap, "it names no queue, and the default one is in kaiwoconfig kaiwo")
		}
		a.e.Queue = a.Settings().DefaultQueue
	}
	a.e.LocalQueue = a.e.Queue
	if gap := a.gap(inventory.QueueConfigs); gap != nil {
		schedulable := conditionIn(a.object, kaiwo.ConditionSchedulable)
		switch {
		case text(schedulable, "reason") == kaiwo.ReasonQueueNotFound:
			return a.notInConfig().says(text(schedulable, "message"))
		case schedulable != nil:
			return pass("queue %s, %s: Kaiwo has found it", a.e.Queue, how)
		}
		return unread(gap, "whether Kaiwo has queue "+a.e.Queue)
	}
	if a.Config() == nil {
		if !a.Inventory.Live {
			return unread(nil, "whether Kaiwo has queue "+a.e.Queue)
		}
		a.follows = true
		return block(NoQueueConfig, "there is no kaiwoqueueconfig %s, and so no queue", kaiwo.ConfigName).
			next("kubectl queueaccess check")
	}
	q := a.Queue(a.e.Queue)
	if q == nil || !q.Kaiwo {
		return a.notInConfig().says(a.schedulable())
	}
	if text(a.Config().Object, "status", "status") == kaiwo.ConfigFailed {
		return remark("queue %s, %s; Kaiwo could not carry out its configuration: it is FAILED", q.Name, how).
			next("kubectl queueaccess check")
	}
	return pass("queue %s, %s", q.Name, how)
}

func (a *asking) notInConfig() Step {
	a.follows = true
	return block(QueueNotInConfig, "Kaiwo has no queue %s: it is not in kaiwoqueueconfig %s", a.e.Queue, kaiwo.ConfigName).
		next("kubectl queueaccess list")
}

// madeFor returns the queue that Kaiwo has taken for work that names none, as what it has made tells.
func (a *asking) madeFor() string {
	if a.child != nil {
		if queue := a.child.GetLabels()[kueue.QueueLabel]; queue != "" {
			return queue
		}
	}
	if a.kaiwo && a.admission != nil {
		return text(a.admission.Object, "spec", "queueName")
	}
	return ""
}

// schedulable is what Kaiwo says of the work when it refuses it.
func (a *asking) schedulable() string {
	if c := conditionIn(a.object, kaiwo.ConditionSchedulable); text(c, "status") == "False" {
		return text(c, "message")
	}
	return ""
}

// lookListed asks whether Kaiwo has the queue for the namespace.
func (a *asking) lookListed() Step {
	if a.gap(inventory.QueueConfigs) != nil || a.Config() == nil {
		schedulable := conditionIn(a.object, kaiwo.ConditionSchedulable)
		switch {
		case text(schedulable, "reason") == kaiwo.ReasonWrongNamespace:
			a.follows = true
			return block(WrongNamespace, "queue %s is not for namespace %s", a.e.Queue, a.work.Namespace).
				says(text(schedulable, "message")).next(a.describeQueue())
		case schedulable != nil:
			return pass("Kaiwo takes it from %s", a.work.Namespace)
		}
		return unread(a.gap(inventory.QueueConfigs), "the namespaces of the queue")
	}
	q := a.Queue(a.e.Queue)
	switch {
	case q == nil || !q.Kaiwo:
		return skip("there is no such queue")
	case q.Open():
		return pass("queue %s is open to all namespaces", q.Name)
	case slices.Contains(q.Listed, a.work.Namespace):
		return pass("queue %s is for %s", q.Name, a.work.Namespace)
	}
	a.follows = true
	return block(WrongNamespace, "queue %s is not for namespace %s, but for %s", q.Name, a.work.Namespace, few(q.Listed)).
		says(a.schedulable()).next(a.describeQueue())
}

// lookNodes asks whether the cluster has the GPUs at all: Kaiwo counts them.
func (a *asking) lookNodes() Step {
	c := conditionIn(a.object, kaiwo.ConditionSchedulable)
	switch text(c, "reason") {
	case kaiwo.ReasonNoGPUs:
		return block(NoGPUs, "no node of the cluster has such a GPU").says(text(c, "message")).next("kubectl get nodes -L kaiwo/nodepool")
	case kaiwo.ReasonInsufficientGPUs:
		return block(TooFewGPUs, "it wants more GPUs than the cluster has").says(text(c, "message")).next("kubectl get nodes -L kaiwo/nodepool")
	case kaiwo.ReasonSchedulable:
		return pass("Kaiwo finds nodes enough")
	}
	return skip("Kaiwo has not said whether the nodes are enough")
}

// lookDownload asks for the data that Kaiwo downloads before it makes anything else.
func (a *asking) lookDownload() Step {
	if a.e.Status == kaiwo.StatusDownloading {
		return wait(Downloading, "its data is being downloaded: Kaiwo makes the work after that").
			next("kubectl get jobs,pods -n " + shell.Word(a.work.Namespace) + " -l " + kaiwo.NameLabel + "=" + shell.Word(a.work.Name))
	}
	if a.object == nil {
		return skip("there is no such work")
	}
	data, _, _ := unstructured.NestedMap(a.object.Object, "spec", "storage", "data", "download")
	repos, _, _ := unstructured.NestedSlice(a.object.Object, "spec", "storage", "huggingFace", "preCacheRepos")
	if len(data) > 0 || len(repos) > 0 {
		return pass("it is not waiting for its data")
	}
	return pass("it has no data to download")
}

// field returns a string of the object.
func (a *asking) field(path ...string) string {
	if a.object == nil {
		return ""
	}
	return text(a.object.Object, path...)
}

// kindWord is the kind as a command takes it.
func (a *asking) kindWord() string { return strings.TrimSuffix(string(a.work.Kind), "s") }

// resource is the kind's resource with its group.
func (a *asking) resource() string {
	switch {
	case a.kaiwo:
		return string(a.work.Kind) + "." + kaiwo.Group
	case a.work.Kind == inventory.Workloads:
		return string(a.work.Kind) + "." + kueue.Group
	}
	return string(a.work.Kind)
}

func (a *asking) describe() string {
	return "kubectl describe " + a.resource() + " " + shell.Word(a.work.Name) + " -n " + shell.Word(a.work.Namespace)
}

func (a *asking) describeQueue() string {
	return "kubectl queueaccess describe " + shell.Word(a.e.Queue)
}

// few writes a list in words, and counts what would be too long.
func few(names []string) string {
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return cmp.Or(strings.Join(names, ", "), "none")
}

// operatorObjects returns the objects of a kind in a namespace by which Kaiwo or Kueue run.
func (a *asking) operatorObjects(kind, namespace string) []*unstructured.Unstructured {
	var out []*unstructured.Unstructured
	for _, o := range a.Inventory.Objects(inventory.QueueOperators) {
		if o.GetKind() == kind && o.GetNamespace() == namespace {
			out = append(out, o)
		}
	}
	return out
}
