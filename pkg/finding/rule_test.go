package finding_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

func TestNamespaceOf(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"":                                   "",
		"rolebinding dev/x":                  "dev",
		"clusterauthentication kcm-system/x": "kcm-system",
		"profile dev":                        "dev",
		"namespace dev":                      "dev",
		"user a/b":                           "",
		"clusterrole edit":                   "",
		"accessmanagement kcm":               "",
	}
	for object, want := range tests {
		if got := finding.NamespaceOf(object); got != want {
			t.Errorf("NamespaceOf(%q) = %q, want %q", object, got, want)
		}
	}
}

func TestRules(t *testing.T) {
	t.Parallel()
	quotas := []inventory.Kind{inventory.Quotas}
	got := finding.Rules(
		[]finding.Rule{{ID: "GH003"}, {ID: "KF014", Needs: quotas}, {ID: "KF001"}}, []finding.Rule{{ID: "GH001"}, {ID: "KF014", Needs: quotas}},
	)
	want := []finding.Rule{{ID: "KF001"}, {ID: "KF014", Needs: quotas}, {ID: "GH001"}, {ID: "GH003"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
}

func TestSilences(t *testing.T) {
	t.Parallel()
	rules := []finding.Rule{
		{ID: "A", Needs: []inventory.Kind{inventory.Profiles}}, {ID: "B", Needs: []inventory.Kind{inventory.Quotas, inventory.Profiles}}, {ID: "C"},
	}
	gap := func(kind inventory.Kind) rbac.Gap {
		return rbac.Gap{What: string(kind) + " in all namespaces", Missing: &rbacv1.PolicyRule{Resources: []string{string(kind)}}}
	}
	tests := map[string]struct {
		gaps []rbac.Gap
		want []finding.Silence
	}{
		"complete":         {nil, nil},
		"no rule needs it": {[]rbac.Gap{gap(inventory.Volumes)}, nil},
		"one":              {[]rbac.Gap{gap(inventory.Quotas)}, []finding.Silence{{inventory.Quotas, []string{"B"}}}},
		"two": {
			[]rbac.Gap{gap(inventory.Quotas), gap(inventory.Profiles)},
			[]finding.Silence{{inventory.Profiles, []string{"A", "B"}}, {inventory.Quotas, []string{"B"}}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := finding.Silences(&inventory.Inventory{Gaps: tt.gaps}, rules, inventory.Profiles, inventory.Quotas, inventory.Volumes)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("silences (-want +got):\n%s", diff)
			}
		})
	}
}
