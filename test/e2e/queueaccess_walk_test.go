package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// queueWalk is the walk of Kaiwo's documentation: a queue for three namespaces, whose users need the right rights there.
type queueWalk struct {
	cp     *controlplane.ControlPlane
	admin  home
	client kubernetes.Interface
	// queue is its name, with which those of its namespaces begin.
	queue, manifests string
}

const (
	walkUser  = "sara@walk.example"
	walkOwner = "otto@walk.example"
)

// places are the namespaces of the queue.
func (w *queueWalk) places() []string {
	return []string{w.queue + "-a", w.queue + "-b", w.queue + "-c"}
}

// newQueueWalk makes the queue of that name, and its namespaces. The test has to call end: there can be one configuration of
// queues only, and other tests have theirs.
func newQueueWalk(t *testing.T, queue string) *queueWalk {
	t.Helper()
	w := &queueWalk{cp: scratch(t), admin: scratchHome(t, ""), queue: queue}
	client, err := kubernetes.NewForConfig(w.cp.AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	w.client = client
	for _, place := range w.places() {
		w.admin.kubectl(t, "create", "namespace", place).want(t, 0)
		w.admin.kubectl(t, "label", "namespace", place, "kueue-managed=true").want(t, 0)
	}
	text, err := os.ReadFile(filepath.Join("testdata", "queueaccess", "walk.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	w.manifests = strings.ReplaceAll(string(text), "walk-", queue+"-")
	w.manifests = strings.ReplaceAll(w.manifests, "name: walk,", "name: "+queue+",")
	w.manifests = strings.ReplaceAll(w.manifests, "name: walk}", "name: "+queue+"}")
	w.manifests = strings.ReplaceAll(w.manifests, "name: walk\n", "name: "+queue+"\n")
	w.manifests = strings.ReplaceAll(w.manifests, "clusterQueue: walk}", "clusterQueue: "+queue+"}")
	w.admin.run(t, strings.NewReader(w.manifests), shared.kubectl(), "apply", "-f", "-").want(t, 0)
	return w
}

// end takes away what other tests would stumble over.
func (w *queueWalk) end(t *testing.T) {
	t.Helper()
	w.admin.run(t, strings.NewReader(w.manifests), shared.kubectl(), "delete", "--ignore-not-found", "-f", "-").want(t, 0)
	w.admin.kubectl(t, append([]string{"delete", "namespace", "--wait=false"}, w.places()...)...).want(t, 0)
}

// may asks the API server whether a user may do something in a namespace.
func (w *queueWalk) may(t *testing.T, user, verb, group, resource, namespace string) bool {
	t.Helper()
	resource, subresource, _ := strings.Cut(resource, "/")
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user, Groups: []string{"system:authenticated"},
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: verb, Group: group, Resource: resource, Subresource: subresource, Namespace: namespace,
		},
	}}
	got, err := w.client.AuthorizationV1().SubjectAccessReviews().Create(t.Context(), review, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return got.Status.Allowed
}

// agrees fails the test unless a user may do in a namespace all that rules say. What was just written reaches the server's
// authorizer a moment later.
func (w *queueWalk) agrees(t *testing.T, user, namespace string, rules []rbacv1.PolicyRule, want bool) int {
	t.Helper()
	asked := 0
	for _, rule := range rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					asked++
					got := !want
					for deadline := time.Now().Add(5 * time.Second); got != want && time.Now().Before(deadline); {
						if got = w.may(t, user, verb, group, resource, namespace); got != want {
							time.Sleep(50 * time.Millisecond)
						}
					}
					if got != want {
						t.Errorf("%s may %s %s/%s in %s: %v, want %v", user, verb, group, resource, namespace, got, want)
					}
				}
			}
		}
	}
	return asked
}

