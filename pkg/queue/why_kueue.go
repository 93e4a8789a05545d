package queue

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// lookLabel asks which LocalQueue a job names, or a Workload.
func (a *asking) lookLabel() Step {
	if a.object == nil {
		return skip("there is no such work")
	}
	if a.work.Kind == inventory.Workloads {
		a.e.LocalQueue = a.field("spec", "queueName")
	} else {
		a.e.LocalQueue = a.object.GetLabels()[kueue.QueueLabel]
	}
	if a.e.LocalQueue != "" {
		return pass("it names LocalQueue %s", a.e.LocalQueue)
	}
	config, told, _ := a.Kueue()
	label := "kubectl label " + a.resource() + " " + shell.Word(a.work.Name) + " -n " + shell.Word(a.work.Namespace) + " " + kueue.QueueLabel + "=LOCALQUEUE"
	switch suspended, _, _ := unstructured.NestedBool(a.object.Object, "spec", "suspend"); {
	case a.work.Kind == inventory.Workloads:
		return block(NamesNoQueue, "it names no LocalQueue, and so waits in none")
	case suspended:
		return block(NamesNoQueue, "it is suspended and names no LocalQueue: nobody will start it").next(label)
	case told && config.AllJobs && a.Managed(a.work.Namespace):
		return block(NamesNoQueue, "it names no LocalQueue, and Kueue suspends jobs that name none (manageJobsWithoutQueueName)").next(label)
	}
	a.needless = true
	return pass("it names no LocalQueue: Kueue leaves it alone, and it runs without quota")
}

// lookLocal asks for the LocalQueue, and where it leads.
func (a *asking) lookLocal() Step {
	name := a.e.LocalQueue
	switch {
	case a.needless:
		return skip("it names no LocalQueue")
	case name == "":
		return skip("its queue is not known")
	case a.follows && a.find(inventory.LocalQueues, name) == nil:
		return skip("there is no LocalQueue %s, which follows from the above", name)
	}
	local := a.find(inventory.LocalQueues, name)
	if local == nil {
		return a.lookNoLocal(name)
	}
	to := text(local.Object, "spec", "clusterQueue")
	if !a.kaiwo {
		if a.e.Queue = to; to == "" { // the API server takes that
			return block(NoClusterQueue, "LocalQueue %s leads to no ClusterQueue: its spec.clusterQueue names none", name).says(a.pending()).
				next("kubectl describe localqueue.kueue.x-k8s.io " + shell.Word(name) + " -n " + shell.Word(a.work.Namespace))
		}
		if q := a.Queue(to); q != nil && q.Kaiwo && !q.Open() && !q.lists(a.work.Namespace) {
			return remark("LocalQueue %s leads to queue %s, which Kaiwo has for %s only: Kueue does not know that", name, to, few(q.Listed)).
				next(a.describeQueue())
		}
		return pass("LocalQueue %s leads to queue %s", name, to)
	}
	if to != a.e.Queue {
		return block(LocalQueueElsewhere, "LocalQueue %s leads to queue %s: that can't be changed, and Kaiwo does not look", name, to).
			next("kubectl delete localqueue.kueue.x-k8s.io " + shell.Word(name) + " -n " + shell.Word(a.work.Namespace))
	}
	return pass("LocalQueue %s leads to it", name)
}

// operatorLog shows what Kaiwo says of its work.
const operatorLog = "kubectl logs -n " + kaiwo.SystemNamespace + " -l " + kaiwo.OperatorLabel + "=" + kaiwo.OperatorAccount

// lookNoLocal says what follows from a LocalQueue that is not there, or not known.
func (a *asking) lookNoLocal(name string) Step {
	if gap := a.gap(inventory.LocalQueues); gap != nil {
		if said := a.pending(); strings.Contains(said, "LocalQueue") {
			return block(NoLocalQueue, "there is no LocalQueue %s, or it is not active", name).says(said).next(a.waiting())
		}
		return unread(gap, "whether there is a LocalQueue "+name)
	}
	q := a.Queue(a.e.Queue)
	switch {
	case a.Foreseen() && a.kaiwo:
		return pass("Kaiwo will make LocalQueue %s", name)
	case !a.kaiwo && a.Foreseen():
		if to, ok := a.Leads(a.work.Namespace, name); ok {
			a.e.Queue = to
			return pass("Kaiwo will make LocalQueue %s", name)
		}
	case a.kaiwo && q != nil && q.Open() && (!a.stored() || a.e.Status == "new"):
		return pass("Kaiwo makes LocalQueue %s with the first work that asks for it", name)
	}
	if !a.Inventory.Live && len(a.Inventory.Objects(inventory.LocalQueues)) == 0 {
		return unread(nil, "LocalQueue "+name)
	}
	step := block(NoLocalQueue, "there is no LocalQueue %s in %s", name, a.work.Namespace).says(a.pending())
	switch {
	case a.kaiwo && q != nil && !q.Open() && !slices.Contains(q.Listed, q.Name):
		// EnsureLocalQueue in pkg/workloads/common/localqueue.go takes the name of the queue for that of the namespace.
		step.Text += `; Kaiwo's log blames the namespace ("defines one or more namespaces"), wrongly`
		return step.next("kubectl queueaccess check --fix")
	case a.kaiwo && q != nil && q.Open():
		step.Text += ", which Kaiwo makes with the first work that asks for it: its log says why it did not"
		return step.next(operatorLog)
	case a.kaiwo:
		return step.next("kubectl queueaccess check --fix")
	}
	var there []string
	for _, l := range a.Inventory.Objects(inventory.LocalQueues) {
		if l.GetNamespace() == a.work.Namespace {
			there = append(there, l.GetName())
		}
	}
	slices.Sort(there)
	step.Text += "; there are: " + few(there)
	return step.next("kubectl get localqueues.kueue.x-k8s.io -n " + shell.Word(a.work.Namespace))
}

