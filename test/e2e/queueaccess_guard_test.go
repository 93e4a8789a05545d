package e2e

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// guardWorld is two namespaces, a queue for the first, one for all, and the people of the tests.
const guardWorld = `
apiVersion: v1
kind: Namespace
metadata: {name: team-a, labels: {kueue-managed: "true", team: a}}
---
apiVersion: v1
kind: Namespace
metadata: {name: team-b, labels: {kueue-managed: "true"}}
---
apiVersion: v1
kind: Namespace
metadata: {name: kaiwo-system}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: team-a}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: default, namespace: team-b}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: kaiwo-controller-manager, namespace: kaiwo-system}
---
apiVersion: kaiwo.silogen.ai/v1alpha1
kind: KaiwoQueueConfig
metadata: {name: kaiwo}
spec:
  clusterQueues:
  - name: gpus
    namespaces: [team-a]
    spec: {namespaceSelector: {matchLabels: {team: a}}}
  - name: kaiwo
    spec: {namespaceSelector: {}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: scientist}
rules:
- {apiGroups: [kaiwo.silogen.ai], resources: [kaiwojobs, kaiwoservices], verbs: ["*"]}
- {apiGroups: [kueue.x-k8s.io], resources: [localqueues, workloads], verbs: ["*"]}
- {apiGroups: ["", batch, apps], resources: [pods, jobs, deployments, statefulsets, configmaps], verbs: ["*"]}
- {apiGroups: [""], resources: [namespaces], verbs: [get, list, create, update, patch]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: scientists}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: scientist}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: alice@acme.example}
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: "oidc:carol@acme.example"}
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: pipeline}
- {kind: ServiceAccount, name: kaiwo-controller-manager, namespace: kaiwo-system}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: speaks-for-alice}
rules:
- {apiGroups: [""], resources: [users], resourceNames: [alice@acme.example], verbs: [impersonate]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: speaks-for-alice}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: speaks-for-alice}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: pipeline}
`

// guarded is a control plane of its own with Kaiwo's and Kueue's kinds: a guard is felt by all that write.
type guarded struct {
	cp    *controlplane.ControlPlane
	admin home
	homes map[string]home
	// last is what the API server said last about an attempt.
	last string
}

func newGuarded(t *testing.T, world string) *guarded {
	t.Helper()
	cp := controlplane.ForTest(t, controlplane.Options{WithoutControllers: true})
	crds := filepath.Join(shared.acme(), "crds")
	if err := cp.Apply(t.Context(), filepath.Join(crds, "kaiwo.yaml"), filepath.Join(crds, "kueue.yaml")); err != nil {
		t.Fatal(err)
	}
	g := &guarded{cp: cp, homes: map[string]home{"": {dir: t.TempDir(), kubeconfig: cp.Admin()}}}
	g.admin = g.homes[""]
	for _, user := range []string{guardAlice, guardCarol, guardOperator, "pipeline"} {
		g.homes[user] = homeOf(t, cp, user)
	}
	put(t, g.admin, world)
	return g
}

// put applies manifests as a user.
func put(t *testing.T, h home, manifests string) {
	t.Helper()
	h.run(t, strings.NewReader(manifests), shared.kubectl(), "apply", "-f", "-").want(t, 0)
}

// queueAsk runs kubectl queueaccess as a user.
func queueAsk(t *testing.T, h home, args ...string) outcome {
	t.Helper()
	return h.run(t, nil, shared.kubectl(), append([]string{"queueaccess"}, args...)...)
}