// objects are the names of the roles and role bindings of the walk's namespaces.
func (w *queueWalk) objects(t *testing.T) string {
	t.Helper()
	var all []string
	for _, place := range w.places() {
		out := w.admin.kubectl(t, "get", "roles,rolebindings", "-n", place, "-o", "jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name} {.rules} {.roleRef} {.subjects}{'\\n'}{end}")
		out.want(t, 0)
		all = append(all, out.stdout)
	}
	return strings.Join(all, "")
}

// secretRules are what the documentation's role gives, and no command needs.
func secretRules() []rbacv1.PolicyRule {
	return []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"secrets", "configmaps"}, Verbs: []string{"get", "list", "watch"}}}
}

// check runs queueaccess check about the user, and returns the ids of its findings by the object they are about.
func (w *queueWalk) check(t *testing.T) (ids []string, out outcome) {
	t.Helper()
	out = w.admin.kubectl(t, "queueaccess", "check", "--queue", "walk", "--subject", walkUser, "-o", "json")
	var answer struct {
		Findings []struct {
			ID string `json:"id"`
		} `json:"findings"`
		Items []struct {
			ID string `json:"id"`
		} `json:"items"`
	}
	if err := json.Unmarshal([]byte(out.stdout), &answer); err != nil {
		t.Fatalf("%v\n%s%s", err, out.stdout, out.stderr)
	}
	for _, f := range append(answer.Findings, answer.Items...) {
		ids = append(ids, f.ID)
	}
	return ids, out
}

// TestQueueaccessWalk follows the documentation: the example role in one of three namespaces, what is wrong with it, the
// repair, and the way back.
func TestQueueaccessWalk(t *testing.T) {
	w := newQueueWalk(t, "walk")
	defer w.end(t)
	before := w.objects(t)
	all := kaiwo.Rules(kaiwo.Abilities()...)

	ids, found := w.check(t)
	found.want(t, 1)
	for _, id := range []string{"QA101", "QA105"} {
		if !slices.Contains(ids, id) {
			t.Errorf("check says nothing of %s: %v\n%s", id, ids, found.stdout)
		}
	}
	for _, text := range []string{"walk-b", "walk-c", "pods/portforward", "secrets"} {
		if !strings.Contains(found.stdout, text) {
			t.Errorf("check says nothing of %s:\n%s", text, found.stdout)
		}
	}
	w.admin.kubectl(t, "queueaccess", "role", "--compare", "role/kaiwo-scientist-role", "-n", "walk-a").prints(t,
		"too much secrets get,list,watch", "missing pods/portforward create", "cluster-wide kaiwojobs.kaiwo.silogen.ai list")

	// The repair.
	grant := []string{"queueaccess", "grant", walkUser, "--queue", "walk"}
	w.admin.kubectl(t, append(grant, "--dry-run=server")...).hears(t, "can then run commands in pods (pods/exec) in walk-b, walk-c")
	if now := w.objects(t); now != before {
		t.Fatalf("a dry run has written something:\n%s", now)
	}
	w.admin.kubectl(t, append(grant, "--yes")...).prints(t, "created in walk-a", "created in walk-b", "created in walk-c")
	again := w.admin.kubectl(t, append(grant, "--yes")...)
	again.want(t, 0)
	again.hears(t, "nothing to do")
	asked := 0
	for _, place := range w.places() {
		asked += w.agrees(t, walkUser, place, all, true)
		if place != "walk-a" {
			asked += w.agrees(t, walkUser, place, secretRules(), false)
		}
	}
	t.Logf("%d access reviews agree", asked)
	w.admin.kubectl(t, "queueaccess", "who", "walk", "--kind", "kaiwojob").prints(t, "user:"+walkUser)
	w.admin.kubectl(t, "auth", "can-i", "create", "pods", "--subresource=portforward", "-n", "walk-c", "--as", walkUser).prints(t, "yes")
	w.admin.kubectl(t, "auth", "can-i", "get", "secrets", "-n", "walk-c", "--as", walkUser).want(t, 1)

	// The documentation's role is not needed any more, and with it the Secrets go.
	w.admin.kubectl(t, "delete", "rolebinding", "scientists", "-n", "walk-a").want(t, 0)
	w.agrees(t, walkUser, "walk-a", secretRules(), false)
	w.agrees(t, walkUser, "walk-a", all, true)
	if ids, out := w.check(t); slices.Contains(ids, "QA101") || slices.Contains(ids, "QA105") {
		t.Errorf("check still finds %v\n%s", ids, out.stdout)
	}
	w.bindScientists(t)

	// And back.
	revoked := w.admin.kubectl(t, "queueaccess", "revoke", walkUser, "--queue", "walk", "--yes")
	revoked.prints(t, "deleted in walk-a", "deleted in walk-b", "deleted in walk-c")
	revoked.hears(t, walkUser+" may still create kaiwojobs, kaiwoservices in walk-a: rolebinding/scientists > role/kaiwo-scientist-role")
	if after := w.objects(t); after != before {
		t.Errorf("not as it was before:\n%s\nafter:\n%s", before, after)
	}
	for _, place := range []string{"walk-b", "walk-c"} {
		w.agrees(t, walkUser, place, all, false)
	}
	w.admin.kubectl(t, "delete", "rolebinding", "scientists", "-n", "walk-a").want(t, 0)
	if who := w.admin.kubectl(t, "queueaccess", "who", "walk", "--kind", "kaiwojob"); strings.Contains(who.stdout, walkUser) {
		t.Errorf("who still lists him:\n%s", who.stdout)
	}
}

