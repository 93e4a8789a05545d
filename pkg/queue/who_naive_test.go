package queue_test

import (
	"maps"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// naive asks about each subject, namespace and kind by itself, out of the objects.
func naive(t *testing.T, w *randomWorld, index *rbac.Index, name string) []string {
	t.Helper()
	n := naiveQueue{w: w, name: name, cluster: named(w.inv.Custom[inventory.ClusterQueues], name)}
	for _, entry := range n.entries() {
		if entry["name"] == name {
			n.kaiwo = true
			n.listed, _, _ = unstructured.NestedStringSlice(entry, "namespaces")
		}
	}
	out := []string{}
	for _, ns := range w.inv.Namespaces {
		if ns.Status.Phase == corev1.NamespaceTerminating || n.cluster == nil {
			continue
		}
		for _, kind := range [][2]string{
			{"kaiwo.silogen.ai", "kaiwojobs"},
			{"kaiwo.silogen.ai", "kaiwoservices"},
			{"batch", "jobs"},
			{"batch", "cronjobs"},
			{"", "pods"},
			{"apps", "replicasets"},
			{"", "replicationcontrollers"},
			{"apps", "deployments"},
		} {
			path, needs := n.way(ns, kind)
			if path == "" {
				continue
			}
			for _, s := range index.Subjects() {
				if s != rbac.Group(rbac.GroupMasters) && may(index, s, ns.Name, kind, needs) {
					out = append(out, line(s, path, kind[1], ns.Name, len(needs)))
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

func named(objects []*unstructured.Unstructured, name string) *unstructured.Unstructured {
	for _, o := range objects {
		if o.GetName() == name {
			return o
		}
	}
	return nil
}

type naiveQueue struct {
	w       *randomWorld
	name    string
	cluster *unstructured.Unstructured
	kaiwo   bool
	listed  []string
}

func (n *naiveQueue) entries() []map[string]any {
	list, _, _ := unstructured.NestedSlice(n.w.inv.Custom[inventory.QueueConfigs][0].Object, "spec", "clusterQueues")
	var out []map[string]any
	for _, e := range list {
		out = append(out, e.(map[string]any))
	}
	return out
}

// finds reports whether a selector, as it is written, finds a namespace with these labels.
func finds(written any, name string, given map[string]string) bool {
	if written == nil {
		return false
	}
	text, err := yaml.Marshal(written)
	if err != nil {
		panic(err)
	}
	var s metav1.LabelSelector
	if err := yaml.Unmarshal(text, &s); err != nil {
		panic(err)
	}
	selector, err := metav1.LabelSelectorAsSelector(&s)
	if err != nil {
		panic(err)
	}
	all := maps.Clone(given)
	all["kubernetes.io/metadata.name"] = name
	return selector.Matches(labels.Set(all))
}

// could reports whether any labels make the selector find the namespace.
func could(written any, name string) bool {
	for _, team := range []string{"", "a", "b", "other"} {
		for _, managed := range []string{"", "true"} {
			given := map[string]string{}
			if team != "" {
				given["team"] = team
			}
			if managed != "" {
				given["kueue-managed"] = managed
			}
			if finds(written, name, given) {
				return true
			}
		}
	}
	return false
}

// way says by which path work of a kind gets in, and what it takes beside creating it: "queue" and "labels".
func (n *naiveQueue) way(ns *corev1.Namespace, kind [2]string) (queue.Path, []string) {
	selector, _, _ := unstructured.NestedMap(n.cluster.Object, "spec", "namespaceSelector")
	var written any
	if _, ok, _ := unstructured.NestedMap(n.cluster.Object, "spec", "namespaceSelector"); ok {
		written = selector
	}
	here, own, elsewhere := false, false, false
	for _, l := range n.w.inv.Custom[inventory.LocalQueues] {
		if to, _, _ := unstructured.NestedString(l.Object, "spec", "clusterQueue"); l.GetNamespace() == ns.Name {
			here = here || to == n.name
			own = own || to == n.name && l.GetName() == n.name
			elsewhere = elsewhere || to != n.name && l.GetName() == n.name
		}
	}
	var needs []string
	eligible := finds(written, ns.Name, ns.Labels)
	path := queue.ByKueue
	if kind[0] == "kaiwo.silogen.ai" {
		path = queue.ByKaiwo
		switch {
		case !n.kaiwo, elsewhere, len(n.listed) > 0 && !slices.Contains(n.listed, ns.Name):
			return "", nil
		case len(n.listed) > 0 && !own:
			needs = append(needs, "queue")
		}
	} else if !here {
		needs = append(needs, "queue")
	}
	managed := ns.Labels["kueue-managed"] == "true"
	pods := kind[0] == "apps" || kind[0] == ""
	if !eligible && !could(written, ns.Name) {
		return "", nil
	}
	if !eligible || pods && !managed {
		return queue.ByRelabel, append(needs, "labels")
	}
	if len(needs) > 0 {
		path = queue.ByOwnLocalQueue
	}
	return path, needs
}

// may asks whether a subject may create a kind, and do what it takes beside; at least one of these by himself.
func may(index *rbac.Index, s rbac.Subject, ns string, kind [2]string, needs []string) bool {
	self := false
	allowed := func(actions ...rbac.Action) bool {
		ok := false
		for _, a := range actions {
			for _, p := range index.Can(rbac.NewIdentity(s), a).Proofs {
				ok, self = true, self || p.Subject == s
			}
		}
		return ok
	}
	if !allowed(rbac.Action{Verb: "create", Group: kind[0], Resource: kind[1], Namespace: ns}) {
		return false
	}
	for _, need := range needs {
		switch {
		case need == "queue" && !allowed(rbac.Action{Verb: "create", Group: "kueue.x-k8s.io", Resource: "localqueues", Namespace: ns}),
			need == "labels" && !allowed(rbac.Action{Verb: "patch", Resource: "namespaces", Name: ns, Namespace: ns},
				rbac.Action{Verb: "update", Resource: "namespaces", Name: ns, Namespace: ns}):
			return false
		}
	}
	return self
}