// until asks again until a request ends as wanted: the API server takes a moment to learn of policies and of what they read.
func (g *guarded) until(t *testing.T, what string, ends func() bool) {
	t.Helper()
	for range 100 {
		if ends() {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("the API server does not come to this: %s; at last it said:\n%s", what, g.last)
}

// create has the API server judge a manifest without storing it.
func (g *guarded) create(t *testing.T, user, manifest string) outcome {
	t.Helper()
	out := g.homes[user].run(t, strings.NewReader(manifest), shared.kubectl(), "create", "--dry-run=server", "-f", "-")
	g.last = out.stderr
	return out
}

const (
	guardAlice    = "alice@acme.example"
	guardCarol    = "oidc:carol@acme.example"
	guardOperator = "system:serviceaccount:kaiwo-system:kaiwo-controller-manager"
)

func kaiwoJob(kind, namespace, user, queue string) string {
	return fmt.Sprintf("{apiVersion: kaiwo.silogen.ai/v1alpha1, kind: %s, metadata: {name: x, namespace: %s}, spec: {user: %q, clusterQueue: %q}}",
		kind, namespace, user, queue)
}

func labelled(version, kind, namespace, queue, spec string) string {
	return fmt.Sprintf(`{apiVersion: %s, kind: %s, metadata: {name: x, namespace: %s, labels: {kueue.x-k8s.io/queue-name: %s}}, spec: %s}`,
		version, kind, namespace, queue, spec)
}

// TestQueueaccessGuard puts a guard up, and tries all that it forbids and all that it leaves alone on the real API server.
func TestQueueaccessGuard(t *testing.T) {
	g := newGuarded(t, guardWorld)
	pod := "{containers: [{name: x, image: x}]}"
	template := "{metadata: {labels: {a: x}}, spec: {restartPolicy: Never, containers: [{name: x, image: x}]}}"
	apps := "{selector: {matchLabels: {a: x}}, template: {metadata: {labels: {a: x}}, spec: " + pod + "}}"
	wrong := "queue gpus is not for namespace team-b: kaiwoqueueconfig kaiwo says for which it is"

	lie := kaiwoJob("KaiwoJob", "team-a", "bob@acme.example", "gpus")
	g.create(t, guardAlice, lie).want(t, 0) // before the guard all of it is let through
	queueAsk(t, g.admin, "guard").says(t, 1, "nothing was changed: there is no terminal to ask on")
	g.create(t, guardAlice, lie).want(t, 0) // nothing is written without a yes
	queueAsk(t, g.admin, "guard", "--labels", "--yes").prints(t, "validatingadmissionpolicy.admissionregistration.k8s.io/gatehouse-queue-user created")
	g.until(t, "the guard", func() bool {
		return g.create(t, guardAlice, lie).code != 0 && g.create(t, guardAlice, kaiwoJob("KaiwoJob", "team-b", guardAlice, "gpus")).code != 0 &&
			g.create(t, guardAlice, labelled("batch/v1", "Job", "team-b", "gpus", "{template: "+template+"}")).code != 0 &&
			g.create(t, guardAlice, "{apiVersion: kueue.x-k8s.io/v1beta1, kind: LocalQueue, metadata: {name: x, namespace: team-b}, spec: {clusterQueue: gpus}}").code != 0 &&
			g.create(t, guardAlice, "{apiVersion: v1, kind: Namespace, metadata: {name: x, labels: {team: a}}}").code != 0
	})
	for name, tt := range map[string]struct {
		user, manifest, denied string
	}{
		"own job":                      {guardAlice, kaiwoJob("KaiwoJob", "team-a", guardAlice, "gpus"), ""},
		"own service":                  {guardAlice, kaiwoJob("KaiwoService", "team-a", guardAlice, "gpus"), ""},
		"for somebody else":            {guardAlice, lie, `spec.user must be alice@acme.example, who creates it: it is "bob@acme.example"`},
		"service for somebody else":    {guardAlice, kaiwoJob("KaiwoService", "team-a", "bob", "gpus"), `spec.user must be alice@acme.example, who creates it: it is "bob"`},
		"for nobody":                   {guardAlice, kaiwoJob("KaiwoJob", "team-a", "", "gpus"), `spec.user must be alice@acme.example, who creates it: it is ""`},
		"for nobody, no spec":          {guardAlice, "{apiVersion: kaiwo.silogen.ai/v1alpha1, kind: KaiwoJob, metadata: {name: x, namespace: team-a}}", "spec.user must be"},
		"by who may impersonate":       {"pipeline", kaiwoJob("KaiwoJob", "team-a", guardAlice, "gpus"), ""},
		"impersonates another":         {"pipeline", lie, "spec.user must be pipeline"},
		"by the operator":              {guardOperator, lie, ""},
		"by a superuser":               {"", lie, ""},
		"prefix is not taken":          {guardCarol, kaiwoJob("KaiwoJob", "team-a", "carol@acme.example", "gpus"), "spec.user must be oidc:carol@acme.example"},
		"queue of others":              {guardAlice, kaiwoJob("KaiwoJob", "team-b", guardAlice, "gpus"), wrong},
		"queue of others, service":     {guardAlice, kaiwoJob("KaiwoService", "team-b", guardAlice, "gpus"), wrong},
		"queue of others, superuser":   {"", kaiwoJob("KaiwoJob", "team-b", guardAlice, "gpus"), wrong},
		"queue of others, operator":    {guardOperator, kaiwoJob("KaiwoJob", "team-b", guardAlice, "gpus"), wrong},
		"open queue":                   {guardAlice, kaiwoJob("KaiwoJob", "team-b", guardAlice, "kaiwo"), ""},
		"default queue":                {guardAlice, kaiwoJob("KaiwoJob", "team-b", guardAlice, ""), ""},
		"unknown queue":                {guardAlice, kaiwoJob("KaiwoJob", "team-b", guardAlice, "none"), ""},
		"job":                          {guardAlice, labelled("batch/v1", "Job", "team-a", "gpus", "{template: "+template+"}"), ""},
		"job elsewhere":                {guardAlice, labelled("batch/v1", "Job", "team-b", "gpus", "{template: "+template+"}"), wrong},
		"job in the open queue":        {guardAlice, labelled("batch/v1", "Job", "team-b", "kaiwo", "{template: "+template+"}"), ""},
		"pod":                          {guardAlice, labelled("v1", "Pod", "team-a", "gpus", pod), ""},
		"pod elsewhere":                {guardAlice, labelled("v1", "Pod", "team-b", "gpus", pod), wrong},
		"deployment elsewhere":         {guardAlice, labelled("apps/v1", "Deployment", "team-b", "gpus", apps), wrong},
		"statefulset elsewhere":        {guardAlice, labelled("apps/v1", "StatefulSet", "team-b", "gpus", apps), wrong},
		"deployment":                   {guardAlice, labelled("apps/v1", "Deployment", "team-a", "gpus", apps), ""},
		"without label":                {guardAlice, "{apiVersion: v1, kind: Pod, metadata: {name: x, namespace: team-b}, spec: " + pod + "}", ""},
		"local queue":                  {guardAlice, "{apiVersion: kueue.x-k8s.io/v1beta1, kind: LocalQueue, metadata: {name: mine, namespace: team-a}, spec: {clusterQueue: gpus}}", ""},
		"local queue of another name":  {guardAlice, "{apiVersion: kueue.x-k8s.io/v1beta1, kind: LocalQueue, metadata: {name: mine, namespace: team-b}, spec: {clusterQueue: gpus}}", wrong},
		"local queue by the operator":  {guardOperator, "{apiVersion: kueue.x-k8s.io/v1beta1, kind: LocalQueue, metadata: {name: gpus, namespace: team-b}, spec: {clusterQueue: gpus}}", wrong},
		"local queue of the open one":  {guardOperator, "{apiVersion: kueue.x-k8s.io/v1beta1, kind: LocalQueue, metadata: {name: kaiwo, namespace: team-b}, spec: {clusterQueue: kaiwo}}", ""},
		"workload without a job":       {guardAlice, "{apiVersion: kueue.x-k8s.io/v1beta1, kind: Workload, metadata: {name: x, namespace: team-b}, spec: {queueName: gpus, podSets: [{name: main, count: 1, template: {spec: " + pod + "}}]}}", wrong},
		"namespace":                    {guardAlice, "{apiVersion: v1, kind: Namespace, metadata: {name: x, labels: {tier: test}}}", ""},
		"namespace with its label":     {guardAlice, "{apiVersion: v1, kind: Namespace, metadata: {name: x, labels: {team: a}}}", "who may not change the queue configuration may not change the labels of namespaces"},
		"namespace that is managed":    {guardAlice, `{apiVersion: v1, kind: Namespace, metadata: {name: x, labels: {kueue-managed: "true"}}}`, "may not change the labels by which Kueue knows its namespaces: kueue-managed"},
		"namespace of a superuser":     {"", "{apiVersion: v1, kind: Namespace, metadata: {name: x, labels: {team: a}}}", ""},
		"config map without the label": {guardAlice, "{apiVersion: v1, kind: ConfigMap, metadata: {name: x, namespace: team-b}}", ""},
	} {
		t.Run(name, func(t *testing.T) {
			out := g.create(t, tt.user, tt.manifest)
			if tt.denied == "" {
				out.want(t, 0)
				return
			}
			out.want(t, 1)
			out.hears(t, tt.denied)
		})
	}
	t.Run("updates", g.updates)
	t.Run("configuration", g.configuration)
	t.Run("again", g.again)
}

// updates changes what is there.
func (g *guarded) updates(t *testing.T) {
	bound := g.homes[guardAlice]
	put(t, bound, kaiwoJob("KaiwoJob", "team-a", guardAlice, "gpus"))
	put(t, bound, kaiwoJob("KaiwoJob", "team-b", guardAlice, "kaiwo"))
	patch := func(user, namespace, patch string) outcome {
		return g.homes[user].kubectl(t, "patch", "kaiwojob", "x", "-n", namespace, "--type=merge", "-p", patch)
	}
	patch(guardAlice, "team-a", `{"spec": {"image": "y"}}`).want(t, 0)
	out := patch(guardAlice, "team-a", `{"spec": {"user": "bob@acme.example"}}`)
	out.want(t, 1)
	out.hears(t, `spec.user may not be changed: it is "alice@acme.example"`)
	patch("pipeline", "team-a", `{"spec": {"image": "z"}}`).want(t, 0) // others may change the rest
	patch(guardOperator, "team-a", `{"spec": {"user": "bob@acme.example"}}`).want(t, 0)
	out = patch(guardAlice, "team-b", `{"spec": {"clusterQueue": "gpus"}}`)
	out.want(t, 1)
	out.hears(t, "queue gpus is not for namespace team-b")

	g.admin.kubectl(t, "run", "free", "-n", "team-b", "--image=x").want(t, 0)
	out = bound.kubectl(t, "label", "pod", "free", "-n", "team-b", "kueue.x-k8s.io/queue-name=gpus")
	out.want(t, 1)
	out.hears(t, "queue gpus is not for namespace team-b")
	bound.kubectl(t, "label", "pod", "free", "-n", "team-b", "kueue.x-k8s.io/queue-name=kaiwo").want(t, 0)
	bound.kubectl(t, "label", "pod", "free", "-n", "team-b", "kueue.x-k8s.io/queue-name-").want(t, 0)

	out = bound.kubectl(t, "label", "namespace", "team-b", "team=a")
	out.want(t, 1)
	out.hears(t, "may not change the labels of namespaces that the selectors of queues look at")
	out = bound.kubectl(t, "label", "namespace", "team-b", "kueue-managed-")
	out.want(t, 1)
	out.hears(t, "kueue-managed")
	bound.kubectl(t, "label", "namespace", "team-b", "colour=red").want(t, 0)
	g.admin.kubectl(t, "label", "namespace", "team-b", "tier=test").want(t, 0)
}

// configuration changes the KaiwoQueueConfig: the policies read it, so that nothing else has to be done.
func (g *guarded) configuration(t *testing.T) {
	job := kaiwoJob("KaiwoJob", "team-b", guardAlice, "gpus")
	set := func(namespaces string) {
		t.Helper()
		g.admin.kubectl(t, "patch", "kaiwoqueueconfig", "kaiwo", "--type=json", "-p",
			`[{"op": "replace", "path": "/spec/clusterQueues/0/namespaces", "value": `+namespaces+`}]`).want(t, 0)
	}
	set(`["team-a", "team-b"]`)
	g.until(t, "team-b may use the queue", func() bool {
		return g.create(t, guardAlice, strings.Replace(job, "name: x", "name: second", 1)).code == 0
	})
	put(t, g.homes[guardAlice], strings.Replace(job, "name: x", "name: second", 1))
	set(`["team-a"]`)
	g.until(t, "team-b may not any more", func() bool {
		return g.create(t, guardAlice, strings.Replace(job, "name: x", "name: third", 1)).code != 0
	})
	// What was made meanwhile can be changed otherwise, and goes.
	out := g.homes[guardAlice]
	out.kubectl(t, "patch", "kaiwojob", "second", "-n", "team-b", "--type=merge", "-p", `{"metadata": {"finalizers": ["kaiwo.silogen.ai/finalizer"]}}`).want(t, 0)
	g.admin.kubectl(t, "delete", "kaiwoqueueconfig", "kaiwo").want(t, 0)
	g.until(t, "nothing is made without a configuration", func() bool {
		return g.create(t, guardAlice, kaiwoJob("KaiwoJob", "team-a", guardAlice, "gpus")).code != 0
	})
	out.kubectl(t, "patch", "kaiwojob", "second", "-n", "team-b", "--type=merge", "-p", `{"metadata": {"finalizers": null}}`).want(t, 0)
	out.kubectl(t, "delete", "kaiwojob", "second", "-n", "team-b").want(t, 0)
	out.kubectl(t, "create", "namespace", "free").want(t, 0)
	out.kubectl(t, "create", "configmap", "free", "-n", "team-b").want(t, 0)
	put(t, g.admin, guardWorld)
	g.until(t, "the configuration is back", func() bool {
		return g.create(t, guardAlice, strings.Replace(kaiwoJob("KaiwoJob", "team-a", guardAlice, "gpus"), "name: x", "name: third", 1)).code == 0
	})
}

// again runs the command on the guard that is there, in other modes, and takes it away.
func (g *guarded) again(t *testing.T) {
	out := queueAsk(t, g.admin, "guard", "--labels", "--yes")
	out.want(t, 0)
	out.hears(t, "the guard is in place (deny): nothing to do")

	job := strings.Replace(kaiwoJob("KaiwoJob", "team-b", "bob", "gpus"), "name: x", "name: fourth", 1)
	queueAsk(t, g.admin, "guard", "--warn", "--yes").prints(t, "gatehouse-queue-user configured", "gatehouse-queue-namespaces deleted")
	g.until(t, "warnings", func() bool { return g.create(t, guardAlice, job).code == 0 })
	g.create(t, guardAlice, job).hears(t, "Warning: Validation failed for ValidatingAdmissionPolicy 'gatehouse-queue-user'",
		"queue gpus is not for namespace team-b")
	out = queueAsk(t, g.admin, "guard", "--yes")
	out.want(t, 0)
	out.hears(t, "the guard is in place (warn): nothing to do")
	queueAsk(t, g.admin, "guard", "--audit", "--yes").want(t, 0)
	g.until(t, "silence", func() bool { return g.create(t, guardAlice, job).stderr == "" })

	// One queue alone, and users whose prefix spec.user does not have.
	queueAsk(t, g.admin, "guard", "--deny", "--queue", "kaiwo", "--user-prefix", "oidc:", "--yes").want(t, 0)
	g.until(t, "another guard", func() bool { return g.create(t, guardAlice, job).code != 0 })
	g.create(t, guardCarol, strings.Replace(kaiwoJob("KaiwoJob", "team-b", "carol@acme.example", "gpus"), "name: x", "name: fifth", 1)).want(t, 0)
	g.create(t, guardCarol, strings.Replace(kaiwoJob("KaiwoJob", "team-b", guardAlice, "gpus"), "name: x", "name: fifth", 1)).want(t, 1)
	queueAsk(t, g.admin, "guard", "--queue", "gpu", "--yes").says(t, 1, "kaiwoqueueconfig kaiwo does not have it")

	// What is not ours stays.
	g.admin.kubectl(t, "label", "validatingadmissionpolicy", "gatehouse-queue-kaiwo", "gatehouse.dev/queue-guard-").want(t, 0)
	out = queueAsk(t, g.admin, "guard", "--deny", "--yes")
	out.want(t, 1)
	out.hears(t, "validatingadmissionpolicy gatehouse-queue-kaiwo is there, and not ours")
	out = queueAsk(t, g.admin, "guard", "--remove", "--yes")
	out.prints(t, "gatehouse-queue-user deleted")
	out.hears(t, "validatingadmissionpolicy gatehouse-queue-kaiwo is not ours: it stays")
	g.until(t, "no guard", func() bool { return g.create(t, guardAlice, job).code == 0 })
	out = g.admin.kubectl(t, "get", "validatingadmissionpolicies,validatingadmissionpolicybindings", "-o", "name")
	if want := "validatingadmissionpolicy.admissionregistration.k8s.io/gatehouse-queue-kaiwo\n"; out.stdout != want {
		t.Errorf("left are %q, want %q", out.stdout, want)
	}
}

// TestQueueaccessGuardMany guards a thousand queues of forty namespaces each: the API server takes the policies, and decides
// within its budget for expressions and in a time that nobody notices.
func TestQueueaccessGuardMany(t *testing.T) {
	var world strings.Builder
	world.WriteString(guardWorld + "---\napiVersion: kaiwo.silogen.ai/v1alpha1\nkind: KaiwoQueueConfig\nmetadata: {name: kaiwo}\nspec:\n  clusterQueues:\n")
	for q := range 1000 {
		var names []string
		for n := range 40 {
			names = append(names, fmt.Sprintf("n-%d-%d", q, n))
		}
		if q >= 998 {
			names = append(names, "team-a")
		}
		fmt.Fprintf(&world, "  - {name: queue-%d, namespaces: [%s], spec: {namespaceSelector: {matchLabels: {team: t%d}}}}\n", q, strings.Join(names, ", "), q)
	}
	g := newGuarded(t, guardWorld)
	g.admin.run(t, strings.NewReader(world.String()), shared.kubectl(), "apply", "--server-side", "--force-conflicts", "-f", "-").want(t, 0)
	queueAsk(t, g.admin, "guard", "--labels", "--yes").want(t, 0)
	last := kaiwoJob("KaiwoJob", "team-b", guardAlice, "queue-999")
	g.until(t, "the guard", func() bool { return g.create(t, guardAlice, last).code != 0 })
	out := g.create(t, guardAlice, last)
	out.hears(t, "queue queue-999 is not for namespace team-b")
	begin := time.Now()
	g.create(t, guardAlice, kaiwoJob("KaiwoJob", "team-a", guardAlice, "queue-999")).want(t, 0)
	g.create(t, guardAlice, kaiwoJob("KaiwoJob", "team-b", guardAlice, "none")).want(t, 0)
	g.create(t, guardAlice, "{apiVersion: v1, kind: Namespace, metadata: {name: x, labels: {tier: test}}}").want(t, 0)
	out = g.create(t, guardAlice, "{apiVersion: v1, kind: Namespace, metadata: {name: x, labels: {team: t999}}}")
	out.want(t, 1)
	out.hears(t, "may not change the labels of namespaces that the selectors of queues look at")
	out = g.create(t, guardAlice, "{apiVersion: kueue.x-k8s.io/v1beta1, kind: LocalQueue, metadata: {name: x, namespace: team-b}, spec: {clusterQueue: queue-998}}")
	out.hears(t, "queue queue-998 is not for namespace team-b")
	t.Logf("five requests took %v, kubectl and all", time.Since(begin).Round(time.Millisecond))
}
