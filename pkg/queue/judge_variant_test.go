package queue_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// plus returns the cluster with objects, one a text.
func (c cluster) plus(t *testing.T, manifests ...string) cluster {
	t.Helper()
	out := maps.Clone(c)
	for _, text := range manifests {
		o := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		out[objectKey(o)] = o
	}
	return out
}

// foundLines writes the findings of an id as "severity object", with a star where there is a fix.
func foundLines(id string, all []finding.Finding) []string {
	out := []string{}
	for _, f := range of(id, finding.Info, all) {
		line := fmt.Sprintf("%s %s", f.Severity, f.Object)
		if f.Fix != nil {
			line = "*" + line
		}
		out = append(out, line)
	}
	return out
}

const (
	flavor = `resourceGroups: [{coveredResources: [cpu], flavors: [{name: f1, resources: [{name: cpu, nominalQuota: "96"}]}]}]`
	byName = `namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: In, values: [team-a, team-b]}]}`
)

// config is a KaiwoQueueConfig with these entries.
func config(name string, entries ...string) string {
	return fmt.Sprintf("{apiVersion: kaiwo.silogen.ai/v1alpha1, kind: KaiwoQueueConfig, metadata: {name: %s}, spec: {clusterQueues: [%s], resourceFlavors: [{name: f1, nodeLabels: {kaiwo/nodepool: p1}}]}}",
		name, strings.Join(entries, ", "))
}

func entry(name, namespaces, selector string) string {
	if selector != "" {
		selector += ", "
	}
	return fmt.Sprintf("{name: %s, namespaces: [%s], spec: {%s%s}}", name, namespaces, selector, flavor)
}

func clusterQueue(name, selector string) string {
	if selector != "" {
		selector += ", "
	}
	return fmt.Sprintf("{apiVersion: kueue.x-k8s.io/v1beta1, kind: ClusterQueue, metadata: {name: %s}, spec: {%s%s}}", name, selector, flavor)
}

func localQueue(namespace, name, to string) string {
	return fmt.Sprintf("{apiVersion: kueue.x-k8s.io/v1beta1, kind: LocalQueue, metadata: {name: %s, namespace: %s}, spec: {clusterQueue: %s}}", name, namespace, to)
}

func waiting(namespace, name string) string {
	return fmt.Sprintf("{apiVersion: kueue.x-k8s.io/v1beta1, kind: Workload, metadata: {name: w, namespace: %s}, spec: {queueName: %s}}", namespace, name)
}

// operatorOf is Kaiwo's operator in a namespace, with a status.
func operatorOf(namespace, status string) string {
	return fmt.Sprintf("{apiVersion: apps/v1, kind: Deployment, metadata: {name: kaiwo-controller-manager, namespace: %s, labels: {control-plane: kaiwo-controller-manager}}, %s}", namespace, status)
}

