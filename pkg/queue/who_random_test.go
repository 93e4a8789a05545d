package queue_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// randomWorld makes namespaces, queues, LocalQueues, roles and bindings by chance.
type randomWorld struct {
	*rand.Rand
	inv  *inventory.Inventory
	snap *rbac.Snapshot
}

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// chosenSelector is what the random worlds write as the managedJobsNamespaceSelector.
const chosenSelector = `kind: Configuration
managedJobsNamespaceSelector: {matchLabels: {kueue-managed: "true"}}
integrations: {frameworks: [batch/job, pod, deployment]}`

func newRandomWorld(seed uint64) *randomWorld {
	w := &randomWorld{
		Rand: rand.New(rand.NewPCG(seed, 7)), snap: &rbac.Snapshot{},
		inv: &inventory.Inventory{Live: true, Custom: map[inventory.Kind][]*unstructured.Unstructured{}},
	}
	for i := range 7 {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: fmt.Sprintf("n%d", i), Labels: map[string]string{}}}
		for key, values := range labelChoices() {
			if v := pick(w.Rand, values...); v != "" {
				ns.Labels[key] = v
			}
		}
		if w.IntN(8) == 0 {
			ns.Status.Phase = corev1.NamespaceTerminating
		}
		w.inv.Namespaces = append(w.inv.Namespaces, ns)
	}
	w.queues()
	w.rights()
	return w
}

// labelChoices are the labels that decide, and the values that they may have; empty for none.
func labelChoices() map[string][]string {
	return map[string][]string{"team": {"", "a", "b"}, "kueue-managed": {"", "true", "true"}}
}

func (w *randomWorld) object(kind inventory.Kind, manifest string) {
	u := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(manifest), &u.Object); err != nil {
		panic(manifest + ": " + err.Error())
	}
	w.inv.Custom[kind] = append(w.inv.Custom[kind], u)
}

func (w *randomWorld) space() string { return fmt.Sprintf("n%d", w.IntN(8)) } // one is not there

func (w *randomWorld) queues() {
	var entries []string
	for _, name := range []string{"q0", "q1", "q2", "q3"} {
		selector := pick(w.Rand, "{}", "{matchLabels: {team: a}}", "{matchExpressions: [{key: team, operator: NotIn, values: [b]}]}",
			"{matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [n1, n2, n3]}]}",
			"{matchLabels: {team: b}, matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [n4]}]}",
			"{matchExpressions: [{key: team, operator: In, values: [a]}, {key: team, operator: DoesNotExist}]}")
		if w.IntN(3) > 0 {
			var listed []string
			for range w.IntN(4) {
				listed = append(listed, w.space())
			}
			entries = append(entries, fmt.Sprintf("{name: %s, namespaces: [%s], spec: {namespaceSelector: %s}}", name, strings.Join(listed, ","), selector))
		}
		if w.IntN(6) > 0 {
			spec := "namespaceSelector: " + selector
			if w.IntN(7) == 0 {
				spec = "cohort: all"
			}
			w.object(inventory.ClusterQueues, fmt.Sprintf("{kind: ClusterQueue, metadata: {name: %s}, spec: {%s}}", name, spec))
		}
	}
	w.object(inventory.QueueConfigs, "{kind: KaiwoQueueConfig, metadata: {name: kaiwo}, spec: {clusterQueues: ["+strings.Join(entries, ",")+"]}}")
	seen := map[string]bool{}
	for range 14 {
		name, ns := pick(w.Rand, "q0", "q1", "q2", "q3", "mine"), w.space()
		if !seen[ns+name] {
			seen[ns+name] = true
			to := name
			if name == "mine" || w.IntN(4) == 0 {
				to = pick(w.Rand, "q0", "q1", "q2", "q3")
			}
			w.object(inventory.LocalQueues, fmt.Sprintf("{kind: LocalQueue, metadata: {name: %s, namespace: %s}, spec: {clusterQueue: %s}}", name, ns, to))
		}
	}
	config := &unstructured.Unstructured{Object: map[string]any{
		"kind": "ConfigMap", "metadata": map[string]any{"name": "kueue-manager-config", "namespace": "kueue-system"},
		"data": map[string]any{"controller_manager_config.yaml": chosenSelector},
	}}
	w.inv.Custom[inventory.QueueOperators] = append(w.inv.Custom[inventory.QueueOperators], config)
}

