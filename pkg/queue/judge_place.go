package queue

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/selection"
	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// judgePlaces judges what a queue of Kaiwo finds in the namespaces that it lists: QA002, QA003, QA004 and QA009.
func (j *judging) judgePlaces(q *Queue) {
	if !q.Kaiwo {
		return
	}
	there := slices.DeleteFunc(slices.Clone(q.Listed), func(name string) bool { return j.gone(name) != "" })
	for _, name := range q.Listed {
		if gone := j.gone(name); gone != "" {
			j.judgeGone(q, name, gone, there)
			continue
		}
		j.judgeLocal(q, name)
		j.judgeManaged(q, name)
	}
}

// judgeGone judges a listed namespace that is not there (QA002).
func (j *judging) judgeGone(q *Queue, name, gone string, there []string) {
	f := j.add("QA002", "namespace "+name, "it "+gone+", and queue "+q.Name+" lists it",
		"Kaiwo can't make the LocalQueue there, so the whole KaiwoQueueConfig is FAILED, of all queues, and is tried again every 30 s. ")
	if name == "" {
		f.Object, f.Message = configName, "queue "+q.Name+" lists a namespace without a name"
	}
	if near := rbac.Nearest(name, j.spaceNames()); len(near) > 0 && j.Namespace(name) == nil {
		f.Why += "Is " + strings.Join(near, " or ") + " meant? "
	}
	if len(there) == 0 {
		f.Why += "The queue lists no other that is there, and must not list none: then it would be open to everybody. " +
			"Create the namespace, or take the queue out of the KaiwoQueueConfig."
		return
	}
	f.Why += "The repair takes it off the list, which takes nothing from anybody."
	if j.Namespace(name) == nil && len(validation.IsDNS1123Label(name)) == 0 {
		f.Why += " If it is to come, create it instead: kubectl create namespace " + name + "."
	}
	mend(f, "take namespace "+name+" off the list of queue "+q.Name,
		j.changeEntry(q.Name, "namespace "+name+" "+gone, func(entry map[string]any) {
			names := slices.DeleteFunc(texts(entry, "namespaces"), func(n string) bool { return n == name })
			if len(names) == 0 {
				return // of two entries of one name this one lists no other: it must not become open to everybody
			}
			_ = unstructured.SetNestedStringSlice(entry, names, "namespaces")
		}))
}

// judgeLeads judges whether the LocalQueues of a queue that is not asked about lead to others, which may be (QA004).
func (j *judging) judgeLeads(q *Queue) {
	for _, name := range q.Listed {
		if _, there := j.locals[Local{name, q.Name}]; there && j.gone(name) == "" {
			j.judgeLocal(q, name)
		}
	}
}

func (j *judging) spaceNames() []string {
	var out []string
	for _, ns := range j.Inventory.Namespaces {
		out = append(out, ns.Name)
	}
	return out
}

// judgeLocal judges the LocalQueue of the queue's name in a listed namespace: QA003 and QA004.
func (j *judging) judgeLocal(q *Queue, namespace string) {
	if !j.known(inventory.LocalQueues) {
		return
	}
	local := j.local(namespace, q.Name)
	if local == nil {
		if j.clusterQueue(q.Name) != nil { // without it Kaiwo makes none: QA005
			j.judgeNoLocal(q, namespace)
		}
		return
	}
	to := text(local.Object, "spec", "clusterQueue")
	if to == q.Name {
		return
	}
	object := localName(namespace, q.Name)
	f := j.add("QA004", object, fmt.Sprintf("it leads to queue %s, and not to %s", to, q.Name),
		j.consequence(q, namespace, to)+" Kaiwo looks at its name only, and where it leads can't be changed: it stays so for ever. ")
	if waiting := j.waiting(namespace, q.Name); waiting != "" {
		f.Why += "Delete it when nothing is lost by that (" + waiting + " now); Kaiwo, or another check, makes it anew."
		return
	}
	f.Why += j.idle() + "deletes it and makes it anew."
	fresh := j.newLocal(namespace, q.Name)
	mend(f, "have "+object+" lead to queue "+q.Name,
		removed(local, object, "where it leads can't be changed"),
		plan.Step{Verb: plan.Create, Object: fresh, Unit: object, Why: "queue " + q.Name + " is for this namespace"})
}

