package profile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// gap says that a kind could not be read.
func gap(kind inventory.Kind) rbac.Gap {
	return rbac.Gap{What: string(kind), Cause: "forbidden", Missing: &rbacv1.PolicyRule{Verbs: []string{"list"}, Resources: []string{string(kind)}}}
}

func TestRegister(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		email, name string
		want        profile.Spec
		err         string
	}{
		"derived":    {email: "Dave.Smith+x@example.com", want: profile.Spec{Name: "dave-smith-x", Owner: user("Dave.Smith+x@example.com")}},
		"named":      {email: "dave@example.com", name: "daves", want: profile.Spec{Name: "daves", Owner: user("dave@example.com")}},
		"no email":   {email: "dave", err: "register \"dave\": check e-mail \"dave\": the dashboard does not take it for an address\nhint: for others than people: kubectl profile create NAME --owner OWNER"},
		"has one":    {email: alice, err: "register alice@example.com: the workspace team-a has this owner already\nhint: kubectl profile create NAME --owner alice@example.com makes another one"},
		"other case": {email: "Alice@example.com", err: "register Alice@example.com: alice@example.com owns the workspace team-a\nhint: names of users are case-sensitive; is it the same person? kubectl profile create NAME --owner Alice@example.com does it anyway"},
		"taken":      {email: "team-a@example.com", err: "register team-a@example.com: the name team-a is taken\nhint: give it another name: --name NAME"},
		"bad name":   {email: "dave@example.com", name: "Dave", err: "name \"Dave\": it names a namespace too, and is no DNS label: want at most 63 lower-case letters, digits and \"-\", with a letter or digit at both ends\nhint: did you mean dave?"},
		"no letters": {email: "_@example.com", err: "register _@example.com: no name can be made from it: the name is empty\nhint: give it a name: --name NAME"},
		"editor":     {email: bob, want: profile.Spec{Name: "bob", Owner: user(bob)}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := profile.Register(teamA(t).state(), tc.email, tc.name)
			if tc.err != "" {
				refusal(t, err, tc.err)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("spec (-want +got):\n%s", diff)
			}
		})
	}
}
