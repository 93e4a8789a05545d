package queue

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// lookManaged asks whether Kueue takes work from the namespace at all. The Workload that it makes of what it takes tells that
// without its configuration.
func (a *asking) lookManaged() Step {
	switch {
	case a.needless:
		return skip("it names no LocalQueue")
	case a.object == nil:
		return skip("there is no such work")
	case a.admission != nil:
		return pass("Kueue has taken it")
	}
	config, told, wrong := a.Kueue()
	namespace := a.Namespace(a.work.Namespace)
	if namespace == nil {
		if gap := a.gap(inventory.Namespaces); gap != nil {
			return unread(gap, "the labels of namespace "+a.work.Namespace)
		}
		if a.Inventory.Live { // said by the first step
			return skip("there is no such namespace")
		}
		return unread(nil, "the labels of namespace "+a.work.Namespace)
	}
	asked := namespace.Labels[kueue.ManagedLabel] == "true"
	switch {
	case !told && asked && a.ofKaiwo():
		return pass("namespace %s has the label %s=true, which Kaiwo's configuration of Kueue asks for", namespace.Name, kueue.ManagedLabel)
	case wrong != nil:
		return Step{Standing: Unknown, Text: "whether Kueue manages the namespace: " + wrong.Error()}
	case !told:
		gap, what := a.gapIn(inventory.QueueOperators, kueue.SystemNamespace), "whether Kueue manages namespace "+namespace.Name
		step := unread(gap, what)
		if gap == nil && a.Inventory.Live {
			step.Text = fmt.Sprintf("%s: there is no ConfigMap %s in %s to say so", what, kueue.ConfigMap, kueue.SystemNamespace)
		}
		if a.ofKaiwo() {
			step.Text += fmt.Sprintf("; it lacks the label %s=true, which Kaiwo's configuration of Kueue asks for", kueue.ManagedLabel)
		}
		return step
	case config.Manages(namespace.Name, namespace.Labels):
		return pass("Kueue manages namespace %s", namespace.Name)
	}
	if gap := a.gap(inventory.Workloads); gap != nil {
		return unread(gap, "whether Kueue has taken it: its configuration passes over the namespace")
	}
	step := block(NamespaceUnmanaged, "Kueue passes over namespace %s, so the work stays suspended for ever (before Kueue 0.15 it is taken all the same)", namespace.Name)
	if len(config.Required) == 0 {
		return step.next("kubectl queueaccess check")
	}
	words := []string{"kubectl", "label", "namespace", shell.Word(namespace.Name)}
	for _, key := range sortedKeys(config.Required) {
		if namespace.Labels[key] != config.Required[key] {
			words = append(words, shell.Word(key+"="+config.Required[key]))
		}
	}
	return step.next(strings.Join(words, " "))
}

// ofKaiwo reports whether Kaiwo has something to do with the work, or may have.
func (a *asking) ofKaiwo() bool {
	return a.kaiwo || a.Config() != nil || a.Unread(inventory.QueueConfigs) || !a.Inventory.Live
}

// lookPriority asks for the priority class.
func (a *asking) lookPriority() Step {
	name := a.field("spec", "priorityClass")
	if !a.kaiwo && a.object != nil {
		name = a.object.GetLabels()[kueue.PriorityLabel]
	}
	switch {
	case a.needless:
		return skip("it names no LocalQueue")
	case a.object == nil:
		return skip("there is no such work")
	case name == "":
		return pass("it names no priority class")
	case a.admission != nil:
		return pass("Kueue has taken it with priority class %s", name)
	case a.cluster(inventory.PriorityClasses, name) != nil:
		return pass("there is a priority class %s", name)
	case a.gap(inventory.PriorityClasses) != nil:
		return unread(a.gap(inventory.PriorityClasses), "whether there is a priority class "+name)
	case a.Foreseen() && slices.Contains(a.foreseenPriorities(), name):
		return pass("Kaiwo will make priority class %s", name)
	case !a.Inventory.Live && !a.Foreseen() && !a.known(inventory.PriorityClasses):
		return unread(nil, "priority class "+name)
	}
	return block(NoPriorityClass, "there is no WorkloadPriorityClass %s: Kueue makes nothing of the work", name).
		next("kubectl get workloadpriorityclasses.kueue.x-k8s.io")
}

// foreseenPriorities are the priority classes that Kaiwo makes.
func (a *asking) foreseenPriorities() []string {
	var out []string
	for _, class := range objects(a.Config().Object, "spec", "workloadPriorityClasses") {
		out = append(out, text(class, "metadata", "name"))
	}
	return out
}
