package contrib_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

const (
	strangeRole = "trainer"
	yesterday   = "2026-11-21T12:00:00Z"
)

// strangers are users some of whom have one name in Kubeflow, or differ in case only. The last one owns the workspace.
func strangers() []string {
	return []string{"bob@x.com", "Bob@x.com", "a.b@x.com", "a-b@x.com", "alice@x.com"}
}

func pick[T any](random *rand.Rand, list ...T) T { return list[random.IntN(len(list))] }

// sick returns a workspace with role bindings and policies that somebody wrote by hand, by old releases, or half.
func sick(random *rand.Rand) *cluster {
	c := newCluster(ofKubeflow("team-a", "alice@x.com")...)
	short := func() string { return pick(random, "view", "edit", "admin") }
	name := func() string {
		who, role := pick(random, strangers()...), short()
		names := append(kubeflow.LegacyBindingNames("User", who, role), "x", "y", "Odd_Name", kubeflow.BindingName("User", who, role))
		return pick(random, names...)
	}
	subject := func() rbac.Subject {
		return pick(random, rbac.User(pick(random, strangers()...)), rbac.User(pick(random, strangers()...)), rbac.User(pick(random, strangers()...)),
			rbac.Group("data"), rbac.ServiceAccount("team-a", "robot"))
	}
	for range random.IntN(5) {
		subjects, word := []rbac.Subject{subject()}, short()
		if random.IntN(4) == 0 {
			subjects = append(subjects, subject())
		}
		annotations := pick(random, nil, map[string]string{"user": pick(random, strangers()...), "role": short()},
			map[string]string{"user": subjects[0].Name, "role": word}, map[string]string{"user": subjects[0].Name, "role": word})
		b := bindingOf("team-a", pick(random, name(), kubeflow.PairName(subjects[0], word)),
			pick(random, kubeflow.ClusterRole(word), kubeflow.ClusterRole(word), kubeflow.ClusterRole(word), strangeRole), annotations, subjects...)
		if random.IntN(6) == 0 {
			b = dated(b, pick(random, yesterday, "2027-01-01T00:00:00Z"))
		}
		c.objects[keyOf(b)] = b
		if random.IntN(3) > 0 {
			o := kubeflow.PairPolicy("team-a", rbac.Subject{Kind: "User", Name: subjects[0].Name}, word, kubeflow.DefaultConfig())
			o = renamed(o, strings.ReplaceAll(strings.ToLower(b.Name), "_", "-"))
			c.objects[keyOf(o)] = o
		}
	}
	for range random.IntN(3) {
		o := kubeflow.PairPolicy("team-a", rbac.User(pick(random, strangers()...)), short(), kubeflow.DefaultConfig())
		o = renamed(o, strings.ReplaceAll(strings.ToLower(name()), "_", "-"))
		letIn(o, pick(random, strangers()...), pick(random, strangers()...))
		o.SetAnnotations(pick(random, o.GetAnnotations(), o.GetAnnotations(), map[string]string{"user": pick(random, strangers()...), "role": short()}, nil))
		if random.IntN(6) == 0 {
			o.Object["spec"].(map[string]any)["action"] = "DENY"
		}
		c.objects[keyOf(o)] = o
	}
	return c
}

// letIn makes a policy one that lets in several users.
func letIn(o *unstructured.Unstructured, users ...any) {
	rules := o.Object["spec"].(map[string]any)["rules"].([]any)
	when := rules[0].(map[string]any)["when"].([]any)
	when[0].(map[string]any)["values"] = users
}

// access is what somebody may do in Kubernetes, by grants that have not ended, and whether Istio lets him in, which may have
// been by one that has.
type access struct {
	rank                 int
	strange, http, ended bool
}

func accessIn(c *cluster) map[rbac.Subject]access {
	out := map[rbac.Subject]access{}
	for _, o := range c.objects {
		switch o := o.(type) {
		case *rbacv1.RoleBinding:
			for _, s := range o.Subjects {
				who, _ := rbac.NewSubject(s, o.Namespace)
				a := out[who]
				if o.Annotations[workspace.ExpiresAnnotation] == yesterday {
					a.ended = true
				} else {
					a.rank, a.strange = max(a.rank, workspace.RoleOf(o.RoleRef).Rank()), a.strange || o.RoleRef.Name == strangeRole
				}
				out[who] = a
			}
		case *unstructured.Unstructured:
			for _, name := range kubeflow.PolicyUsers(o, kubeflow.DefaultConfig()) {
				a := out[rbac.User(name)]
				a.http = true
				out[rbac.User(name)] = a
			}
		}
	}
	return out
}

// turnedAway are the policies that are no contributor's.
func turnedAway(c *cluster) string {
	var out []string
	for key, o := range c.objects {
		if p, ok := o.(*unstructured.Unstructured); ok && p.GetKind() == kubeflow.PolicyKind.Kind && !kubeflow.LetsIn(p) {
			out = append(out, fmt.Sprint(key, p.Object))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// Whatever a workspace is like: fixes go together, all of them or only some, nobody with a role loses any of it or of his
// ways in, nobody gains a role, and in the end there is nothing left to repair.
func TestRepairTakesNothing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(1000) {
		random := rand.New(rand.NewPCG(seed, 2))
		c := sick(random)
		before, was, denied := inventoryOf(c), accessIn(c), turnedAway(c)
		fail := func(format string, args ...any) {
			t.Helper()
			t.Fatalf("seed %d: "+format+"\nbefore\n%s\nnow\n%s", append(append([]any{seed}, args...), before, inventoryOf(c))...)
		}
		for round := 0; ; round++ {
			var fixes []plan.Plan
			for _, f := range contrib.Judge(c.state()) {
				// The first time, some are chosen, as by --rule.
				if f.Fix != nil && (round > 0 || random.IntN(2) == 0) {
					fixes = append(fixes, *f.Fix)
				}
			}
			if len(fixes) == 0 && round > 0 {
				break
			}
			p, err := plan.Join("repair", fixes...)
			switch {
			case err != nil:
				fail("join: %v", err)
			case round > 5:
				fail("still ill:\n%s", listing(p, nil, nil))
			}
			c.carryOut(t, p)
		}
		now := accessIn(c)
		for who, a := range was {
			b := now[who]
			role := a.rank > 0 || a.strange
			if b.rank != a.rank || b.strange != a.strange || role && a.http && !b.http && !a.ended || !role && b.http && !a.http {
				fail("%s had %+v and has %+v", who, a, b)
			}
		}
		for who, b := range now {
			if _, known := was[who]; !known {
				fail("%s has %+v", who, b)
			}
		}
		if turnedAway(c) != denied {
			fail("what turns away is another than:\n%s", denied)
		}
	}
}

// inventoryOf lists the objects of a workspace, for people.
func inventoryOf(c *cluster) string {
	var out []string
	for _, key := range slices.Sorted(maps.Keys(c.objects)) {
		switch o := c.objects[key].(type) {
		case *unstructured.Unstructured:
			out = append(out, key+" "+compact(o))
		case *rbacv1.RoleBinding:
			objects, err := plan.FromObjects(o)
			if err != nil {
				out = append(out, key+" "+strconv.Quote(err.Error()))
				continue
			}
			out = append(out, key+" "+compact(objects[0]))
		}
	}
	return strings.Join(out, "\n")
}