// lookCluster asks whether there is the ClusterQueue.
func (a *asking) lookCluster() Step {
	switch {
	case a.needless:
		return skip("it names no LocalQueue")
	case a.e.Queue == "":
		return skip("its queue is not known")
	case a.cluster(inventory.ClusterQueues, a.e.Queue) != nil:
		return pass("there is a ClusterQueue %s", a.e.Queue)
	case a.follows:
		return skip("there is no ClusterQueue %s, which follows from the above", a.e.Queue)
	case a.gap(inventory.ClusterQueues) != nil:
		if a.localSays(kueue.ReasonQueueMissing) != "" {
			return block(NoClusterQueue, "there is no ClusterQueue %s", a.e.Queue).says(a.localSays(kueue.ReasonQueueMissing)).next("kubectl queueaccess check")
		}
		return unread(a.gap(inventory.ClusterQueues), "whether there is a ClusterQueue "+a.e.Queue)
	case a.Foreseen() && a.Queue(a.e.Queue) != nil && a.Queue(a.e.Queue).Kaiwo:
		return pass("Kaiwo will make ClusterQueue %s", a.e.Queue)
	case !a.known(inventory.ClusterQueues):
		return unread(nil, "ClusterQueue "+a.e.Queue)
	}
	a.follows = true
	return block(NoClusterQueue, "there is no ClusterQueue %s", a.e.Queue).says(a.pending()).next("kubectl queueaccess check")
}

// localSays is the message with which the LocalQueue says that it is not active, for a reason.
func (a *asking) localSays(reason string) string {
	c := conditionIn(a.find(inventory.LocalQueues, a.e.LocalQueue), kueue.ConditionActive)
	if text(c, "status") == "False" && text(c, "reason") == reason {
		return text(c, "message")
	}
	return ""
}

// pending is what Kueue says about why it has not reserved quota; empty when it has, or has said nothing.
func (a *asking) pending() string {
	if c := conditionIn(a.admission, kueue.ConditionQuota); text(c, "status") == "False" {
		return text(c, "message")
	}
	return ""
}

// lookActive asks whether the queues take work, and whether somebody has stopped this piece of it.
func (a *asking) lookActive() Step {
	if a.needless {
		return skip("it names no LocalQueue")
	}
	if a.admission != nil {
		if active, set, _ := unstructured.NestedBool(a.admission.Object, "spec", "active"); set && !active {
			said := text(conditionIn(a.admission, kueue.ConditionEvicted), "message")
			return block(Deactivated, "its Workload %s is not active: Kueue passes over it", a.admission.GetName()).says(said).
				next("kubectl patch workload.kueue.x-k8s.io " + shell.Word(a.admission.GetName()) + " -n " + shell.Word(a.work.Namespace) +
					` --type merge -p '{"spec":{"active":true}}'`)
		}
	}
	local := a.find(inventory.LocalQueues, a.e.LocalQueue)
	if local != nil {
		if policy := text(local.Object, "spec", "stopPolicy"); stops(policy) {
			return block(LocalQueueStopped, "LocalQueue %s is stopped (stopPolicy %s)", a.e.LocalQueue, policy).
				next("kubectl patch localqueue.kueue.x-k8s.io " + shell.Word(a.e.LocalQueue) + " -n " + shell.Word(a.work.Namespace) +
					` --type merge -p '{"spec":{"stopPolicy":"None"}}'`)
		}
	}
	object := a.cluster(inventory.ClusterQueues, a.e.Queue)
	if object == nil {
		if said := a.localSays(kueue.ReasonQueueInactive); said != "" {
			return block(QueueInactive, "ClusterQueue %s is not active", a.e.Queue).says(said).next(a.describeQueue())
		}
		return a.unreadQueue("whether the queue is active")
	}
	if policy := text(object.Object, "spec", "stopPolicy"); stops(policy) {
		return block(QueueStopped, "ClusterQueue %s is stopped (stopPolicy %s)", a.e.Queue, policy).
			next("kubectl patch clusterqueue.kueue.x-k8s.io " + shell.Word(a.e.Queue) + ` --type merge -p '{"spec":{"stopPolicy":"None"}}'`)
	}
	if c := conditionIn(object, kueue.ConditionActive); text(c, "status") == "False" {
		return block(QueueInactive, "ClusterQueue %s is not active: %s", a.e.Queue, text(c, "reason")).says(text(c, "message")).next(a.describeQueue())
	}
	if c := conditionIn(local, kueue.ConditionActive); text(c, "status") == "False" {
		return block(QueueInactive, "LocalQueue %s is not active: %s", a.e.LocalQueue, text(c, "reason")).says(text(c, "message")).next(a.describeQueue())
	}
	if conditionIn(object, kueue.ConditionActive) == nil && a.Inventory.Live && a.admission == nil {
		return a.lookKueue()
	}
	return pass("nobody has stopped the queue")
}

