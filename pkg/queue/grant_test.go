package queue_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// stage is a cluster in memory, as much of it as grants are about: objects by what identifies them.
type stage struct {
	queues  []*unstructured.Unstructured
	spaces  []*corev1.Namespace
	objects map[string]*unstructured.Unstructured
	now     time.Time
}

// newStage has so many queues, each for some of the namespaces; neighbours share some.
func newStage(queues, namespaces int) *stage {
	s := &stage{objects: map[string]*unstructured.Unstructured{}, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	var entries []any
	for q := range queues {
		var listed []any
		for n := q; n < min(q+3, namespaces); n++ {
			listed = append(listed, place(n))
		}
		entries = append(entries, map[string]any{"name": fmt.Sprintf("q%d", q), "namespaces": listed, "spec": map[string]any{"namespaceSelector": map[string]any{}}})
	}
	s.queues = []*unstructured.Unstructured{{Object: map[string]any{
		"apiVersion": "kaiwo.silogen.ai/v1alpha1", "kind": "KaiwoQueueConfig", "metadata": map[string]any{"name": "kaiwo"},
		"spec": map[string]any{"clusterQueues": entries},
	}}}
	for n := range namespaces {
		s.spaces = append(s.spaces, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: place(n)}})
	}
	return s
}

func place(n int) string { return fmt.Sprintf("team-%d", n) }

func (s *stage) state(t *testing.T) *queue.State {
	t.Helper()
	inv := &inventory.Inventory{
		Live: true, Namespaces: s.spaces,
		Served: map[inventory.Kind]bool{},
		Custom: map[inventory.Kind][]*unstructured.Unstructured{inventory.QueueConfigs: s.queues},
	}
	snapshot := &rbac.Snapshot{}
	names := make([]string, 0, len(s.objects))
	for name := range s.objects {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		o := s.objects[name]
		if o.GetKind() == "Role" {
			inv.Custom[inventory.Roles] = append(inv.Custom[inventory.Roles], o)
			var role rbacv1.Role
			s.convert(t, o, &role)
			snapshot.Roles = append(snapshot.Roles, rbac.Role{Namespace: role.Namespace, Name: role.Name, Rules: role.Rules})
			continue
		}
		var b rbacv1.RoleBinding
		s.convert(t, o, &b)
		inv.RoleBindings = append(inv.RoleBindings, &b)
		snapshot.Bindings = append(snapshot.Bindings, rbac.Binding{Namespace: b.Namespace, Name: b.Name, RoleRef: b.RoleRef, Subjects: b.Subjects})
	}
	return queue.NewState(inv, rbac.Compile(snapshot), s.now)
}

func (s *stage) convert(t *testing.T, o *unstructured.Unstructured, into any) {
	t.Helper()
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, into); err != nil {
		t.Fatal(err)
	}
}

// apply carries a plan out, and fails the test where an API server would not.
func (s *stage) apply(t *testing.T, p plan.Plan) {
	t.Helper()
	key := func(o *unstructured.Unstructured) string {
		return o.GetKind() + " " + o.GetNamespace() + "/" + o.GetName()
	}
	for _, step := range p.Changes().Steps {
		switch step.Verb {
		case plan.Create:
			if s.objects[key(step.Object)] != nil {
				t.Fatalf("%s: it is there", step)
			}
			s.objects[key(step.Object)] = step.Object.DeepCopy()
		case plan.Update:
			if s.objects[key(step.Object)] == nil {
				t.Fatalf("%s: it is not there", step)
			}
			s.objects[key(step.Object)] = step.Object.DeepCopy()
		case plan.Delete:
			if s.objects[key(step.Old)] == nil {
				t.Fatalf("%s: it is not there", step)
			}
			delete(s.objects, key(step.Old))
		}
	}
}

func (s *stage) give(t *testing.T, g queue.Grant) plan.Plan {
	t.Helper()
	p, _, err := queue.Give(s.state(t), g)
	if err != nil {
		t.Fatalf("%+v: %v", g, err)
	}
	s.apply(t, p)
	return p
}

func (s *stage) take(t *testing.T, r queue.Revocation) plan.Plan {
	t.Helper()
	p, _, err := queue.Take(s.state(t), r)
	if err != nil {
		t.Fatal(err)
	}
	s.apply(t, p)
	return p
}

// copied are the objects as they are now.
func (s *stage) copied() map[string]any {
	out := map[string]any{}
	for name, o := range s.objects {
		out[name] = o.DeepCopy().Object
	}
	return out
}

