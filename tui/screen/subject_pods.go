package screen

import (
	"fmt"
	"strconv"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// podsTab heads the pods that run as a service account, which are counted when they are known.
func podsTab(w *world.World, s *world.Subject) Tab {
	tab := Tab{ID: tabPods, Title: "Pods"}
	pods, err := w.RunAs(s.Subject)
	switch {
	case !w.PodsKnown(s.Namespace):
		tab.Badge = "…"
	case err != nil:
		tab.Badge, tab.Tone = "?", Warn
	default:
		tab.Badge = strconv.Itoa(len(pods))
	}
	return tab
}

// podsPage is the pods that run as a service account.
func podsPage(w *world.World, s *world.Subject, page *Page) {
	pods, err := w.RunAs(s.Subject)
	empty := "no pod of " + s.Namespace + " runs as " + s.String()
	switch {
	case !w.PodsKnown(s.Namespace):
		empty = "asking for the pods…"
	case err != nil:
		empty = "unknown: the pods can't be read"
		page.Notes = append(page.Notes, fmt.Sprintf("pods of %s: %v", s.Namespace, err))
	case w.Frame.Offline && len(w.Inventory.Pods) == 0:
		empty = "unknown: there are no pods in what was read"
	}
	if !w.Frame.Offline {
		page.Command = command(w, "get", "pods", "-n", s.Namespace, "--field-selector", "spec.serviceAccountName="+s.Name)
	}
	page.List = Table[*corev1.Pod]{
		Columns: []TypedColumn[*corev1.Pod]{
			{Column{Name: "Pod", Min: 16, Shrink: true}, func(pod *corev1.Pod) Cell { return Cell{Text: pod.Name, Tone: Strong} }},
			{Column{Name: "Phase", Min: 7}, phaseCell},
			{Column{Name: "Made by", Min: 10, Drop: 2, Shrink: true}, func(pod *corev1.Pod) Cell { return cell(madeBy(pod), Plain) }},
			{Column{Name: "Node", Min: 8, Drop: 3, Shrink: true}, func(pod *corev1.Pod) Cell { return cell(pod.Spec.NodeName, Plain) }},
			{Column{Name: "Age", Right: true, Numeric: true, Min: 4, Drop: 1}, func(pod *corev1.Pod) Cell { return ageCell(pod.CreationTimestamp.Time, w.Now) }},
		},
		Key: func(pod *corev1.Pod) string { return pod.Name },
		Jump: func(pod *corev1.Pod, to Kind) Place {
			return JumpTo(to, s.Subject, rbac.ObjectID{}, rbac.ObjectID{}, pod.Namespace)
		},
		Command: func(pod *corev1.Pod) string {
			if w.Frame.Offline {
				return ""
			}
			return command(w, "describe", "pod", pod.Name, "-n", pod.Namespace)
		},
		Empty: empty,
	}.Of(pods)
}

func phaseCell(pod *corev1.Pod) Cell {
	switch pod.Status.Phase {
	case corev1.PodRunning, corev1.PodSucceeded:
		return Cell{Text: string(pod.Status.Phase), Tone: Good}
	case corev1.PodFailed:
		return Cell{Text: string(pod.Status.Phase), Tone: Bad}
	case corev1.PodPending, corev1.PodUnknown:
		return Cell{Text: string(pod.Status.Phase), Tone: Warn}
	default:
		return cell(string(pod.Status.Phase), Plain)
	}
}

// madeBy names what made a pod: "ReplicaSet web-6d4".
func madeBy(pod *corev1.Pod) string {
	for _, owner := range pod.OwnerReferences {
		if owner.Controller != nil && *owner.Controller {
			return owner.Kind + " " + owner.Name
		}
	}
	return ""
}
