package e2e

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// queueWorld is a configuration over three namespaces, one of which lacks its LocalQueue, an open queue, and a queue of Kueue
// alone that goes by a label.
const queueWorld = `apiVersion: v1
kind: Namespace
metadata: {name: kueue-system}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: kueue-manager-config, namespace: kueue-system}
data:
  controller_manager_config.yaml: |
    apiVersion: config.kueue.x-k8s.io/v1beta1
    kind: Configuration
    managedJobsNamespaceSelector: {matchLabels: {kueue-managed: "true"}}
    integrations: {frameworks: [batch/job, pod, deployment, statefulset]}
---
apiVersion: v1
kind: Namespace
metadata: {name: lab-a, labels: {kueue-managed: "true", team: gpu}}
---
apiVersion: v1
kind: Namespace
metadata: {name: lab-b, labels: {kueue-managed: "true"}}
---
apiVersion: v1
kind: Namespace
metadata: {name: lab-c, labels: {kueue-managed: "true"}}
---
apiVersion: v1
kind: Namespace
metadata: {name: lab-d, labels: {kueue-managed: "true"}}
---
apiVersion: v1
kind: Namespace
metadata: {name: lab-e}
---
apiVersion: kaiwo.silogen.ai/v1alpha1
kind: KaiwoQueueConfig
metadata: {name: kaiwo}
spec:
  clusterQueues:
  - name: science
    namespaces: [lab-a, lab-b, lab-c]
    spec:
      namespaceSelector:
        matchExpressions:
        - {key: kubernetes.io/metadata.name, operator: In, values: [lab-a, lab-b, lab-c]}
      resourceGroups:
      - coveredResources: [cpu]
        flavors: [{name: f1, resources: [{name: cpu, nominalQuota: 4}]}]
  - name: open
    spec: {namespaceSelector: {}}
  resourceFlavors: [{name: f1, nodeLabels: {kaiwo/nodepool: x}}]
  workloadPriorityClasses: [{metadata: {name: high}, value: 10}]
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: ClusterQueue
metadata: {name: science}
spec:
  namespaceSelector:
    matchExpressions:
    - {key: kubernetes.io/metadata.name, operator: In, values: [lab-a, lab-b, lab-c]}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: ClusterQueue
metadata: {name: open}
spec: {namespaceSelector: {}}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: ClusterQueue
metadata: {name: gpu}
spec: {namespaceSelector: {matchLabels: {team: gpu}}}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: LocalQueue
metadata: {name: science, namespace: lab-a}
spec: {clusterQueue: science}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: LocalQueue
metadata: {name: science, namespace: lab-b}
spec: {clusterQueue: science}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: LocalQueue
metadata: {name: sneaky, namespace: lab-d}
spec: {clusterQueue: science}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: LocalQueue
metadata: {name: work, namespace: lab-a}
spec: {clusterQueue: gpu}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: LocalQueue
metadata: {name: work, namespace: lab-e}
spec: {clusterQueue: gpu}
`

// The kinds that get into queues of this world, as RESOURCE.GROUP.
var (
	kaiwoWork = []string{"kaiwojobs.kaiwo.silogen.ai", "kaiwoservices.kaiwo.silogen.ai"}
	jobWork   = []string{"jobs.batch", "cronjobs.batch"}
	podWork   = []string{"pods", "replicasets.apps", "replicationcontrollers", "deployments.apps", "statefulsets.apps"}
)

// spot is a way into a queue that is open in a namespace to whoever may create one of the kinds and do what it needs.
type spot struct {
	namespace, path string
	kinds           []string
	queue, labels   bool // has to create a LocalQueue, to change the namespace's labels
}

// spots says by hand what ways there are into each queue of the world.
func spots() map[string][]spot {
	raw := slices.Concat(jobWork, podWork)
	all := map[string][]spot{"science": {
		{"lab-c", "can-make-own-localqueue", kaiwoWork, true, false}, {"lab-c", "can-make-own-localqueue", raw, true, false},
	}}
	for _, ns := range []string{"lab-a", "lab-b"} {
		all["science"] = append(all["science"], spot{ns, "kaiwo", kaiwoWork, false, false}, spot{ns, "raw-kueue", raw, false, false})
	}
	others := []string{"lab-e", "default", "kube-system", "kube-public", "kube-node-lease", "kueue-system"}
	for _, ns := range append([]string{"lab-a", "lab-b", "lab-c", "lab-d"}, others...) {
		all["open"] = append(all["open"], spot{ns, "kaiwo", kaiwoWork, false, false})
		if slices.Contains(others, ns) { // Kueue does not manage them
			all["open"] = append(all["open"], spot{ns, "can-make-own-localqueue", jobWork, true, false},
				spot{ns, "can-relabel-namespace", podWork, true, true})
		} else {
			all["open"] = append(all["open"], spot{ns, "can-make-own-localqueue", raw, true, false})
		}
		switch ns {
		case "lab-a":
			all["gpu"] = append(all["gpu"], spot{ns, "raw-kueue", raw, false, false})
		case "lab-e":
			all["gpu"] = append(all["gpu"], spot{ns, "can-relabel-namespace", raw, false, true})
		default:
			all["gpu"] = append(all["gpu"], spot{ns, "can-relabel-namespace", raw, true, true})
		}
	}
	return all
}

