package contrib_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// model is what random commands should come to: who is in which workspace, as what.
type model map[string]string

func (m model) key(g contrib.Grant) string { return g.Workspace + " " + g.Subject.String() }

func (m model) value(g contrib.Grant) string {
	return fmt.Sprint(g.RoleText(), " until ", g.Expires.Format(time.DateOnly), " closed ", g.NoHTTP)
}

// modelOf reads the model out of a cluster by its own means: bindings and policies, and nothing of workspace.Members.
func modelOf(t *testing.T, c *cluster) model {
	t.Helper()

	m := model{}
	admitted := map[string]bool{}
	s := c.state()
	for _, p := range s.Inventory.Policies {
		if p.GetName() == kubeflow.OwnerPolicy {
			continue
		}
		users := kubeflow.PolicyUsers(p, kubeflow.DefaultConfig())
		if len(users) != 1 {
			t.Fatalf("policy %s lets in %v", p.GetName(), users)
		}
		admitted[p.GetNamespace()+" "+users[0]] = true
	}
	for _, b := range s.Inventory.RoleBindings {
		if b.Name == kubeflow.OwnerBinding || b.Name == workspace.OwnerBinding || strings.HasPrefix(b.Name, "default-") {
			continue
		}
		for _, subject := range b.Subjects {
			g := contrib.Grant{Workspace: b.Namespace, Subject: rbac.User(subject.Name), Role: workspace.RoleOf(b.RoleRef)}
			if date, err := time.Parse(time.RFC3339, b.Annotations[workspace.ExpiresAnnotation]); err == nil {
				g.Expires = date
			}
			g.NoHTTP = b.Namespace != "dev" && !admitted[b.Namespace+" "+subject.Name]
			delete(admitted, b.Namespace+" "+subject.Name)
			if was, twice := m[m.key(g)]; twice {
				t.Fatalf("%s is granted twice: %s, %s", m.key(g), was, m.value(g))
			}
			m[m.key(g)] = m.value(g)
		}
	}
	if len(admitted) > 0 {
		t.Fatalf("policies without a binding: %v", slices.Sorted(maps.Keys(admitted)))
	}
	return m
}

func TestRandomCommands(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			random := rand.New(rand.NewPCG(seed, 1))
			c := newCluster(all(ofKubeflow("team-a", "alice@x.com"), ofKubeflow("team-b", "alice@x.com"), ofNative("dev", "alice@x.com"))...)
			want := model{}
			for range 60 {
				step(t, random, c, want)
				if diff := cmp.Diff(want, modelOf(t, c)); diff != "" {
					t.Fatalf("(-model +cluster):\n%s", diff)
				}
			}
		})
	}
}