// lookKueue says what follows from a ClusterQueue of which Kueue has said nothing: most likely it does not run. A job that is
// suspended waits for it then.
func (a *asking) lookKueue() Step {
	const next = "kubectl get deployments -n " + kueue.SystemNamespace
	if a.work.Kind == inventory.Jobs && a.stored() && a.e.Status == "Suspended" && a.gap(inventory.Workloads) == nil {
		return block(OperatorDown, "Kueue has not looked at it, and has said nothing of ClusterQueue %s either: it seems not to run", a.e.Queue).next(next)
	}
	return remark("Kueue has said nothing of ClusterQueue %s yet: see whether it runs", a.e.Queue).next(next)
}

func stops(policy string) bool { return policy != "" && policy != kueue.StopNone }

// unreadQueue is the step of what the ClusterQueue would tell.
func (a *asking) unreadQueue(what string) Step {
	if a.e.Queue == "" {
		return skip("its queue is not known")
	}
	if a.known(inventory.ClusterQueues) {
		return skip("there is no such ClusterQueue")
	}
	if q := a.Queue(a.e.Queue); q != nil && a.made(q) {
		return pass("Kaiwo will make ClusterQueue %s", a.e.Queue)
	}
	return unread(a.gap(inventory.ClusterQueues), what)
}

// lookSelector asks whether the ClusterQueue takes work of the namespace.
func (a *asking) lookSelector() Step {
	if a.needless {
		return skip("it names no LocalQueue")
	}
	q := a.Queue(a.e.Queue)
	if said := a.pending(); (q == nil || !a.made(q)) && said == kueue.MismatchedSelector {
		return block(SelectorMismatch, "the namespaceSelector of queue %s passes over %s", a.e.Queue, a.work.Namespace).says(said).next(a.describeQueue())
	}
	if q == nil || !a.made(q) {
		return a.unreadQueue("which namespaces the queue takes work from")
	}
	if q.selector == nil {
		return block(NoSelector, "ClusterQueue %s has %s, so it takes work from nowhere ({} would be everywhere)", q.Name, q.noSelector()).
			says(a.pending()).next(a.mendQueue(q))
	}
	namespace := a.Namespace(a.work.Namespace)
	if namespace == nil && !q.byNameAlone() {
		if gap := a.gap(inventory.Namespaces); gap != nil || !a.Inventory.Live {
			return unread(gap, "the labels of namespace "+a.work.Namespace)
		}
	}
	place := a.Place(q, a.work.Namespace)
	if !place.Eligible {
		return block(SelectorMismatch, "the namespaceSelector of ClusterQueue %s (%s) passes over %s", q.Name, q.Selector(), a.work.Namespace).
			says(a.pending()).next(a.mendQueue(q), "kubectl get namespace "+shell.Word(a.work.Namespace)+" --show-labels")
	}
	return pass("the namespaceSelector of the queue finds %s", a.work.Namespace)
}

// mendQueue is the command that sees to the selector of a queue: it can be repaired where a list says for whom it is.
func (a *asking) mendQueue(q *Queue) string {
	if q.Kaiwo && !q.Open() {
		return "kubectl queueaccess check --fix"
	}
	return a.describeQueue()
}

// byNameAlone reports whether the selector asks for nothing but names of namespaces.
func (q *Queue) byNameAlone() bool {
	requirements, _ := q.selector.Requirements()
	for _, r := range requirements {
		if r.Key() != corev1.LabelMetadataName {
			return false
		}
	}
	return true
}