// bindScientists binds the documentation's role as it was from the start.
func (w *queueWalk) bindScientists(t *testing.T) {
	t.Helper()
	w.admin.kubectl(t, "create", "rolebinding", "scientists", "-n", "walk-a", "--role=kaiwo-scientist-role", "--user="+walkUser).want(t, 0)
}

// TestQueueaccessOwner is the walk of somebody who owns one of the namespaces, and no more.
func TestQueueaccessOwner(t *testing.T) {
	w := newQueueWalk(t, "owned")
	defer w.end(t)
	owner := scratchHome(t, walkOwner)
	before := w.objects(t)
	grant := []string{"queueaccess", "grant", "zoe@walk.example", "--queue", "owned", "--namespaces", "owned-b", "--yes"}

	// He lacks what he would give: the built-in roles know nothing of Kaiwo.
	refused := owner.kubectl(t, grant...)
	refused.want(t, 1)
	refused.hears(t, "the server lets you give only rights that you hold there yourself", "is left to the server", "kaiwojobs")
	if now := w.objects(t); now != before {
		t.Fatalf("a refused grant has written something:\n%s", now)
	}
	// Where the queue is for is not his to read, so that he has to say which namespaces he means.
	everywhere := owner.kubectl(t, slices.DeleteFunc(slices.Clone(grant), func(word string) bool { return word == "--namespaces" || word == "owned-b" })...)
	everywhere.want(t, 1)
	everywhere.hears(t, "--namespaces")

	// With the right to read roles and queues, he hears of it beforehand, and in fewer words.
	w.admin.kubectl(t, "create", "clusterrole", "owned-reader", "--verb=get,list", "--resource="+strings.Join([]string{
		"roles", "rolebindings", "clusterroles", "clusterrolebindings", "namespaces", "kaiwoqueueconfigs.kaiwo.silogen.ai",
		"clusterqueues.kueue.x-k8s.io", "localqueues.kueue.x-k8s.io",
	}, ",")).want(t, 0)
	w.admin.kubectl(t, "create", "clusterrolebinding", "owned-reader", "--clusterrole=owned-reader", "--user="+walkOwner).want(t, 0)
	w.agrees(t, walkOwner, "", []rbacv1.PolicyRule{{APIGroups: []string{kaiwo.Group}, Resources: []string{"kaiwoqueueconfigs"}, Verbs: []string{"list"}}}, true)
	refused = owner.kubectl(t, grant...)
	refused.want(t, 1)
	refused.hears(t, "warning: you may not write role/gatehouse-queue-submit-manage-logs-monitor-exec in owned-b: you lack",
		"(kaiwo.silogen.ai)", "and the verb escalate on it", "nothing was changed")
	w.admin.kubectl(t, "delete", "clusterrole,clusterrolebinding", "owned-reader").want(t, 0)

	// The administrator lets the built-in roles know Kaiwo.
	aggregate := w.admin.kubectl(t, "queueaccess", "role", "--aggregate")
	aggregate.want(t, 0)
	w.admin.run(t, strings.NewReader(aggregate.stdout), shared.kubectl(), "apply", "-f", "-").want(t, 0)
	defer func() {
		w.admin.kubectl(t, "delete", "clusterrole", "gatehouse-kaiwo-view", "gatehouse-kaiwo-edit").want(t, 0)
	}()
	w.agrees(t, walkOwner, "owned-b", kaiwo.Rules(kaiwo.Submit), true)
	owner.kubectl(t, grant...).prints(t, "created")
	w.agrees(t, "zoe@walk.example", "owned-b", kaiwo.Rules(kaiwo.Abilities()...), true)
	w.agrees(t, "zoe@walk.example", "owned-b", secretRules(), false)
	w.agrees(t, "zoe@walk.example", "owned-a", kaiwo.Rules(kaiwo.Abilities()...), false)
	// What he can't see is not taken for nothing: whoever has a leaver's rights taken must hear of it.
	given := w.objects(t)
	unseen := owner.kubectl(t, "queueaccess", "revoke", "zoe@walk.example", "--queue", "owned", "--yes")
	unseen.want(t, 1)
	unseen.hears(t, "whether zoe@walk.example has a grant for queue owned can't be told", "nothing was found, and", "--namespaces")
	if strings.Contains(unseen.stderr, "has no grant") || w.objects(t) != given {
		t.Errorf("it says that there is nothing, or takes something:\n%s", unseen.stderr)
	}
	owner.kubectl(t, "queueaccess", "revoke", "zoe@walk.example", "--queue", "owned", "-n", "owned-b", "--yes").prints(t, "deleted")
	if after := w.objects(t); after != before {
		t.Errorf("not as it was before:\n%s\nafter:\n%s", before, after)
	}
}

