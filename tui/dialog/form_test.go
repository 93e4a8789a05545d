package dialog_test

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/dialog"
	"github.com/kubegatehouse/gatehouse/tui/theme"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// small is a world of two workspaces and a few people.
func small(t testing.TB) *world.World {
	t.Helper()
	editor := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"}
	subjects := []rbacv1.Subject{
		rbac.User("bob@acme.example").RBAC(), rbac.User("bella@acme.example").RBAC(), rbac.Group("ml-readers").RBAC(),
		rbac.ServiceAccount("ci", "trainer").RBAC(), rbac.User("团队@acme.example").RBAC(), rbac.User("system:kube-proxy").RBAC(),
	}
	snapshot := &rbac.Snapshot{
		Roles: []rbac.Role{{Name: "edit"}, {Name: "deployer", Namespace: "team-nlp"}, {Name: "other", Namespace: "team-vision"}},
		Bindings: []rbac.Binding{
			{Name: "b", Namespace: "team-nlp", RoleRef: editor, Subjects: subjects},
		},
	}
	inv := &inventory.Inventory{}
	for _, name := range []string{"team-nlp", "team-vision", "kube-system"} {
		ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
		if strings.HasPrefix(name, "team-") {
			ns.Labels = map[string]string{workspace.Label: "true"}
			ns.Annotations = map[string]string{workspace.OwnerAnnotation: "user:alice@acme.example"}
		}
		inv.Namespaces = append(inv.Namespaces, ns)
	}
	return world.New(source.Moment{Snapshot: snapshot, Inventory: inv, Complete: true}, world.Frame{}, now())
}

// member is a wish about somebody who is there.
func member(verb change.Verb) change.Wish {
	return change.Wish{Verb: verb, Workspace: "team-nlp", Subject: rbac.User("bob@acme.example"), Role: workspace.Editor}
}

func TestFormAdd(t *testing.T) {
	t.Parallel()
	w := small(t)
	wish := func(workspace string, subject rbac.Subject, role workspace.Role, expires time.Time) tea.Msg {
		return dialog.WishMsg{Wish: change.Wish{Verb: change.Add, Workspace: workspace, Subject: subject, Role: role, Expires: expires}}
	}
	bob, viewer := rbac.User("bob@acme.example"), workspace.Viewer
	never := dialog.WishMsg{Wish: change.Wish{Verb: change.Add, Workspace: "team-nlp", Subject: bob, Role: viewer, Never: true}}
	ref := func(kind, name string) tea.Msg {
		return dialog.WishMsg{Wish: change.Wish{
			Verb: change.Add, Workspace: "team-nlp", Subject: bob, RoleRef: &rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: kind, Name: name},
		}}
	}
	week := now().AddDate(0, 0, 7)
	scripts{
		"typed":            {keys: "'bob@acme.example' enter 'viewer' enter enter", want: wish("team-nlp", bob, viewer, time.Time{})},
		"completed by tab": {keys: "'bo' tab enter 'v' tab enter enter", want: wish("team-nlp", bob, viewer, time.Time{})},
		"completed right":  {keys: "'bo' right enter 'v' right enter enter", want: wish("team-nlp", bob, viewer, time.Time{})},
		"within":           {keys: "'readers' tab tab 'vi' tab ctrl+s", want: wish("team-nlp", rbac.Group("ml-readers"), viewer, time.Time{})},
		"right within":     {keys: "'boo' left backspace right enter 'viewer' enter enter", want: wish("team-nlp", rbac.User("bo"), viewer, time.Time{})},
		"service account":  {keys: "'sa:ci/trainer' enter 'viewer' ctrl+enter", want: wish("team-nlp", rbac.ServiceAccount("ci", "trainer"), viewer, time.Time{})},
		"expires":          {keys: "'bob@acme.example' down 'edit' down '7d' enter", want: wish("team-nlp", bob, workspace.Editor, week)},
		"expires on a day": {keys: "'bob@acme.example' tab 'owner' tab '2026-11-08T09:00:00Z' enter", want: wish("team-nlp", bob, workspace.Owner, week)},
		"never":            {keys: "'bob@acme.example' tab 'viewer' tab 'Never' enter", want: never},
		"own role":         {keys: "'bob@acme.example' tab 'role/dep' tab ctrl+s", want: ref("Role", "deployer")},
		"own cluster role": {keys: "'bob@acme.example' tab 'clusterrole/ed' tab ctrl+s", want: ref("ClusterRole", "edit")},
		"other workspace":  {keys: "up ctrl+u 'team-v' tab down 'bob@acme.example' enter 'viewer' enter enter", want: wish("team-vision", bob, viewer, time.Time{})},
		"bad workspace":    {keys: "up ctrl+u 'Team' down 'bob@acme.example' enter 'viewer' enter enter", open: true},
		"no subject":       {keys: "enter 'viewer' enter enter", open: true},
		"mended":           {keys: "enter 'viewer' enter enter 'bob@acme.example' ctrl+s", want: wish("team-nlp", bob, viewer, time.Time{})},
		"me":               {keys: "'me' enter 'viewer' enter enter", open: true},
		"bad role":         {keys: "'bob' enter 'viewr' enter enter", open: true},
		"past":             {keys: "'bob' enter 'viewer' enter '2020-01-31' enter", open: true},
		"leave":            {keys: "'bob' enter esc"},
		"shift+tab":        {keys: "'x' down shift+tab backspace 'bob@acme.example' tab 'viewer' ctrl+s", want: wish("team-nlp", bob, viewer, time.Time{})},
	}.run(t, func() dialog.Dialog {
		return dialog.NewForm(change.Wish{Verb: change.Add, Workspace: "team-nlp"}, w, now())
	})
}