// queueRights are roles and bindings of many kinds: the ones that people write, and more by chance.
func queueRights(t *testing.T) []*unstructured.Unstructured {
	t.Helper()
	r := rand.New(rand.NewPCG(6, 22))
	rule := func(group, resource string, verbs []string, names ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: strings.Split(resource, ","), Verbs: verbs, ResourceNames: names}
	}
	create := []string{"get", "create"}
	roles := map[string][]rbacv1.PolicyRule{
		"scientist":   {rule("kaiwo.silogen.ai", "kaiwojobs,kaiwoservices", []string{"get", "list", "watch", "create", "update", "patch", "delete"})},
		"jobs-only":   {rule("batch", "jobs", create)},
		"wildcard":    {rule("*", "*", []string{"*"})},
		"all-kaiwo":   {rule("kaiwo.silogen.ai", "*", []string{"*"})},
		"named-jobs":  {rule("batch", "jobs", create, "one", "two")},
		"status":      {rule("batch", "jobs/status", create), rule("kaiwo.silogen.ai", "kaiwojobs/status", create)},
		"readers":     {rule("kaiwo.silogen.ai", "kaiwojobs", []string{"get", "list"}), rule("", "pods", []string{"get"})},
		"queues":      {rule("kueue.x-k8s.io", "localqueues", []string{"create", "patch"})},
		"patch-queue": {rule("kueue.x-k8s.io", "localqueues", []string{"update", "patch"})},
		"labels":      {rule("", "namespaces", []string{"get", "patch"})},
		"labels-e":    {rule("", "namespaces", []string{"update"}, "lab-e", "lab-d")},
		"pods":        {rule("", "pods", []string{"*"})},
		"workers":     {rule("apps", "deployments,replicasets", create), rule("batch", "*", []string{"create"})},
		"wrong-group": {rule("batch.example.com", "jobs", create)},
	}
	var out []*unstructured.Unstructured
	add := func(kind string, o any) {
		object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
		if err != nil {
			t.Fatal(err)
		}
		u := &unstructured.Unstructured{Object: object}
		u.SetAPIVersion("rbac.authorization.k8s.io/v1")
		u.SetKind(kind)
		out = append(out, u)
	}
	names := slices.Sorted(maps.Keys(roles))
	for _, name := range names {
		add("ClusterRole", &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: roles[name]})
	}
	add("ClusterRole", &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{Name: "lab-part", Labels: map[string]string{"lab/part": "yes"}}, Rules: roles["scientist"],
	})
	add("ClusterRole", &rbacv1.ClusterRole{
		ObjectMeta:      metav1.ObjectMeta{Name: "lab-sum"},
		AggregationRule: &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{{MatchLabels: map[string]string{"lab/part": "yes"}}}},
	})
	names = append(names, "lab-sum", "edit", "view", "admin", "gone")
	spaces := []string{"lab-a", "lab-b", "lab-c", "lab-d", "lab-e"}
	for i := range 110 {
		subject := queueSubjects()[r.IntN(len(queueSubjects()))]
		ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: names[r.IntN(len(names))]}
		name := fmt.Sprintf("by-chance-%d", i)
		if i%14 == 0 && ref.Name != "wildcard" {
			add("ClusterRoleBinding", &rbacv1.ClusterRoleBinding{ObjectMeta: metav1.ObjectMeta{Name: name}, Subjects: []rbacv1.Subject{subject.RBAC()}, RoleRef: ref})
			continue
		}
		add("RoleBinding", &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: spaces[r.IntN(len(spaces))]}, Subjects: []rbacv1.Subject{subject.RBAC()}, RoleRef: ref,
		})
	}
	add("ClusterRoleBinding", &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "carol"}, Subjects: []rbacv1.Subject{rbac.User("carol").RBAC()},
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "wildcard"},
	})
	// Everybody may make LocalQueues in one namespace, so that who may create work there may submit.
	add("RoleBinding", &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: "everybody", Namespace: "lab-c"}, Subjects: []rbacv1.Subject{rbac.Group("system:authenticated").RBAC()},
		RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "queues"},
	})
	return out
}

// queueSubjects are those of the bindings.
func queueSubjects() []rbac.Subject {
	var out []rbac.Subject
	for i := range 24 {
		out = append(out, rbac.User(fmt.Sprintf("person-%d@acme.example", i)))
	}
	for i := range 8 {
		out = append(out, rbac.Group(fmt.Sprintf("team-%d", i)))
	}
	for _, ns := range []string{"lab-a", "lab-b", "lab-e"} {
		out = append(out, rbac.ServiceAccount(ns, "default"), rbac.ServiceAccount(ns, "ci"), rbac.Group("system:serviceaccounts:"+ns))
	}
	return out
}

// strangers are 200 that no binding names: members of one team, service accounts, and names that are nearly somebody's.
func strangers() []rbac.Identity {
	var out []rbac.Identity
	for i := range 80 {
		out = append(out, rbac.NewIdentity(rbac.User(fmt.Sprintf("stranger-%d", i))))
	}
	for i := range 40 {
		out = append(out, rbac.NewIdentity(rbac.User(fmt.Sprintf("member-%d", i)), fmt.Sprintf("team-%d", i%10)))
	}
	for i := range 30 {
		out = append(out, rbac.NewIdentity(rbac.ServiceAccount([]string{"lab-a", "lab-b", "lab-c", "lab-e"}[i%4], fmt.Sprintf("robot-%d", i))))
	}
	for i := range 30 {
		out = append(out, rbac.NewIdentity(rbac.User(fmt.Sprintf("Person-%d@acme.example", i))))
	}
	for i := range 20 {
		out = append(out, rbac.NewIdentity(rbac.Group(fmt.Sprintf("team-%d-b", i))))
	}
	return out
}
