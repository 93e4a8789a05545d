package profile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	networkingv1 "k8s.io/api/networking/v1"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

func networkPolicy() *networkingv1.NetworkPolicy { return &networkingv1.NetworkPolicy{} }

const (
	alice = "alice@example.com"
	bob   = "bob@example.com"
	carol = "carol@example.com"
)

func teamA(t *testing.T) *world {
	t.Helper()
	return newWorld(t, workspace.Kubeflow, append(made("team-a", alice, "4"), pair("team-a", bob, "edit")...)...)
}

func nativeTeam(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, workspace.Native)
	p, _, err := profile.Create(w.state(), profile.Spec{Name: "shop", Owner: user(alice)})
	if err != nil {
		t.Fatal(err)
	}
	w.carryOut(p, -1)
	return w
}

func TestTransfer(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		world func(*testing.T) *world
		name  string
		to    rbac.Subject
		keep  workspace.Role
	}{
		"kubeflow":                 {world: teamA, name: "team-a", to: user(bob), keep: workspace.Editor},
		"kubeflow-new":             {world: teamA, name: "team-a", to: user(carol)},
		"kubeflow-service-account": {world: teamA, name: "team-a", to: rbac.ServiceAccount("ci", "robot")},
		"kubeflow-already":         {world: teamA, name: "team-a", to: user(alice), keep: workspace.Viewer},
		"kubeflow-prefix": {
			world: func(t *testing.T) *world {
				w := newWorld(t, workspace.Kubeflow)
				w.config = &kubeflow.Config{UserIDHeader: "x-goog-authenticated-user-email", UserIDPrefix: "accounts.google.com:"}
				cfg := w.config.WithDefaults()
				for _, o := range made("team-a", alice, "") {
					w.add(o)
				}
				p, err := kubeflow.ReadProfile(w.get("Profile", "", "team-a"))
				if err != nil {
					t.Fatal(err)
				}
				w.add(kubeflow.OwnerPolicyObject(p, cfg))
				return w
			},
			name: "team-a", to: user(carol),
		},
		"kubeflow-two-subjects": {
			world: func(t *testing.T) *world {
				return teamA(t).change("RoleBinding", "team-a", "user-bob-example-com-clusterrole-edit", []any{
					map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": bob},
					map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": carol},
				}, "subjects")
			},
			name: "team-a", to: user(bob),
		},
		"native": {world: nativeTeam, name: "shop", to: user(bob), keep: workspace.Viewer},
		"native-by-hand": {
			world: func(t *testing.T) *world {
				return newWorld(t, workspace.Native).yaml(`
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {gatehouse.dev/profile: "true"}, annotations: {gatehouse.dev/owner: alice@example.com}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: owner, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: alice@example.com}]`)
			},
			name: "shop", to: rbac.Group("shop-leads"),
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := tc.world(t)
			p, notes, err := profile.Transfer(w.state(), tc.name, tc.to, tc.keep)
			if err != nil {
				t.Fatalf("Transfer: %v", err)
			}
			golden.Equal(t, shown(t, p, notes), "transfer/"+name)

			// What is done is not done again.
			w.carryOut(p, -1)
			again, _, err := profile.Transfer(w.state(), tc.name, tc.to, tc.keep)
			if err != nil {
				t.Fatalf("Transfer again: %v", err)
			}
			if len(again.Steps) > 0 {
				t.Errorf("the second time: %v", again.Strings())
			}
		})
	}
}

// Whatever a transfer was interrupted after, and whichever of the five places still name the old owner, the same transfer
// ends where an undisturbed one does.
func TestTransferCompletes(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]*world{"kubeflow": teamA(t), "native": nativeTeam(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			workspaceName := map[string]string{"kubeflow": "team-a", "native": "shop"}[name]
			whole, _, err := profile.Transfer(start.state(), workspaceName, user(bob), "")
			if err != nil {
				t.Fatal(err)
			}
			done := start.clone()
			done.carryOut(whole, -1)
			want := done.manifests()
			for mask := range 1 << len(whole.Steps) {
				part := whole
				part.Steps = nil
				for i, step := range whole.Steps {
					if mask&(1<<i) != 0 {
						part.Steps = append(part.Steps, step)
					}
				}
				w := start.clone()
				w.carryOut(part, -1)
				rest, _, err := profile.Transfer(w.state(), workspaceName, user(bob), "")
				if err != nil {
					t.Fatalf("after %v: %v", part.Strings(), err)
				}
				w.carryOut(rest, -1)
				if diff := cmp.Diff(want, w.manifests()); diff != "" {
					t.Errorf("after %v (-want +got):\n%s", part.Strings(), diff)
				}
			}
		})
	}
}

// A transfer that keeps the old owner as a member is completed, too, whatever step it was interrupted after.
func TestTransferCompletesKeeping(t *testing.T) {
	t.Parallel()
	for name, start := range map[string]*world{"team-a": teamA(t), "shop": nativeTeam(t)} {
		whole, _, err := profile.Transfer(start.state(), name, user(bob), workspace.Viewer)
		if err != nil {
			t.Fatal(err)
		}
		done := start.clone()
		done.carryOut(whole, -1)
		for n := range len(whole.Steps) {
			w := start.clone()
			w.carryOut(whole, n)
			rest, _, err := profile.Transfer(w.state(), name, user(bob), workspace.Viewer)
			if err != nil {
				t.Fatalf("%s after %d steps: %v", name, n, err)
			}
			w.carryOut(rest, -1)
			if diff := cmp.Diff(done.manifests(), w.manifests()); diff != "" {
				t.Errorf("%s after %d steps (-want +got):\n%s", name, n, diff)
			}
		}
	}
}