// drawGrant draws a grant: of one of a few subjects, for one of the queues.
func drawGrant(random *rand.Rand, subjects, queues, namespaces int) queue.Grant {
	kinds := []func(int) rbac.Subject{
		func(n int) rbac.Subject { return rbac.User(fmt.Sprintf("user%d@x.example", n)) },
		func(n int) rbac.Subject { return rbac.Group(fmt.Sprintf("group%d", n)) },
		func(n int) rbac.Subject { return rbac.ServiceAccount("ci", fmt.Sprintf("account%d", n)) },
	}
	q := random.IntN(queues)
	g := queue.Grant{Subject: kinds[random.IntN(len(kinds))](random.IntN(subjects)), Queue: fmt.Sprintf("q%d", q)}
	for len(g.Can) == 0 {
		for _, a := range kaiwo.Abilities() {
			if random.IntN(2) == 0 {
				g.Can = append(g.Can, a)
			}
		}
	}
	random.Shuffle(len(g.Can), func(i, j int) { g.Can[i], g.Can[j] = g.Can[j], g.Can[i] })
	for n := q; n < min(q+3, namespaces); n++ {
		if random.IntN(2) == 0 {
			g.Namespaces = append(g.Namespaces, place(n))
		}
	}
	if random.IntN(3) == 0 {
		g.Expires = time.Date(2026, 12, 1+random.IntN(28), 0, 0, 0, 0, time.UTC)
	}
	return g
}

// TestGrantAndTake: what is given and taken again leaves everything as it was, and what is given twice has nothing to do.
func TestGrantAndTake(t *testing.T) {
	t.Parallel()
	const queues, namespaces, rounds = 4, 6, 60
	for seed := range uint64(rounds) {
		random := rand.New(rand.NewPCG(seed, 8))
		s := newStage(queues, namespaces)
		for range random.IntN(8) {
			s.give(t, drawGrant(random, 3, queues, namespaces))
		}
		before := s.copied()
		g := drawGrant(random, 3, queues, namespaces)
		g.Subject = rbac.User("new@x.example")
		s.give(t, g)
		if again := s.give(t, g).Changes(); len(again.Steps) > 0 {
			t.Fatalf("seed %d: %+v: a second time there is something to do: %v", seed, g, again.Strings())
		}
		checkGranted(t, s, g)
		s.take(t, queue.Revocation{Subject: g.Subject, Queue: g.Queue, Namespaces: g.Namespaces})
		if diff := cmp.Diff(before, s.copied()); diff != "" {
			t.Fatalf("seed %d: %+v: not as it was (-before +after):\n%s", seed, g, diff)
		}
	}
}

// checkGranted compares what the rights are with what was granted, in all namespaces, by the engine.
func checkGranted(t *testing.T, s *stage, g queue.Grant) {
	t.Helper()
	state := s.state(t)
	places := g.Namespaces
	if len(places) == 0 {
		places = state.Queue(g.Queue).Namespaces()
	}
	for n := range s.spaces {
		held := state.Rights.Rules(rbac.NewIdentity(g.Subject), place(n))
		wanted := kaiwo.Rules(g.Can...)
		if !slices.Contains(places, place(n)) {
			wanted = nil
		}
		if lacks, over := rbac.Covers(held, wanted), rbac.Covers(wanted, held); len(lacks)+len(over) > 0 {
			t.Fatalf("%+v in %s: lacks %v, has too much %v", g, place(n), lacks, over)
		}
	}
}

// TestGrantAnew: of several grants to one subject for one queue the last counts, and taking it leaves nothing.
func TestGrantAnew(t *testing.T) {
	t.Parallel()
	for seed := range uint64(25) {
		random := rand.New(rand.NewPCG(seed, 9))
		s := newStage(1, 3)
		for range 4 {
			g := drawGrant(random, 1, 1, 3)
			g.Subject, g.Namespaces = rbac.User("ada@x.example"), nil
			s.give(t, g)
			checkGranted(t, s, g)
			if grants := queue.Grants(s.state(t)); len(grants) != 3 {
				t.Fatalf("seed %d: %d grants in 3 namespaces", seed, len(grants))
			}
		}
		s.take(t, queue.Revocation{Subject: rbac.User("ada@x.example")})
		if len(s.objects) > 0 {
			t.Fatalf("seed %d: something is left: %v", seed, s.copied())
		}
	}
}

// TestGrantEndless: that a grant no longer ends is said, also where its abilities change and it is made anew.
func TestGrantEndless(t *testing.T) {
	t.Parallel()
	for name, can := range map[string][]kaiwo.Ability{"the same": {kaiwo.Submit}, "others": {kaiwo.Submit, kaiwo.Logs}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(1, 1)
			g := queue.Grant{Subject: rbac.User("ada"), Queue: "q0", Can: []kaiwo.Ability{kaiwo.Submit}, Expires: s.now.Add(time.Hour)}
			s.give(t, g)
			g.Can, g.Expires, g.Endless = can, time.Time{}, true
			_, notes, err := queue.Give(s.state(t), g)
			want := fmt.Sprintf("the grant in %s no longer ends (%s)", place(0), s.now.Add(time.Hour).UTC().Format(time.RFC3339))
			if err != nil || !slices.Contains(notes, want) {
				t.Errorf("got %q, %v, want %q", notes, err, want)
			}
		})
	}
}

