package screen_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// TestHalfTyped reads what is said of questions that can't be answered yet.
func TestHalfTyped(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ query, want string }{
		"nothing":                {"", "a verb and a resource"},
		"a verb":                 {"get", "then a resource"},
		"a beginning":            {"de", "did you mean: delete, deletecollection"},
		"a slip":                 {"gte", `verb "gte" is not known; did you mean get?`},
		"another word for it":    {"read", "did you mean get, list?"},
		"half a resource alone":  {"secr", `did you mean: "get secrets"?`},
		"who":                    {"who", "a verb and a resource"},
		"who can":                {"who can", "a verb and a resource"},
		"who can do":             {"who can get", "then a resource"},
		"no verb":                {"secrets", `the verb is missing: "get secrets"`},
		"nonsense":               {"zzzzzz", `verb "zzzzzz" is not known`},
		"half a resource":        {"get secr", "did you mean: secrets"},
		"a slash":                {"get pods/", "then a subresource or a name: attach, binding"},
		"half a namespace":       {"get secrets -n team-v", "did you mean: team-vision"},
		"-n":                     {"get secrets -n", "then a namespace"},
		"--group":                {"why bob get pods --group", "then a group"},
		"no such flag":           {"get secrets --foo", "there is no flag --foo"},
		"why":                    {"why", "then who"},
		"why not":                {"why not ", "then who"},
		"why somebody":           {"why bob", "then a verb"},
		"why somebody does":      {"why bob get", "then a resource"},
		"a subject of no kind":   {"why sa:x get pods", "want sa:NAMESPACE/NAME"},
		"two verbs":              {"get,list secrets", "want one verb"},
		"too many words":         {"get pods web-0 web-1", "one name at a time"},
		"a URL with a name":      {"get /metrics x", "a URL has no object name"},
		"one and all namespaces": {"get pods -A --cluster-scope", "leave -A and -n out"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := build(t, acmeWorld(t), screen.Place{Kind: screen.WhoCan, Query: tt.query})
			if page.List == nil || page.List.Rows != 0 || !strings.Contains(page.List.Empty, tt.want) {
				t.Fatalf("page %q says %+v, want %q", page.Title, page.List, tt.want)
			}
			if len(page.Notes) > 0 {
				t.Errorf("notes while it is typed: %v", page.Notes)
			}
		})
	}
}

// TestAsked asks the same in several words.
func TestAsked(t *testing.T) {
	t.Parallel()
	const here = "kubectl whocan get secrets -n team-vision --from acme"
	tests := map[string]struct {
		namespace, query, want string
	}{
		"plain":               {"", "get secrets -n team-vision", here},
		"of the place":        {"team-vision", "get secrets", here},
		"a short form":        {"", "get -nteam-vision secret", here},
		"a long form":         {"", "--namespace=team-vision get Secrets", here},
		"as it was copied":    {"", here, here},
		"in whole words":      {"", "who can get secrets -n team-vision", here},
		"all, against place":  {"team-vision", "get secrets -A", "kubectl whocan get secrets -A --from acme"},
		"one request for all": {"team-vision", "list secrets --cluster-scope", "kubectl whocan list secrets --cluster-scope --from acme"},
		"of the cluster":      {"team-vision", "get nodes", "kubectl whocan get nodes --from acme"},
		"a name":              {"", "get pods web-0 -n catalog", "kubectl whocan get pods web-0 -n catalog --from acme"},
		"a name in a path":    {"", "get pod/web-0 -n catalog", "kubectl whocan get pods web-0 -n catalog --from acme"},
		"a group":             {"", "patch deployments/scale -n catalog", "kubectl whocan patch deployments.apps/scale -n catalog --from acme"},
		"a namespace":         {"", "delete namespaces catalog", "kubectl whocan delete namespaces catalog --from acme"},
		"any namespace":       {"", "get namespaces", "kubectl whocan get namespaces -A --from acme"},
		"why":                 {"", "can group:sre get nodes", "kubectl whocan why group:sre get nodes --from acme"},
		"why, everywhere":     {"", "why group:sre get pods", "kubectl whocan why group:sre get pods -A --from acme"},
		"in quotes":           {"", `why 'user:a b' get pods -n catalog`, `kubectl whocan why 'user:a b' get pods -n catalog --from acme`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := build(t, acmeWorld(t), screen.Place{Kind: screen.WhoCan, Namespace: tt.namespace, Query: tt.query})
			if diff := cmp.Diff(tt.want, page.Command); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			again := build(t, acmeWorld(t), screen.Place{Kind: screen.WhoCan, Query: page.Command})
			page.Notes, again.Notes = nil, nil // a command leaves no doubt
			if diff := cmp.Diff(dump(page), dump(again)); diff != "" {
				t.Errorf("the command asks something else (-want +got):\n%s", diff)
			}
		})
	}
}