func TestFormSetRole(t *testing.T) {
	t.Parallel()
	want := member(change.SetRole)
	want.Role = workspace.Viewer
	own := member(change.SetRole)
	own.Role, own.RoleRef = "", &rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "deployer"}
	scripts{
		"typed":     {keys: "'viewer' enter", want: dialog.WishMsg{Wish: want}},
		"completed": {keys: "'v' tab enter", want: dialog.WishMsg{Wish: want}},
		"own":       {keys: "'deploy' tab enter", want: dialog.WishMsg{Wish: own}},
		"nothing":   {keys: "enter", open: true},
		"tab stays": {keys: "tab tab 'viewer' enter", want: dialog.WishMsg{Wish: want}},
	}.run(t, func() dialog.Dialog { return dialog.NewForm(member(change.SetRole), small(t), now()) })
}

// Of a grant of Kalm's only Kalm's words are asked for and taken.
func TestFormKalm(t *testing.T) {
	t.Parallel()
	held := member(change.SetRole)
	held.System = workspace.Kalm
	want := held
	want.Role = workspace.Owner
	scripts{
		"typed":     {keys: "'owner' enter", want: dialog.WishMsg{Wish: want}},
		"completed": {keys: "'ow' tab enter", want: dialog.WishMsg{Wish: want}},
		"own":       {keys: "'clusterrole/edit' enter", open: true},
		"by tab":    {keys: "'deploy' tab enter", open: true},
	}.run(t, func() dialog.Dialog { return dialog.NewForm(held, small(t), now()) })
	p := play(dialog.NewForm(held, small(t), now()))
	p.send(keys("'clusterrole/edit' enter")...)
	if shown, _ := draw(t, p.dialog, 78, 22, &theme.Theme{}); !strings.Contains(shown, "is a role of Kubernetes': Kalm knows") {
		t.Errorf("it is not said what Kalm knows:\n%s", shown)
	}
}

// What ends never is among what is offered for an end.
func TestFormOffersNever(t *testing.T) {
	t.Parallel()
	p := play(dialog.NewForm(member(change.Expire), small(t), now()))
	if shown, _ := draw(t, p.dialog, 78, 22, &theme.Theme{}); strings.Count(shown, "never") < 3 { // it is so now, and may be typed
		t.Errorf("never is not offered:\n%s", shown)
	}
}

func TestFormExpire(t *testing.T) {
	t.Parallel()
	limited := member(change.Expire)
	limited.Expires = now().AddDate(0, 1, 0)
	never, later := member(change.Expire), member(change.Expire)
	later.Expires = time.Date(2030, 1, 31, 0, 0, 0, 0, time.UTC)
	scripts{
		"never":   {keys: "'n' tab enter", want: dialog.WishMsg{Wish: never}},
		"a day":   {keys: "'2030-01-31' enter", want: dialog.WishMsg{Wish: later}},
		"nothing": {keys: "enter", open: true},
		"bad":     {keys: "'soon' enter", open: true},
	}.run(t, func() dialog.Dialog { return dialog.NewForm(limited, small(t), now()) })
}

