package e2e

import (
	"encoding/json"
	"strings"
	"testing"
)

// whyWorld is a queue with all that it needs but a LocalQueue and the label of its namespace, and work that waits.
const whyWorld = `
apiVersion: v1
kind: Namespace
metadata: {name: team-a}
---
apiVersion: v1
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
---
apiVersion: kaiwo.silogen.ai/v1alpha1
kind: KaiwoQueueConfig
metadata: {name: kaiwo}
spec:
  clusterQueues:
  - name: gpus
    namespaces: [team-a]
    spec: {namespaceSelector: {}}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: ClusterQueue
metadata: {name: gpus}
spec:
  namespaceSelector: {}
  resourceGroups:
  - coveredResources: [amd.com/gpu]
    flavors: [{name: mi300x, resources: [{name: amd.com/gpu, nominalQuota: "8"}]}]
---
apiVersion: kaiwo.silogen.ai/v1alpha1
kind: KaiwoJob
metadata: {name: train, namespace: team-a}
spec: {user: alice@acme.example, clusterQueue: gpus, gpus: 4}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: scientist, namespace: team-a}
rules:
- {apiGroups: [kaiwo.silogen.ai], resources: [kaiwojobs], verbs: [get, list, create]}
- {apiGroups: [kueue.x-k8s.io], resources: [localqueues, workloads], verbs: [get, list]}
- {apiGroups: ["", batch], resources: [pods, jobs], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: scientist, namespace: team-a}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: scientist}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: alice@acme.example}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: looker, namespace: team-a}
rules:
- {apiGroups: [kaiwo.silogen.ai], resources: [kaiwojobs], verbs: [get, list]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: looker, namespace: team-a}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: looker}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: pipeline}]
`

// whyAnswer is what the test reads of the JSON form.
type whyAnswer struct {
	Reason   string   `json:"reason"`
	Message  string   `json:"message"`
	Next     []string `json:"next"`
	InTheWay bool     `json:"inTheWay"`
	Complete bool     `json:"complete"`
	Steps    []struct {
		Stage    string         `json:"stage"`
		Standing string         `json:"standing"`
		Missing  map[string]any `json:"missing"`
	} `json:"steps"`
}

func (a *whyAnswer) standing(stage string) string {
	for _, step := range a.Steps {
		if step.Stage == stage {
			return step.Standing
		}
	}
	return ""
}

// why asks as a user, and fails the test unless the first reason is the wanted one; empty for none.
func (g *guarded) why(t *testing.T, user, want string, args ...string) whyAnswer {
	t.Helper()
	out := queueAsk(t, g.homes[user], append([]string{"why", "kaiwojob/train", "-n", "team-a", "-o", "json"}, args...)...)
	code := 0
	if want != "" {
		code = 1
	}
	out.want(t, code)
	var a whyAnswer
	if err := json.Unmarshal([]byte(out.stdout), &a); err != nil {
		t.Fatal(err)
	}
	if a.Reason != want || a.InTheWay != (want != "") {
		t.Fatalf("reason %q, want %q:\n%s", a.Reason, want, out.stdout)
	}
	return a
}

// status says what Kaiwo or Kueue would say of an object.
func (g *guarded) status(t *testing.T, kind, name, status string) {
	t.Helper()
	g.admin.kubectl(t, "patch", kind, name, "-n", "team-a", "--subresource=status", "--type=merge", "-p", `{"status": `+status+`}`).want(t, 0)
}

