package tui_test

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/text"
)

// click presses the left button on the first place on the screen where that stands.
func click(t *testing.T, s *tui.Stage, on string) {
	t.Helper()
	for y, line := range strings.Split(plain(s), "\n") {
		if before, _, ok := strings.Cut(line, on); ok {
			s.Send(tea.MouseClickMsg{X: text.Width(before), Y: y, Button: tea.MouseLeft})
			return
		}
	}
	t.Fatalf("%q is not on\n%s", on, plain(s))
}

func TestMouse(t *testing.T) {
	t.Parallel()
	wheel := func(button tea.MouseButton) func(*testing.T, *tui.Stage) {
		return func(_ *testing.T, s *tui.Stage) { s.Send(tea.MouseWheelMsg{Button: button, X: 5, Y: 8}) }
	}
	on := func(places ...string) func(*testing.T, *tui.Stage) {
		return func(t *testing.T, s *tui.Stage) {
			t.Helper()
			for _, place := range places {
				click(t, s, place)
			}
		}
	}
	m := acmeMoment(t)
	edge := screen.Place{Kind: screen.ClusterAuth, Namespace: "kcm-system", Name: "acme-sso"}
	for name, test := range map[string]struct {
		start    screen.Place
		act      func(*testing.T, *tui.Stage)
		want     []string
		unwanted []string
	}{
		"a row is chosen":   {act: on("team-vision"), want: []string{"► team-vision", "8/16"}},
		"and opened":        {act: on("team-vision", "team-vision"), want: []string{"workspace team-vision"}},
		"a tab of the menu": {act: on("4 Bindings"), want: []string{"[4 Bindings]"}},
		"the open tab":      {act: on("[1 Names"), want: []string{"[1 Namespaces]"}, unwanted: []string{"‹"}},
		"a tab of a page":   {start: screen.Place{Kind: screen.Workspace, Name: "team-vision"}, act: on("3 Access"), want: []string{"[3 Access]"}},
		"beside the tabs": {start: screen.Place{Kind: screen.Workspace, Name: "team-vision"}, act: func(_ *testing.T, s *tui.Stage) {
			s.Send(tea.MouseClickMsg{X: 118, Y: 3, Button: tea.MouseLeft})
		}, want: []string{"[1 Contributors"}},
		"the head of a column": {act: on("Flavor"), want: []string{"Flavor ▲"}},
		"and back":             {act: on("Flavor", "Flavor"), want: []string{"Flavor ▼"}},
		"a column of numbers":  {act: on("Members"), want: []string{"Members ▼", "► catalog"}},
		"no room for tabs": {act: func(_ *testing.T, s *tui.Stage) {
			s.Send(tea.WindowSizeMsg{Width: 120, Height: 6})
			s.View()
			s.Send(tea.MouseClickMsg{X: 20, Y: 0, Button: tea.MouseLeft})
			s.Send(tea.WindowSizeMsg{Width: 120, Height: 40})
		}, want: []string{"[1 Namespaces]"}, unwanted: []string{"‹"}},
		"another button": {act: func(_ *testing.T, s *tui.Stage) {
			s.Send(tea.MouseClickMsg{X: 5, Y: 9, Button: tea.MouseRight})
		}, want: []string{"► catalog"}},
		"below the list": {act: func(_ *testing.T, s *tui.Stage) {
			s.Send(tea.MouseClickMsg{X: 5, Y: 38, Button: tea.MouseLeft})
		}, want: []string{"► catalog"}},
		"wheel":         {start: screen.Place{Kind: screen.Roles}, act: wheel(tea.MouseWheelDown), want: []string{"autoscaler"}, unwanted: []string{"auditor-access  "}},
		"wheel at top":  {start: screen.Place{Kind: screen.Roles}, act: wheel(tea.MouseWheelUp), want: []string{"1/110"}},
		"wheel on text": {start: edge, act: wheel(tea.MouseWheelDown), want: []string{"4/"}},
		"in a dialog": {act: func(t *testing.T, s *tui.Stage) {
			t.Helper()
			play(s, ":", "=dana")
			click(t, s, "user:dana@acme.example")
		}, want: []string{"user:dana@acme.example  ‹ Namespaces"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := staged(t, m, 120, 40, func(o *tui.Options) { o.Start = test.start })
			s.View() // what is clicked on is where it was drawn
			test.act(t, s)
			sees(t, s, test.want...)
			misses(t, s, test.unwanted...)
		})
	}
}
