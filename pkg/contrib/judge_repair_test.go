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
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
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

// Where nothing tells how users are recognised, no policy is written: what is there is more likely to be right.
func TestJudgeUnknownHeader(t *testing.T) {
	t.Parallel()
	const cat = "user-cat-x-com-clusterrole-edit"
	unknown := func(inv *inventory.Inventory) {
		inv.Policies = slices.DeleteFunc(inv.Policies, func(o *unstructured.Unstructured) bool { return o.GetName() == kubeflow.OwnerPolicy })
	}
	asWritten := func(text string) string {
		return strings.NewReplacer("kubeflow-userid", "x-user", "cat@x.com\"]", "goog:cat@x.com\"]", "bob@x.com\"]", "goog:bob@x.com\"]").Replace(text)
	}
	tests := map[string]illness{
		"it is as somebody wants it": {documents: []string{
			binding(cat, "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com"), asWritten(policy(cat, as("cat@x.com", "edit"), "cat@x.com")),
		}},
		"there is none": {
			documents: []string{binding(cat, "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com")},
			want:      []string{"KF004 | warning | rolebinding team-a/" + cat + " | - | cat@x.com has a role, but no policy opens the web pages of the notebooks"},
		},
		"no gateway": {
			documents: []string{
				binding(cat, "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com"),
				cutPrincipals(asWritten(policy(cat, as("cat@x.com", "edit"), "cat@x.com"))),
			},
			want: []string{"KF005 | error | authorizationpolicy team-a/" + cat + " | - | it names no principals, so that any pod can send the header"},
		},
		"nobody's": {
			documents: []string{asWritten(policy(cat, as("cat@x.com", "edit"), "cat@x.com"))},
			want:      []string{"KF003 | error | authorizationpolicy team-a/" + cat + " | fix | it lets cat@x.com in, who has no role binding here"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := workspacetest.Parse(t, append([]string{asWritten(clean(t))}, test.documents...)...)
			findings := contrib.Judge(state(t, world, unknown))
			if diff := cmp.Diff(append([]string{}, test.want...), workspacetest.Lines(findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			for _, f := range findings {
				if f.Fix == nil && !strings.Contains(f.Why, "--userid-header") {
					t.Errorf("%s: no advice: %s", f.ID, f.Why)
				}
			}
		})
	}
}

// Whose policies can't be read keeps his way in when only the role binding goes: the grant stays, and it is said why.
func TestJudgeEndedOutOfSight(t *testing.T) {
	t.Parallel()
	world := workspacetest.Parse(t, clean(t), binding("user-cat-x-com-clusterrole-edit", "kubeflow-edit",
		as("cat@x.com", "edit", "gatehouse.dev/expires=2026-11-01"), "User cat@x.com"))
	findings := contrib.Judge(state(t, world, func(inv *inventory.Inventory) {
		inv.Policies = nil
		inv.Gaps = append(inv.Gaps, rbac.Gap{
			What: "authorizationpolicies in all namespaces", Missing: &rbacv1.PolicyRule{Resources: []string{string(inventory.Policies)}},
		})
	}))
	if diff := cmp.Diff([]string{
		"GH001 | warning | rolebinding team-a/user-cat-x-com-clusterrole-edit | - | the grant to cat@x.com has ended on 2026-11-01T00:00:00Z, and is still there",
	}, workspacetest.Lines(findings)); diff != "" {
		t.Fatalf("findings (-want +got):\n%s", diff)
	}
	if why := findings[0].Why; !strings.Contains(why, "It can't be taken back now") {
		t.Errorf("why: %s", why)
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
		"a third whom two share": {
			documents: []string{
				binding("user-cat-x-com-clusterrole-edit", "kubeflow-edit", as("cat@x.com", "edit", "gatehouse.dev/http=false"), "User cat@x.com", "ServiceAccount ci"),
				binding("user-dan-x-com-clusterrole-edit", "kubeflow-edit",
					as("dan@x.com", "edit", "gatehouse.dev/http=false", "gatehouse.dev/expires=2027-01-01T00:00:00Z"), "User dan@x.com", "ServiceAccount ci"),
			},
			want: []string{
				"RoleBinding serviceaccount-team-a-ci-clusterrole-edit gatehouse.dev/http=false,gatehouse.dev/role=editor",
				"RoleBinding user-cat-x-com-clusterrole-edit gatehouse.dev/http=false,role=edit,user=cat@x.com",
				"RoleBinding user-dan-x-com-clusterrole-edit gatehouse.dev/expires=2027-01-01T00:00:00Z,gatehouse.dev/http=false,role=edit,user=dan@x.com",
			},
		},
		"a policy of three": {
			documents: []string{
				binding("user-cat-x-com-clusterrole-edit", "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com"),
				binding("by-hand", "kubeflow-view", nil, "User dan@x.com"),
				policy("left", as("old@x.com", "edit"), "old@x.com", "cat@x.com", "dan@x.com"),
			},
			want: []string{
				"AuthorizationPolicy left role=edit,user=dan@x.com",
				"AuthorizationPolicy user-cat-x-com-clusterrole-edit role=edit,user=cat@x.com",
				"RoleBinding by-hand ",
				"RoleBinding user-cat-x-com-clusterrole-edit role=edit,user=cat@x.com",
			},
		},
		"a weaker pair that lets in others": {
			documents: []string{
				binding("user-cat-x-com-clusterrole-edit", "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com"),
				binding("user-cat-x-com-clusterrole-view", "kubeflow-view", as("cat@x.com", "view"), "User cat@x.com"),
				binding("by-hand", "kubeflow-view", nil, "User dan@x.com"),
				policy("user-cat-x-com-clusterrole-view", as("cat@x.com", "view"), "cat@x.com", "dan@x.com"),
			},
			want: []string{
				"AuthorizationPolicy user-cat-x-com-clusterrole-edit role=edit,user=cat@x.com",
				"AuthorizationPolicy user-cat-x-com-clusterrole-view role=view,user=dan@x.com",
				"RoleBinding by-hand ",
				"RoleBinding user-cat-x-com-clusterrole-edit role=edit,user=cat@x.com",
			},
		},
		"a policy with somebody whose time is over": {
			documents: []string{
				binding("user-cat-x-com-clusterrole-edit", "kubeflow-edit", as("cat@x.com", "edit", "gatehouse.dev/expires=2026-11-01"), "User cat@x.com"),
				binding("user-dan-x-com-clusterrole-view", "kubeflow-view", as("dan@x.com", "view"), "User dan@x.com"),
				policy("user-dan-x-com-clusterrole-view", as("cat@x.com", "edit"), "cat@x.com", "dan@x.com"),
			},
			want: []string{
				"AuthorizationPolicy user-dan-x-com-clusterrole-view role=view,user=dan@x.com",
				"RoleBinding user-dan-x-com-clusterrole-view role=view,user=dan@x.com",
			},
		},
		"a service account with a role of its own": {
			documents: []string{binding("bot", "labeller", as("bot", "edit"), "ServiceAccount bot")},
			want:      []string{"RoleBinding bot gatehouse.dev/role=clusterrole/labeller"},
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