func TestTransferOrder(t *testing.T) {
	t.Parallel()
	p, _, err := profile.Transfer(teamA(t).state(), "team-a", user(bob), workspace.Editor)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"create rolebinding team-a/user-alice-example-com-clusterrole-edit",
		"create authorizationpolicy team-a/user-alice-example-com-clusterrole-edit",
		"update namespace team-a",
		"update profile team-a",
		"update rolebinding team-a/namespaceAdmin",
		"update authorizationpolicy team-a/ns-owner-access-istio",
		"delete authorizationpolicy team-a/user-bob-example-com-clusterrole-edit",
		"delete rolebinding team-a/user-bob-example-com-clusterrole-edit",
	}
	if diff := cmp.Diff(want, p.Strings()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
}

func TestTransferRefuses(t *testing.T) {
	t.Parallel()
	missing := func(w *world, kinds ...inventory.Kind) *world {
		for _, kind := range kinds {
			w.gaps = append(w.gaps, gap(kind))
		}
		return w
	}
	tests := map[string]struct {
		world *world
		name  string
		to    rbac.Subject
		keep  workspace.Role
		want  string
	}{
		"no such profile": {
			world: teamA(t), name: "team-b", to: user(bob),
			want: "find profile \"team-b\": there is none\nhint: did you mean team-a?",
		},
		"group": {
			world: teamA(t), name: "team-a", to: rbac.Group("ml"),
			want: "owner group:ml: Kubeflow knows owners by their user name: of a group, nobody could manage the workspace\n" +
				"hint: name a user as the owner, and share with the group: kubectl contrib add group:ml --role editor",
		},
		"two owners": {
			world: teamA(t), name: "team-a", to: user(bob), keep: workspace.Owner,
			want: "transfer profile \"team-a\": a Kubeflow profile has one owner: a second one would be shown as the owner, and could not manage it\n" +
				"hint: --keep-old-as editor",
		},
		"namesake": {
			world: newWorld(t, workspace.Kubeflow, append(made("team-a", "b.b@example.com", ""), pair("team-a", "b-b@example.com", "edit")...)...),
			name:  "team-a", to: user(carol), keep: workspace.Editor,
			want: "transfer profile \"team-a\": the old owner cannot be kept as editor: an object called user-b-b-example-com-clusterrole-edit is there already\n" +
				"hint: transfer it without --keep-old-as, then kubectl contrib add user:b.b@example.com --role editor -n team-a --name NAME",
		},
		"foreign namespace": {
			world: newWorld(t, workspace.Kubeflow, made("team-a", alice, "")[0]).yaml("{apiVersion: v1, kind: Namespace, metadata: {name: team-a}}"),
			name:  "team-a", to: user(bob),
			want: "transfer profile \"team-a\": the namespace of this name was never the profile's\n" +
				"hint: kubectl profile adopt team-a --owner user:bob@example.com takes it over",
		},
		"bindings that cannot be read": {
			world: missing(teamA(t), inventory.RoleBindings), name: "team-a", to: user(bob),
			want: "transfer profile \"team-a\": cannot read rolebindings, which may name the old owner\n" +
				"hint: it takes the rule {resources: [rolebindings], verbs: [list]}",
		},
		"nothing can be read": {
			world: missing(teamA(t).remove("Namespace", "", "team-a"), inventory.Namespaces, inventory.RoleBindings, inventory.Policies),
			name:  "team-a", to: user(bob),
			want: "transfer profile \"team-a\": cannot read namespaces, rolebindings, authorizationpolicies, which may name the old owner\n" +
				"hint: it takes the rule {resources: [authorizationpolicies, namespaces, rolebindings], verbs: [list]}",
		},
		"native bindings": {
			world: missing(nativeTeam(t), inventory.RoleBindings), name: "shop", to: user(bob),
			want: "transfer profile \"shop\": cannot read rolebindings, which may name the old owner\n" +
				"hint: it takes the rule {resources: [rolebindings], verbs: [list]}",
		},
		"profile that cannot be read": {
			world: missing(teamA(t).remove("Profile", "", "team-a"), inventory.Profiles), name: "team-a", to: user(bob),
			want: "transfer profile \"team-a\": its Profile cannot be read\nhint: it takes the rule {resources: [profiles], verbs: [list]}",
		},
		"nobody": {
			world: teamA(t), name: "team-a",
			want: "the owner is missing\nhint: --owner alice@example.com",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, err := profile.Transfer(tc.world.state(), tc.name, tc.to, tc.keep)
			refusal(t, err, tc.want)
		})
	}
}

// A transfer that changed the Profile only, as people do with kubectl edit, is the half-done one that is met most.
func TestTransferRepairsEditedProfile(t *testing.T) {
	t.Parallel()
	w := teamA(t).change("Profile", "", "team-a", carol, "spec", "owner", "name")
	if status := stateOf(t, w, "team-a"); status.Phase != workspace.Conflict {
		t.Fatalf("before: %+v", status)
	}
	p, _, err := profile.Transfer(w.state(), "team-a", user(carol), workspace.Viewer)
	if err != nil {
		t.Fatal(err)
	}
	w.carryOut(p, -1)
	if status := stateOf(t, w, "team-a"); status.Phase != workspace.Ready {
		t.Errorf("after: %+v", status)
	}
	if text := w.manifests(); strings.Contains(text, "owner: "+alice) {
		t.Errorf("the old owner is still one:\n%s", text)
	}
	if len(w.state().Members("team-a")) != 3 { // carol, bob, and alice as a viewer
		t.Errorf("members: %v", w.state().Members("team-a"))
	}
}

func stateOf(t *testing.T, w *world, name string) workspace.Status {
	t.Helper()
	found, ok := w.state().Workspace(name)
	if !ok {
		t.Fatalf("there is no workspace %s", name)
	}
	return found.Status
}