// TestQueueaccessPlain gives somebody a queue of Kueue's alone: the rights on what Kueue takes, and none on Kaiwo's kinds.
func TestQueueaccessPlain(t *testing.T) {
	admin := scratchHome(t, "")
	client, err := kubernetes.NewForConfig(scratch(t).AdminConfig())
	if err != nil {
		t.Fatal(err)
	}
	w := &queueWalk{cp: scratch(t), admin: admin, client: client}
	const manifests = `{apiVersion: v1, kind: Namespace, metadata: {name: plain-a}}
---
{apiVersion: kueue.x-k8s.io/v1beta1, kind: ClusterQueue, metadata: {name: plain}, spec: {namespaceSelector: {}, resourceGroups: [{coveredResources: [cpu], flavors: [{name: plain, resources: [{name: cpu, nominalQuota: 8}]}]}]}}
---
{apiVersion: kueue.x-k8s.io/v1beta1, kind: LocalQueue, metadata: {name: main, namespace: plain-a}, spec: {clusterQueue: plain}}
`
	admin.run(t, strings.NewReader(manifests), shared.kubectl(), "apply", "-f", "-").want(t, 0)
	defer func() {
		admin.run(t, strings.NewReader(manifests), shared.kubectl(), "delete", "--wait=false", "--ignore-not-found", "-f", "-").want(t, 0)
	}()
	check := func(code int) outcome {
		out := admin.kubectl(t, "queueaccess", "check", "--queue", "plain", "--subject", walkUser, "--rule", "QA101")
		out.want(t, code)
		return out
	}
	if out := check(1); !strings.Contains(out.stdout, "may create none of the kinds that it takes") {
		t.Errorf("it does not say what is lacking:\n%s", out.stdout)
	}
	given := admin.kubectl(t, "queueaccess", "grant", walkUser, "--queue", "plain", "--can", "submit,logs", "--yes")
	given.want(t, 0)
	given.hears(t, "none of Kaiwo's", "jobs.batch")
	jobs := []rbacv1.PolicyRule{{APIGroups: []string{"batch"}, Resources: []string{"jobs"}, Verbs: []string{"create", "get", "list", "patch"}}}
	w.agrees(t, walkUser, "plain-a", jobs, true)
	w.agrees(t, walkUser, "plain-a", []rbacv1.PolicyRule{{APIGroups: []string{kaiwo.Group}, Resources: []string{kaiwo.JobResource}, Verbs: []string{"create", "get"}}}, false)
	check(0)
	admin.kubectl(t, "queueaccess", "who", "plain").prints(t, walkUser)
	admin.kubectl(t, "queueaccess", "describe", "plain").prints(t, walkUser+": submit, logs in plain-a")
	admin.kubectl(t, "queueaccess", "grant", "sa:plain-a/nobody", "--queue", "plain", "--can", "logs", "--dry-run=server").hears(t, "there is no service account nobody in plain-a")
	admin.kubectl(t, "queueaccess", "revoke", walkUser, "--queue", "plain", "--yes").prints(t, "deleted")
	w.agrees(t, walkUser, "plain-a", jobs, false)
	left := admin.kubectl(t, "get", "roles,rolebindings", "-n", "plain-a", "-o", "name")
	left.want(t, 0)
	if left.stdout != "" {
		t.Errorf("left: %s", left.stdout)
	}
}