// What is found depends on more than the fixtures show: who has a fix, and who has none since a person has to decide.
func TestJudgeVariants(t *testing.T) {
	t.Parallel()
	binding := func(namespace, name, role, subject string) string {
		return fmt.Sprintf("{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: %s, namespace: %s}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: %s}, subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: %s}]}",
			name, namespace, role, subject)
	}
	tests := map[string]struct {
		id      string
		objects []string
		without []string
		want    []string
	}{
		"a second config that says the same": {id: "QA001", objects: []string{config("copy", entry("science", "team-a, team-b", byName))}, want: []string{"*error kaiwoqueueconfig copy"}},
		"a second config that says more":     {id: "QA001", objects: []string{config("mine", entry("vision", "team-a", byName))}, want: []string{"error kaiwoqueueconfig mine"}},
		"a config under a wrong name that would lose a queue": {
			id: "QA001", objects: []string{config("mine", entry("vision", "team-a", byName))}, without: []string{"KaiwoQueueConfig kaiwo"},
			want: []string{"error kaiwoqueueconfig mine"},
		},
		"two configs under wrong names": {
			id: "QA001", objects: []string{config("one", entry("science", "team-a", byName)), config("two", entry("science", "team-a", byName))},
			without: []string{"KaiwoQueueConfig kaiwo"}, want: []string{"error kaiwoqueueconfig kaiwo", "error kaiwoqueueconfig one", "error kaiwoqueueconfig two"},
		},
		"a config that failed": {
			id: "QA001", objects: []string{strings.Replace(config("kaiwo", entry("science", "team-a, team-b", byName)), "spec:", "status: {status: FAILED}, spec:", 1)},
			want: []string{"error kaiwoqueueconfig kaiwo"},
		},
		"an operator that does not run": {
			id: "QA001", objects: []string{operatorOf("kaiwo-system", "status: {replicas: 1, unavailableReplicas: 1}")}, want: []string{"error deployment kaiwo-system/kaiwo-controller-manager"},
		},
		"an operator that runs":            {id: "QA001", objects: []string{operatorOf("kaiwo-system", "status: {replicas: 1, availableReplicas: 1}")}, want: []string{}},
		"an operator as it is to be":       {id: "QA001", objects: []string{operatorOf("kaiwo-system", "")}, want: []string{}},
		"an operator of something else":    {id: "QA001", objects: []string{operatorOf("other", "status: {replicas: 1}")}, want: []string{}},
		"two entries of one name":          {id: "QA001", objects: []string{config("kaiwo", entry("science", "team-a", byName), entry("science", "team-b", byName), entry("science", "", byName))}, want: []string{"error kaiwoqueueconfig kaiwo"}},
		"an entry without a name":          {id: "QA001", objects: []string{config("kaiwo", entry("science", "team-a, team-b", byName), `{name: "", spec: {}}`)}, want: []string{"error kaiwoqueueconfig kaiwo"}},
		"an entry that is none":            {id: "QA001", objects: []string{config("kaiwo", entry("science", "team-a, team-b", byName), "science")}, want: []string{"error kaiwoqueueconfig kaiwo"}},
		"namespaces that are no list":      {id: "QA001", objects: []string{config("kaiwo", "{name: science, namespaces: team-a, spec: {"+byName+"}}")}, want: []string{"error kaiwoqueueconfig kaiwo"}},
		"namespaces that are no names":     {id: "QA001", objects: []string{config("kaiwo", "{name: science, namespaces: [3], spec: {"+byName+"}}")}, want: []string{"error kaiwoqueueconfig kaiwo"}},
		"such a queue is not open":         {id: "QA010", objects: []string{config("kaiwo", "{name: science, namespaces: team-a, spec: {"+byName+"}}")}, want: []string{}},
		"nor is its selector to be judged": {id: "QA006", objects: []string{config("kaiwo", "{name: science, namespaces: 3, spec: {}}")}, want: []string{}},
		"a namespace without a name": {
			id: "QA002", objects: []string{config("kaiwo", entry("science", `team-a, team-b, ""`, byName))}, want: []string{"*error kaiwoqueueconfig kaiwo"},
		},
		"the only namespace is not there": {
			id: "QA002", objects: []string{config("kaiwo", entry("science", "team-z", byName))}, want: []string{"error namespace team-z"},
		},
		"no ClusterQueue, no LocalQueue": {
			id: "QA003", objects: []string{config("kaiwo", entry("science", "team-a, team-b", byName), entry("vision", "team-a", byName))}, want: []string{},
		},
		"and that is said of the ClusterQueue": {
			id: "QA005", objects: []string{config("kaiwo", entry("science", "team-a, team-b", byName), entry("vision", "team-a", byName))},
			want: []string{"error clusterqueue vision"},
		},
		"a namesake that work waits in":  {id: "QA004", objects: []string{localQueue("team-b", "science", "other"), waiting("team-b", "science")}, want: []string{"error localqueue team-b/science"}},
		"a LocalQueue that says why":     {id: "QA005", objects: []string{strings.Replace(localQueue("team-b", "science", "science"), "spec:", `status: {conditions: [{type: Active, status: "False", reason: ClusterQueueIsInactive, message: gone.}]}, spec:`, 1)}, want: []string{"error localqueue team-b/science"}},
		"Kueue alone, without selector":  {id: "QA006", objects: []string{clusterQueue("plain", ""), localQueue("other", "main", "plain")}, want: []string{"warning clusterqueue plain"}},
		"Kueue alone, another namespace": {id: "QA006", objects: []string{clusterQueue("plain", byName), localQueue("other", "main", "plain")}, want: []string{"warning namespace other"}},
		"an open queue without selector": {
			id: "QA006", objects: []string{config("kaiwo", entry("science", "team-a, team-b", byName), "{name: open, spec: {"+flavor+"}}"), clusterQueue("open", "")},
			want: []string{"error clusterqueue open"},
		},
		"a selector that Kaiwo will change": {
			id: "QA006", objects: []string{config("kaiwo", entry("science", "team-a, team-b", "namespaceSelector: {matchLabels: {team: none}}"))},
			want: []string{"*error namespace team-a", "*error namespace team-b"},
		},
		"a wide selector, and work from there": {
			id: "QA007", objects: []string{
				config("kaiwo", entry("science", "team-a, team-b", "namespaceSelector: {}")), clusterQueue("science", "namespaceSelector: {}"),
				localQueue("other", "sneaky", "science"), waiting("other", "sneaky"),
			}, want: []string{"warning clusterqueue science"},
		},
		"a way in that leads nowhere":  {id: "QA008", objects: []string{localQueue("other", "sneaky", "science")}, want: []string{"*info localqueue other/sneaky"}},
		"a way in that work waits in":  {id: "QA008", objects: []string{localQueue("other", "sneaky", "science"), waiting("other", "sneaky")}, want: []string{"info localqueue other/sneaky"}},
		"a label of another value":     {id: "QA009", objects: []string{`{apiVersion: v1, kind: Namespace, metadata: {name: team-b, labels: {kueue-managed: "false"}}}`}, want: []string{"error namespace team-b"}},
		"Kueue's config is not known":  {id: "QA009", objects: []string{`{apiVersion: v1, kind: Namespace, metadata: {name: team-b}}`}, without: []string{"ConfigMap kueue-system/kueue-manager-config"}, want: []string{"*warning namespace team-b"}},
		"Kueue manages all namespaces": {id: "QA009", objects: []string{`{apiVersion: v1, kind: Namespace, metadata: {name: team-b}}`, `{apiVersion: v1, kind: ConfigMap, metadata: {name: kueue-manager-config, namespace: kueue-system}, data: {controller_manager_config.yaml: "kind: Configuration"}}`}, want: []string{}},
		"the default is not there":     {id: "QA011", objects: []string{`{apiVersion: config.kaiwo.silogen.ai/v1alpha1, kind: KaiwoConfig, metadata: {name: kaiwo}, spec: {defaultClusterQueueName: sience}}`}, want: []string{"error kaiwoconfig kaiwo"}},
		"the default is not there, and one is open": {
			id: "QA011", objects: []string{
				`{apiVersion: config.kaiwo.silogen.ai/v1alpha1, kind: KaiwoConfig, metadata: {name: kaiwo}, spec: {defaultClusterQueueName: sience}}`,
				config("kaiwo", entry("science", "team-a, team-b", byName), "{name: open, spec: {namespaceSelector: {}, "+flavor+"}}"),
			}, want: []string{"*error kaiwoconfig kaiwo"},
		},
		"the webhooks have another default": {
			id: "QA011", objects: []string{`{apiVersion: apps/v1, kind: Deployment, metadata: {name: kaiwo-controller-manager, namespace: kaiwo-system}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: manager, image: kaiwo, env: [{name: DEFAULT_CLUSTER_QUEUE_NAME, value: kaiwo}, {name: DISABLE_WEBHOOKS, value: "false"}]}]}}}}`},
			want: []string{"warning deployment kaiwo-system/kaiwo-controller-manager"},
		},
		"a flavor, and a queue that leads nowhere": {
			id: "QA012", objects: []string{clusterQueue("batch", "namespaceSelector: {}"), "{apiVersion: kueue.x-k8s.io/v1beta1, kind: ResourceFlavor, metadata: {name: spot}}"},
			want: []string{"warning clusterqueue batch", "warning resourceflavor spot"},
		},
		"a job that is over": {
			id: "QA013", objects: []string{"{apiVersion: kaiwo.silogen.ai/v1alpha1, kind: KaiwoJob, metadata: {name: j, namespace: team-a}, spec: {priorityClass: gone}, status: {status: COMPLETE}}"},
			want: []string{},
		},
		"rights where some queue is open": {
			id: "QA102", objects: []string{
				binding("other", "dave", "scientist", "dave"), config("kaiwo", entry("science", "team-a, team-b", byName), "{name: open, spec: {namespaceSelector: {}, "+flavor+"}}"),
			}, want: []string{"info rolebinding other/dave"},
		},
		"rights of somebody's where no queue is": {id: "QA102", objects: []string{binding("other", "dave", "scientist", "dave")}, want: []string{"warning rolebinding other/dave"}},
		"a role for everything":                  {id: "QA105", objects: []string{binding("team-a", "root", "cluster-admin", "root")}, want: []string{}},
		"what lies in the wrong place is none of QA104": {
			id: "QA104", objects: []string{binding("other", "eve", "helper", "eve"), "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: helper}, rules: [{apiGroups: [kueue.x-k8s.io], resources: [localqueues], verbs: [create]}]}"},
			want: []string{},
		},
		"and what lies in the right one is": {
			id: "QA104", objects: []string{binding("team-a", "eve", "helper", "eve"), "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: helper}, rules: [{apiGroups: [kueue.x-k8s.io], resources: [localqueues], verbs: [create]}]}"},
			want: []string{"warning rolebinding team-a/eve"},
		},
		"somebody is in one namespace of two": {id: "QA107", objects: []string{binding("team-a", "sven", "scientist", "sven")}, want: []string{"info namespace team-b"}},
		"a webhook, and it is served": {
			id: "QA201", objects: []string{
				"{apiVersion: admissionregistration.k8s.io/v1, kind: MutatingWebhookConfiguration, metadata: {name: kaiwo}, webhooks: [{name: a.b.c, admissionReviewVersions: [v1], sideEffects: None, clientConfig: {service: {namespace: kaiwo-system, name: w}}}]}",
				`{apiVersion: apps/v1, kind: Deployment, metadata: {name: kaiwo-controller-manager, namespace: kaiwo-system}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: manager, image: kaiwo, env: [{name: DISABLE_WEBHOOKS, value: "false"}]}]}}}}`,
			}, want: []string{"info mutatingwebhookconfiguration kaiwo"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := base(t).plus(t, tt.objects...)
			for _, gone := range tt.without {
				delete(c, gone)
			}
			all := judged(t, c)
			if diff := cmp.Diff(tt.want, foundLines(tt.id, all)); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, told(tt.id, all))
			}
		})
	}
}

