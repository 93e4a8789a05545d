package queue_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// placesWorld has a queue that Kaiwo has for many namespaces, each of which lacks something else, and one that is open.
const placesWorld = `{kind: KaiwoQueueConfig, metadata: {name: kaiwo}, spec: {clusterQueues: [
  {name: q, namespaces: [good, gone, going, bare, taken, unlabelled]}, {name: open}]}}
---
{kind: ClusterQueue, metadata: {name: q}, spec: {namespaceSelector: {matchLabels: {tier: gpu}}}}
---
{kind: ClusterQueue, metadata: {name: open}, spec: {namespaceSelector: {}}}
---
{kind: ClusterQueue, metadata: {name: closed}, spec: {cohort: all}}
---
{kind: LocalQueue, metadata: {name: q, namespace: good}, spec: {clusterQueue: q}}
---
{kind: LocalQueue, metadata: {name: q, namespace: unlabelled}, spec: {clusterQueue: q}}
---
{kind: LocalQueue, metadata: {name: q, namespace: taken}, spec: {clusterQueue: open}}
---
{kind: LocalQueue, metadata: {name: open, namespace: taken}, spec: {clusterQueue: q}}
---
{kind: LocalQueue, metadata: {name: sneaky, namespace: other}, spec: {clusterQueue: q}}`

func placesState(t *testing.T) *queue.State {
	t.Helper()
	inv := read(t, placesWorld)
	inv.Live = true
	for _, name := range []string{"good", "going", "bare", "taken", "unlabelled", "other", "elsewhere"} {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"tier": "gpu"}}}
		switch name {
		case "going":
			ns.DeletionTimestamp = &metav1.Time{}
		case "unlabelled", "elsewhere":
			ns.Labels = nil
		}
		inv.Namespaces = append(inv.Namespaces, ns)
	}
	bind := func(namespace string, who ...rbac.Subject) rbac.Binding {
		b := rbac.Binding{Name: "b", Namespace: namespace, RoleRef: rbacv1.RoleRef{Kind: "ClusterRole", Name: "scientist"}}
		for _, s := range who {
			b.Subjects = append(b.Subjects, s.RBAC())
		}
		return b
	}
	return queue.NewState(inv, rbac.Compile(&rbac.Snapshot{
		Roles: []rbac.Role{{Name: "scientist", Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{"kaiwo.silogen.ai"}, Resources: []string{"kaiwojobs"}, Verbs: []string{"create"},
		}}}},
		Bindings: []rbac.Binding{
			bind("good", rbac.User("ann"), rbac.Group("team")), bind("gone", rbac.User("gus")), bind("going", rbac.User("gil")),
			bind("bare", rbac.User("ben")), bind("taken", rbac.User("tom")), bind("unlabelled", rbac.User("uma")),
			bind("elsewhere", rbac.User("eve"), rbac.User("ann")), bind("", rbac.ServiceAccount("ops", "root")),
		},
	}), time.Time{})
}

