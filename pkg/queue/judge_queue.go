package queue

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// judgeActive judges whether Kueue admits anything through a queue (QA005).
func (j *judging) judgeActive(q *Queue) {
	if !j.known(inventory.ClusterQueues) {
		return
	}
	object := queueName(q.Name)
	cq := j.clusterQueue(q.Name)
	if cq == nil {
		why := "Its LocalQueues lead to nothing, and what waits in them waits for ever. Make it, or delete them."
		if q.Kaiwo {
			why = "Kaiwo makes it of its entry in the KaiwoQueueConfig, and has not. Look at the status of the KaiwoQueueConfig, and at whether the operator runs."
		}
		j.add("QA005", object, "Kueue has no such ClusterQueue", why)
		return
	}
	inactive := q.Inactive != ""
	if inactive {
		why := "Nothing is admitted through it, in any namespace."
		if stop := text(cq.Object, "spec", "stopPolicy"); stop != "" && stop != kueue.StopNone {
			why += " Somebody has stopped it: kubectl patch clusterqueue " + shell.Word(q.Name) + " --type=merge -p '{\"spec\":{\"stopPolicy\":\"None\"}}' lets it go on"
			if q.Kaiwo {
				why += ", and so does the entry in the KaiwoQueueConfig, which Kaiwo goes by"
			}
			why += "."
		}
		j.add("QA005", object, "it is not active: "+q.Inactive, why)
	}
	for _, l := range q.Locals {
		if q.Kaiwo && !q.Open() && !q.lists(l.Namespace) {
			continue // it should not be there at all
		}
		local := j.local(l.Namespace, l.Name)
		stop := text(local.Object, "spec", "stopPolicy")
		c := condition(local, kueue.ConditionActive, "False")
		switch {
		case stop != "" && stop != kueue.StopNone:
			j.add("QA005", localName(l.Namespace, l.Name), "it is not active: stopPolicy "+stop,
				"What is sent to queue "+q.Name+" from here waits until somebody lets it go on: kubectl patch localqueue -n "+shell.Word(l.Namespace)+" "+shell.Word(l.Name)+
					" --type=merge -p '{\"spec\":{\"stopPolicy\":\"None\"}}'.")
		case c != nil && !inactive:
			j.add("QA005", localName(l.Namespace, l.Name), "it is not active: "+strings.TrimSuffix(strings.TrimSpace(text(c, "reason")+" "+text(c, "message")), "."),
				"Nothing is admitted through it.")
		}
	}
}

// door is a namespaceSelector and where it is written: nil when there is none, or none that can be read.
type door struct {
	where    string
	selector labels.Selector
}

// doors returns the selectors of a queue: Kueue goes by that of the ClusterQueue, which Kaiwo makes like that of its entry.
func (j *judging) doors(q *Queue) []door {
	var out []door
	if entry := j.entry(q.Name); entry != nil {
		out = append(out, door{"its entry in the KaiwoQueueConfig", selector(entry)})
	}
	if cq := j.clusterQueue(q.Name); cq != nil {
		out = append(out, door{"the ClusterQueue", selector(cq.Object)})
	}
	return out
}

// judgeSelector judges whether the selector of a queue finds the namespaces that it is for (QA006), and no others (QA007).
func (j *judging) judgeSelector(q *Queue) {
	doors := j.doors(q)
	for _, d := range doors {
		if d.selector == nil {
			j.judgeShut(q, d)
			return
		}
	}
	if len(doors) == 0 || !j.known(inventory.Namespaces) {
		return
	}
	for _, namespace := range q.Namespaces() {
		if j.gone(namespace) == "" {
			j.judgeRefused(q, doors, namespace)
		}
	}
	if q.Kaiwo && !q.Open() {
		j.judgeWide(q, doors)
	}
}

// judgeShut says that a queue has no selector, so that Kueue admits nobody.
func (j *judging) judgeShut(q *Queue, d door) {
	f := j.add("QA006", queueName(q.Name), d.where+" has no namespaceSelector that can be read, so it admits nobody",
		"To Kueue a queue without one is for no namespace: what waits says \""+kueue.MismatchedSelector+"\". ")
	switch {
	case !q.Kaiwo:
		f.Severity = finding.Warning
		f.Why += "Somebody may have shut it like that on purpose. {} finds all namespaces; kubernetes.io/metadata.name finds one."
	case q.Open():
		f.Why += "Its entry lists no namespaces, so it may be meant for all ({}) or for some that are to be listed: decide which."
	default:
		f.Why += "Kaiwo never makes one of the list of namespaces. The repair does: it finds those and no others."
		mend(f, "let the namespaces of queue "+q.Name+" in", j.restrict(q, "the queue is for the namespaces that it lists")...)
	}
}

// judgeRefused says that the selector does not find a namespace that the queue is for.
func (j *judging) judgeRefused(q *Queue, doors []door, namespace string) {
	for _, d := range doors {
		if d.selector.Matches(labelsOf(j.Namespace(namespace))) {
			continue
		}
		f := j.add("QA006", "namespace "+namespace, fmt.Sprintf("queue %s is for it, and does not let it in: %s selects %s", q.Name, d.where, d.selector),
			"What waits there is never admitted, and says \""+kueue.MismatchedSelector+"\". ")
		switch {
		case !q.Kaiwo:
			f.Severity = finding.Warning
			f.Why += "Only a LocalQueue says that the queue is for it: give the namespace the labels, or delete the LocalQueue."
		case q.Open(): // not reached: it has no namespaces
		default:
			f.Why += "The repair has it find the listed namespaces by their names. Labels that are given later change nothing then."
			mend(f, "let the namespaces of queue "+q.Name+" in", j.restrict(q, "the queue is for the namespaces that it lists")...)
		}
		return
	}
}