// step does a random command to both the cluster and the model. Now and then the plan is interrupted between two of its
// steps, and the command given again.
func step(t *testing.T, random *rand.Rand, c *cluster, want model) {
	t.Helper()

	names := []string{"bob@x.com", "Bob@x.com", "b.ob@x.com", "carol@x.com", "dora@x.com"}
	g := contrib.Grant{
		Workspace: []string{"team-a", "team-b", "dev"}[random.IntN(3)], Subject: rbac.User(names[random.IntN(len(names))]),
		Role: workspace.Roles()[random.IntN(3)],
	}
	if random.IntN(3) == 0 {
		g.Expires = today.Add(time.Duration(1+random.IntN(2)) * 24 * time.Hour)
	} else {
		g.Never = random.IntN(4) == 0
	}
	g.NoHTTP = g.Workspace != "dev" && random.IntN(3) == 0
	was, is := want[want.key(g)]
	var command func() (plan.Plan, []string, error)
	after := maps.Clone(want)
	switch random.IntN(5) {
	case 0, 1:
		command = func() (plan.Plan, []string, error) { return contrib.Add(c.state(), g) }
		given := kept(g, was)
		given.NoHTTP = g.NoHTTP
		after[want.key(g)] = want.value(given)
	case 2:
		command = func() (plan.Plan, []string, error) { return contrib.SetRole(c.state(), g) }
		after[want.key(g)] = want.value(kept(g, was))
	case 3:
		command = func() (plan.Plan, []string, error) {
			return contrib.Remove(c.state(), g.Workspace, []rbac.Subject{g.Subject}, "")
		}
		delete(after, want.key(g))
	case 4:
		command = func() (plan.Plan, []string, error) { return contrib.Apply(c.state(), []contrib.Grant{g}, true) }
		maps.DeleteFunc(after, func(key, _ string) bool { return strings.HasPrefix(key, g.Workspace+" ") })
		after[want.key(g)] = want.value(g)
	}
	p, _, err := command()
	if err != nil {
		// Refused: for a name that is taken, another role, no role at all. Nothing has happened.
		if !is && len(want) == 0 && g.Workspace != "" && !strings.Contains(err.Error(), "no role there yet") {
			t.Fatalf("refused in an empty cluster: %v", err)
		}
		return
	}
	p = p.Changes()
	if n := len(p.Steps); n > 1 && random.IntN(2) == 0 {
		part := p
		part.Steps = part.Steps[:1+random.IntN(n-1)]
		c.carryOut(t, part)
		if p, _, err = command(); err != nil {
			t.Fatalf("given again after %d of %d steps: %v\n%s", len(part.Steps), n, err, listing(part, nil, nil))
		}
		p = p.Changes()
	}
	c.carryOut(t, p)
	again, _, err := command()
	if err != nil {
		t.Fatalf("given again when done: %v", err)
	}
	if changes := again.Changes(); len(changes.Steps) > 0 {
		t.Fatalf("given again when done, there are changes:\n%s", listing(changes, nil, nil))
	}
	clear(want)
	maps.Copy(want, after)
}

// kept is what set-role makes of a grant, when it changes one that is there; of the date, so does add.
func kept(g contrib.Grant, was string) contrib.Grant {
	if _, rest, found := strings.Cut(was, " until "); found {
		date, closed, _ := strings.Cut(rest, " closed ")
		if old, err := time.Parse(time.DateOnly, date); err == nil && !old.IsZero() && g.Expires.IsZero() && !g.Never {
			g.Expires = old.Add(12 * time.Hour)
		}
		g.NoHTTP = g.NoHTTP || closed == "true"
	}
	return g
}

// crowd returns a cluster of workspaces that are empty, and members for them.
func crowd(workspaces, members int) (*cluster, []contrib.Grant) {
	var objects []runtime.Object
	var grants []contrib.Grant
	for i := range workspaces {
		objects = append(objects, ofKubeflow(fmt.Sprintf("team-%d", i), "alice@x.com")...)
	}
	for i := range members {
		grants = append(grants, contrib.Grant{
			Workspace: fmt.Sprintf("team-%d", i%workspaces), Subject: rbac.User(fmt.Sprintf("user-%d@x.com", i)),
			Role: workspace.Roles()[i%3],
		})
	}
	return newCluster(objects...), grants
}

func BenchmarkApply(b *testing.B) {
	for _, size := range []struct{ workspaces, members int }{{100, 1000}, {1, 1000}, {100, 10000}} {
		c, grants := crowd(size.workspaces, size.members)
		b.Run(fmt.Sprintf("new-%dx%d", size.workspaces, size.members), func(b *testing.B) {
			for b.Loop() {
				if _, _, err := contrib.Apply(c.state(), grants, true); err != nil {
					b.Fatal(err)
				}
			}
		})
		p, _, err := contrib.Apply(c.state(), grants, true)
		if err != nil {
			b.Fatal(err)
		}
		c.carryOut(b, p)
		b.Run(fmt.Sprintf("same-%dx%d", size.workspaces, size.members), func(b *testing.B) {
			for b.Loop() {
				again, _, err := contrib.Apply(c.state(), grants, true)
				if err != nil {
					b.Fatal(err)
				}
				if n := len(again.Changes().Steps); n > 0 {
					b.Fatalf("%d changes", n)
				}
			}
		})
	}
}
