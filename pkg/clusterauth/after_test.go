package clusterauth

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// A Secret of manifests that can't be read takes the place of the one that is there: nothing is known of it any more.
func TestWithUnread(t *testing.T) {
	t.Parallel()
	encrypted := []rbac.Gap{{What: "secrets dex-ca in namespace team-a", Namespace: "team-a", Cause: "it is encrypted"}}
	other := []rbac.Gap{{What: "secrets more in namespace team-a", Namespace: "team-a", Cause: "it is encrypted"}}
	before := state(t, kcm, withCA, ca, deployment("dev", "{template: "+hosted+", clusterAuth: dex}"), release("dev", hashC))
	tests := map[string]struct {
		gaps    []rbac.Gap
		objects *inventory.Inventory
		want    Effect
		hash    string
	}{
		"nothing":         {nil, &inventory.Inventory{}, None, hashC},
		"it":              {encrypted, &inventory.Inventory{}, Unknown, ""},
		"it, by its name": {encrypted, read(t, withCA), Unknown, ""},
		"another one":     {other, &inventory.Inventory{}, None, hashC},
		"without it":      {encrypted, read(t, dex), Pods, hashA},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := before.WithUnread(tt.gaps, tt.objects.Objects(inventory.ClusterAuthentications)...)
			r := Rollouts(before, after)[0]
			if r.Effect != tt.want || r.NewHash != tt.hash {
				t.Errorf("effect %s with hash %q (%s), want %s with %q", r.Effect, r.NewHash, r.Why, tt.want, tt.hash)
			}
			if diff := cmp.Diff(tt.gaps, after.Inventory.Gaps); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
			if before.Secret("team-a", "dex-ca") == nil || len(before.Inventory.Gaps) > 0 {
				t.Error("the state before has changed")
			}
		})
	}
}