// The fixes of all findings go together, and a cluster with everything wrong is clean after as many rounds as "--fix" makes.
func TestJudgeTogether(t *testing.T) {
	t.Parallel()
	c := base(t).plus(t,
		config("kaiwo", entry("science", "team-a, team-b, team-z", ""), entry("vision", "team-a, team-y", "namespaceSelector: {}"), entry("audio", "team-b", "namespaceSelector: {matchLabels: {team: none}}")),
		clusterQueue("science", ""), clusterQueue("vision", "namespaceSelector: {}"), clusterQueue("audio", "namespaceSelector: {matchLabels: {team: none}}"),
		localQueue("team-a", "vision", "science"), localQueue("other", "sneaky", "vision"),
		`{apiVersion: v1, kind: Namespace, metadata: {name: team-b, labels: {pod-security.kubernetes.io/enforce: baseline}}}`,
		`{apiVersion: kueue.x-k8s.io/v1beta1, kind: WorkloadPriorityClass, metadata: {name: urgent}, value: 7}`,
	)
	for round := range 5 {
		var fixes []plan.Plan
		bad := finding.AtOrAbove(judged(t, c), finding.Warning)
		for _, f := range bad {
			if f.Fix == nil {
				t.Errorf("round %d: no fix: %s", round, told(f.ID, []finding.Finding{f}))
				continue
			}
			fixes = append(fixes, *f.Fix)
		}
		if len(fixes) == 0 {
			if round > 2 {
				t.Errorf("it took %d rounds", round)
			}
			return
		}
		p, err := plan.Join("repair", fixes...)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		c = c.apply(t, &p)
	}
	t.Errorf("it is never clean:\n%s", told("", judged(t, c)))
}

