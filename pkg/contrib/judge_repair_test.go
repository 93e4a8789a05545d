package contrib_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/pkg/workspace/workspacetest"
)

// cutPrincipals makes a policy one of Kubeflow 1.3 to 1.7.
func cutPrincipals(text string) string {
	before, after, _ := strings.Cut(text, "  - from:")
	_, when, _ := strings.Cut(after, "    when:")
	return before + "  - when:" + when
}

// What could not be read, or is not there, makes no finding.
func TestJudgeSilence(t *testing.T) {
	t.Parallel()
	missing := func(kind inventory.Kind, namespace, what string) func(*inventory.Inventory) {
		return func(inv *inventory.Inventory) {
			inv.Gaps = append(inv.Gaps, rbac.Gap{
				What: what, Namespace: namespace, Missing: &rbacv1.PolicyRule{Resources: []string{string(kind)}},
			})
		}
	}
	half := binding("user-cat-x-com-clusterrole-edit", "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com")
	orphan := policy("user-dan-x-com-clusterrole-edit", as("dan@x.com", "edit"), "dan@x.com")
	tests := map[string]struct {
		change func(*inventory.Inventory)
		want   []string
	}{
		"all is read":                     {want: []string{"KF003", "KF004"}},
		"no Istio":                        {change: func(inv *inventory.Inventory) { inv.Served[inventory.Policies] = false }},
		"policies are refused":            {change: missing(inventory.Policies, "", "authorizationpolicies in all namespaces")},
		"policies are refused here":       {change: missing(inventory.Policies, "team-a", "authorizationpolicies in namespace team-a")},
		"policies are refused elsewhere":  {change: missing(inventory.Policies, "team-b", "authorizationpolicies in namespace team-b"), want: []string{"KF003", "KF004"}},
		"policies are read here only":     {change: missing(inventory.Policies, "", "authorizationpolicies outside of namespace team-a"), want: []string{"KF003", "KF004"}},
		"role bindings are refused":       {change: missing(inventory.RoleBindings, "", "rolebindings in all namespaces")},
		"profiles are refused":            {change: func(inv *inventory.Inventory) { inv.Profiles = nil; missing(inventory.Profiles, "", "profiles")(inv) }, want: []string{"KF003", "KF004"}},
		"there is no profile of the name": {change: func(inv *inventory.Inventory) { inv.Profiles = nil }},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range contrib.Judge(state(t, workspacetest.Parse(t, clean(t), half, orphan), test.change)) {
				got = append(got, f.ID)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// A namespace that no profile has is judged by nobody, whatever is in it.
func TestJudgeOtherNamespaces(t *testing.T) {
	t.Parallel()
	world := workspacetest.Parse(t, strings.ReplaceAll(binding("x", "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com", "User dan@x.com"), "team-a", "other"))
	if got := workspacetest.Lines(contrib.Judge(state(t, world, nil))); len(got) > 0 {
		t.Errorf("got %q", got)
	}
	if s := state(t, world, nil); s.Flavor != workspace.Native {
		t.Errorf("flavor %s", s.Flavor)
	}
}

// What a repair leaves behind is what the dashboard would have written, and what people have added stays.
func TestJudgeRepairs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		documents []string
		// want are the role bindings and policies besides those of the clean workspace, as "kind name annotations".
		want []string
	}{
		"a binding for each": {
			documents: []string{
				binding("user-cat-x-com-clusterrole-edit", "kubeflow-edit", as("cat@x.com", "edit"), "User dan@x.com", "User cat@x.com", "Group data"),
				policy("user-cat-x-com-clusterrole-edit", as("cat@x.com", "edit"), "cat@x.com"),
			},
			want: []string{
				"AuthorizationPolicy user-cat-x-com-clusterrole-edit role=edit,user=cat@x.com",
				"AuthorizationPolicy user-dan-x-com-clusterrole-edit role=edit,user=dan@x.com",
				"RoleBinding group-data-clusterrole-edit group=data,role=edit",
				"RoleBinding user-cat-x-com-clusterrole-edit role=edit,user=cat@x.com",
				"RoleBinding user-dan-x-com-clusterrole-edit role=edit,user=dan@x.com",
			},
		},
		"a new name, and the end stays": {
			documents: pair("cats", "kubeflow-edit", "cat@x.com", "edit", "gatehouse.dev/expires=2027-01-01T00:00:00Z", "note=mine"),
			want: []string{
				"AuthorizationPolicy user-cat-x-com-clusterrole-edit gatehouse.dev/expires=2027-01-01T00:00:00Z,note=mine,role=edit,user=cat@x.com",
				"RoleBinding user-cat-x-com-clusterrole-edit gatehouse.dev/expires=2027-01-01T00:00:00Z,note=mine,role=edit,user=cat@x.com",
			},
		},
		"named for one, held by another": {
			documents: []string{
				binding("user-cat-x-com-clusterrole-edit", "kubeflow-edit", as("cat@x.com", "edit"), "User dan@x.com"),
				policy("user-cat-x-com-clusterrole-edit", as("cat@x.com", "edit"), "cat@x.com"),
			},
			want: []string{
				"AuthorizationPolicy user-dan-x-com-clusterrole-edit role=edit,user=dan@x.com",
				"RoleBinding user-dan-x-com-clusterrole-edit role=edit,user=dan@x.com",
			},
		},
		"the stronger of two": {
			documents: docs(
				[]string{binding("user-cat-x-com-clusterrole-edit", "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com")},
				pair("user-cat-x-com-clusterrole-view", "kubeflow-view", "cat@x.com", "view"),
			),
			want: []string{
				"AuthorizationPolicy user-cat-x-com-clusterrole-edit role=edit,user=cat@x.com",
				"RoleBinding user-cat-x-com-clusterrole-edit role=edit,user=cat@x.com",
			},
		},
		"a group and its policy": {
			documents: []string{
				binding("group-data-clusterrole-edit", "kubeflow-edit", as("data", "edit"), "Group data"),
				policy("group-data-clusterrole-edit", as("data", "edit"), "data"),
			},
			want: []string{
				"AuthorizationPolicy group-data-clusterrole-edit group=data,role=edit",
				"RoleBinding group-data-clusterrole-edit group=data,role=edit",
			},
		},
		"a service account has no policy": {
			documents: []string{
				binding("bot", "kubeflow-edit", as("bot", "edit"), "ServiceAccount bot"), policy("bot", as("bot", "edit"), "bot"),
			},
			want: []string{"RoleBinding bot gatehouse.dev/role=editor"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := workspacetest.Parse(t, append([]string{clean(t)}, test.documents...)...)
			for range 3 {
				world.Repair(t, contrib.Judge(state(t, world, nil)))
			}
			before := workspacetest.Parse(t, clean(t))
			var got []string
			for _, key := range world.Objects() {
				if o := world[key]; before[key] == nil {
					var annotations []string
					for _, name := range slices.Sorted(maps.Keys(o.GetAnnotations())) {
						annotations = append(annotations, name+"="+o.GetAnnotations()[name])
					}
					got = append(got, o.GetKind()+" "+o.GetName()+" "+strings.Join(annotations, ","))
				}
			}
			slices.Sort(got)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("objects (-want +got):\n%s", diff)
			}
		})
	}
}

// BenchmarkJudge judges a workspace with a thousand contributors.
func BenchmarkJudge(b *testing.B) {
	text, err := os.ReadFile("testdata/judge/clean.yaml")
	if err != nil {
		b.Fatal(err)
	}
	documents := []string{string(text)}
	for i := range 1000 {
		user := fmt.Sprintf("member-%d@x.com", i)
		documents = append(documents, pair(fmt.Sprintf("user-member-%d-x-com-clusterrole-edit", i), "kubeflow-edit", user, "edit")...)
	}
	s := workspacetest.Parse(b, documents...).State(b, nil,
		inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies)
	for b.Loop() {
		if found := contrib.Judge(s); len(found) > 0 {
			b.Fatalf("got %+v", found[0])
		}
	}
}