// TestQueueaccessExpire lets a grant end, and takes it.
func TestQueueaccessExpire(t *testing.T) {
	w := newQueueWalk(t, "ended")
	defer w.end(t)
	before := w.objects(t)
	w.admin.kubectl(t, "queueaccess", "grant", "group:guests", "--queue", "ended", "--can", "submit,logs", "--expires", "7d", "--yes").want(t, 0)
	given := w.objects(t)
	none := w.admin.kubectl(t, "queueaccess", "revoke", "--expired", "--yes")
	none.want(t, 0)
	none.hears(t, "no grant for a queue has ended")
	if now := w.objects(t); now != given {
		t.Fatalf("what has not ended was taken:\n%s", now)
	}
	past := workspace.ExpiresAnnotation + "=2020-01-01T00:00:00Z"
	for _, place := range []string{"ended-a", "ended-c"} {
		w.admin.kubectl(t, "annotate", "rolebinding", "--all", "--overwrite", "-n", place, past).want(t, 0)
	}
	// kubectl contrib expire is about members of workspaces: it must not fail on a grant.
	w.admin.kubectl(t, "contrib", "expire", "-n", "ended-b", "--dry-run=server").want(t, 0)
	w.admin.kubectl(t, "annotate", "rolebinding", "scientists", "-n", "ended-a", workspace.ExpiresAnnotation+"-").want(t, 0)
	w.admin.kubectl(t, "queueaccess", "revoke", "--expired", "--queue", "ended", "--yes").prints(t, "deleted in ended-a", "deleted in ended-c")
	now := w.objects(t)
	if !strings.Contains(now, "gatehouse-queue-submit-logs") || strings.Count(now, "/queue-ended-group-guests") != 1 {
		t.Errorf("what was to stay in ended-b is gone, or more stays:\n%s", now)
	}
	w.admin.kubectl(t, "queueaccess", "revoke", "group:guests", "--all-queues", "--yes").want(t, 0)
	if after := w.objects(t); after != before {
		t.Errorf("not as it was before:\n%s\nafter:\n%s", before, after)
	}
}