func (w *randomWorld) rule() rbacv1.PolicyRule {
	r := rbacv1.PolicyRule{Verbs: []string{pick(w.Rand, "create", "create", "*", "get", "patch")}}
	switch w.IntN(8) {
	case 0:
		r.APIGroups, r.Resources = []string{"kaiwo.silogen.ai"}, []string{pick(w.Rand, "kaiwojobs", "kaiwoservices", "*")}
	case 1:
		r.APIGroups, r.Resources = []string{"batch"}, []string{pick(w.Rand, "jobs", "cronjobs", "*", "jobs/status")}
	case 2:
		r.APIGroups, r.Resources = []string{""}, []string{pick(w.Rand, "pods", "*")}
	case 3:
		r.APIGroups, r.Resources = []string{"apps"}, []string{pick(w.Rand, "deployments", "replicasets")}
	case 4, 5:
		r.APIGroups, r.Resources = []string{"kueue.x-k8s.io"}, []string{"localqueues"}
	case 6:
		r.APIGroups, r.Resources, r.Verbs = []string{""}, []string{"namespaces"}, []string{pick(w.Rand, "patch", "update", "*", "get")}
	case 7:
		r.APIGroups, r.Resources = []string{"*"}, []string{"*"}
	}
	if w.IntN(4) == 0 {
		r.ResourceNames = []string{w.space()}
	}
	return r
}

func (w *randomWorld) rights() {
	subjects := []rbac.Subject{
		rbac.User("ann"), rbac.User("bob"), rbac.User("system:kube-scheduler"), rbac.Group("team"), rbac.Group("system:authenticated"),
		rbac.Group("system:serviceaccounts"), rbac.Group("system:serviceaccounts:n1"), rbac.ServiceAccount("n1", "ci"),
		rbac.ServiceAccount("n2", "ci"), rbac.Group("system:masters"),
	}
	for i := range 10 {
		role := rbac.Role{Name: fmt.Sprintf("r%d", i), Labels: map[string]string{"part": pick(w.Rand, "x", "y")}, Stored: true}
		for range 1 + w.IntN(3) {
			role.Rules = append(role.Rules, w.rule())
		}
		w.snap.Roles = append(w.snap.Roles, role)
	}
	w.snap.Roles = append(w.snap.Roles, rbac.Role{
		Name: "sum", Aggregates: []metav1.LabelSelector{{MatchLabels: map[string]string{"part": "x"}}},
	})
	for i := range 26 {
		b := rbac.Binding{
			Name: fmt.Sprintf("b%d", i), Namespace: w.space(), RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: fmt.Sprintf("r%d", w.IntN(11))},
			Subjects: []rbacv1.Subject{pick(w.Rand, subjects...).RBAC()},
		}
		if w.IntN(12) == 0 {
			b.RoleRef.Name = "sum"
		}
		if w.IntN(5) == 0 {
			b.Namespace = ""
		}
		w.snap.Bindings = append(w.snap.Bindings, b)
	}
}

// TestWhoIsWhatOneByOneGives compares who may submit with what asking about each subject, namespace and kind gives.
func TestWhoIsWhatOneByOneGives(t *testing.T) {
	t.Parallel()
	ways := 0
	for seed := range uint64(60) {
		w := newRandomWorld(seed)
		index := rbac.Compile(w.snap)
		state := queue.NewState(w.inv, index, time.Time{})
		for i := range state.Queues() {
			q := &state.Queues()[i]
			answer := state.Who(q)
			got := flat(t, index, &answer)
			ways += len(got)
			if diff := cmp.Diff(naive(t, w, index, q.Name), got); diff != "" {
				t.Fatalf("seed %d, %s (-one by one +at once):\n%s", seed, q.Name, diff)
			}
			people := 0
			for _, one := range answer.Submitters {
				if !one.Subject.IsSystem() && !one.Superuser {
					people++
				}
			}
			if count := state.Count(q); count.All != people {
				t.Fatalf("seed %d, %s: counted %d, listed %d", seed, q.Name, count.All, people)
			}
		}
	}
	if ways < 3_000 {
		t.Errorf("the worlds have %d ways only", ways)
	}
}

// flat writes an answer as one line for each subject, namespace and kind, and proves each.
func flat(t *testing.T, index *rbac.Index, a *queue.Answer) []string {
	t.Helper()
	out := []string{}
	for _, one := range a.Submitters {
		for _, way := range one.Ways {
			for _, ns := range way.Namespaces {
				for _, kind := range way.Kinds {
					if one.Superuser {
						continue
					}
					out = append(out, line(one.Subject, way.Path, kind.Name, ns, len(way.Needs)))
					for _, action := range way.Actions(ns, kind) {
						if !index.Allowed(rbac.NewIdentity(one.Subject), action) {
							t.Fatalf("%s may not %s in %s", one.Subject, action, action.Namespace)
						}
					}
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

func line(s rbac.Subject, path queue.Path, kind, ns string, needs int) string {
	return fmt.Sprintf("%s %s %s in %s, and %d more rights", s, path, kind, ns, needs)
}