// TestAskingRows jumps from the row of a subject.
func TestAskingRows(t *testing.T) {
	t.Parallel()
	list := build(t, acmeWorld(t), screen.Place{Kind: screen.WhoCan, Query: "get secrets -n team-vision"}).List
	row := 1
	if list.Cell(row, 0).Text != "user:bob@acme.example" {
		t.Fatalf("row %d is %s", row, list.Cell(row, 0).Text)
	}
	bob := rbac.User("bob@acme.example")
	want := map[screen.Kind]screen.Place{
		screen.Subject:   {Kind: screen.Subject, Subject: bob},
		screen.Binding:   {Kind: screen.Binding, Namespace: "team-vision", Name: "user-bob-acme-example-clusterrole-edit"},
		screen.Role:      {Kind: screen.Role, Name: "kubeflow-edit"},
		screen.Workspace: {Kind: screen.Workspace, Name: "team-vision"},
	}
	for kind, place := range want {
		if diff := cmp.Diff(place, list.Jump(row, kind)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", kind, diff)
		}
	}
	if diff := cmp.Diff(want[screen.Subject], list.Open(row)); diff != "" {
		t.Errorf("open (-want +got):\n%s", diff)
	}
}

// TestAskingPartial asks where not everything could be read: nobody is no answer then.
func TestAskingPartial(t *testing.T) {
	t.Parallel()
	gap := rbac.Gap{
		What: "rolebindings in all namespaces", Cause: "forbidden",
		Missing: &rbacv1.PolicyRule{Verbs: []string{"list"}, APIGroups: []string{rbacv1.GroupName}, Resources: []string{"rolebindings"}},
	}
	w := madeWorld(t, "", func(w *world.World) {
		w.Snapshot.Gaps = append(w.Snapshot.Gaps, gap)
		w.Inventory.Served[inventory.ClusterQueues] = true
		w.Inventory.Gaps = append(w.Inventory.Gaps, rbac.Gap{
			What: "clusterqueues", Cause: "forbidden",
			Missing: &rbacv1.PolicyRule{Verbs: []string{"list"}, APIGroups: []string{"kueue.x-k8s.io"}, Resources: []string{"clusterqueues"}},
		})
	})
	for query, want := range map[string]string{"get secrets -n dev": "rolebindings", "why bob get secrets -n dev": "rolebindings"} {
		page := build(t, w, screen.Place{Kind: screen.WhoCan, Query: query})
		if notes := strings.Join(page.Notes, "\n"); !strings.Contains(notes, want) || !strings.Contains(notes, "forbidden") {
			t.Errorf("%q: notes %q, want %q", query, notes, want)
		}
	}
	why := build(t, w, screen.Place{Kind: screen.WhoCan, Query: "why bob get secrets -n dev"})
	if got := why.Text.Lines[0].Spans[0].Text; !strings.HasPrefix(got, "unknown: ") {
		t.Errorf("why: %q, want unknown", got)
	}
	queues := build(t, w, screen.Place{Kind: screen.Queues})
	if !strings.HasPrefix(queues.List.Empty, "unknown") || len(queues.Notes) == 0 {
		t.Errorf("refused queues are %q, notes %v", queues.List.Empty, queues.Notes)
	}
	if diff := cmp.Diff([]screen.Kind{screen.Queues}, screen.Kinds(w)[7:]); diff != "" {
		t.Errorf("kinds (-want +got):\n%s", diff)
	}
}

// TestKinds lists the pages of a world without any of the systems.
func TestKinds(t *testing.T) {
	t.Parallel()
	want := []screen.Kind{
		screen.Namespaces, screen.Grants, screen.Roles, screen.Bindings, screen.Subjects, screen.WhoCan, screen.Findings,
	}
	if diff := cmp.Diff(want, screen.Kinds(madeWorld(t, "", func(*world.World) {}))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestAskingMe asks about who uses the browser, whose groups are known.
func TestAskingMe(t *testing.T) {
	t.Parallel()
	manifest := role("dev", "r", `{apiGroups: [""], resources: [pods], verbs: [get]}`) +
		roleBinding("dev", "Role", "r", "{kind: Group, apiGroup: rbac.authorization.k8s.io, name: devs}")
	w := madeWorld(t, manifest, func(w *world.World) { w.Frame.User, w.Frame.Groups, w.Frame.From = "bob", []string{"devs"}, nil })
	page := build(t, w, screen.Place{Kind: screen.WhoCan, Query: "why me get pods -n dev"})
	want := "kubectl whocan why me get pods -n dev: yes: user:bob may get pods in dev"
	if got := page.Command + ": " + page.Text.Lines[0].Spans[0].Text; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if offers := screen.Complete(w, screen.Place{Kind: screen.WhoCan}, "why m", 5); len(offers) == 0 || offers[0].Word != "me" {
		t.Errorf("offers %+v, want me first", offers)
	}
}

// TestSystemsAbsent opens what is not there.
func TestSystemsAbsent(t *testing.T) {
	t.Parallel()
	for _, kind := range []screen.Kind{screen.Queue, screen.ClusterAuth, screen.Cluster} {
		if _, err := screen.Build(acmeWorld(t), screen.Place{Kind: kind, Namespace: "kcm-system", Name: "nosuch"}); err == nil {
			t.Errorf("there is a page of a %s that is not there", kind)
		}
	}
}