// TestQueueaccessWhy takes away, one after the other, what keeps a job from running, with the commands that the answers show,
// and asks as people with fewer and fewer rights.
func TestQueueaccessWhy(t *testing.T) {
	g := newGuarded(t, whyWorld)
	g.why(t, "", "OperatorNotRunning") // there is none
	g.status(t, "kaiwojob", "train", `{"status": "PENDING", "conditions": [{"type": "Schedulable", "status": "True", "reason": "Schedulable",
		"message": "Cluster has sufficient GPU resources", "lastTransitionTime": "2026-11-22T12:00:00Z"}]}`)
	a := g.why(t, "", "NoLocalQueue")
	if !strings.Contains(a.Message, "wrongly") || a.standing("managed") != "no" {
		t.Errorf("the message does not tell that Kaiwo's is misleading, or the namespace is taken to be managed: %+v", a)
	}
	// The scientist may read LocalQueues, and knows it too; the label he may not see.
	a = g.why(t, guardAlice, "NoLocalQueue")
	put(t, g.admin, "{apiVersion: kueue.x-k8s.io/v1beta1, kind: LocalQueue, metadata: {name: gpus, namespace: team-a}, spec: {clusterQueue: gpus}}")

	a = g.why(t, "", "NamespaceNotManaged")
	if len(a.Next) != 1 || a.Next[0] != "kubectl label namespace team-a kueue-managed=true" {
		t.Fatalf("next is %q", a.Next)
	}
	g.admin.kubectl(t, strings.Fields(a.Next[0])[1:]...).want(t, 0)
	a = g.why(t, "", "")
	if a.Complete {
		t.Error("Kueue has made no Workload, and all is said to be known")
	}
	put(t, g.admin, `
apiVersion: batch/v1
kind: Job
metadata: {name: train, namespace: team-a, labels: {kueue.x-k8s.io/queue-name: gpus}}
spec: {suspend: true, template: {spec: {restartPolicy: Never, containers: [{name: x, image: x, resources: {limits: {amd.com/gpu: "4"}}}]}}}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: Workload
metadata: {name: job-train, namespace: team-a, ownerReferences: [{apiVersion: batch/v1, kind: Job, name: train, uid: 0-0}]}
spec: {queueName: gpus, podSets: [{name: main, count: 1, template: {spec: {containers: [{name: x, image: x, resources: {requests: {amd.com/gpu: "4"}}}]}}}]}
`)
	pending := `{"conditions": [{"type": "QuotaReserved", "status": "False", "reason": "Pending", "lastTransitionTime": "2026-11-22T12:00:00Z",
		"message": "couldn't assign flavors to pod set main: insufficient unused quota for amd.com/gpu in flavor mi300x, 2 more needed"}]}`
	g.status(t, "workload", "job-train", pending)
	g.why(t, "", "WaitsForQuota")
	g.limited(t)
	g.status(t, "workload", "job-train", strings.NewReplacer("False", "True", "Pending", "QuotaReserved").Replace(pending))
	g.status(t, "kaiwojob", "train", `{"status": "RUNNING"}`)
	a = g.why(t, "", "")
	if !a.Complete {
		t.Errorf("something is unknown of work that runs: %+v", a)
	}
	g.why(t, guardAlice, "")
}

// limited asks as people who may not read everything: what they may not read is unknown, with the rule, and the reason stays.
func (g *guarded) limited(t *testing.T) {
	t.Helper()
	a := g.why(t, guardAlice, "WaitsForQuota")
	for stage, want := range map[string]string{"rights": "ok", "queue": "ok", "namespace": "ok", "local queue": "ok", "managed": "ok"} {
		if got := a.standing(stage); got != want {
			t.Errorf("scientist: stage %q is %q, want %q", stage, got, want)
		}
	}
	for _, step := range a.Steps {
		if step.Standing == "unknown" && step.Missing == nil {
			t.Errorf("scientist: stage %q is unknown, and nothing says what is missing", step.Stage)
		}
	}
	if a = g.why(t, guardAlice, "WaitsForQuota", "--as-user", "me"); a.standing("rights") != "ok" {
		t.Errorf("own rights are %q", a.standing("rights"))
	}
	// Who may read the job alone knows nothing of Workloads.
	a = g.why(t, "pipeline", "")
	if a.Complete || a.standing("quota") != "unknown" || a.standing("local queue") != "unknown" || a.standing("queue") != "ok" {
		t.Errorf("looker: %+v", a)
	}
	queueAsk(t, g.homes["pipeline"], "why", "kaiwojob/train", "-n", "team-a", "--strict").want(t, 2)
	// He could not submit it, either.
	out := queueAsk(t, g.homes["pipeline"], "why", "kaiwojob/other", "-n", "team-a", "--as-user", "me")
	out.want(t, 1)
	for _, text := range []string{"there is no kaiwojob other in team-a", "user:pipeline may not create kaiwojobs.kaiwo.silogen.ai in team-a"} {
		if !strings.Contains(out.stdout, text) {
			t.Errorf("stdout lacks %q:\n%s", text, out.stdout)
		}
	}
	// Who may not read the job is told so.
	out = queueAsk(t, g.homes[guardCarol], "why", "kaiwojob/train", "-n", "team-a")
	out.says(t, 2, "read kaiwojobs train in team-a", "missing is {apiGroups: [kaiwo.silogen.ai], resources: [kaiwojobs]")
}
