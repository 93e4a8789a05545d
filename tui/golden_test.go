package tui_test

import (
	"fmt"
	"image/color"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/text"
)

// scene is a screen that is kept, in all sizes, with and without colours.
type scene struct {
	// place is the page, the first of a browser that has just been started.
	place screen.Place
	// act does what leads from there to the screen; nil for nothing.
	act func(*tui.Stage)
	// moment is what is shown; nil for examples/acme.
	moment func(*testing.T) source.Moment
	// from is what of the examples is shown; empty for examples/acme.
	from string
	// light keeps it on a light background, too.
	light bool
}

// pages are one scene for each kind of page and for each of its tabs.
func pages() map[string]scene {
	const vision = "team-vision"
	at := func(kind screen.Kind, namespace, name, tab string) scene {
		return scene{place: screen.Place{Kind: kind, Namespace: namespace, Name: name, Tab: tab}}
	}
	of := func(subject rbac.Subject, tab string) scene {
		return scene{place: screen.Place{Kind: screen.Subject, Subject: subject, Tab: tab}}
	}
	asked := func(query string) scene { return scene{place: screen.Place{Kind: screen.WhoCan, Query: query}} }
	dana, editor := rbac.User("dana@acme.example"), rbac.ServiceAccount(vision, "default-editor")
	return map[string]scene{
		"namespaces":             {place: screen.Place{Kind: screen.Namespaces}, light: true},
		"workspace-contributors": at(screen.Workspace, "", vision, screen.TabContributors),
		"workspace-bindings":     at(screen.Workspace, "", vision, screen.TabBindings),
		"workspace-access":       at(screen.Workspace, "", vision, screen.TabAccess),
		"workspace-quota":        at(screen.Workspace, "", vision, screen.TabQuota),
		"workspace-findings":     at(screen.Workspace, "", vision, screen.TabFindings),
		"namespace":              at(screen.Workspace, "", "edge-north", ""),
		"grants":                 at(screen.Grants, "", "", ""),
		"roles":                  at(screen.Roles, "", "", ""),
		"role-rules":             at(screen.Role, "", "kubeflow-edit", "rules"),
		"role-holders":           at(screen.Role, "", "kubeflow-edit", "holders"),
		"role-parts":             at(screen.Role, "", "kubeflow-edit", "parts"),
		"bindings":               at(screen.Bindings, "", "", ""),
		"binding":                at(screen.Binding, vision, "user-bob-acme-example-clusterrole-edit", ""),
		"binding-dangling":       at(screen.Binding, "catalog", "release", ""),
		"subjects":               at(screen.Subjects, "", "", ""),
		"subject-grants":         of(dana, "grants"),
		"subject-rights":         of(dana, "rights"),
		"subject-pods":           of(editor, "pods"),
		"whocan":                 asked(""),
		"whocan-half-typed":      asked("get sec"),
		"whocan-answered":        asked("get secrets -n " + vision),
		"whocan-why":             asked("why " + dana.String() + " get secrets -n " + vision),
		"whocan-why-not":         asked("why not user:ivan@acme.example get secrets -n " + vision),
		"findings":               {place: screen.Place{Kind: screen.Findings}, light: true},
		"finding":                {place: screen.Place{Kind: screen.Findings}, act: keys("enter")},
		"queues":                 at(screen.Queues, "", "", ""),
		"queue":                  at(screen.Queue, "", "science", ""),
		"clusterauthentications": at(screen.ClusterAuths, "", "", ""),
		"clusterauthentication":  at(screen.ClusterAuth, "kcm-system", "acme-sso", ""),
		"clusters":               at(screen.Clusters, "", "", ""),
		"cluster":                at(screen.Cluster, "kcm-system", "edge-hamburg", ""),
		"gone":                   at(screen.Role, vision, "gone", ""),
	}
}

// overlays are what opens above a page or beside it, and what a page looks like when not all is well.
func overlays() map[string]scene {
	namespaces := screen.Place{Kind: screen.Namespaces}
	return map[string]scene{
		"palette":      {place: namespaces, act: keys(":", "d", "a", "n")},
		"help":         {place: namespaces, act: keys("?")},
		"filter":       {place: namespaces, act: keys("/", "k", "u", "b", "e")},
		"filtered":     {place: namespaces, act: keys("/", "k", "u", "b", "e", "enter")},
		"asking":       {place: namespaces, act: func(s *tui.Stage) { s.Press("w"); s.Type("get secrets -n team-v") }},
		"resource":     {place: screen.Place{Kind: screen.Workspace, Name: "team-vision", Tab: screen.TabAccess}, act: keys("c", "p", "o")},
		"export":       {place: namespaces, act: keys("e")},
		"snapshot":     {place: namespaces, act: keys("ctrl+s")},
		"read-only":    {place: namespaces, act: keys("a")},
		"copied":       {place: namespaces, act: keys("y")},
		"all-details":  {place: screen.Place{Kind: screen.Roles}, act: keys("d")},
		"no-details":   {place: screen.Place{Kind: screen.Roles}, act: keys("d", "d")},
		"remarks":      {place: screen.Place{Kind: screen.Findings}, act: keys("!")},
		"connecting":   {place: namespaces, moment: func(*testing.T) source.Moment { return source.Moment{Link: source.Link{State: source.Loading}} }},
		"loading":      {place: namespaces, moment: loading},
		"lost":         {place: namespaces, moment: lost},
		"partial":      {place: namespaces, moment: partial},
		"partial-role": {place: screen.Place{Kind: screen.Role, Name: "view", Tab: "holders"}, moment: partial},
	}
}

