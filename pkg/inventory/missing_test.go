package inventory_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// TestMissingOfNamesakes checks that a gap of a kind is none of another one whose resource is called the same.
func TestMissingOfNamesakes(t *testing.T) {
	t.Parallel()
	gap := func(what, group, resource string) rbac.Gap {
		return rbac.Gap{What: what, Missing: &rbacv1.PolicyRule{Verbs: []string{"list"}, APIGroups: []string{group}, Resources: []string{resource}}}
	}
	tests := map[string]struct {
		gap   rbac.Gap
		kinds []inventory.Kind
	}{
		"role bindings":                    {gap("rolebindings", rbacv1.GroupName, "rolebindings"), []inventory.Kind{inventory.RoleBindings}},
		"role bindings of Kalm":            {gap("rolebindings.core.kalm.dev", "core.kalm.dev", "rolebindings"), []inventory.Kind{inventory.KalmBindings}},
		"role bindings of Kalm, no rule":   {rbac.Gap{What: "rolebindings.core.kalm.dev"}, []inventory.Kind{inventory.KalmBindings}},
		"role bindings, no rule":           {rbac.Gap{What: "rolebindings in namespace x"}, []inventory.Kind{inventory.RoleBindings}},
		"annotations":                      {rbac.Gap{What: "annotations of rolebindings"}, nil},
		"flavors":                          {gap("resourceflavors", "kueue.x-k8s.io", "resourceflavors"), []inventory.Kind{inventory.ResourceFlavors}},
		"flavors of Kaiwo":                 {gap("resourceflavors", "kaiwo.silogen.ai", "resourceflavors"), nil},
		"secrets":                          {gap("2 secrets in namespace x", "", "secrets"), []inventory.Kind{inventory.Secrets}},
		"secrets of tokens":                {gap("token secrets in all namespaces", "", "secrets"), []inventory.Kind{inventory.TokenSecrets}},
		"secrets of tokens, no rule":       {rbac.Gap{What: "token secrets"}, []inventory.Kind{inventory.TokenSecrets}},
		"one of two resources":             {gap("deployments in namespace kaiwo-system", "apps", "deployments"), []inventory.Kind{inventory.QueueOperators}},
		"one of two resources, no rule":    {rbac.Gap{What: "validatingwebhookconfigurations"}, []inventory.Kind{inventory.Webhooks}},
		"a kind that begins like another":  {rbac.Gap{What: "jobsets"}, nil},
		"a kind of which nothing is known": {rbac.Gap{What: "resources of apps"}, nil},
	}
	kinds := []inventory.Kind{
		inventory.RoleBindings, inventory.KalmBindings, inventory.ResourceFlavors, inventory.Secrets, inventory.TokenSecrets,
		inventory.QueueOperators, inventory.Webhooks, inventory.Jobs, inventory.KaiwoJobs, inventory.Controller,
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inv := &inventory.Inventory{Gaps: []rbac.Gap{tt.gap}}
			var got []inventory.Kind
			for _, kind := range kinds {
				if inv.Missing(kind) != nil {
					got = append(got, kind)
				}
			}
			if diff := cmp.Diff(tt.kinds, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDigest(t *testing.T) {
	t.Parallel()
	const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" // from FIPS 180-2
	if got, want := inventory.Digest("abc"), "sha256:"+abc+":3"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if sum, length, ok := inventory.ReadDigest(inventory.Digest("abc")); sum != abc || length != 3 || !ok {
		t.Errorf("%s, %d, %v", sum, length, ok)
	}
	for _, text := range []string{"", "abc", abc, "sha256:" + abc, "sha256:" + abc + ":x", "sha256:abc:3"} {
		if _, _, ok := inventory.ReadDigest(text); ok {
			t.Errorf("%q is taken for a digest", text)
		}
	}
}
