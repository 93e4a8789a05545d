package queue

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// lookChecks asks what others than Kueue have to say before it admits the work.
func (a *asking) lookChecks() Step {
	if a.needless {
		return skip("it names no LocalQueue")
	}
	if a.admission == nil {
		return skip("Kueue has not come to it")
	}
	for _, check := range objects(a.admission.Object, "status", "admissionChecks") {
		name, said := text(check, "name"), text(check, "message")
		next := "kubectl describe admissioncheck.kueue.x-k8s.io " + shell.Word(name)
		switch text(check, "state") {
		case "Rejected":
			return block(CheckRefused, "admission check %s says no", name).says(said).next(next)
		case "Pending", "Retry":
			if conditionOf(a.admission, kueue.ConditionQuota) == "True" {
				return wait(CheckPending, "admission check %s has not said yes yet", name).says(said).next(next)
			}
		}
	}
	return pass("no admission check is in the way")
}

// lookRun asks for the Pods of work that was admitted.
func (a *asking) lookRun() Step {
	admitted := conditionOf(a.admission, kueue.ConditionAdmitted) == "True"
	switch {
	case a.e.Status == kaiwo.StatusRunning, a.e.Status == kaiwo.StatusComplete, a.e.Status == "Complete", a.e.Status == "Finished":
		return pass("it is %s", a.e.Status)
	case !admitted && !a.needless && a.e.Status != kaiwo.StatusStarting:
		return skip("it has not been admitted")
	}
	for _, pod := range a.pods() {
		if pod.Status.Phase == corev1.PodRunning || pod.Status.Phase == corev1.PodSucceeded {
			continue
		}
		why, said := podWaits(pod)
		return block(PodsWait, "it was admitted, but pod %s does not run: %s", pod.Name, why).says(said).
			next("kubectl describe pod " + shell.Word(pod.Name) + " -n " + shell.Word(a.work.Namespace))
	}
	if gap := a.gap(inventory.Pods); gap != nil {
		return unread(gap, "whether its pods run")
	}
	return pass("nothing keeps it from running")
}

// pods are those of the work, by name.
func (a *asking) pods() []*corev1.Pod {
	var out []*corev1.Pod
	for _, pod := range a.Inventory.Pods {
		if pod.Namespace != a.work.Namespace || a.object == nil {
			continue
		}
		labels := pod.Labels
		if a.kaiwo && (labels[kaiwo.RunLabel] == string(a.object.GetUID()) && a.stored() || labels[kaiwo.NameLabel] == a.work.Name) ||
			!a.kaiwo && labels["batch.kubernetes.io/job-name"] == a.work.Name {
			out = append(out, pod)
		}
	}
	return out
}

// podWaits says why a pod does not run.
func podWaits(pod *corev1.Pod) (why, said string) {
	for _, c := range pod.Status.Conditions {
		if c.Type == corev1.PodScheduled && c.Status == corev1.ConditionFalse {
			return strings.ToLower(c.Reason), c.Message
		}
	}
	for _, c := range slices.Concat(pod.Status.InitContainerStatuses, pod.Status.ContainerStatuses) {
		if c.State.Waiting != nil {
			return c.State.Waiting.Reason, c.State.Waiting.Message
		}
	}
	return strings.ToLower(string(pod.Status.Phase)), pod.Status.Message
}