// Rules are silent where something was not read; what was not read is never taken for what is not there.
func TestJudgeSilence(t *testing.T) {
	t.Parallel()
	broken := base(t).with(t, "QA002.yaml").with(t, "QA003.yaml").with(t, "QA009.yaml").with(t, "QA101.yaml").with(t, "QA012.yaml")
	ids := func(s *queue.State) map[string]bool {
		out := map[string]bool{}
		for _, f := range queue.JudgeWith(s, queue.JudgeOptions{Operator: true}) {
			out[f.ID] = true
		}
		return out
	}
	all := ids(broken.state(t))
	for _, id := range []string{"QA002", "QA003", "QA009", "QA012", "QA101"} {
		if !all[id] {
			t.Fatalf("%s is not found: %v", id, all)
		}
	}
	for _, rule := range queue.Rules() {
		for _, kind := range rule.Needs {
			s := broken.state(t)
			inv := *s.Inventory
			inv.Gaps = append(inv.Gaps, rbac.Gap{
				What: string(kind) + " in all namespaces", Missing: &rbacv1.PolicyRule{Resources: []string{string(kind)}, Verbs: []string{"list"}},
			})
			refused := ids(queue.NewState(withhold(&inv, kind), s.Rights, s.Now))
			for id := range refused {
				if !all[id] {
					t.Errorf("without %s there is %s, which nobody would find who sees it", kind, id)
				}
			}
		}
	}
	s := broken.state(t)
	for id := range ids(queue.NewState(s.Inventory, nil, s.Now)) {
		if strings.HasPrefix(id, "QA1") || strings.HasPrefix(id, "QA3") {
			t.Errorf("%s is judged without roles and bindings", id)
		}
	}
}

