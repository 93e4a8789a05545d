package kalm

import (
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// NewWorld reads a world from objects: namespaces, RoleBindings of Kalm and AccessTokens.
func NewWorld(namespaces []*corev1.Namespace, bindings, tokens []*unstructured.Unstructured, now time.Time) World {
	w := World{Now: now}
	for _, ns := range namespaces {
		w.Namespaces = append(w.Namespaces, Namespace{Name: ns.Name, Enabled: ns.Labels[EnabledLabel] == EnabledValue})
	}
	for _, u := range bindings {
		w.Bindings = append(w.Bindings, ReadBinding(u))
	}
	for _, u := range tokens {
		w.Tokens = append(w.Tokens, ReadToken(u))
	}
	return w
}

// Assume takes the namespaces that bindings are in and that are not known for applications, and returns their names. It is for
// when namespaces could not be read, or are not among manifests: whether a role counts there is not known then. Namespaces in
// which it makes no difference are left out.
func (w *World) Assume() []string {
	known := map[string]bool{TrapNamespace: true}
	for _, ns := range w.Namespaces {
		known[ns.Name] = true
	}
	var assumed []string
	for i := range w.Bindings {
		if b := &w.Bindings[i]; !known[b.Namespace] && b.Role.Gives() && !b.Role.Cluster() {
			known[b.Namespace] = true
			assumed = append(assumed, b.Namespace)
			w.Namespaces = append(w.Namespaces, Namespace{Name: b.Namespace, Enabled: true})
		}
	}
	slices.Sort(assumed)
	return assumed
}
