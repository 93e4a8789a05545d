package profile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// plain returns a world with a namespace "lab" that is no workspace.
func plain(t *testing.T, flavor workspace.Flavor) *world {
	t.Helper()
	return newWorld(t, flavor).yaml("{apiVersion: v1, kind: Namespace, metadata: {name: lab, uid: ns-lab, labels: {a: b}}}")
}

func TestAdopt(t *testing.T) {
	t.Parallel()
	withLabels := plain(t, workspace.Kubeflow).yaml(`
apiVersion: v1
kind: ResourceQuota
metadata: {name: kf-resource-quota, namespace: lab}
spec: {hard: {pods: "5"}}
---
{apiVersion: v1, kind: Pod, metadata: {name: p, namespace: lab}}`)
	withLabels.config = &kubeflow.Config{NamespaceLabels: map[string]string{
		"app.kubernetes.io/part-of": "kubeflow-profile", "a": "c", "pod-security.kubernetes.io/enforce": "baseline",
	}}
	half := plain(t, workspace.Kubeflow).change("Namespace", "", "lab", map[string]any{"owner": alice}, "metadata", "annotations")
	half.add(made("lab", alice, "")[0])
	noIstio := plain(t, workspace.Kubeflow)
	noIstio.noIstio = true
	tests := map[string]struct {
		world *world
		owner rbac.Subject
	}{
		"kubeflow":          {plain(t, workspace.Kubeflow), user(alice)},
		"kubeflow-labels":   {withLabels, user(alice)},
		"kubeflow-half":     {half, user(alice)},
		"kubeflow-no-istio": {noIstio, user(alice)},
		"kubeflow-ambient":  {plain(t, workspace.Kubeflow).change("Namespace", "", "lab", "ambient", "metadata", "labels", "istio.io/dataplane-mode"), user(alice)},
		"kubeflow-revision": {plain(t, workspace.Kubeflow).change("Namespace", "", "lab", "1-22", "metadata", "labels", "istio.io/rev"), user(alice)},
		"kubeflow-own-owner": {
			plain(t, workspace.Kubeflow).change("Namespace", "", "lab", map[string]any{"owner": carol}, "metadata", "annotations"), rbac.Subject{},
		},
		"native":       {plain(t, workspace.Native), rbac.Group("lab")},
		"native-there": {nativeTeam(t).clone(), user(alice)},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ns := "lab"
			if name == "native-there" {
				ns = "shop"
			}
			p, notes, err := profile.Adopt(tc.world.state(), ns, tc.owner)
			if err != nil {
				t.Fatalf("Adopt: %v", err)
			}
			golden.Equal(t, shown(t, p, notes), "adopt/"+name)

			// The second half, then nothing is left to do.
			tc.world.carryOut(p, -1)
			if tc.world.flavor == workspace.Kubeflow {
				second, _, err := profile.AdoptOwnerReference(tc.world.state(), ns)
				if err != nil {
					t.Fatalf("AdoptOwnerReference: %v", err)
				}
				tc.world.carryOut(second, -1)
				references := tc.world.get("Namespace", "", ns).GetOwnerReferences()
				if len(references) != 1 || references[0].UID != tc.world.get("Profile", "", ns).GetUID() || references[0].Controller == nil || !*references[0].Controller {
					t.Errorf("owner references: %v", references)
				}
			}
			again, _, err := profile.Adopt(tc.world.state(), ns, tc.owner)
			if err != nil || len(again.Steps) > 0 {
				t.Errorf("the second time: %v, error %v", again.Strings(), err)
			}
		})
	}
}

