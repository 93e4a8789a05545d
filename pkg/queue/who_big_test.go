package queue_test

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// big makes a cluster with as many queues, namespaces and bindings. Of four queues one is open, one admits work from all
// namespaces, one by a label, and one by names as Kaiwo's lists are meant.
func big(queues, namespaces, bindings int) (*inventory.Inventory, *rbac.Index) {
	inv := &inventory.Inventory{Live: true, Custom: map[inventory.Kind][]*unstructured.Unstructured{}}
	ns := func(i int) string { return fmt.Sprintf("team-%05d", i%namespaces) }
	for i := range namespaces {
		inv.Namespaces = append(inv.Namespaces, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
			Name: ns(i), Labels: map[string]string{"tier": strconv.Itoa(i % 50)},
		}})
	}
	object := func(kind inventory.Kind, o map[string]any) {
		inv.Custom[kind] = append(inv.Custom[kind], &unstructured.Unstructured{Object: o})
	}
	var entries []any
	for i := range queues {
		name, listed := fmt.Sprintf("queue-%04d", i), []any{ns(5 * i), ns(5*i + 1), ns(5*i + 2)}
		var selector map[string]any
		switch i % 4 {
		case 0:
			selector, listed = map[string]any{}, nil
		case 1:
			selector = map[string]any{}
		case 2:
			selector = map[string]any{"matchLabels": map[string]any{"tier": strconv.Itoa(i % 50)}}
		case 3:
			selector = map[string]any{"matchExpressions": []any{map[string]any{
				"key": corev1.LabelMetadataName, "operator": "In", "values": listed,
			}}}
		}
		spec := map[string]any{"namespaceSelector": selector}
		entries = append(entries, map[string]any{"name": name, "namespaces": listed, "spec": spec})
		object(inventory.ClusterQueues, map[string]any{"kind": "ClusterQueue", "metadata": map[string]any{"name": name}, "spec": spec})
		for _, in := range listed {
			object(inventory.LocalQueues, map[string]any{
				"kind": "LocalQueue", "metadata": map[string]any{"name": name, "namespace": in}, "spec": map[string]any{"clusterQueue": name},
			})
		}
	}
	object(inventory.QueueConfigs, map[string]any{
		"kind": "KaiwoQueueConfig", "metadata": map[string]any{"name": "kaiwo"}, "spec": map[string]any{"clusterQueues": entries},
	})
	snap := &rbac.Snapshot{Roles: []rbac.Role{
		{Name: "scientist", Rules: []rbacv1.PolicyRule{{APIGroups: []string{"kaiwo.silogen.ai"}, Resources: []string{"kaiwojobs"}, Verbs: []string{"create"}}}},
		{Name: "edit", Rules: []rbacv1.PolicyRule{
			{APIGroups: []string{"batch"}, Resources: []string{"jobs", "cronjobs"}, Verbs: []string{"*"}},
			{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"*"}},
			{APIGroups: []string{"apps"}, Resources: []string{"deployments", "statefulsets"}, Verbs: []string{"*"}},
		}},
		{Name: "all", Rules: []rbacv1.PolicyRule{{APIGroups: []string{"*"}, Resources: []string{"*"}, Verbs: []string{"*"}}}},
	}}
	for i := range bindings {
		b := rbac.Binding{
			Name: fmt.Sprintf("b%d", i), Namespace: ns(i), RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: []string{"scientist", "edit", "edit"}[i%3]},
			Subjects: []rbacv1.Subject{rbac.User(fmt.Sprintf("user-%d", i%20_000)).RBAC()},
		}
		switch {
		case i%500 == 0:
			b.RoleRef.Name = "all"
		case i%5_000 == 1:
			b.Namespace = ""
		}
		snap.Bindings = append(snap.Bindings, b)
	}
	return inv, rbac.Compile(snap)
}

// TestCountOfABigCluster counts for all queues of a cluster that is as big as they get, in the time that somebody waits for a
// screen.
func TestCountOfABigCluster(t *testing.T) {
	inv, index := big(1000, 5000, 50_000)
	state := queue.NewState(inv, index, time.Time{})
	some := 0
	for i := range state.Queues() {
		if state.Count(&state.Queues()[i]).All > 0 {
			some++
		}
	}
	if open := state.Who(state.Queue("queue-0000")); some != 1000 || len(open.Submitters) < 15_000 {
		t.Errorf("%d queues have submitters, the open one %d", some, len(open.Submitters))
	}
}

func BenchmarkCount(b *testing.B) {
	inv, index := big(1000, 5000, 50_000)
	for b.Loop() {
		state := queue.NewState(inv, index, time.Time{})
		for i := range state.Queues() {
			state.Count(&state.Queues()[i])
		}
	}
}

func BenchmarkWho(b *testing.B) {
	inv, index := big(1000, 5000, 50_000)
	for b.Loop() {
		state := queue.NewState(inv, index, time.Time{})
		state.Who(state.Queue("queue-0000"))
	}
}
