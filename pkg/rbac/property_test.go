package rbac_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// randomSnapshot makes a few objects out of few words, so that they meet often. No two of a kind have the same name.
func randomSnapshot(seed uint64) *rbac.Snapshot {
	r := rand.New(rand.NewPCG(seed, 3)) //nolint:gosec // has to be repeatable
	pick := func(words ...string) string { return words[r.IntN(len(words))] }
	some := func() []rbacv1.PolicyRule {
		var rules []rbacv1.PolicyRule
		for range r.IntN(4) {
			p := rbacv1.PolicyRule{Verbs: []string{pick("get", "list", "*")}, APIGroups: []string{""}, Resources: []string{pick("pods", "secrets", "*")}}
			if r.IntN(3) == 0 {
				p.ResourceNames = []string{pick("db", "web")}
			}
			rules = append(rules, p)
		}
		return rules
	}
	snap := &rbac.Snapshot{}
	for i := range 4 {
		role := rbac.Role{Name: fmt.Sprintf("c%d", i), Rules: some(), Labels: map[string]string{"to": pick("a", "b", "c")}}
		if r.IntN(3) == 0 {
			role.Aggregates = []metav1.LabelSelector{{MatchLabels: map[string]string{"to": pick("a", "b")}}}
		}
		snap.Roles = append(snap.Roles, role, rbac.Role{Namespace: pick("dev", "qa"), Name: fmt.Sprintf("r%d", i), Rules: some()})
	}
	for i := range 8 {
		ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: pick("c0", "c1", "c2", "c3", "gone")}
		b := rbac.Binding{Namespace: pick("dev", "qa", ""), Name: fmt.Sprintf("b%d", i), RoleRef: ref}
		for range 1 + r.IntN(3) {
			b.Subjects = append(b.Subjects, rbac.User(pick("alice", "bob")).RBAC(), rbac.Group(pick("ops", rbac.GroupAuthenticated)).RBAC())
		}
		snap.Bindings = append(snap.Bindings, b)
	}
	return snap
}

func actions() []rbac.Action {
	var list []rbac.Action
	for _, verb := range []string{"get", "list", "delete"} {
		for _, resource := range []string{"pods", "secrets"} {
			for _, ns := range []string{"", "dev", "qa", "prod"} {
				list = append(list, rbac.Action{Verb: verb, Resource: resource, Namespace: ns})
			}
		}
	}
	return list
}

// everything asks all there is to ask, and prints it.
func everything(ix *rbac.Index) []string {
	var out []string
	for _, a := range actions() {
		for _, scope := range []rbac.Scope{rbac.InNamespace, rbac.Anywhere} {
			answer := ix.WhoCan(a, scope)
			for _, g := range slices.Concat(answer.Grants, answer.OnlyNamed) {
				line := fmt.Sprintf("%s %q %d: %s %v %q %q", a, a.Namespace, scope, g.Subject, g.Everywhere, g.Namespaces, g.Names)
				for i := range g.Proofs {
					line += fmt.Sprintf(" %s/%s %d", g.Proofs[i].Binding.Namespace, g.Proofs[i].Binding.Name, g.Proofs[i].Rule)
				}
				out = append(out, line)
			}
		}
		for _, s := range ix.Subjects() {
			for _, p := range ix.Can(rbac.NewIdentity(s), a).Proofs {
				out = append(out, fmt.Sprintf("%s %q: %s %s %s/%s %d", a, a.Namespace, s, p.Via, p.Binding.Namespace, p.Binding.Name, p.Rule))
			}
		}
	}
	for _, s := range ix.Subjects() {
		for _, r := range ix.Rights(rbac.NewIdentity(s), "") {
			out = append(out, fmt.Sprintf("%s: %v %q %q %q %q %d", s, r.Everywhere, r.Namespaces, r.Resource, r.Names, r.Verbs, len(r.Sources)))
		}
	}
	return out
}

// TestOrderOfObjects checks that it does not matter in which order objects come, nor how often one asks.
func TestOrderOfObjects(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		snap := randomSnapshot(seed)
		ix := rbac.Compile(snap)
		want := everything(ix)
		if diff := cmp.Diff(want, everything(ix)); diff != "" {
			t.Fatalf("seed %d: asked twice (-first +second):\n%s", seed, diff)
		}
		shuffled := *snap
		shuffled.Roles, shuffled.Bindings = slices.Clone(snap.Roles), slices.Clone(snap.Bindings)
		slices.Reverse(shuffled.Roles)
		slices.Reverse(shuffled.Bindings)
		if diff := cmp.Diff(want, everything(rbac.Compile(&shuffled))); diff != "" {
			t.Fatalf("seed %d: in another order (-want +got):\n%s", seed, diff)
		}
		if diff := cmp.Diff(randomSnapshot(seed), snap); diff != "" {
			t.Fatalf("seed %d: the snapshot was changed:\n%s", seed, diff)
		}
	}
}

// TestDiffBothWays checks that what is gained in one direction is lost in the other, and that nothing differs from itself.
func TestDiffBothWays(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		a, b := rbac.Compile(randomSnapshot(seed)), rbac.Compile(randomSnapshot(seed+1))
		if changes := rbac.Diff(a, rbac.Compile(randomSnapshot(seed))); len(changes) > 0 {
			t.Fatalf("seed %d: differs from itself: %+v", seed, changes)
		}
		lines := func(changes []rbac.Change, turned bool) []string {
			var out []string
			for _, c := range changes {
				out = append(out, fmt.Sprintf("%s %v %v %q %q %q %q", c.Subject, c.Gained != turned, c.Right.Everywhere, c.Right.Namespaces,
					c.Right.Resource, c.Right.Names, c.Right.Verbs))
			}
			slices.Sort(out)
			return out
		}
		if diff := cmp.Diff(lines(rbac.Diff(a, b), false), lines(rbac.Diff(b, a), true)); diff != "" {
			t.Fatalf("seed %d: not the same both ways (-there +back):\n%s", seed, diff)
		}
	}
}

// TestShare uses one index from several goroutines; the race detector says whether they get into each other's way.
func TestShare(t *testing.T) {
	t.Parallel()
	ix := rbac.Compile(randomSnapshot(1))
	want := everything(ix)
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, everything(ix)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