func TestFormMouse(t *testing.T) {
	t.Parallel()
	p := play(dialog.NewForm(change.Wish{Verb: change.Add, Workspace: "team-nlp"}, small(t), now()))
	click := func(words string) {
		t.Helper()
		content, _ := draw(t, p.dialog, 78, 22, &theme.Theme{})
		for y, line := range strings.Split(content, "\n") {
			if strings.Contains(line, words) {
				p.send(tea.MouseClickMsg{X: 20, Y: y, Button: tea.MouseLeft})
				return
			}
		}
		t.Fatalf("no %q in\n%s", words, content)
	}
	p.send(keys("'ml'")...)
	click("group:ml-readers")
	click("role")
	click("   editor")
	click("add a member") // the name of the box is no entry
	p.send(tea.MouseClickMsg{X: 20, Y: 3, Button: tea.MouseRight}, tea.MouseClickMsg{X: 20, Y: 99, Button: tea.MouseLeft}, key("ctrl+s"))
	want := []tea.Msg{dialog.WishMsg{Wish: change.Wish{
		Verb: change.Add, Workspace: "team-nlp", Subject: rbac.Group("ml-readers"), Role: workspace.Editor,
	}}}
	if diff := cmp.Diff(want, p.outcomes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Who clicks gets what was to be seen, whatever was found meanwhile.
func TestFormMouseLate(t *testing.T) {
	t.Parallel()
	p := play(dialog.NewForm(member(change.SetRole), small(t), now()))
	content, _ := draw(t, p.dialog, 78, 22, &theme.Theme{})
	before, _, _ := strings.Cut(content, "│   viewer")
	p.send(keys("'own'")...).send(tea.MouseClickMsg{X: 4, Y: strings.Count(before, "\n"), Button: tea.MouseLeft})
	want := member(change.SetRole)
	want.Role = workspace.Viewer
	if diff := cmp.Diff([]tea.Msg{dialog.WishMsg{Wish: want}}, p.send(key("enter")).outcomes); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFormLooks(t *testing.T) {
	t.Parallel()
	limited := member(change.Expire)
	limited.Expires = now().AddDate(0, 1, 0)
	wishes := map[string]change.Wish{
		"add": {Verb: change.Add}, "workspace": {Verb: change.Add, Workspace: "team-nlp"}, "role": member(change.SetRole), "expiry": limited,
		"long": {Verb: change.Add, Workspace: strings.Repeat("long-", 2000), Subject: rbac.User("\x1b[31m" + strings.Repeat("团", 10_000))},
	}
	for name, tt := range map[string]struct{ wish, keys string }{
		"add":        {"add", ""},
		"subject":    {"workspace", "'b'"},
		"understood": {"workspace", "'group:ml-readers'"},
		"wrong":      {"workspace", "'sa:x' enter 'viewr' enter"},
		"me":         {"workspace", "'me'"},
		"wide":       {"workspace", "'团队' tab"},
		"role":       {"role", "'v'"},
		"expiry":     {"expiry", "'7d'"},
		"missing":    {"expiry", "enter"},
		"long":       {"long", "'own' enter '2020-01-01'"},
	} {
		looks(t, "form_"+name, play(dialog.NewForm(wishes[tt.wish], small(t), now()), keys(tt.keys)...).dialog)
	}
	styled(t, "form", play(dialog.NewForm(wishes["workspace"], small(t), now()), keys("'sa:x' enter 'v'")...).dialog)
}

func TestFormKeys(t *testing.T) {
	t.Parallel()
	for script, want := range map[string][]string{
		"":                {"enter next", "↑↓ move", "ctrl+s go on", "esc leave"},
		"'bo'":            {"enter next", "tab complete", "↑↓ move", "ctrl+s go on", "esc leave"},
		"enter enter":     {"enter go on", "↑↓ move", "ctrl+s go on", "esc leave"},
		"'nobody at all'": {"enter next", "↑↓ move", "ctrl+s go on", "esc leave"},
	} {
		p := play(dialog.NewForm(change.Wish{Verb: change.Add, Workspace: "team-nlp"}, small(t), now()), keys(script)...)
		if diff := cmp.Diff(want, names(p.dialog)); diff != "" {
			t.Errorf("%s: keys (-want +got):\n%s", script, diff)
		}
	}
}

// A form takes no offers for what was typed before, and none for another entry.
func TestFormLate(t *testing.T) {
	t.Parallel()
	p := &player{dialog: dialog.NewForm(change.Wish{Verb: change.Add, Workspace: "team-nlp"}, small(t), now()), slow: true}
	p.run(p.dialog.Init())
	p.send(keys("'b' 'o'")...)
	for len(p.late) > 1 {
		p.catchUp()
		if got := names(p.dialog); len(got) != 4 {
			t.Fatalf("offers of before were taken: %q", got)
		}
	}
	p.catchUp()
	if got := names(p.dialog); len(got) != 5 {
		t.Fatalf("the offers were not taken: %q", got)
	}
}