// consequence says what becomes of work in a namespace whose LocalQueue leads to another queue.
func (j *judging) consequence(q *Queue, namespace, to string) string {
	other := j.Queue(to)
	switch {
	case !j.known(inventory.ClusterQueues):
	case other == nil || !other.Kueue:
		return "What is sent to " + q.Name + " here waits for ever: there is no ClusterQueue " + to + "."
	case j.Namespace(namespace) != nil && !other.Admits(namespace, j.Namespace(namespace).Labels):
		return "What is sent to " + q.Name + " here waits for ever: the selector of " + to + " does not let the namespace in."
	}
	return "What is sent to " + q.Name + " here uses the quota of " + to + "."
}

// judgeNoLocal says that a listed namespace has no LocalQueue (QA003).
func (j *judging) judgeNoLocal(q *Queue, namespace string) {
	object := localName(namespace, q.Name)
	why := "A KaiwoJob here stays PENDING"
	if namespace != q.Name {
		why += ", and what Kaiwo says of it misleads: that the queue \"defines one or more namespaces\", as if this one were not " +
			"listed. It compares the list with the name of the queue, where it should with the namespace"
	}
	why += ". Kaiwo doesn't notice that a LocalQueue is gone before something else happens to its config, a node or a namespace."
	f := j.add("QA003", object, "it is not there, and queue "+q.Name+" lists the namespace", why)
	mend(f, "make "+object, plan.Step{
		Verb: plan.Create, Object: j.newLocal(namespace, q.Name), Unit: object, Why: "queue " + q.Name + " is for this namespace",
	})
}

// judgeManaged judges whether Kueue manages a listed namespace (QA009).
func (j *judging) judgeManaged(q *Queue, namespace string) {
	if !j.known(inventory.Namespaces) || len(j.Inventory.Missing(inventory.QueueOperators)) > 0 {
		return
	}
	ns := j.Namespace(namespace)
	wanted, sure := j.managed()
	if wanted == nil || wanted.Matches(labelsOf(ns)) {
		return
	}
	message := "Kueue does not manage it: it looks for " + wanted.String()
	if !sure {
		message = "it lacks " + wanted.String() + ", by which Kaiwo's configuration of Kueue goes"
	}
	f := j.add("QA009", "namespace "+namespace, message,
		"Up to Kueue 0.14 plain pods here pass by the queue, and by its quota. From 0.15 on Kueue takes no notice of the namespace at "+
			"all (ManagedJobsNamespaceSelectorAlwaysRespected): what Kaiwo makes suspended stays so for ever, and the KaiwoJob PENDING. "+
			"Kaiwo labels no namespace but "+kaiwo.WorkloadNamespace+". ")
	if !sure {
		f.Severity = finding.Warning
		f.Why += "Kueue's own configuration is not among what was read, and may ask for something else: then leave it. "
	}
	given, ok := labelsFor(wanted, labelsOf(ns))
	if !ok {
		f.Why += "Bring its labels and managedJobsNamespaceSelector in " + kueue.SystemNamespace + "/" + kueue.ConfigMap + " together."
		return
	}
	mend(f, "have Kueue manage namespace "+namespace, changed(ns, "namespace "+namespace, "queue "+q.Name+" is for it",
		func(object map[string]any) {
			for key, value := range given {
				_ = unstructured.SetNestedField(object, value, "metadata", "labels", key)
			}
		}))
}

// managed is the selector by which Kueue tells which namespaces it manages, nil when that can't be told; sure says that it
// was read, and is not the one of the configuration that Kaiwo ships.
func (j *judging) managed() (wanted labels.Selector, sure bool) {
	config, told, wrong := j.Kueue()
	switch {
	case wrong != nil:
		return nil, false
	case told:
		return config.Selector, true
	}
	return labels.SelectorFromSet(labels.Set{kueue.ManagedLabel: "true"}), false
}

// labelsOf are the labels of a namespace, with the one that the API server gives each.
func labelsOf(ns *corev1.Namespace) labels.Set {
	all := labels.Set{corev1.LabelMetadataName: ns.Name}
	maps.Copy(all, ns.Labels)
	return all
}

// labelsFor returns the labels that would make a selector find what has the given ones; false when adding some does not.
func labelsFor(wanted labels.Selector, have labels.Set) (map[string]string, bool) {
	requirements, selectable := wanted.Requirements()
	if !selectable {
		return nil, false
	}
	out := map[string]string{}
	for _, r := range requirements {
		if r.Matches(have) {
			continue
		}
		_, there := have[r.Key()]
		values := r.Values().List()
		switch op := r.Operator(); {
		case op == selection.Exists:
			out[r.Key()] = "true"
		case (op == selection.In || op == selection.Equals || op == selection.DoubleEquals) && len(values) > 0 && !there:
			out[r.Key()] = values[0]
		default: // a label would have to go, or to change: somebody has given it on purpose
			return nil, false
		}
	}
	return out, len(out) > 0
}