// judgeWide says that the selector finds namespaces that a restricted queue does not list.
func (j *judging) judgeWide(q *Queue, doors []door) {
	for _, d := range doors {
		message := fmt.Sprintf("it lists %s, and %s lets all namespaces in", count(len(q.Listed), "namespace"), d.where)
		if !d.selector.Empty() {
			others := j.found(d.selector, q)
			if len(others) == 0 {
				continue
			}
			message = fmt.Sprintf("it lists %s, and %s also lets %s in", count(len(q.Listed), "namespace"), d.where, listed(others))
		}
		f := j.add("QA007", queueName(q.Name), message,
			"The list binds KaiwoJobs only. A plain Job of any other namespace that the selector finds uses the quota, through any LocalQueue "+
				"that leads here, and whoever may create LocalQueues makes his own. ")
		if used := j.usedFrom(q, d.selector); used != "" {
			f.Why += "Work comes from there now (" + used + "), so somebody has to decide: list the namespaces, or end the work and run this again."
			return
		}
		f.Why += "The repair has the selector find the listed namespaces by their names, and no others. Work that runs is not ended by that."
		mend(f, "let in only the namespaces that queue "+q.Name+" lists", j.restrict(q, "the queue is for the namespaces that it lists")...)
		return
	}
}

// found returns the namespaces that a selector finds and a queue does not list.
func (j *judging) found(s labels.Selector, q *Queue) []string {
	var out []string
	for i := range j.spaces {
		if j.spaces[i].object != nil && s.Matches(j.spaces[i].labels) && !q.lists(j.spaces[i].name) {
			out = append(out, j.spaces[i].name)
		}
	}
	return out
}

// usedFrom says from which namespaces that a queue does not list work waits or runs through it, of those that the selector
// finds, or that this is not known.
func (j *judging) usedFrom(q *Queue, s labels.Selector) string {
	by := map[string][]string{}
	for _, l := range q.Locals {
		if ns := j.Namespace(l.Namespace); ns != nil && !q.lists(l.Namespace) && s.Matches(labelsOf(ns)) {
			by[l.Namespace] = append(by[l.Namespace], l.Name)
		}
	}
	for _, namespace := range slices.Sorted(maps.Keys(by)) {
		if waiting := j.waiting(namespace, by[namespace]...); waiting != "" {
			return namespace + ": " + waiting
		}
	}
	return ""
}

// judgeLocals judges the LocalQueues that lead to a restricted queue from namespaces that it does not list (QA008).
func (j *judging) judgeLocals(q *Queue) {
	if !q.Kaiwo || q.Open() || !j.known(inventory.LocalQueues) {
		return
	}
	for _, l := range q.Locals {
		other := j.Queue(l.Name)
		if q.lists(l.Namespace) || other != nil && other != q && other.Kaiwo && other.lists(l.Namespace) {
			continue // the latter is QA004
		}
		object := localName(l.Namespace, l.Name)
		f := j.add("QA008", object, "it leads to queue "+q.Name+", which does not list the namespace",
			"Whoever may create Jobs in "+l.Namespace+" uses the quota of "+q.Name+" through it. ")
		if l.Name == q.Name {
			f.Why += "Kaiwo deletes it when it next looks at its queues. "
		} else {
			f.Why += "Kaiwo never deletes it, since it is not called like a queue. "
		}
		if ns := j.Namespace(l.Namespace); ns != nil && q.Kueue && !q.Admits(l.Namespace, ns.Labels) {
			f.Severity = finding.Info
			f.Why = "The selector of the queue keeps it from admitting anything; it would, were the selector or the labels of the namespace to change. "
		}
		if waiting := j.waiting(l.Namespace, l.Name); waiting != "" {
			f.Why += "It is not deleted for you, since " + waiting + "."
			continue
		}
		f.Why += j.idle() + "deletes it."
		mend(f, "delete "+object, removed(j.local(l.Namespace, l.Name), object, "queue "+q.Name+" does not list the namespace"))
	}
}

// judgeOpen says that a queue is open to everybody (QA010).
func (j *judging) judgeOpen(q *Queue) {
	if !q.Open() || j.config == nil {
		return
	}
	f := j.add("QA010", queueName(q.Name), "it lists no namespaces, so whoever may create a KaiwoJob anywhere uses it",
		"Kaiwo makes the LocalQueue in whichever namespace the KaiwoJob is. ")
	if j.Default(q) {
		f.Message = "it is the default and lists no namespaces, so whoever may create a KaiwoJob anywhere uses it without naming it"
	}
	if j.rights() {
		f.Why += "By the roles that were read " + count(len(j.submitters("")), "subject") + " may, and the superusers. "
	}
	f.Why += "If it is for some only, list their namespaces: kubectl queueaccess who " + shell.Word(q.Name) + " says who that leaves out."
}
