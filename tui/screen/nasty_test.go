package screen_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// nasty has names that shells and questions split, rights on namespaces by name, and namespaces that are being deleted.
const nasty = devNamespace + `
---
apiVersion: v1
kind: Namespace
metadata: {name: dying, deletionTimestamp: "2026-11-20T00:00:00Z"}
spec: {finalizers: [kubernetes]}
status: {phase: Terminating}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: odd}
rules:
- {apiGroups: [""], resources: [configmaps], verbs: [get], resourceNames: ["it's mine"]}
- {apiGroups: [""], resources: [namespaces/status], verbs: [get]}
- {apiGroups: ["*"], resources: ["*/scale"], verbs: [update]}
- {apiGroups: [extensions], resources: [deployments/scale], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {namespace: dev, name: odd}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: odd}
subjects:
- {kind: User, apiGroup: rbac.authorization.k8s.io, name: "o'brien"}
- {kind: User, apiGroup: rbac.authorization.k8s.io, name: "o'brien"}
- {kind: ServiceAccount, name: bot}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {namespace: dying, name: view}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: eve}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {namespace: gone, name: dangling}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: missing}
subjects: [{kind: User, apiGroup: rbac.authorization.k8s.io, name: carl}]
`

// TestNastyCommands checks that commands say the same as the row, whatever names are like.
func TestNastyCommands(t *testing.T) {
	t.Parallel()
	w := madeWorld(t, nasty, nil)
	obrien := screen.Place{Kind: screen.Subject, Subject: rbac.User("o'brien"), Tab: "rights"}
	tests := map[string]struct {
		place screen.Place
		want  []string
	}{
		"rules": {screen.Place{Kind: screen.Role, Name: "odd"}, []string{
			`whocan get configmaps 'it'\''s mine' -A`, "whocan get namespaces/status -A", "whocan update '*.*/scale' -A",
			"whocan get deployments.extensions/scale -A", // a group that nobody serves any more
		}},
		"namespaces by name": {screen.Place{Kind: screen.WhoCan, Query: "get namespaces/status -A"}, []string{
			"whocan why group:system:masters get namespaces/status -A", "whocan why user:eve get namespaces/status dying",
			`whocan why 'user:o'\''brien' get namespaces/status dev`, "whocan why sa:dev/bot get namespaces/status dev",
		}},
		"rights in a namespace": {obrien, []string{
			`whocan why 'user:o'\''brien' get configmaps 'it'\''s mine' -n dev`,
			`whocan why 'user:o'\''brien' get namespaces/status dev -n dev`,
			`whocan why 'user:o'\''brien' update '*.*/scale' -n dev`,
			`whocan why 'user:o'\''brien' get deployments.extensions/scale -n dev`,
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := build(t, w, tt.place)
			var got []string
			for row := range page.List.Rows {
				got = append(got, strings.TrimSuffix(strings.TrimPrefix(page.List.Command(row), "kubectl "), " --from acme"))
				open := page.List.Open(row)
				if asked := build(t, w, open); open.Kind == screen.WhoCan && asked.List.Rows < 2 { // superusers, and whoever has the right
					t.Errorf("%+v: %d rows: %s", open, asked.List.Rows, asked.List.Empty)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("commands (-want +got):\n%s", diff)
			}
		})
	}
}

// TestNastyWishes checks that nothing is offered that would be refused, and that subjects are counted as the API server does.
func TestNastyWishes(t *testing.T) {
	t.Parallel()
	w := madeWorld(t, nasty, nil)
	wishes := func(p screen.Place) []string {
		page := build(t, w, p)
		var out []string
		for _, wish := range page.Wishes {
			out = append(out, string(wish.Verb))
		}
		for row := range page.List.Rows {
			for _, wish := range page.List.Wishes(row) {
				out = append(out, string(wish.Verb)+" "+wish.Subject.String())
			}
		}
		return out
	}
	for namespace, want := range map[string][]string{
		"dev":   {"add", "remove user:o'brien"},
		"dying": {"remove user:eve"},
		"gone":  {"add", "remove user:carl"},
	} {
		if diff := cmp.Diff(want, wishes(screen.Place{Kind: screen.Workspace, Name: namespace})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", namespace, diff)
		}
	}
	all := build(t, w, screen.Place{Kind: screen.Namespaces})
	want := []string{"dev | -", "dying | Terminating [warn]", "gone | -", "kube-public | -", "kube-system | -"}
	if diff := cmp.Diff(want, cells(t, all.List, "Name", "Status")); diff != "" {
		t.Errorf("namespaces (-want +got):\n%s", diff)
	}
	dev := build(t, w, screen.Place{Kind: screen.Workspace, Name: "dev"})
	if also := texts(dev.List.Detail(0)); !strings.Contains(also, "the binding names 1 other subject\n") {
		t.Errorf("detail:\n%s", also)
	}
	if page := build(t, w, screen.Place{Kind: screen.Workspace, Name: "kube-public"}); page.Command != "" {
		t.Errorf("of a namespace that is not in the manifests: %s", page.Command)
	}
}

func texts(text *screen.Text) string {
	var b strings.Builder
	for _, l := range text.Lines {
		for _, s := range l.Spans {
			b.WriteString(s.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// TestRefusedCounts checks that what could not be read is counted as a question, and never as nothing.
func TestRefusedCounts(t *testing.T) {
	t.Parallel()
	refuse := func(kinds ...string) func(*world.World) {
		return func(w *world.World) {
			for _, kind := range kinds {
				w.Snapshot.Gaps = append(w.Snapshot.Gaps, rbac.Gap{
					What: kind + " in all namespaces", Cause: "forbidden",
					Missing: &rbacv1.PolicyRule{Verbs: []string{"list"}, APIGroups: []string{rbacv1.GroupName}, Resources: []string{kind}},
				})
			}
		}
	}
	w := madeWorld(t, devNamespace+`
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: LocalQueue
metadata: {namespace: dev, name: lq}
spec: {clusterQueue: q}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {namespace: dev, name: idle}
rules: []`, func(w *world.World) {
		w.Snapshot.Bindings = nil
		refuse("rolebindings", "clusterrolebindings")(w)
		w.Inventory.Gaps = append(w.Inventory.Gaps, w.Snapshot.Gaps...)
		for _, kind := range []inventory.Kind{inventory.Quotas, inventory.ClusterQueues} {
			w.Inventory.Gaps = append(w.Inventory.Gaps, rbac.Gap{
				What: string(kind) + " in all namespaces", Cause: "forbidden", Missing: &rbacv1.PolicyRule{Resources: []string{string(kind)}},
			})
		}
	})
	badges := func(p screen.Place) string {
		var out []string
		for _, tab := range build(t, w, p).Tabs {
			if tab.Badge != "" {
				out = append(out, tab.ID+" "+tab.Badge)
			}
		}
		return strings.Join(out, ", ")
	}
	for name, tt := range map[string]struct{ got, want string }{
		"namespace": {badges(screen.Place{Kind: screen.Workspace, Name: "dev"}), "contributors ?, bindings ?, quota ?"},
		"role":      {badges(screen.Place{Kind: screen.Role, Namespace: "dev", Name: "idle"}), "rules 0, holders ?"},
		"subject":   {badges(screen.Place{Kind: screen.Subject, Subject: rbac.User("ann")}), "grants ?"},
		"queue": {
			strings.Join(cells(t, build(t, w, screen.Place{Kind: screen.Queues}).List, "Name", "May submit", "State"), "; "), "q | ? [warn] | ? [warn]",
		},
		"who can": {build(t, w, screen.Place{Kind: screen.WhoCan, Query: "get pods -n dev"}).List.Empty, "unknown: rolebindings can't be read (forbidden)"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s: %q, want %q", name, tt.got, tt.want)
		}
	}
}

// TestUnreadElsewhere checks that a role is missing where all roles of its namespace were read.
func TestUnreadElsewhere(t *testing.T) {
	t.Parallel()
	w := madeWorld(t, nasty, func(w *world.World) {
		w.Snapshot.Gaps = append(w.Snapshot.Gaps, rbac.Gap{What: "roles outside of namespace gone", Cause: "forbidden", Missing: &rbacv1.PolicyRule{Resources: []string{"roles"}}})
	})
	if b := w.Binding(rbac.ObjectID{Kind: "RoleBinding", Namespace: "gone", Name: "dangling"}); !b.Dangling() {
		t.Error("the role of a namespace that was read whole may be there")
	}
}

// TestUnjudgedEditors checks that the rules that need all roles and bindings are told of when some could not be read.
func TestUnjudgedEditors(t *testing.T) {
	t.Parallel()
	const note = "findings may be missing: not all roles and bindings can be read (KC025, KC032)"
	whole := acmeWorld(t)
	moment, snapshot := whole.Moment, *whole.Snapshot
	snapshot.Gaps = []rbac.Gap{{What: "clusterroles", Cause: "forbidden", Missing: &rbacv1.PolicyRule{Resources: []string{"clusterroles"}}}}
	moment.Snapshot = &snapshot
	partial := world.New(moment, whole.Frame, whole.Now)
	for name, tt := range map[string]struct {
		world *world.World
		place screen.Place
		want  bool
	}{
		"all was read":     {whole, screen.Place{Kind: screen.Findings}, false},
		"roles are hidden": {partial, screen.Place{Kind: screen.Findings}, true},
		"in a namespace":   {partial, screen.Place{Kind: screen.Workspace, Name: "kcm-system", Tab: screen.TabFindings}, true},
		"without clusters": {partial, screen.Place{Kind: screen.Workspace, Name: "team-nlp", Tab: screen.TabFindings}, false},
	} {
		if got := slices.Contains(build(t, tt.world, tt.place).Notes, note); got != tt.want {
			t.Errorf("%s: told %v, want %v", name, got, tt.want)
		}
	}
}
