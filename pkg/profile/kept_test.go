package profile_test

import (
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// An old owner who is kept is a member like any other: adding him changes nothing, and his binding has the name that
// package contrib gives it.
func TestKeptOwnerIsMember(t *testing.T) {
	t.Parallel()
	leads := newWorld(t, workspace.Native)
	p, _, err := profile.Create(leads.state(), profile.Spec{Name: "shop", Owner: rbac.Group("Shop Leads/Ä")})
	if err != nil {
		t.Fatal(err)
	}
	leads.carryOut(p, -1)
	tests := map[string]struct {
		world *world
		name  string
		old   rbac.Subject
	}{
		"kubeflow":      {teamA(t), "team-a", user(alice)},
		"native":        {nativeTeam(t), "shop", user(alice)},
		"native, group": {leads, "shop", rbac.Group("Shop Leads/Ä")},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, _, err := profile.Transfer(tc.world.state(), tc.name, user(carol), workspace.Editor)
			if err != nil {
				t.Fatal(err)
			}
			tc.world.carryOut(p, -1)
			s := tc.world.state()
			added, _, err := contrib.Add(s, contrib.Grant{Workspace: tc.name, Subject: tc.old, Role: workspace.Editor})
			if err != nil {
				t.Fatal(err)
			}
			if changes := added.Changes(); len(changes.Steps) > 0 {
				t.Errorf("adding him again: %v", changes.Strings())
			}
			if tc.world.flavor != workspace.Native {
				return
			}
			for _, m := range s.Members(tc.name) {
				if want := workspace.NativeBinding(tc.name, tc.old, m.RoleRef).Name; m.Subject == tc.old && m.Binding.Name != want {
					t.Errorf("the binding is called %s, want %s", m.Binding.Name, want)
				}
			}
		})
	}
}
