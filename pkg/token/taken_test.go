package token_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/token"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// Who may not list Secrets does not know whether a token is revoked, and is told nothing else.
func TestUnseen(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change  func(*inventory.Inventory)
		revoked bool
		unseen  bool
	}{
		"there":   {},
		"revoked": {change: func(inv *inventory.Inventory) { delete(inv.Custom, inventory.TokenSecrets) }, revoked: true},
		"refused": {change: func(inv *inventory.Inventory) {
			delete(inv.Custom, inventory.TokenSecrets)
			inv.Gaps = []rbac.Gap{{What: inventory.TokenSecrets.Called()[0] + " in namespace shop"}}
		}, unseen: true},
		"not asked for": {change: func(inv *inventory.Inventory) {
			delete(inv.Custom, inventory.TokenSecrets)
			inv.Served = nil
		}, unseen: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := world()
			inv.Served = map[inventory.Kind]bool{inventory.TokenSecrets: true}
			if tt.change != nil {
				tt.change(inv)
			}
			found, err := token.NewState(inv, nil, now).Find("shop", "ci")
			if err != nil || len(found) != 1 {
				t.Fatalf("%v, %v", found, err)
			}
			if got := found[0]; got.Revoked() != tt.revoked || got.Ended(now) != tt.revoked || got.Unseen != tt.unseen {
				t.Errorf("revoked %v, ended %v, unseen %v: want %v, %v", got.Revoked(), got.Ended(now), got.Unseen, tt.revoked, tt.unseen)
			}
		})
	}
}

// An old token that was left after it was exchanged goes by itself: the account has a new one.
func TestRevokeOldOfTwo(t *testing.T) {
	t.Parallel()
	inv := world()
	old := inv.Custom[inventory.TokenSecrets][0]
	old.SetAnnotations(map[string]string{workspace.ExpiresAnnotation: now.Add(-time.Hour).Format(time.RFC3339)})
	fresh := old.DeepCopy()
	fresh.SetName("ci-2")
	fresh.SetUID("s2")
	fresh.SetAnnotations(map[string]string{workspace.ExpiresAnnotation: now.Add(time.Hour).Format(time.RFC3339)})
	inv.Custom[inventory.TokenSecrets] = append(inv.Custom[inventory.TokenSecrets], fresh)
	s := token.NewState(inv, nil, now)
	p, notes, err := token.Revoke(s, s.Expired("shop"), false)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"delete secret shop/ci-1"}, p.Strings()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"serviceaccount shop/ci stays: another token of it is good"}, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	for _, f := range token.Judge(s) {
		if f.ID == "TK010" && (f.Fix == nil || len(f.Fix.Steps) != 1) {
			t.Errorf("the fix takes away more than the old token: %v", f.Fix)
		}
	}
	all, err := s.Find("shop", "ci")
	if err != nil {
		t.Fatal(err)
	}
	if p, _, err := token.Revoke(s, all, false); err != nil || len(p.Steps) != 5 {
		t.Errorf("by its name: %q, %v", p.Strings(), err)
	}
}

// Bindings that were there before make more of a new token than was asked for.
func TestCreateBound(t *testing.T) {
	t.Parallel()
	inv := world()
	give := func(name, role string, subject rbacv1.Subject) {
		b := inv.RoleBindings[0].DeepCopy()
		b.Name, b.Labels, b.RoleRef, b.Subjects = name, nil, rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role}, []rbacv1.Subject{subject}
		inv.RoleBindings = append(inv.RoleBindings, b)
	}
	account := rbacv1.Subject{Kind: "ServiceAccount", Namespace: "shop", Name: "scan"}
	give("left", "all", account)
	give("trap", "scan", rbacv1.Subject{Kind: "User", APIGroup: rbacv1.GroupName, Name: "mallory"})
	snapshot := &rbac.Snapshot{
		Roles: []rbac.Role{{Namespace: "shop", Name: "all", Rules: []rbacv1.PolicyRule{{Verbs: []string{"get"}, APIGroups: []string{""}, Resources: []string{"secrets"}}}}},
	}
	for _, b := range inv.RoleBindings {
		snapshot.Bindings = append(snapshot.Bindings, rbac.Binding{Namespace: "shop", Name: b.Name, RoleRef: b.RoleRef, Subjects: b.Subjects})
	}
	d, err := token.Create(token.NewState(inv, rbac.Compile(snapshot), now), token.Request{Namespace: "shop", Name: "scan", Rules: pods, Expires: now.Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"the token may do more than was asked for, since its account is bound already: rolebinding/left > role/all in shop",
		"rolebinding shop/trap gives the Role of the token to user:mallory too",
	}
	if diff := cmp.Diff(want, d.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
}

// Two tokens of one second never share a Secret: what ends the old one would end the new.
func TestRotateAtOnce(t *testing.T) {
	t.Parallel()
	inv := world()
	inv.Custom[inventory.TokenSecrets][0].SetName("ci-20261122-120000")
	d, err := token.Create(token.NewState(inv, nil, now), token.Request{Namespace: "shop", Name: "ci", Rotate: true, Expires: now.Add(time.Hour)})
	if err != nil || d.Secret != "ci-20261122-120001" {
		t.Fatalf("secret %q, %v", d.Secret, err)
	}
	if got := strings.Join(d.After.Strings(), "; "); got != "delete secret shop/ci-20261122-120000" {
		t.Errorf("after: %s", got)
	}
}

// That nothing is found where not all could be read does not mean that there is nothing.
func TestMayUnknown(t *testing.T) {
	t.Parallel()
	for gaps, want := range map[string]bool{"": true, "clusterroles": false} {
		snapshot := &rbac.Snapshot{}
		if gaps != "" {
			snapshot.Gaps = []rbac.Gap{{What: gaps}}
		}
		s := token.NewState(world(), rbac.Compile(snapshot), now)
		found, err := s.Find("shop", "ci")
		if err != nil {
			t.Fatal(err)
		}
		if may := s.MayOf(found[0]); may.Known != want {
			t.Errorf("gaps %q: %q, known %v", gaps, may.Short(), may.Known)
		}
	}
}
