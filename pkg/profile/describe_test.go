package profile_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func TestDescribe(t *testing.T) {
	t.Parallel()
	broken := teamA(t).
		remove("ServiceAccount", "team-a", "default-viewer").
		remove("ResourceQuota", "team-a", "kf-resource-quota").
		change("RoleBinding", "team-a", "namespaceAdmin", bob, "metadata", "annotations", "user").
		change("AuthorizationPolicy", "team-a", "ns-owner-access-istio", []any{}, "spec", "rules").
		change("Namespace", "", "team-a", bob, "metadata", "annotations", "owner")
	broken.gaps = []rbac.Gap{gap(inventory.Quotas)}
	busy := rich(t)
	for i := range 30 {
		busy.yaml(fmt.Sprintf(`
apiVersion: v1
kind: Event
metadata: {name: e%d, namespace: team-a}
involvedObject: {kind: Pod, name: p}
type: Warning
reason: BackOff
message: restarting
count: %d
lastTimestamp: "2026-11-22T11:%02d:00Z"`, i, i, i))
	}
	busy.yaml(`
apiVersion: v1
kind: Event
metadata: {name: ns, namespace: default}
involvedObject: {kind: Namespace, name: team-a}
reason: Made
eventTime: "2026-11-22T11:40:00.000000Z"
series: {count: 7, lastObservedTime: "2026-11-22T11:50:00.000000Z"}
---
apiVersion: v1
kind: Event
metadata: {name: other, namespace: team-b}
involvedObject: {kind: Pod, name: q}`)
	// An owner may read what is in the namespace, and not the Profile.
	owners := teamA(t).remove("Profile", "", "team-a").remove("RoleBinding", "team-a", "default-viewer")
	owners.gaps = []rbac.Gap{gap(inventory.Profiles)}
	for name, tc := range map[string]struct {
		world *world
		name  string
	}{
		"kubeflow-owner": {owners, "team-a"},
		"kubeflow":       {busy, "team-a"}, "kubeflow-broken": {broken, "team-a"}, "native": {nativeTeam(t).yaml(shopQuota), "shop"},
		"native-broken": {nativeTeam(t).remove("RoleBinding", "shop", "gatehouse-owner"), "shop"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := profile.Describe(tc.world.state(), tc.name)
			if err != nil {
				t.Fatal(err)
			}
			doc, err := json.MarshalIndent(d, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			var members []string
			for _, m := range d.Members {
				members = append(members, fmt.Sprintf("member %s %s %s", m.Subject, m.RoleText(), m.How))
			}
			golden.Equal(t, string(doc)+"\n"+strings.Join(members, "\n")+"\n", "describe/"+name)
		})
	}
}

// What is left of a deleted profile is no workspace: the refusal says what it is, and what can be done.
func TestOrphan(t *testing.T) {
	t.Parallel()
	w := teamA(t).remove("Profile", "", "team-a")
	const want = "find profile \"team-a\": its Profile was deleted; the namespace is left, and who had rights in it still has them\n" +
		"hint: kubectl profile adopt team-a makes it one again; kubectl delete namespace team-a deletes what is left"
	_, err := profile.Describe(w.state(), "team-a")
	refusal(t, err, want)
	_, _, _, err = profile.Delete(w.state(), "team-a", false)
	refusal(t, err, want)
	_, _, err = profile.Transfer(w.state(), "team-a", user(bob), "")
	refusal(t, err, want)

	p, _, err := profile.Adopt(w.state(), "team-a", rbac.Subject{})
	if err != nil {
		t.Fatal(err)
	}
	w.carryOut(p, -1)
	if status := stateOf(t, w, "team-a"); status.Phase != workspace.Pending && status.Phase != workspace.Ready {
		t.Errorf("adopted: %+v", status)
	}
}
