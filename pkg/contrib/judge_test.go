package contrib_test

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/pkg/workspace/workspacetest"
)

// clean is a workspace of ann, with bob as an editor, that nothing is wrong with.
func clean(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/judge/clean.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// state reads what members are judged by.
func state(t *testing.T, w workspacetest.World, change func(*inventory.Inventory)) *workspace.State {
	t.Helper()
	return w.State(t, change, inventory.Profiles, inventory.Namespaces, inventory.RoleBindings, inventory.Policies)
}

// binding writes a role binding of team-a: annotations as "key=value", a role, subjects as "Kind name".
func binding(name, role string, annotations []string, subjects ...string) string {
	text := "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata:\n  namespace: team-a\n  name: " + name +
		"\n  uid: uid-" + name + annotationText(annotations) +
		"\nroleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: " + role + "}\nsubjects:\n"
	for _, s := range subjects {
		kind, who, _ := strings.Cut(s, " ")
		group := "apiGroup: rbac.authorization.k8s.io, "
		if kind == rbacv1.ServiceAccountKind {
			group = "namespace: team-a, "
		}
		text += "- {" + group + "kind: " + kind + ", name: \"" + who + "\"}\n"
	}
	return text
}

// policy writes a policy of team-a that lets in users by the shipped header, from the shipped gateways.
func policy(name string, annotations []string, users ...string) string {
	return "apiVersion: security.istio.io/v1beta1\nkind: AuthorizationPolicy\nmetadata:\n  namespace: team-a\n  name: " + name +
		"\n  uid: uid-" + name + annotationText(annotations) + `
spec:
  rules:
  - from:
    - source:
        principals: [cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account, cluster.local/ns/kubeflow/sa/ml-pipeline-ui]
    when:
    - key: request.headers[kubeflow-userid]
      values: ["` + strings.Join(users, `", "`) + `"]
`
}

func annotationText(annotations []string) string {
	if len(annotations) == 0 {
		return ""
	}
	text := "\n  annotations:"
	for _, a := range annotations {
		key, value, _ := strings.Cut(a, "=")
		text += "\n    " + key + ": \"" + value + "\""
	}
	return text
}

func as(user, role string, more ...string) []string { return append(more, "user="+user, "role="+role) }

// pair writes both objects of a contributor.
func pair(name, clusterRole, user, role string, more ...string) []string {
	return []string{
		binding(name, clusterRole, as(user, role, more...), "User "+user), policy(name, as(user, role, more...), user),
	}
}

func docs(groups ...[]string) []string {
	var out []string
	for _, g := range groups {
		out = append(out, g...)
	}
	return out
}

// illness is what is wrong in a workspace.
type illness struct {
	documents []string
	// want are the findings, left what remains after three rounds of repair.
	want, left []string
}

func (test illness) check(t *testing.T) {
	t.Helper()
	world := workspacetest.Parse(t, append([]string{clean(t)}, test.documents...)...)
	findings := contrib.Judge(state(t, world, nil))
	if diff := cmp.Diff(append([]string{}, test.want...), workspacetest.Lines(findings)); diff != "" {
		t.Fatalf("findings (-want +got):\n%s", diff)
	}
	for _, f := range findings {
		if f.Why == "" || strings.HasSuffix(f.Message, ".") {
			t.Errorf("%s: why %q, message %q", f.ID, f.Why, f.Message)
		}
	}
	for range 3 {
		if world.Repair(t, findings) == 0 {
			break
		}
		findings = contrib.Judge(state(t, world, nil))
	}
	if diff := cmp.Diff(append([]string{}, test.left...), workspacetest.Lines(findings)); diff != "" {
		t.Errorf("after the repair (-want +got):\n%s", diff)
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	const (
		cat     = "user-cat-x-com-clusterrole-edit"
		catView = "user-cat-x-com-clusterrole-view"
	)
	tests := map[string]illness{
		"clean":    {},
		"one more": {documents: pair(cat, "kubeflow-edit", "cat@x.com", "edit")},
		"what others make is nobody's business": {documents: []string{
			binding("readers", "kubeflow-view", nil, "Group readers"),
			binding("two-by-hand", "view", nil, "User cat@x.com", "User dan@x.com"),
			policy("ml-pipeline-visualizationserver", nil, "eve@x.com"),
			binding("group-data-clusterrole-edit", "kubeflow-edit", []string{"group=data", "role=edit"}, "Group data"),
		}},
		"KF002 two subjects": {
			documents: []string{
				binding("user-cat-x-com-clusterrole-edit", "kubeflow-edit", as("cat@x.com", "edit"), "User dan@x.com", "User cat@x.com", "Group data"),
				policy("user-cat-x-com-clusterrole-edit", as("cat@x.com", "edit"), "cat@x.com"),
			},
			want: []string{"KF002 | error | rolebinding team-a/user-cat-x-com-clusterrole-edit | fix | it is annotated as a contributor, but has 3 subjects"},
		},
		"KF002 nobody": {
			documents: []string{binding("gone", "kubeflow-edit", as("cat@x.com", "edit"))},
			want:      []string{"KF002 | error | rolebinding team-a/gone | fix | it is annotated as a contributor, but has no subject"},
		},
		"KF002 a role of one's own": {
			documents: []string{binding("own", "labeller", as("cat@x.com", "edit"), "User cat@x.com", "User dan@x.com")},
			want:      []string{"KF002 | error | rolebinding team-a/own | fix | it is annotated as a contributor, but has 2 subjects"},
		},
		"KF003 left behind": {
			documents: []string{policy(cat, as("cat@x.com", "edit"), "cat@x.com")},
			want: []string{
				"KF003 | error | authorizationpolicy team-a/" + cat + " | fix | it lets cat@x.com in, who has no role binding here",
			},
		},
		"KF003 a group": {
			documents: []string{policy("g", []string{"group=data", "role=edit"}, "x")},
			want:      []string{"KF003 | error | authorizationpolicy team-a/g | fix | it lets x in, who has no role binding here"},
		},
		"KF004 no policy": {
			documents: []string{binding(cat, "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com")},
			want: []string{
				"KF004 | warning | rolebinding team-a/" + cat + " | fix | cat@x.com has a role, but no policy opens the web pages of the notebooks",
			},
		},
		"KF004 on purpose": {documents: []string{
			binding(cat, "kubeflow-edit", as("cat@x.com", "edit", "gatehouse.dev/http=false"), "User cat@x.com"),
		}},
		"KF005 pre-1.8": {
			documents: []string{
				binding(cat, "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com"),
				cutPrincipals(policy(cat, as("cat@x.com", "edit"), "cat@x.com")),
			},
			want: []string{
				"KF005 | error | authorizationpolicy team-a/" + cat + " | fix | it names no principals, so that any pod can send the header",
			},
		},
		"KF005 another header": {
			documents: []string{
				binding(cat, "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com"),
				strings.ReplaceAll(policy(cat, as("cat@x.com", "edit"), "cat@x.com"), "kubeflow-userid", "x-user"),
			},
			want: []string{
				"KF005 | error | authorizationpolicy team-a/" + cat + ` | fix | the header is "x-user" instead of "kubeflow-userid"`,
			},
		},
		"KF005 another user too": {
			documents: []string{
				binding(cat, "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com"),
				policy(cat, as("cat@x.com", "edit"), "cat@x.com", "eve@x.com"),
			},
			want: []string{
				"KF005 | error | authorizationpolicy team-a/" + cat + " | fix | it lets cat@x.com, eve@x.com in instead of cat@x.com",
			},
		},
		"KF006 somebody else": {
			documents: docs(
				[]string{binding(cat, "kubeflow-edit", as("cat@x.com", "edit"), "User dan@x.com")},
				[]string{policy(cat, as("cat@x.com", "edit"), "cat@x.com")},
			),
			want: []string{
				"KF003 | error | authorizationpolicy team-a/" + cat + " | fix | it lets cat@x.com in, who has no role binding here",
				"KF006 | error | rolebinding team-a/" + cat + " | fix | its annotation names cat@x.com, but it is held by dan@x.com",
			},
		},
		"KF006 another role": {
			documents: docs(
				[]string{binding(catView, "kubeflow-view", as("cat@x.com", "edit"), "User cat@x.com")},
				[]string{policy(catView, as("cat@x.com", "view"), "cat@x.com")},
			),
			want: []string{"KF006 | error | rolebinding team-a/" + catView + " | fix | its annotation says edit, but it gives view"},
		},
		"KF006 a role of one's own": {
			documents: docs(
				[]string{binding(cat, "labeller", as("cat@x.com", "edit"), "User cat@x.com")},
				[]string{policy(cat, as("cat@x.com", "edit"), "cat@x.com")},
			),
			want: []string{"KF006 | error | rolebinding team-a/" + cat + " | - | its annotation says edit, but it gives clusterrole/labeller"},
			left: []string{"KF006 | error | rolebinding team-a/" + cat + " | - | its annotation says edit, but it gives clusterrole/labeller"},
		},
		"KF006 a policy": {
			documents: []string{
				binding(cat, "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com"),
				policy(cat, as("old@x.com", "edit"), "cat@x.com"),
			},
			want: []string{"KF006 | error | authorizationpolicy team-a/" + cat + " | fix | its annotation names old@x.com, but it lets cat@x.com in"},
		},
		"KF007 a name of another program": {
			documents: pair("cat-x-com-edit", "kubeflow-edit", "cat@x.com", "edit", "gatehouse.dev/expires=2027-01-01T00:00:00Z"),
			want: []string{
				"KF007 | warning | rolebinding team-a/cat-x-com-edit | fix | it is named as older releases or other programs name it: Kubeflow wants " + cat,
			},
		},
		"KF007 a policy": {
			documents: []string{
				binding(cat, "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com"),
				policy("cats", as("cat@x.com", "edit"), "cat@x.com"),
			},
			want: []string{"KF007 | warning | authorizationpolicy team-a/cats | fix | it is not named as its role binding: " + cat},
		},
		"KF008 edit and view": {
			documents: docs(pair(cat, "kubeflow-edit", "cat@x.com", "edit"), pair(catView, "kubeflow-view", "cat@x.com", "view")),
			want: []string{
				"KF008 | warning | rolebinding team-a/" + catView + " | fix | it makes cat@x.com viewer, who is editor already (rolebinding team-a/" + cat + ")",
			},
		},
		"KF008 the owner": {
			documents: pair("user-ann-x-com-clusterrole-edit", "kubeflow-edit", "ann@x.com", "edit"),
			want: []string{
				"KF008 | warning | rolebinding team-a/user-ann-x-com-clusterrole-edit | fix | " +
					"it makes ann@x.com editor, who owns the workspace already (rolebinding team-a/namespaceAdmin)",
			},
		},
		"KF008 the stronger one has no policy": {
			documents: docs(
				[]string{binding(cat, "kubeflow-edit", as("cat@x.com", "edit"), "User cat@x.com")},
				pair(catView, "kubeflow-view", "cat@x.com", "view"),
			),
			want: []string{
				"KF008 | warning | rolebinding team-a/" + catView + " | fix | it makes cat@x.com viewer, who is editor already (rolebinding team-a/" + cat + ")",
			},
		},
		"KF008 more for a while": {
			documents: docs(
				pair(cat, "kubeflow-edit", "cat@x.com", "edit", "gatehouse.dev/expires=2027-01-01T00:00:00Z"),
				pair(catView, "kubeflow-view", "cat@x.com", "view"),
			),
			want: []string{
				"KF008 | warning | rolebinding team-a/" + catView + " | - | it makes cat@x.com viewer, who is editor already (rolebinding team-a/" + cat + ")",
			},
			left: []string{
				"KF008 | warning | rolebinding team-a/" + catView + " | - | it makes cat@x.com viewer, who is editor already (rolebinding team-a/" + cat + ")",
			},
		},
		"KF008 one name for two": {
			documents: docs(
				pair("user-c-at-x-com-clusterrole-edit", "kubeflow-edit", "c.at@x.com", "edit"),
				pair("second", "kubeflow-edit", "c-at@x.com", "edit"),
			),
			want: []string{"KF008 | warning | rolebinding team-a/second | - | the name that Kubeflow has for c-at@x.com is taken by c.at@x.com"},
			left: []string{"KF008 | warning | rolebinding team-a/second | - | the name that Kubeflow has for c-at@x.com is taken by c.at@x.com"},
		},
		"KF008 a spelling": {
			documents: pair("user-ann-x-com-clusterrole-edit", "kubeflow-edit", "Ann@x.com", "edit"),
			want: []string{
				"KF008 | warning | rolebinding team-a/user-ann-x-com-clusterrole-edit | - | " +
					"Ann@x.com differs only in case from ann@x.com (rolebinding team-a/namespaceAdmin)",
			},
			left: []string{
				"KF008 | warning | rolebinding team-a/user-ann-x-com-clusterrole-edit | - | " +
					"Ann@x.com differs only in case from ann@x.com (rolebinding team-a/namespaceAdmin)",
			},
		},
		"KF009": {
			documents: pair("user-cat-x-com-clusterrole-admin", "kubeflow-admin", "cat@x.com", "admin"),
			want: []string{
				"KF009 | info | rolebinding team-a/user-cat-x-com-clusterrole-admin | - | " +
					"cat@x.com is shown as an owner beside ann@x.com, but can't manage contributors in the dashboard",
			},
			left: []string{
				"KF009 | info | rolebinding team-a/user-cat-x-com-clusterrole-admin | - | " +
					"cat@x.com is shown as an owner beside ann@x.com, but can't manage contributors in the dashboard",
			},
		},
		"KF010 a group": {
			documents: []string{
				binding("group-data-clusterrole-edit", "kubeflow-edit", as("data", "edit"), "Group data"),
				policy("group-data-clusterrole-edit", as("data", "edit"), "data"),
			},
			want: []string{"KF010 | warning | rolebinding team-a/group-data-clusterrole-edit | fix | the group data is annotated as a user"},
		},
		"KF010 a service account": {
			documents: []string{
				binding("bot", "kubeflow-edit", as("bot", "edit"), "ServiceAccount bot"), policy("bot", as("bot", "edit"), "bot"),
			},
			want: []string{"KF010 | warning | rolebinding team-a/bot | fix | the service account bot is annotated as a user"},
		},
		"GH001": {
			documents: pair(cat, "kubeflow-edit", "cat@x.com", "edit", "gatehouse.dev/expires=2026-11-22T11:59:59Z"),
			want: []string{
				"GH001 | warning | rolebinding team-a/" + cat + " | fix | the grant to cat@x.com has ended on 2026-11-22T11:59:59Z, and is still there",
			},
		},
		"GH001 not yet": {documents: pair(cat, "kubeflow-edit", "cat@x.com", "edit", "gatehouse.dev/expires=2026-11-22T12:00:01Z")},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.check(t)
		})
	}
}
