package kalm_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/kalm"
)

// Only where a namespace is not known, and makes a difference, is it taken for an application.
func TestAssume(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		binding kalm.Binding
		want    []string
	}{
		"application":           {user("shop", "a@x", kalm.Editor), nil},
		"no application":        {user("plain", "a@x", kalm.Editor), nil},
		"not known":             {user("mill", "a@x", kalm.Editor), []string{"mill"}},
		"Kalm's own, not known": {user(kalm.SystemNamespace, "a@x", kalm.Editor), []string{kalm.SystemNamespace}},
		"role of the cluster":   {user(kalm.SystemNamespace, "a@x", kalm.ClusterEditor), nil},
		"suspended":             {user(kalm.SystemNamespace, "a@x", kalm.Suspended), nil},
		"trap":                  {user(kalm.TrapNamespace, "a@x", kalm.Owner), nil},
		"no role":               {user("mill", "a@x", "admin"), nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := kalm.World{
				Namespaces: []kalm.Namespace{{Name: "shop", Enabled: true}, {Name: "plain"}}, Bindings: []kalm.Binding{tc.binding}, Now: now,
			}
			if diff := cmp.Diff(tc.want, w.Assume()); diff != "" {
				t.Errorf("assumed (-want +got):\n%s", diff)
			}
			r := kalm.Request{Action: kalm.View, Namespace: tc.binding.Namespace}
			if got := kalm.NewPolicy(w).Decide(kalm.Asker{User: "a@x"}, r).Allowed; got != (tc.want != nil || name == "application" || name == "role of the cluster" || name == "trap") {
				t.Errorf("may view its namespace: %t", got)
			}
		})
	}
}
