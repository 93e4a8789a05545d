package screen_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// rowOf returns the first row whose first cell is the text.
func rowOf(t *testing.T, page *screen.Page, text string) int {
	t.Helper()
	for row := range page.List.Rows {
		if page.List.Cell(row, 0).Text == text {
			return row
		}
	}
	t.Fatalf("%s has no row %q", page.Title, text)
	return -1
}

// TestRightsWishes checks which changes can be asked for where somebody has a role.
func TestRightsWishes(t *testing.T) {
	t.Parallel()
	bob := "user:bob@acme.example"
	all := []string{"remove user:bob@acme.example editor team-vision", "role user:bob@acme.example editor team-vision", "expiry user:bob@acme.example editor team-vision"}
	binding := screen.Place{Kind: screen.Binding, Namespace: "team-vision", Name: "user-bob-acme-example-clusterrole-edit"}
	tests := map[string]struct {
		place screen.Place
		row   string
		want  []string
	}{
		"a holder":                  {screen.Place{Kind: screen.Role, Name: "kubeflow-edit", Tab: "holders"}, bob, all},
		"a holder that is no guest": {screen.Place{Kind: screen.Role, Name: "kubeflow-edit", Tab: "holders"}, "sa:team-vision/default-editor", nil},
		"an owner":                  {screen.Place{Kind: screen.Role, Name: "kubeflow-admin", Tab: "holders"}, "user:dana@acme.example", nil},
		"a binding":                 {screen.Place{Kind: screen.Bindings}, "user-bob-acme-example-clusterrole-edit", all},
		"a binding of the cluster":  {screen.Place{Kind: screen.Bindings}, "sre", nil},
		"a subject of a binding":    {binding, bob, all},
		"a grant of a subject":      {screen.Place{Kind: screen.Subject, Subject: rbac.User("bob@acme.example")}, "team-vision", all},
		"a grant of a group of his": {screen.Place{Kind: screen.Subject, Subject: rbac.User("bob@acme.example")}, "everywhere", nil},
		"a row of the matrix":       {screen.Place{Kind: screen.Workspace, Name: "team-vision", Tab: "access"}, bob, all},
		"superusers in the matrix":  {screen.Place{Kind: screen.Workspace, Name: "team-vision", Tab: "access"}, "group:system:masters", nil},
		"everywhere, in the matrix": {screen.Place{Kind: screen.Workspace, Name: "team-vision", Tab: "access"}, "group:sre", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := screen.Build(acmeWorld(t), tt.place)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, wish := range page.List.Wishes(rowOf(t, page, tt.row)) {
				got = append(got, strings.Join([]string{string(wish.Verb), wish.Subject.String(), string(wish.Role), wish.Workspace}, " "))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestRightsJumps checks where one gets from a row.
func TestRightsJumps(t *testing.T) {
	t.Parallel()
	role := screen.Place{Kind: screen.Role, Name: "kubeflow-edit"}
	bound := screen.Place{Kind: screen.Binding, Namespace: "team-vision", Name: "user-bob-acme-example-clusterrole-edit"}
	bob := screen.Place{Kind: screen.Subject, Subject: rbac.User("bob@acme.example")}
	vision := screen.Place{Kind: screen.Workspace, Name: "team-vision"}
	tests := map[string]struct {
		place                          screen.Place
		row                            string
		subject, binding, role, inside screen.Place
	}{
		"a role":                {screen.Place{Kind: screen.Roles}, "kubeflow-edit", screen.Place{}, screen.Place{}, role, screen.Place{}},
		"a role with one grant": {screen.Place{Kind: screen.Roles}, "builder", screen.Place{Kind: screen.Subject, Subject: rbac.ServiceAccount("ci", "builder")}, screen.Place{Kind: screen.Binding, Namespace: "ci", Name: "builder"}, screen.Place{Kind: screen.Role, Namespace: "ci", Name: "builder"}, screen.Place{Kind: screen.Workspace, Name: "ci"}},
		"a holder":              {role.WithTab("holders"), "user:bob@acme.example", bob, bound, role, vision},
		"a rule of a part":      {role, "secrets", screen.Place{}, screen.Place{}, screen.Place{Kind: screen.Role, Name: "kubeflow-kubernetes-edit"}, screen.Place{}},
		"a part":                {role.WithTab("parts"), "goes into", screen.Place{}, screen.Place{}, screen.Place{Kind: screen.Role, Name: "kubeflow-admin"}, screen.Place{}},
		"a binding":             {screen.Place{Kind: screen.Bindings}, bound.Name, bob, bound, role, vision},
		"a subject":             {screen.Place{Kind: screen.Subjects}, "user:bob@acme.example", bob, bound, role, screen.Place{}},
		"a grant":               {bob, "team-vision", bob, bound, role, vision},
		"a right":               {bob.WithTab("rights"), "team-vision", bob, bound, role, vision},
		"a row of the matrix":   {vision.WithTab("access"), "user:bob@acme.example", bob, bound, role, vision},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := screen.Build(acmeWorld(t), tt.place)
			if err != nil {
				t.Fatal(err)
			}
			row := rowOf(t, page, tt.row)
			for to, want := range map[screen.Kind]screen.Place{
				screen.Subject: tt.subject, screen.Binding: tt.binding, screen.Role: tt.role, screen.Workspace: tt.inside,
			} {
				if diff := cmp.Diff(want, page.List.Jump(row, to)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", to, diff)
				}
			}
		})
	}
}

// oddWorld has what acme has not: accounts that are missing, crowds, bindings that give nothing.
func oddWorld(frame world.Frame, change func(*rbac.Snapshot)) *world.World {
	bind := func(ns, name, kind, role string, subjects ...rbacv1.Subject) rbac.Binding {
		return rbac.Binding{Namespace: ns, Name: name, RoleRef: rbacv1.RoleRef{Kind: kind, Name: role}, Subjects: subjects}
	}
	reader := []rbacv1.PolicyRule{{Verbs: []string{"get", "list"}, APIGroups: []string{""}, Resources: []string{"nodes", "pods"}}}
	s := &rbac.Snapshot{
		Taken: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC),
		Roles: []rbac.Role{{Name: "reader", Rules: reader}, {Name: "empty"}, {Namespace: "dev", Name: "evil\x1b[2J", Rules: reader}},
		Bindings: []rbac.Binding{
			bind("", "no-such-kind", "Group", "reader", rbac.User("ann").RBAC()),
			bind("", "a-role", "Role", "reader", rbac.User("ann").RBAC()),
			bind("dev", "accounts", "ClusterRole", "reader", rbac.ServiceAccount("dev", "ghost").RBAC(), rbac.Group("system:serviceaccounts:dev").RBAC()),
			bind("dev", "nobody", "ClusterRole", "reader", rbacv1.Subject{Kind: "Robot", Name: "r2"}),
			bind("dev", "nothing", "ClusterRole", "empty", rbac.User("ann").RBAC()),
			bind("dev", "evil\x1b[2J", "Role", "evil\x1b[2J", rbac.User("mallory\x1b[2J").RBAC()),
		},
		ServiceAccounts: []rbac.ObjectRef{{Namespace: "dev", Name: "bot"}, {Namespace: "dev", Name: "default"}},
	}
	if change != nil {
		change(s)
	}
	return world.New(source.Moment{Snapshot: s, Inventory: &inventory.Inventory{}, Complete: true}, frame, time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
}

// TestRightsOdd checks what pages say of what is wrong.
func TestRightsOdd(t *testing.T) {
	t.Parallel()
	refused := func(s *rbac.Snapshot) {
		s.Gaps = []rbac.Gap{{What: "clusterroles", Cause: "forbidden", Missing: &rbacv1.PolicyRule{
			Verbs: []string{"list"}, APIGroups: []string{rbacv1.GroupName}, Resources: []string{"clusterroles"},
		}}}
		s.Roles = nil
	}
	binding := func(ns, name string) screen.Place {
		return screen.Place{Kind: screen.Binding, Namespace: ns, Name: name}
	}
	tests := map[string]struct {
		place  screen.Place
		change func(*rbac.Snapshot)
		want   []string
	}{
		"a role by RoleBindings only": {place: screen.Place{Kind: screen.Role, Name: "reader"}, want: []string{
			"without effect there: 1 right",
		}},
		"a role without rules": {place: screen.Place{Kind: screen.Role, Name: "empty"}, want: []string{"it has no rules: whoever has it may do nothing"}},
		"a role that can't be read": {place: screen.Place{Kind: screen.Role, Name: "reader"}, change: refused, want: []string{
			"state: unread", "! what this role allows could not be read", "! rules may be missing: not all clusterroles can be read; it takes the rule " +
				"{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [list]} (forbidden)",
		}},
		"a binding to what is no kind of role": {place: binding("", "no-such-kind"), want: []string{`! it gives nothing: "Group" is no kind of role`, "state: dangling"}},
		"a ClusterRoleBinding to a Role": {place: binding("", "a-role"), want: []string{
			"! it gives nothing: a ClusterRoleBinding can't refer to a Role, which is of one namespace", "nothing: there is no role/reader",
		}},
		"a binding to an account that is missing": {place: binding("dev", "accounts"), want: []string{
			"! sa:dev/ghost does not exist: whoever makes a service account of this name gets the rights",
			"sa:dev/ghost                      1         does not exist",
			"group:system:serviceaccounts:dev  1         every service account of dev, and so every pod there (2 service accounts)",
			"get, list pods", "without effect: get, list nodes (cluster-scoped, but through a RoleBinding)",
		}},
		"a binding that names nobody": {place: binding("dev", "nobody"), want: []string{
			"state: nobody", "! of its subjects 1 do not count: they can be nobody, or are named twice", "it names nobody: it gives nothing",
		}},
		"a binding to a role without rules": {place: binding("dev", "nothing"), want: []string{"nothing: the role has no rules"}},
		"an account that is missing": {place: screen.Place{Kind: screen.Subject, Subject: rbac.ServiceAccount("dev", "ghost")}, want: []string{
			"! this service account does not exist: whoever makes one of this name gets what is bound to it",
			"dev    clusterrole/reader  rolebinding/accounts  via group:system:serviceaccounts:dev",
		}},
		"a group that fills itself": {place: screen.Place{Kind: screen.Subject, Subject: rbac.Group("system:serviceaccounts:dev")}, want: []string{
			"! the API server itself puts people into this group: every service account of dev, and so every pod there (2 service accounts)",
		}},
		"superusers": {place: screen.Place{Kind: screen.Subject, Subject: rbac.Group("system:masters")}, want: []string{
			"! may do everything: the API server does not check members of system:masters against RBAC",
		}},
		"somebody whose name was written otherwise": {place: screen.Place{Kind: screen.Subject, Subject: rbac.User("an")}, want: []string{
			"! no binding names user:an; did you mean user:ann?",
		}},
		"an account without a grant": {place: screen.Place{Kind: screen.Subject, Subject: rbac.ServiceAccount("dev", "bot")}, want: []string{
			"! no binding names sa:dev/bot",
		}},
		"names are raw": {place: screen.Place{Kind: screen.Role, Namespace: "dev", Name: "evil\x1b[2J", Tab: "holders"}, want: []string{
			"user:mallory\x1b[2J  dev    rolebinding/evil\x1b[2J",
		}},
		"a matrix of what can't be asked": {place: screen.Place{Kind: screen.Workspace, Name: "dev", Tab: "access", Query: "pods/"}, want: []string{
			`! parse resource "pods/": want RESOURCE[/SUBRESOURCE][.GROUP]`, "there is no such question: ask about a resource such as pods, pods/exec or deployments.apps",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := screen.Build(oddWorld(world.Frame{}, tt.change), tt.place)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Split(dump(page), "\n")
			for _, want := range tt.want {
				if !slices.ContainsFunc(got, func(have string) bool { return strings.HasPrefix(have, want) }) {
					t.Errorf("no line %q in\n%s", want, strings.Join(got, "\n"))
				}
			}
		})
	}
}

// TestSubjectOfPolicies has on the page of somebody what no binding says: that policies let him in.
func TestSubjectOfPolicies(t *testing.T) {
	t.Parallel()
	const note = "policies alone, without a binding, let it in through the gateway: team-vision"
	for name, want := range map[string]bool{"yuki@acme.example": true, "bob@acme.example": false} {
		page, err := screen.Build(acmeWorld(t), screen.Place{Kind: screen.Subject, Subject: rbac.User(name)})
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(page.Notes, note) != want {
			t.Errorf("notes on %s: %q", name, page.Notes)
		}
	}
}

func TestRightsNotThere(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		place screen.Place
		want  string
	}{
		"a role":            {screen.Place{Kind: screen.Role, Namespace: "dev", Name: "none"}, "open role/dev/none: there is no such role"},
		"a cluster role":    {screen.Place{Kind: screen.Role, Name: "none"}, "open clusterrole/none: there is no such role"},
		"a binding":         {screen.Place{Kind: screen.Binding, Namespace: "dev", Name: "none"}, "open rolebinding/dev/none: there is no such binding"},
		"a cluster binding": {screen.Place{Kind: screen.Binding, Name: "none"}, "open clusterrolebinding/none: there is no such binding"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := screen.Build(oddWorld(world.Frame{}, nil), tt.place)
			if err == nil || err.Error() != tt.want {
				t.Errorf("error %v, want %s", err, tt.want)
			}
		})
	}
}