func TestAdoptRefuses(t *testing.T) {
	t.Parallel()
	annotated := func(key, value string) *world {
		return plain(t, workspace.Kubeflow).change("Namespace", "", "lab", map[string]any{key: value}, "metadata", "annotations")
	}
	withProfile := plain(t, workspace.Kubeflow)
	withProfile.add(made("lab", bob, "")[0])
	going := plain(t, workspace.Kubeflow)
	going.add(made("lab", alice, "")[0])
	going.change("Profile", "", "lab", "2026-11-22T11:59:00Z", "metadata", "deletionTimestamp")
	tests := map[string]struct {
		world *world
		name  string
		owner rbac.Subject
		want  string
	}{
		"system":       {plain(t, workspace.Kubeflow), "kube-system", user(alice), `adopt namespace "kube-system": it belongs to the system`},
		"not there":    {plain(t, workspace.Kubeflow), "nope", user(alice), "adopt namespace \"nope\": there is no such namespace, or it cannot be read\nhint: kubectl profile create nope --owner OWNER makes it"},
		"no owner":     {plain(t, workspace.Kubeflow), "lab", rbac.Subject{}, "the owner is missing\nhint: --owner alice@example.com"},
		"another's":    {annotated("owner", bob), "lab", user(alice), "adopt namespace \"lab\": it belongs to user:bob@example.com\nhint: kubectl profile adopt lab --owner user:bob@example.com, then kubectl profile transfer lab --owner user:alice@example.com"},
		"has profile":  {withProfile, "lab", user(alice), "adopt namespace \"lab\": there is a profile of this name, and it belongs to user:bob@example.com\nhint: kubectl profile transfer lab --owner user:alice@example.com hands it on"},
		"going":        {going, "lab", user(alice), `adopt namespace "lab": a profile of this name is being deleted`},
		"sidecars off": {plain(t, workspace.Kubeflow).change("Namespace", "", "lab", "disabled", "metadata", "labels", "istio-injection"), "lab", user(alice), "adopt namespace \"lab\": Istio's sidecars are turned off in it (istio-injection=disabled), so that its policies would not be enforced\nhint: kubectl label namespace lab istio-injection-"},
		"native":       {plain(t, workspace.Kubeflow).change("Namespace", "", "lab", "true", "metadata", "labels", "gatehouse.dev/profile"), "lab", user(alice), "adopt namespace \"lab\": it is a native workspace\nhint: kubectl profile delete lab --keep-namespace makes it free"},
		"binding in the way": {
			plain(t, workspace.Kubeflow).yaml(`
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: default-editor, namespace: lab}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}`), "lab", user(alice),
			"adopt namespace \"lab\": its rolebinding default-editor has the role edit where Kubeflow's controller needs kubeflow-edit, and cannot change it\nhint: kubectl delete rolebinding default-editor -n lab",
		},
		"native of another": {nativeTeam(t), "shop", user(bob), "adopt namespace \"shop\": it belongs to user:alice@example.com\nhint: kubectl profile adopt shop --owner user:alice@example.com, then kubectl profile transfer shop --owner user:bob@example.com"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := profile.Adopt(tc.world.state(), tc.name, tc.owner)
			refusal(t, err, tc.want)
		})
	}
}

func TestAdoptOwnerReferenceRefuses(t *testing.T) {
	t.Parallel()
	_, _, err := profile.AdoptOwnerReference(plain(t, workspace.Kubeflow).state(), "lab")
	refusal(t, err, "own namespace \"lab\": its profile is not there yet\nhint: kubectl profile adopt lab makes it")

	stranger := plain(t, workspace.Kubeflow)
	stranger.add(made("lab", alice, "")[0])
	_, _, err = profile.AdoptOwnerReference(stranger.state(), "lab")
	refusal(t, err, "own namespace \"lab\": it does not name the profile's owner\nhint: kubectl profile adopt lab comes first")

	// A reference to a profile that is gone would take the namespace along.
	w := teamA(t).change("Profile", "", "team-a", "uid-new", "metadata", "uid")
	p, _, err := profile.AdoptOwnerReference(w.state(), "team-a")
	if err != nil {
		t.Fatal(err)
	}
	w.carryOut(p, -1)
	var uids []string
	for _, r := range w.get("Namespace", "", "team-a").GetOwnerReferences() {
		uids = append(uids, string(r.UID))
	}
	if diff := cmp.Diff([]string{"uid-new"}, uids); diff != "" {
		t.Errorf("owners (-want +got):\n%s", diff)
	}
}