// keys presses keys.
func keys(names ...string) func(*tui.Stage) {
	return func(s *tui.Stage) { s.Press(names...) }
}

// loading is a moment before there is anything to show.
func loading(*testing.T) source.Moment {
	return source.Moment{Link: source.Link{State: source.Loading}, Progress: []source.Progress{
		{What: "clusterroles", Count: 412, Done: true}, {What: "rolebindings", Count: 31500}, {What: "namespaces"},
	}}
}

// lost is examples/acme as it was before the connection broke, three minutes ago.
func lost(t *testing.T) source.Moment {
	m := acmeMoment(t)
	m.Link = source.Link{State: source.Lost, Since: now().Add(-3 * time.Minute), Cause: "dial tcp: connection refused"}
	return m
}

// partial is examples/acme as somebody sees it who may list ClusterRoles, but neither their bindings nor Profiles.
func partial(t *testing.T) source.Moment {
	m := acmeMoment(t)
	snapshot, inv := *m.Snapshot, *m.Inventory
	refused := func(what, verb string) rbac.Gap {
		return rbac.Gap{What: what, Cause: fmt.Sprintf("%s is forbidden: User \"eve\" cannot %s", what, verb)}
	}
	snapshot.Bindings = slices.DeleteFunc(slices.Clone(snapshot.Bindings), func(b rbac.Binding) bool { return b.Namespace == "" })
	snapshot.Gaps = append(snapshot.Gaps, refused("clusterrolebindings", "list"))
	inv.Gaps = append(inv.Gaps, refused("resourcequotas", "list"))
	m.Snapshot, m.Inventory = &snapshot, &inv
	m.Link = source.Link{State: source.Watching}
	return m
}

// sizes are those in which scenes are kept. A stage is resized from one to the next.
func sizes() []tea.WindowSizeMsg {
	return []tea.WindowSizeMsg{{Width: 120, Height: 40}, {Width: 80, Height: 24}, {Width: 40, Height: 12}}
}

// play sets the scene.
func (sc scene) play(t *testing.T, moment source.Moment, colourless bool) *tui.Stage {
	t.Helper()
	if sc.moment != nil {
		moment = sc.moment(t)
	}
	s := staged(t, moment, 120, 40, func(o *tui.Options) {
		o.Start, o.Colourless = sc.place, colourless
		o.Frame.Offline = moment.Link.State == source.Still
		if sc.from != "" {
			o.Frame.Context, o.Frame.From = sc.from, []string{sc.from}
		}
	})
	if sc.act != nil {
		sc.act(s)
	}
	return s
}

func TestPages(t *testing.T) {
	t.Parallel()
	testScenes(t, pages())
}

func TestOverlays(t *testing.T) {
	t.Parallel()
	testScenes(t, overlays())
}

// testScenes compares scenes with what was kept of them. Blanks at the end of a line are not kept, and escapes are written
// with a visible sign.
func testScenes(t *testing.T, scenes map[string]scene) {
	t.Helper()
	acme := acmeMoment(t)
	for name, sc := range scenes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			colourless, coloured := sc.play(t, acme, true), sc.play(t, acme, false)
			for _, size := range sizes() {
				folder := fmt.Sprintf("%dx%d/", size.Width, size.Height)
				colourless.Send(size)
				coloured.Send(size)
				plain, dark := text.Plain(frame(t, colourless, size)), frame(t, coloured, size)
				golden.Equal(t, legible(plain), folder+name)
				golden.Equal(t, legible(dark), folder+"dark/"+name)
				if diff := cmp.Diff(plain, text.Plain(dark)); diff != "" {
					t.Errorf("colours say more than words (-colourless +dark):\n%s", diff)
				}
				if sc.light {
					coloured.Send(tea.BackgroundColorMsg{Color: color.White})
					golden.Equal(t, legible(frame(t, coloured, size)), folder+"light/"+name)
					coloured.Send(tea.BackgroundColorMsg{Color: color.Black})
				}
			}
		})
	}
}

// legible is a frame as it is kept in a file.
func legible(frame string) string {
	lines := strings.Split(strings.ReplaceAll(frame, "\x1b", "␛"), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n") + "\n"
}
