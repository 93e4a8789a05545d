package rbac_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Grants that are made one by one are those that are made at once, for random roles and bindings.
func TestGranted(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		snap := randomSnapshot(seed)
		if seed%2 == 0 {
			snap.Bindings[0].Subjects = append(snap.Bindings[0].Subjects, rbac.Group(rbac.GroupMasters).RBAC())
		}
		ix := rbac.Compile(snap)
		for _, a := range actions() {
			for _, scope := range []rbac.Scope{rbac.InNamespace, rbac.Anywhere} {
				want, got := ix.WhoCan(a, scope), ix.Granted(a, scope)
				var grants []rbac.Grant
				for n := range got.Len() {
					grants = append(grants, got.Grant(n))
					if got.Subject(n) != grants[n].Subject {
						t.Errorf("seed %d, %s: subject %d is %s, of the grant %s", seed, a, n, got.Subject(n), grants[n].Subject)
					}
					everywhere, namespaces := got.Reach(n)
					if diff := cmp.Diff(grants[n].Namespaces, namespaces, cmpopts.EquateEmpty()); diff != "" || everywhere != grants[n].Everywhere && !grants[n].Superuser {
						t.Errorf("seed %d, %s: subject %d reaches everywhere %t (-grant +reach):\n%s", seed, a, n, everywhere, diff)
					}
				}
				if diff := cmp.Diff(want, rbac.Answer{Grants: grants, OnlyNamed: got.OnlyNamed()}, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("seed %d, %s in %q (-want +got):\n%s", seed, a, a.Namespace, diff)
				}
			}
		}
	}
}

// The namespaces in which something is allowed are those of which that is true, one by one.
func TestAllowedIn(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		ix := rbac.Compile(randomSnapshot(seed))
		for _, a := range actions() {
			for _, s := range ix.Subjects() {
				id := rbac.NewIdentity(s)
				if a.Namespace = ""; ix.Allowed(id, a) {
					continue
				}
				var want []string
				for _, ns := range ix.Namespaces() {
					a.Namespace = ns
					if ix.Allowed(id, a) {
						want = append(want, ns)
					}
				}
				if diff := cmp.Diff(want, ix.AllowedIn(id, a), cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("seed %d, %s %s (-want +got):\n%s", seed, s, a, diff)
				}
			}
		}
	}
}