// withhold takes the objects of a kind out of an inventory.
func withhold(inv *inventory.Inventory, kind inventory.Kind) *inventory.Inventory {
	custom := map[inventory.Kind][]*unstructured.Unstructured{}
	for k, list := range inv.Custom {
		if k != kind {
			custom[k] = list
		}
	}
	inv.Custom = custom
	switch kind { //nolint:exhaustive // the others are among the custom ones
	case inventory.Namespaces:
		inv.Namespaces = nil
	case inventory.RoleBindings:
		inv.RoleBindings = nil
	}
	return inv
}

// Who is named is judged alone, for what he is to do and where.
func TestJudgeExpected(t *testing.T) {
	t.Parallel()
	ml, bob := rbac.Group("ml-team"), rbac.User("bob@x.com")
	broken := base(t).with(t, "QA103.yaml").with(t, "QA105.yaml").with(t, "QA104.yaml")
	tests := map[string]struct {
		options queue.JudgeOptions
		want    []string
	}{
		"who may":              {queue.JudgeOptions{Expected: []queue.Expected{{Subject: ml}}}, nil},
		"who may not":          {queue.JudgeOptions{Expected: []queue.Expected{{Subject: bob}}}, []string{"QA101 namespace team-a", "QA101 namespace team-b"}},
		"who may not, there":   {queue.JudgeOptions{Expected: []queue.Expected{{Subject: bob, Namespace: "team-b"}}}, []string{"QA101 namespace team-b"}},
		"what he can":          {queue.JudgeOptions{Expected: []queue.Expected{{Subject: rbac.User("alice@x.com"), Namespace: "team-a"}}, Abilities: []kaiwo.Ability{kaiwo.Logs}}, []string{"QA105 role team-a/kaiwo-scientist-role"}},
		"where no queue is":    {queue.JudgeOptions{Expected: []queue.Expected{{Subject: ml, Namespace: "other"}}}, []string{"QA102 namespace other"}},
		"his own powers count": {queue.JudgeOptions{Expected: []queue.Expected{{Subject: rbac.User("eve@x.com"), Namespace: "team-z"}}}, []string{"QA102 namespace team-z", "QA104 clusterrolebinding helpers"}},
		"another queue":        {queue.JudgeOptions{Queues: []string{"vision"}, Expected: []queue.Expected{{Subject: bob}}}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range finding.AtOrAbove(queue.JudgeWith(broken.state(t), tt.options), finding.Warning) {
				got = append(got, f.ID+" "+f.Object)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