// TestPodsTab checks what is said of the pods of a service account until they are there, and when they don't come.
func TestPodsTab(t *testing.T) {
	t.Parallel()
	yes := true
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "dev", Name: "web-0", CreationTimestamp: metav1.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC),
			OwnerReferences: []metav1.OwnerReference{{Kind: "StatefulSet", Name: "web", Controller: &yes}},
		},
		Spec: corev1.PodSpec{ServiceAccountName: "bot", NodeName: "node-1"}, Status: corev1.PodStatus{Phase: corev1.PodRunning},
	}
	live, offline := oddWorld(world.Frame{}, nil), oddWorld(world.Frame{Offline: true}, nil)
	tests := map[string]struct {
		world *world.World
		want  []string
	}{
		"before they are asked for": {live, []string{"[Pods …]", "asking for the pods…"}},
		"there":                     {live.WithPods(world.Pods{}.With("dev", []*corev1.Pod{pod}, nil)), []string{"[Pods 1]", "web-0  Running  StatefulSet web  node-1  60m"}},
		"none":                      {live.WithPods(world.Pods{}.With("dev", nil, nil)), []string{"[Pods 0]", "no pod of dev runs as sa:dev/bot"}},
		"refused": {live.WithPods(world.Pods{}.With("dev", nil, errors.New("forbidden"))), []string{
			"[Pods ?]", "! pods of dev: forbidden", "unknown: the pods can't be read",
		}},
		"none in manifests": {offline, []string{"unknown: there are no pods in what was read"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := screen.Build(tt.world, screen.Place{Kind: screen.Subject, Subject: rbac.ServiceAccount("dev", "bot"), Tab: "pods"})
			if err != nil {
				t.Fatal(err)
			}
			got := dump(page)
			for _, want := range tt.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %q in\n%s", want, got)
				}
			}
		})
	}
}

