package profile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// byHand is a native workspace whose owner holds the role by a binding that somebody made and named.
func byHand(t *testing.T) *world {
	t.Helper()
	return newWorld(t, workspace.Native).yaml(`
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {gatehouse.dev/profile: "true"}, annotations: {gatehouse.dev/owner: "user:alice@example.com"}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: leads, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: admin}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: alice@example.com}
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: carol@example.com}`)
}

// An owner who holds the role by a binding of another name has it: nothing is made for him, and an export says so.
func TestOwnerByHand(t *testing.T) {
	t.Parallel()
	w := byHand(t)
	p, _, err := profile.Create(w.state(), profile.Spec{Name: "shop", Owner: user(alice)})
	if err != nil {
		t.Fatal(err)
	}
	if changes := p.Changes(); len(changes.Steps) > 0 {
		t.Errorf("Create: %v", changes.Strings())
	}
	if p, _, err = profile.Adopt(w.state(), "shop", user(alice)); err != nil || len(p.Steps) > 0 {
		t.Errorf("Adopt: %v, error %v", p.Strings(), err)
	}
	specs, _, err := profile.Export(w.state(), nil)
	if err != nil {
		t.Fatal(err)
	}
	unchanged(t, 0, w, specs)

	objects, _, err := profile.ExportManifests(w.state(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	var text strings.Builder
	for _, o := range objects {
		names = append(names, o.GetKind()+" "+o.GetName())
		doc, err := yaml.Marshal(o.Object)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&text, "---\n%s", doc)
	}
	if diff := cmp.Diff([]string{"Namespace shop", "RoleBinding leads"}, names); diff != "" {
		t.Errorf("manifests (-want +got):\n%s", diff)
	}
	unchanged(t, 0, w, parsed(t, 0, text.String()))
}

// A transfer moves the rights that were given by hand, whatever step it is interrupted after.
func TestTransferOwnerByHand(t *testing.T) {
	t.Parallel()
	const rights = "rolebinding shop/leads: user:carol@example.com"
	tests := map[string]struct {
		to   string
		keep workspace.Role
		want []string
	}{
		"somebody new":     {to: bob, want: []string{"rolebinding shop/gatehouse-owner: user:bob@example.com", rights}},
		"an administrator": {to: carol, want: []string{rights}},
		"the same":         {to: alice, want: []string{"rolebinding shop/leads: user:alice@example.com", rights}},
		"keeping the old one": {
			to: bob, keep: workspace.Viewer,
			want: []string{
				"rolebinding shop/contrib-user-alice-example-com-view-91c46512: user:alice@example.com",
				"rolebinding shop/gatehouse-owner: user:bob@example.com", rights,
			},
		},
		"two owners": {
			to: bob, keep: workspace.Owner,
			want: []string{
				"rolebinding shop/gatehouse-owner: user:bob@example.com", "rolebinding shop/leads: user:alice@example.com", rights,
			},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole, _, err := profile.Transfer(byHand(t).state(), "shop", user(tc.to), tc.keep)
			if err != nil {
				t.Fatal(err)
			}
			for n := range len(whole.Steps) + 1 {
				w := byHand(t)
				w.carryOut(whole, n)
				rest, _, err := profile.Transfer(w.state(), "shop", user(tc.to), tc.keep)
				if err != nil {
					t.Fatalf("after %d steps: %v", n, err)
				}
				w.carryOut(rest, -1)
				var got []string
				s := w.state()
				for _, b := range s.Bindings("shop") {
					for _, subject := range b.Subjects {
						got = append(got, "rolebinding shop/"+b.Name+": user:"+subject.Name)
					}
				}
				if diff := cmp.Diff(tc.want, got); diff != "" {
					t.Errorf("after %d steps (-want +got):\n%s", n, diff)
				}
				if found, _ := s.Workspace("shop"); found.Owner != user(tc.to) || found.Status.Phase != workspace.Ready {
					t.Errorf("after %d steps: %s, %+v", n, found.Owner, found.Status)
				}
			}
		})
	}
}
