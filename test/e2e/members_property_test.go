package e2e

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// steps is how long a random sequence is.
const randomSteps = 120

// members is what a workspace should look like: the role of each member.
type members map[rbac.Subject]workspace.Role

// TestRandomMembership adds, changes and removes members at random, on the real API server, in both flavors, and compares
// what is there with a map after every step. GATEHOUSE_SEED repeats a run.
func TestRandomMembership(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("GATEHOUSE_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("GATEHOUSE_SEED=%d repeats this run", seed)
	cp := scratch(t)
	makeProfiles(t, cp, "random-profile")
	native := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{
			"name": "random-native", "labels": map[string]any{workspace.Label: "true"},
			"annotations": map[string]any{workspace.OwnerAnnotation: "user:ann@example.com"},
		},
	}}
	if err := cp.ApplyObjects(t.Context(), native); err != nil {
		t.Fatal(err)
	}
	for i, name := range []string{"random-profile", "random-native"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := walk{
				name: name, random: rand.New(rand.NewPCG(seed, uint64(i))), want: members{},
				cluster: clusterOf(t, cp.Admin()), subjects: randomSubjects(),
			}
			for range randomSteps {
				w.step(t)
			}
		})
	}
}

// randomSubjects have names that are as alike as kfam's object names allow, and of all kinds.
func randomSubjects() []rbac.Subject {
	subjects := []rbac.Subject{rbac.Group("ml-team"), rbac.Group("ops"), rbac.ServiceAccount("random-native", "robot")}
	for i := range 6 {
		subjects = append(subjects, rbac.User(fmt.Sprintf("Member.%d@Example.com", i)))
	}
	return subjects
}

func clusterOf(t *testing.T, kubeconfig string) *kube.Cluster {
	t.Helper()
	flags := cli.NewConnection()
	flags.KubeConfig = &kubeconfig
	cluster, err := kube.New(flags, "gatehouse-test", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

// walk is one random sequence.
type walk struct {
	name     string
	random   *rand.Rand
	want     members
	cluster  *kube.Cluster
	subjects []rbac.Subject
}

func (w *walk) state(t *testing.T) *workspace.State {
	t.Helper()
	inv, err := source.LiveInventory(t.Context(), w.cluster, clock.RealClock{}, nil, inventory.Want{
		Namespace: w.name,
		Kinds:     []inventory.Kind{inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies},
	})
	if err != nil {
		t.Fatal(err)
	}
	return workspace.NewState(inv, workspace.Options{Now: time.Now()})
}

// step does one random thing, to the cluster and to the map.
func (w *walk) step(t *testing.T) {
	t.Helper()
	var (
		who         = w.subjects[w.random.IntN(len(w.subjects))]
		role        = workspace.Roles()[w.random.IntN(2)] // an owner is transferred, not added
		had, member = w.want[who]
		grant       = contrib.Grant{Workspace: w.name, Subject: who, Role: role}
		s           = w.state(t)
		p           plan.Plan
		err         error
		what        string
	)
	switch w.random.IntN(4) {
	case 0, 1:
		what = fmt.Sprintf("add %s as %s (was %q)", who, role, had)
		p, _, err = contrib.Add(s, grant)
		if member && had != role {
			if err == nil {
				t.Fatalf("%s: want a refusal, there is another role already", what)
			}
			return
		}
		w.want[who] = role
	case 2:
		what = fmt.Sprintf("set %s to %s (was %q)", who, role, had)
		p, _, err = contrib.SetRole(s, grant)
		if !member {
			if err == nil {
				t.Fatalf("%s: want a refusal, there is no such member", what)
			}
			return
		}
		w.want[who] = role
	case 3:
		what = fmt.Sprintf("remove %s (was %q)", who, had)
		p, _, err = contrib.Remove(s, w.name, []rbac.Subject{who}, "")
		delete(w.want, who)
		if !member && err != nil {
			return // there is nobody to remove, and it says so
		}
	}
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	w.carry(t, what, p)
	what += fmt.Sprintf(" by %q", p.Changes().Strings())
	if diff := cmp.Diff(w.want, w.got(t, what)); diff != "" {
		t.Fatalf("%s: members (-want +got):\n%s", what, diff)
	}
}

func (w *walk) carry(t *testing.T, what string, p plan.Plan) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	outcome, err := plan.Apply(ctx, source.Server(w.cluster), p.Changes(), plan.Options{FieldManager: "test"})
	if err == nil {
		err = outcome.Err()
	}
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}

// got reads the members back, and checks that each has what a member of his kind should have, and only that.
func (w *walk) got(t *testing.T, what string) members {
	t.Helper()
	out := members{}
	s := w.state(t)
	for _, m := range s.Members(w.name) {
		if m.How == workspace.ByOwnership {
			continue
		}
		if other, twice := out[m.Subject]; twice {
			t.Fatalf("%s: %s is %s and %s", what, m.Subject, other, m.Role)
		}
		out[m.Subject] = m.Role
		wantPair := m.Flavor == workspace.Kubeflow && m.Subject.Kind != "ServiceAccount"
		if isPair := m.How == workspace.ByPair; isPair != wantPair {
			t.Fatalf("%s: %s is there by %s (binding %s)", what, m.Subject, m.How, m.ObjectName())
		}
	}
	if got := len(s.Policies(w.name)); got > len(out)+1 { // and the owner's
		t.Fatalf("%s: %d policies for %d members", what, got, len(out))
	}
	return out
}