// TestMissingRoleCommand checks that no command asks for a role that is not there.
func TestMissingRoleCommand(t *testing.T) {
	t.Parallel()
	w := oddWorld(world.Frame{}, func(s *rbac.Snapshot) { s.Roles = s.Roles[1:] })
	const want = "kubectl get clusterrolebindings,rolebindings -A -o wide"
	roles := build(t, w, screen.Place{Kind: screen.Roles})
	if got := roles.List.Command(rowOf(t, roles, "reader")); got != want {
		t.Errorf("row %q, want %q", got, want)
	}
	if got := build(t, w, screen.Place{Kind: screen.Role, Name: "reader"}).Command; got != want {
		t.Errorf("page %q, want %q", got, want)
	}
}

// TestRightsCommands checks what is copied for a shell of a live cluster.
func TestRightsCommands(t *testing.T) {
	t.Parallel()
	w := oddWorld(world.Frame{}, nil)
	account := screen.Place{Kind: screen.Subject, Subject: rbac.ServiceAccount("dev", "bot")}
	tests := map[string]struct {
		place     screen.Place
		page, row string
	}{
		"roles":    {screen.Place{Kind: screen.Roles}, "kubectl get clusterroles,roles -A -o wide", "kubectl get clusterrole empty -o yaml"},
		"bindings": {screen.Place{Kind: screen.Bindings}, "kubectl get clusterrolebindings,rolebindings -A -o wide", "kubectl get clusterrolebinding a-role -o yaml"},
		"subjects": {screen.Place{Kind: screen.Subjects}, "kubectl get clusterrolebindings,rolebindings -A -o wide", "kubectl whocan rules user:ann"},
		"grants":   {account, "kubectl whocan rules sa:dev/bot", "kubectl whocan rules sa:dev/bot -n dev"},
		"rights":   {account.WithTab("rights"), "kubectl whocan rules sa:dev/bot", "kubectl whocan why sa:dev/bot get pods -n dev"},
		"holders": {
			screen.Place{Kind: screen.Role, Name: "reader", Tab: "holders"}, "kubectl get clusterrole reader -o yaml", "kubectl whocan rules sa:dev/ghost -n dev",
		},
		"the matrix": {
			screen.Place{Kind: screen.Workspace, Name: "dev", Tab: "access"},
			"kubectl whocan matrix pods -n dev",
			"kubectl whocan why group:system:masters get pods -n dev",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page, err := screen.Build(w, tt.place)
			if err != nil {
				t.Fatal(err)
			}
			if page.Command != tt.page || page.List.Command(0) != tt.row {
				t.Errorf("page %q, row %q", page.Command, page.List.Command(0))
			}
		})
	}
}