func TestPlaces(t *testing.T) {
	t.Parallel()
	s := placesState(t)
	tests := map[string][]string{
		"q": {
			"bare: it has no LocalQueue q", "going: the namespace is being deleted", "gone: there is no such namespace", "good: ",
			"other: the queue does not list it (sneaky)", "taken: its LocalQueue q leads to the queue open (open)",
			"unlabelled: the queue's namespaceSelector passes it over (q)",
		},
		"open": {
			"bare: ", "elsewhere: ", "going: the namespace is being deleted", "gone: there is no such namespace", "good: ", "other: ",
			"taken: its LocalQueue open leads to the queue q (q)", "unlabelled: ",
		},
		"closed": nil,
	}
	for name, want := range tests {
		q := s.Queue(name)
		var got []string
		for _, p := range s.Places(q) {
			text := p.Namespace + ": " + p.Obstacle(q)
			if len(p.Locals) > 0 && p.Obstacle(q) != "" {
				text += " (" + strings.Join(p.Locals, " ") + ")"
			}
			if p.Kaiwo(q) != (p.Obstacle(q) == "") {
				t.Errorf("%s in %s: admitted %v, but %q", name, p.Namespace, p.Kaiwo(q), p.Obstacle(q))
			}
			got = append(got, text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	closed := s.Place(s.Queue("closed"), "good")
	if closed.Eligible || closed.Relabelable || closed.Raw() {
		t.Errorf("a queue without a selector admits nobody: %+v", closed)
	}
	if p := s.Place(s.Queue("q"), "unlabelled"); !p.Relabelable {
		t.Error("a label makes the namespace eligible")
	}
}

// Rights in vain, and rights elsewhere.
func TestUselessAndOutside(t *testing.T) {
	t.Parallel()
	s := placesState(t)
	a := s.Who(s.Queue("q"), "kaiwojob")
	var useless, outside []string
	for _, u := range a.Useless {
		useless = append(useless, fmt.Sprintf("%s in %s: %s", u.Subject, u.Namespace, u.Why))
	}
	for _, o := range a.Outside {
		outside = append(outside, fmt.Sprintf("%s everywhere=%t %v", o.Subject, o.Everywhere, o.Namespaces))
	}
	want := []string{
		"user:ben in bare: it has no LocalQueue q", "user:gil in going: the namespace is being deleted",
		"user:gus in gone: there is no such namespace", "user:tom in taken: its LocalQueue q leads to the queue open",
		"user:uma in unlabelled: the queue's namespaceSelector passes it over",
	}
	if diff := cmp.Diff(want, useless); diff != "" {
		t.Errorf("useless (-want +got):\n%s", diff)
	}
	want = []string{"user:ann everywhere=false [elsewhere]", "user:eve everywhere=false [elsewhere]", "sa:ops/root everywhere=true []"}
	if diff := cmp.Diff(want, outside); diff != "" {
		t.Errorf("outside (-want +got):\n%s", diff)
	}
	var who []string
	for _, one := range a.Submitters {
		who = append(who, one.Subject.String())
	}
	if diff := cmp.Diff([]string{"group:system:masters", "user:ann", "group:team", "sa:ops/root"}, who); diff != "" {
		t.Errorf("submitters (-want +got):\n%s", diff)
	}
	if open := s.Who(s.Queue("open")); len(open.Outside)+len(open.Useless) > 0 {
		t.Errorf("an open queue has neither: %v %v", open.Outside, open.Useless)
	}
}

// Without rights read, nobody is known, and that is said; a live cluster's own word on what it serves counts.
func TestWhoWithLittle(t *testing.T) {
	t.Parallel()
	s := placesState(t)
	s.Serves = func(_, resource string) bool { return resource == "jobs" || resource == "kaiwoservices" }
	var kinds []string
	for _, r := range s.Kinds() {
		kinds = append(kinds, r.Name)
	}
	if diff := cmp.Diff([]string{"kaiwoservices", "jobs"}, kinds); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
	inv := read(t, placesWorld)
	inv.Gaps = []rbac.Gap{{What: "localqueues in all namespaces", Cause: "forbidden"}, {What: "pods in all namespaces", Cause: "forbidden"}}
	blind := queue.NewState(inv, nil, time.Time{})
	a := blind.Who(blind.Queue("q"))
	if len(a.Submitters) > 0 || len(a.Gaps) != 1 || blind.Count(blind.Queue("q")) != (queue.Count{}) {
		t.Errorf("got %+v", a)
	}
}

// Who may not see what Kueue has hears who may submit by what Kaiwo's configuration says, and not that nobody can.
func TestWhoWhereKueueIsNotToBeSeen(t *testing.T) {
	t.Parallel()
	whole := placesState(t)
	inv := read(t, `{kind: KaiwoQueueConfig, metadata: {name: kaiwo}, spec: {clusterQueues: [
  {name: q, namespaces: [good, bare], spec: {namespaceSelector: {matchLabels: {tier: gpu}}}}]}}`)
	inv.Live, inv.Namespaces = true, whole.Inventory.Namespaces
	refused := queue.NewState(inv, whole.Rights, time.Time{})
	if got := submittersOf(refused, "q"); got != "" {
		t.Errorf("there is no ClusterQueue, and %s submit", got)
	}
	inv.Gaps = []rbac.Gap{{What: "clusterqueues in all namespaces"}, {What: "localqueues in all namespaces"}}
	refused = queue.NewState(inv, whole.Rights, time.Time{})
	want := "group:system:masters user:ann(kaiwo) user:ben(kaiwo) group:team(kaiwo) sa:ops/root(kaiwo)"
	if got := submittersOf(refused, "q"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if a := refused.Who(refused.Queue("q")); len(a.Gaps) != 2 {
		t.Errorf("the answer does not say what it lacks: %v", a.Gaps)
	}
}

// submittersOf writes who may submit KaiwoJobs, with the paths of each but the superusers.
func submittersOf(s *queue.State, name string) string {
	var out []string
	for _, one := range s.Who(s.Queue(name), "kaiwojobs").Submitters {
		text := one.Subject.String()
		if !one.Superuser {
			var paths []string
			for _, w := range one.Ways {
				paths = append(paths, string(w.Path))
			}
			text += "(" + strings.Join(paths, " ") + ")"
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}
