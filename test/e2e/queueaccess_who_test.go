package e2e

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// judgeOfQueues asks the API server, each question once.
type judgeOfQueues struct {
	client kubernetes.Interface
	lock   sync.Mutex
	known  map[asked]bool
}

// asked is a question to the server. The groups follow from the subject.
type asked struct {
	subject rbac.Subject
	action  rbac.Action
}

// may is the server's answer. Groups are passed explicitly.
func (j *judgeOfQueues) may(t *testing.T, id rbac.Identity, a rbac.Action) bool {
	key := asked{id.Subject, a}
	j.lock.Lock()
	verdict, ok := j.known[key]
	j.lock.Unlock()
	if ok {
		return verdict
	}
	got, err := j.client.AuthorizationV1().SubjectAccessReviews().Create(t.Context(), &authorizationv1.SubjectAccessReview{
		Spec: authorizationv1.SubjectAccessReviewSpec{
			User: id.User, Groups: id.Groups, ResourceAttributes: &authorizationv1.ResourceAttributes{
				Verb: a.Verb, Group: a.Group, Resource: a.Resource, Name: a.Name, Namespace: a.Namespace,
			},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Error(err)
		return false
	}
	j.lock.Lock()
	defer j.lock.Unlock()
	j.known[key] = got.Status.Allowed
	return got.Status.Allowed
}

// ways are the lines that the server's decisions make of the spots of a queue.
func (j *judgeOfQueues) ways(t *testing.T, id rbac.Identity, of []spot) []string {
	out := []string{}
	for _, s := range of {
		if s.queue && !j.may(t, id, rbac.Action{Verb: "create", Group: "kueue.x-k8s.io", Resource: "localqueues", Namespace: s.namespace}) {
			continue
		}
		if s.labels && !j.may(t, id, rbac.Action{Verb: "patch", Resource: "namespaces", Name: s.namespace, Namespace: s.namespace}) &&
			!j.may(t, id, rbac.Action{Verb: "update", Resource: "namespaces", Name: s.namespace, Namespace: s.namespace}) {
			continue
		}
		for _, kind := range s.kinds {
			resource, group, _ := strings.Cut(kind, ".")
			if j.may(t, id, rbac.Action{Verb: "create", Group: group, Resource: resource, Namespace: s.namespace}) {
				out = append(out, s.path+" "+kind+" in "+s.namespace)
			}
		}
	}
	slices.Sort(out)
	return out
}

// submitters is what is read of the answer of "who".
type submitters struct {
	Complete bool `json:"complete"`
	Subjects []struct {
		Subject struct {
			ID string `json:"id"`
			rbac.Subject
		} `json:"subject"`
		Ways []struct {
			Path       string            `json:"path"`
			Kinds      []string          `json:"kinds"`
			Namespaces []string          `json:"namespaces"`
			Needs      []string          `json:"needs"`
			Proofs     []json.RawMessage `json:"proofs"`
		} `json:"ways"`
	} `json:"subjects"`
}

// lines are the ways of each subject, as [judgeOfQueues.ways] writes them.
func (s *submitters) lines(t *testing.T) map[rbac.Subject][]string {
	t.Helper()
	out := map[rbac.Subject][]string{}
	for _, one := range s.Subjects {
		for _, way := range one.Ways {
			if len(way.Proofs) == 0 && one.Subject.ID != "group:system:masters" {
				t.Errorf("%s: no proof of %v", one.Subject.ID, way)
			}
			for _, ns := range way.Namespaces {
				for _, kind := range way.Kinds {
					out[one.Subject.Subject] = append(out[one.Subject.Subject], way.Path+" "+kind+" in "+ns)
				}
			}
		}
	}
	return out
}

// TestQueueaccessWho compares everybody whom "who" lists, with each of his ways, with what the API server allows him, and
// two hundred whom it does not list: nothing more is allowed to anybody than what is listed for him or for a group of his.
func TestQueueaccessWho(t *testing.T) {
	cp := controlplane.ForTest(t, controlplane.Options{})
	crds := filepath.Join(shared.acme(), "crds")
	world := folder(t, map[string]string{"world.yaml": queueWorld})
	if err := cp.Apply(t.Context(), filepath.Join(crds, "kaiwo.yaml"), filepath.Join(crds, "kueue.yaml"), world); err != nil {
		t.Fatal(err)
	}
	if err := cp.ApplyObjects(t.Context(), queueRights(t)...); err != nil {
		t.Fatal(err)
	}
	config := cp.AdminConfig()
	config.QPS = -1
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	admin := home{dir: t.TempDir(), kubeconfig: cp.Admin()}
	refusesWhatKueueRefuses(t, cp, admin)
	judge := &judgeOfQueues{client: client, known: map[asked]bool{}}
	awaitSum(t, client)

	people := strangers()
	for _, s := range queueSubjects() {
		people = append(people, rbac.NewIdentity(s))
	}
	people = append(people, rbac.NewIdentity(rbac.User("carol")), rbac.NewIdentity(rbac.Group("system:authenticated")),
		rbac.NewIdentity(rbac.Group("system:masters")), rbac.NewIdentity(rbac.User("system:anonymous")))
	yes, listed := 0, map[rbac.Subject]bool{}
	for name, of := range spots() {
		out := admin.kubectl(t, "queueaccess", "who", name, "-o", "json")
		out.want(t, 0)
		var got submitters
		if err := json.Unmarshal([]byte(out.stdout), &got); err != nil || !got.Complete {
			t.Fatalf("complete %v, %v: %s", got.Complete, err, out.stdout)
		}
		lines := got.lines(t)
		everybody := slices.Clone(people)
		for subject := range lines { // those that Kubernetes made itself too
			if !slices.ContainsFunc(everybody, func(id rbac.Identity) bool { return id.Subject == subject }) {
				everybody = append(everybody, rbac.NewIdentity(subject))
			}
			listed[subject] = true
		}
		var group errgroup.Group
		group.SetLimit(16)
		allowed := make([][]string, len(everybody))
		for i, id := range everybody {
			group.Go(func() error { allowed[i] = judge.ways(t, id, of); return nil })
		}
		_ = group.Wait()
		for i, id := range everybody {
			want := allowed[i]
			mine := slices.Clone(lines[id.Subject])
			for _, g := range id.Groups {
				mine = append(mine, lines[rbac.Group(g)]...)
			}
			slices.Sort(mine)
			if diff := cmp.Diff(want, slices.Compact(append([]string{}, mine...))); diff != "" {
				t.Errorf("%s, %s (-server +who):\n%s", name, id.Subject, diff)
			}
			yes += len(want)
		}
	}
	t.Logf("%d subjects listed, %d strangers, %d reviews, %d ways that are open", len(listed), len(strangers()), len(judge.known), yes)

	// Who may read nothing is told so, and gets no empty answer for a complete one.
	poor := homeOf(t, cp, "stranger-1")
	out := poor.kubectl(t, "queueaccess", "who", "science", "--strict")
	if out.code == 0 {
		t.Errorf("a stranger got a complete answer:\n%s%s", out.stdout, out.stderr)
	}
	out = admin.kubectl(t, "queueaccess", "list", "-o", "jsonpath={.items[*].name}")
	out.want(t, 0)
	if out.stdout != "gpu open science" {
		t.Errorf("list has %q", out.stdout)
	}
}

// awaitSum waits until the controller has filled in the aggregated role.
func awaitSum(t *testing.T, client kubernetes.Interface) {
	t.Helper()
	for {
		role, err := client.RbacV1().ClusterRoles().Get(t.Context(), "lab-sum", metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if len(role.Rules) > 0 {
			return
		}
	}
}

// refusesWhatKueueRefuses proves that the schemas that we test with hold what they were written for: the limits of Kaiwo's
// configuration, and what can't be changed of a LocalQueue.
func refusesWhatKueueRefuses(t *testing.T, cp *controlplane.ControlPlane, admin home) {
	t.Helper()
	config := func(queues string) string {
		return "apiVersion: kaiwo.silogen.ai/v1alpha1\nkind: KaiwoQueueConfig\nmetadata: {name: other}\nspec: {clusterQueues: [" + queues + "]}\n"
	}
	many := func(n int) string {
		var out []string
		for i := range n {
			out = append(out, fmt.Sprintf("{name: q%d}", i))
		}
		return strings.Join(out, ",")
	}
	group := `{name: q, spec: {resourceGroups: [{coveredResources: [%s], flavors: [{name: f, resources: [{name: cpu, nominalQuota: 1}]}]}]}}`
	local := `apiVersion: kueue.x-k8s.io/v1beta1
kind: LocalQueue
metadata: {name: work, namespace: lab-e}
spec: {clusterQueue: %s, stopPolicy: %s}
`
	for name, tt := range map[string]struct{ manifest, refused string }{
		"as many queues as may be":           {config(many(1000)), ""},
		"one queue too many":                 {config(many(1001)), "must have at most 1000 items"},
		"flavors with all resources":         {config(fmt.Sprintf(group, "cpu")), ""},
		"flavors with fewer resources":       {config(fmt.Sprintf(group, "cpu, memory")), "flavors must have the same number of resources"},
		"a queue without a name":             {config("{namespaces: [a]}"), "clusterQueues[0].name: Required value"},
		"a priority without a value":         {strings.ReplaceAll(config(""), "clusterQueues: []", "workloadPriorityClasses: [{metadata: {name: x}}]"), "value: Required value"},
		"the LocalQueue as it is":            {fmt.Sprintf(local, "gpu", "Hold"), ""},
		"a LocalQueue that is led elsewhere": {fmt.Sprintf(local, "open", "None"), "field is immutable"},
		"a policy that does not exist":       {fmt.Sprintf(local, "gpu", "Stop"), "Unsupported value"},
	} {
		file := filepath.Join(folder(t, map[string]string{"a.yaml": tt.manifest}), "a.yaml")
		out := admin.kubectl(t, "apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", file)
		if (out.code == 0) != (tt.refused == "") || !strings.Contains(out.stderr, tt.refused) {
			t.Errorf("%s: exit %d, want %q: %s", name, out.code, tt.refused, out.stderr)
		}
	}
	if got := cp.Failure(); got != nil {
		t.Fatal(got)
	}
}
