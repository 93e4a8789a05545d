package world

import (
	"cmp"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Pods are the pods of namespaces that were asked for them. The zero value knows of none.
type Pods struct{ of map[string]podsOf }

type podsOf struct {
	pods []*corev1.Pod
	err  error
}

// With returns the pods with those of one more namespace, or the error that there was instead.
func (p Pods) With(namespace string, pods []*corev1.Pod, err error) Pods {
	of := maps.Clone(p.of)
	if of == nil {
		of = map[string]podsOf{}
	}
	of[namespace] = podsOf{pods, err}
	return Pods{of}
}

// WithPods returns a world that knows these pods. All else is shared.
func (w *World) WithPods(p Pods) *World {
	next := *w
	next.pods = p
	return &next
}

// PodsKnown reports whether the pods of a namespace were asked for; of manifests they all are known.
func (w *World) PodsKnown(namespace string) bool {
	_, known := w.pods.of[namespace]
	return known || w.Frame.Offline
}

// RunAs returns the pods that run as a service account, by name: those of its namespace that were asked for, or those of
// the manifests. The error is the one that there was instead of pods.
func (w *World) RunAs(account rbac.Subject) ([]*corev1.Pod, error) {
	known := w.pods.of[account.Namespace]
	if w.Frame.Offline {
		known.pods = w.Inventory.Pods
	}
	var out []*corev1.Pod
	for _, pod := range known.pods {
		if pod.Namespace == account.Namespace && cmp.Or(pod.Spec.ServiceAccountName, "default") == account.Name {
			out = append(out, pod)
		}
	}
	slices.SortFunc(out, func(a, b *corev1.Pod) int { return cmp.Compare(a.Name, b.Name) })
	return out, known.err
}
