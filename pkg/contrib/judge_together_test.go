package contrib_test

import (
	"strings"
	"testing"
)

// turnAway makes a policy one that turns away whom it names.
func turnAway(text string) string {
	return strings.Replace(text, "\nspec:\n", "\nspec:\n  action: DENY\n", 1)
}

// What concerns several people, or several rules: nobody is accused or repaired in somebody else's place.
func TestJudgeTogether(t *testing.T) {
	t.Parallel()
	const cat = "user-cat-x-com-clusterrole-edit"
	tests := map[string]illness{
		"KF002 two that share a third": {
			documents: []string{
				binding(cat, "kubeflow-edit", as("cat@x.com", "edit", "gatehouse.dev/http=false"), "User cat@x.com", "ServiceAccount ci"),
				binding("user-dan-x-com-clusterrole-edit", "kubeflow-edit",
					as("dan@x.com", "edit", "gatehouse.dev/http=false", "gatehouse.dev/expires=2027-01-01T00:00:00Z"), "User dan@x.com", "ServiceAccount ci"),
			},
			want: []string{
				"KF002 | error | rolebinding team-a/" + cat + " | fix | it is annotated as a contributor, but has 2 subjects",
				"KF002 | error | rolebinding team-a/user-dan-x-com-clusterrole-edit | fix | it is annotated as a contributor, but has 2 subjects",
			},
		},
		"KF002 that has ended": {
			documents: []string{
				binding(cat, "kubeflow-edit", as("cat@x.com", "edit", "gatehouse.dev/expires=2026-11-01"), "User cat@x.com", "User dan@x.com"),
			},
			want: []string{
				"KF002 | error | rolebinding team-a/" + cat + " | - | it is annotated as a contributor, but has 2 subjects",
				"GH001 | warning | rolebinding team-a/" + cat + " | fix | the grant to cat@x.com, dan@x.com has ended on 2026-11-01T00:00:00Z, and is still there",
			},
		},
		"KF003 beside a member": {
			documents: []string{
				binding(cat, "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com"),
				policy("left", as("bob@y.com", "edit"), "bob@y.com", "cat@x.com"),
			},
			want: []string{
				"KF003 | error | authorizationpolicy team-a/left | fix | it lets bob@y.com in, who has no role binding here",
			},
		},
		"KF003 by a pattern": {
			documents: []string{policy("all", as("eve@x.com", "edit"), "*@x.com")},
			want:      []string{"KF003 | error | authorizationpolicy team-a/all | - | it lets *@x.com in, who has no role binding here"},
			left:      []string{"KF003 | error | authorizationpolicy team-a/all | - | it lets *@x.com in, who has no role binding here"},
		},
		"KF004 a name that no policy can have": {
			documents: docs(
				[]string{binding("\"Cats:and_dogs\"", "labeller", as("cat@x.com", "labeller"), "User cat@x.com")},
			),
			want: []string{"KF004 | warning | rolebinding team-a/Cats:and_dogs | - | cat@x.com has a role, but no policy opens the web pages of the notebooks"},
			left: []string{"KF004 | warning | rolebinding team-a/Cats:and_dogs | - | cat@x.com has a role, but no policy opens the web pages of the notebooks"},
		},
		"KF005 two members in one": {
			documents: []string{
				binding(cat, "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com"),
				binding("user-dan-x-com-clusterrole-view", "kubeflow-view", as("dan@x.com", "view"), "User dan@x.com"),
				policy(cat, as("cat@x.com", "edit"), "cat@x.com", "dan@x.com"),
			},
			want: []string{
				"KF005 | error | authorizationpolicy team-a/" + cat + " | fix | it lets cat@x.com, dan@x.com in instead of cat@x.com",
			},
		},
		"KF005 a member who can have none": {
			documents: []string{
				binding(cat, "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com"),
				binding("by-hand", "kubeflow-view", nil, "User dan@x.com"),
				policy(cat, as("cat@x.com", "edit"), "cat@x.com", "dan@x.com"),
			},
			want: []string{"KF005 | error | authorizationpolicy team-a/" + cat + " | - | it lets cat@x.com, dan@x.com in instead of cat@x.com"},
			left: []string{"KF005 | error | authorizationpolicy team-a/" + cat + " | - | it lets cat@x.com, dan@x.com in instead of cat@x.com"},
		},
		"KF006 a policy of two": {
			documents: []string{
				binding(cat, "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com"),
				binding("user-dan-x-com-clusterrole-view", "kubeflow-view", as("dan@x.com", "view"), "User dan@x.com"),
				policy("both", as("old@x.com", "edit"), "cat@x.com", "dan@x.com"),
			},
			want: []string{
				"KF006 | error | authorizationpolicy team-a/both | fix | its annotation names old@x.com, but it lets cat@x.com, dan@x.com in",
			},
		},
		"policies that turn away are nobody's": {documents: []string{
			turnAway(policy("no-eve", as("eve@x.com", "edit"), "eve@x.com")), turnAway(policy("no-bob", as("bob@x.com", "edit"), "bob@x.com")),
		}},
		"KF008 one name for two who have others": {
			documents: docs(
				pair("one", "kubeflow-edit", "c.at@x.com", "edit"), pair("two", "kubeflow-edit", "c-at@x.com", "edit"),
			),
			want: []string{
				"KF007 | warning | rolebinding team-a/one | fix | it is not named as Kubeflow names it: user-c-at-x-com-clusterrole-edit",
				"KF008 | warning | rolebinding team-a/two | - | the name that Kubeflow has for c-at@x.com is taken by c.at@x.com",
			},
			left: []string{"KF008 | warning | rolebinding team-a/two | - | the name that Kubeflow has for c-at@x.com is taken by c.at@x.com"},
		},
		"GH001 is not about what Kubeflow keeps": {documents: []string{
			binding("namespaceAdmin", "kubeflow-admin", as("ann@x.com", "admin", "gatehouse.dev/expires=2026-11-01"), "User ann@x.com"),
			binding("default-editor", "kubeflow-edit", []string{"gatehouse.dev/expires=2026-11-01"}, "ServiceAccount default-editor"),
		}},
		"GH001 a policy with another": {
			documents: []string{
				binding(cat, "kubeflow-edit", as("cat@x.com", "edit", "gatehouse.dev/expires=2026-11-01"), "User cat@x.com"),
				binding("user-dan-x-com-clusterrole-view", "kubeflow-view", as("dan@x.com", "view"), "User dan@x.com"),
				policy(cat, as("cat@x.com", "edit", "gatehouse.dev/expires=2026-11-01"), "cat@x.com", "dan@x.com"),
			},
			want: []string{
				"GH001 | warning | rolebinding team-a/" + cat + " | fix | the grant to cat@x.com has ended on 2026-11-01T00:00:00Z, and is still there",
			},
		},
		"GH001 two in one policy": {
			documents: []string{
				binding(cat, "kubeflow-edit", as("cat@x.com", "edit", "gatehouse.dev/expires=2026-11-01"), "User cat@x.com"),
				binding("user-dan-x-com-clusterrole-view", "kubeflow-view", as("dan@x.com", "view", "gatehouse.dev/expires=2026-11-02"), "User dan@x.com"),
				policy(cat, as("cat@x.com", "edit"), "cat@x.com", "dan@x.com", "bob@x.com"),
			},
			want: []string{
				"GH001 | warning | rolebinding team-a/" + cat + " | fix | the grant to cat@x.com has ended on 2026-11-01T00:00:00Z, and is still there",
				"GH001 | warning | rolebinding team-a/user-dan-x-com-clusterrole-view | fix | the grant to dan@x.com has ended on 2026-11-02T00:00:00Z, and is still there",
			},
		},
		"GH004": {
			documents: pair(cat, "kubeflow-edit", "cat@x.com", "edit", "gatehouse.dev/expires=in a week"),
			want: []string{
				"GH004 | warning | authorizationpolicy team-a/" + cat + ` | - | when its grant ends can't be read: "in a week"`,
				"GH004 | warning | rolebinding team-a/" + cat + ` | - | when its grant ends can't be read: "in a week"`,
			},
			left: []string{
				"GH004 | warning | authorizationpolicy team-a/" + cat + ` | - | when its grant ends can't be read: "in a week"`,
				"GH004 | warning | rolebinding team-a/" + cat + ` | - | when its grant ends can't be read: "in a week"`,
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.check(t)
		})
	}
}