// TestGrantKeepsEnd: a grant that says nothing of its end keeps the one that it had, the same one and one of other abilities;
// one that has ended is not given anew by the way.
func TestGrantKeepsEnd(t *testing.T) {
	t.Parallel()
	end := func(s *stage) string {
		for _, g := range queue.Grants(s.state(t)) {
			return g.Binding.Annotations[workspace.ExpiresAnnotation]
		}
		return "no grant"
	}
	s := newStage(1, 1)
	first := s.now.Add(7 * 24 * time.Hour)
	g := queue.Grant{Subject: rbac.User("ada"), Queue: "q0", Can: []kaiwo.Ability{kaiwo.Submit}, Expires: first}
	s.give(t, g)
	want := first.Format(time.RFC3339)
	for _, can := range [][]kaiwo.Ability{{kaiwo.Submit}, {kaiwo.Submit, kaiwo.Logs}, {kaiwo.Exec}} {
		g.Can, g.Expires = can, time.Time{}
		_, notes, err := queue.Give(s.state(t), g)
		note := fmt.Sprintf("the grant in %s still ends at %s: --expires gives it another, and --expires never none", place(0), want)
		if err != nil || !slices.Contains(notes, note) {
			t.Errorf("%v: notes %q, %v, want %q", can, notes, err, note)
		}
		if s.give(t, g); end(s) != want {
			t.Errorf("%v: it ends at %q, want %s", can, end(s), want)
		}
	}
	s.now = first
	if _, _, err := queue.Give(s.state(t), g); err == nil || !strings.Contains(err.Error(), "has ended ("+want+")") {
		t.Errorf("given anew after its end: %v", err)
	}
	g.Endless = true
	if s.give(t, g); end(s) != "" {
		t.Errorf("it ends at %q, want never", end(s))
	}
}

func TestExpire(t *testing.T) {
	t.Parallel()
	s := newStage(2, 4)
	kept := queue.Grant{Subject: rbac.User("ada"), Queue: "q0", Can: []kaiwo.Ability{kaiwo.Logs}, Expires: s.now.Add(48 * time.Hour)}
	s.give(t, kept)
	before := s.copied()
	for _, g := range []queue.Grant{
		{Subject: rbac.User("bo"), Queue: "q0", Can: []kaiwo.Ability{kaiwo.Logs}, Expires: s.now.Add(time.Hour)},
		{Subject: rbac.Group("all"), Queue: "q1", Can: []kaiwo.Ability{kaiwo.Submit}, Expires: s.now.Add(24 * time.Hour)},
	} {
		s.give(t, g)
	}
	// Somebody else has taken a grant of ours away, and knows nothing of its role.
	s.give(t, queue.Grant{Subject: rbac.User("cleo"), Queue: "q1", Can: []kaiwo.Ability{kaiwo.Exec}})
	for name, o := range s.objects {
		if o.GetKind() == "RoleBinding" && strings.Contains(name, "cleo") {
			delete(s.objects, name)
		}
	}
	s.now = s.now.Add(24 * time.Hour)
	p, notes, err := queue.Expire(s.state(t), "", nil)
	if err != nil || len(notes) > 0 {
		t.Fatal(err, notes)
	}
	s.apply(t, p)
	if diff := cmp.Diff(before, s.copied(), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAllNamespaces: a grant that names no namespaces says that it is for all, until one is taken.
func TestAllNamespaces(t *testing.T) {
	t.Parallel()
	marked := func(s *stage) int {
		n := 0
		for _, g := range queue.Grants(s.state(t)) {
			if g.Binding.Annotations[queue.AllAnnotation] == "true" {
				n++
			}
		}
		return n
	}
	s := newStage(1, 3)
	g := queue.Grant{Subject: rbac.User("ada"), Queue: "q0", Can: []kaiwo.Ability{kaiwo.Logs}, Namespaces: []string{place(0)}}
	s.give(t, g)
	if got := marked(s); got != 0 {
		t.Errorf("%d grants for one namespace say that they are for all", got)
	}
	g.Namespaces = nil
	s.give(t, g)
	if got := marked(s); got != 3 {
		t.Errorf("%d of 3 grants say that they are for all", got)
	}
	// The same for one of them is nothing new, and something else there is a decision.
	again := g
	again.Namespaces = []string{place(1)}
	if s.give(t, again); marked(s) != 3 {
		t.Errorf("%d of 3 grants say that they are for all after the same again", marked(s))
	}
	for name, change := range map[string]func(*queue.Grant){
		"abilities": func(g *queue.Grant) { g.Can = []kaiwo.Ability{kaiwo.Exec} },
		"end":       func(g *queue.Grant) { g.Expires = s.now.Add(time.Hour) },
	} {
		narrow := again
		change(&narrow)
		if s.give(t, narrow); marked(s) != 0 {
			t.Errorf("%s: %d grants still say that they are for all", name, marked(s))
		}
		g.Endless = true
		if s.give(t, g); marked(s) != 3 {
			t.Errorf("%s: %d of 3 grants say that they are for all anew", name, marked(s))
		}
	}
	s.take(t, queue.Revocation{Subject: g.Subject, Queue: "q0", Namespaces: []string{place(1)}})
	if got := marked(s); got != 0 || len(queue.Grants(s.state(t))) != 2 {
		t.Errorf("%d grants still say that they are for all", got)
	}
}
