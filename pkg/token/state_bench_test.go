package token_test

import (
	"fmt"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/token"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// many has so many tokens that have ended, each with what belongs to it, among 20 times as many bindings.
func many(n int) (*inventory.Inventory, *rbac.Index) {
	one := world()
	inv, snapshot := &inventory.Inventory{Custom: map[inventory.Kind][]*unstructured.Unstructured{}}, &rbac.Snapshot{}
	for i := range n {
		name := fmt.Sprintf("t%d", i)
		account := one.ServiceAccounts[0].DeepCopy()
		account.Name, account.Labels = name, map[string]string{token.Label: name}
		secret := one.Custom[inventory.TokenSecrets][0].DeepCopy()
		secret.SetName(name + "-1")
		secret.SetLabels(account.Labels)
		secret.SetAnnotations(map[string]string{workspace.ExpiresAnnotation: "2026-01-01"})
		role := one.Custom[inventory.Roles][0].DeepCopy()
		role.SetName(name)
		role.SetLabels(account.Labels)
		inv.ServiceAccounts = append(inv.ServiceAccounts, account)
		inv.Custom[inventory.TokenSecrets] = append(inv.Custom[inventory.TokenSecrets], secret)
		inv.Custom[inventory.Roles] = append(inv.Custom[inventory.Roles], role)
		snapshot.Roles = append(snapshot.Roles, rbac.Role{Namespace: "shop", Name: name, Rules: pods})
		for j := range 20 {
			b := one.RoleBindings[0].DeepCopy()
			if j > 0 {
				b.Name, b.Subjects[0].Name = fmt.Sprintf("%s-%d", name, j), fmt.Sprintf("other%d", j)
			} else {
				b.Name, b.Labels, b.RoleRef.Name, b.Subjects[0].Name = name, account.Labels, name, name
			}
			inv.RoleBindings = append(inv.RoleBindings, b)
			snapshot.Bindings = append(snapshot.Bindings, rbac.Binding{Namespace: "shop", Name: b.Name, RoleRef: b.RoleRef, Subjects: []rbacv1.Subject{b.Subjects[0]}})
		}
	}
	return inv, rbac.Compile(snapshot)
}

func BenchmarkJudge(b *testing.B) {
	inv, index := many(1000)
	for b.Loop() {
		if found := token.Judge(token.NewState(inv, index, now)); len(found) != 1000 {
			b.Fatalf("%d findings, want 1000", len(found))
		}
	}
}
