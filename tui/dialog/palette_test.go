package dialog_test

import (
	"cmp"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/dialog"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// found is what the palette of the tests finds: everything in which all words occur.
func found(text string) []screen.Hit {
	all := []screen.Hit{
		{Text: "namespaces", What: "page", Place: screen.Place{Kind: screen.Namespaces}},
		{Text: "team-vision", What: "workspace", Place: screen.Place{Kind: screen.Workspace, Name: "team-vision"}},
		{Text: "team-nlp", What: "workspace", Place: screen.Place{Kind: screen.Workspace, Name: "team-nlp"}},
		{Text: "team-nlp/deployer", What: "role", Place: screen.Place{Kind: screen.Role, Namespace: "team-nlp", Name: "deployer"}},
		{Text: "user:quentin@acme.example", What: "subject", Place: screen.Place{Kind: screen.Subject, Subject: rbac.User("quentin@acme.example")}},
		{Text: "团队-quota-\x1b[31m-ÄÖ", What: "workspace", Place: screen.Place{Kind: screen.Workspace, Name: "odd"}},
	}
	for range 20 {
		all = append(all, screen.Hit{
			Text: "clusterrole/" + strings.Repeat("very-long-", 1000), What: "role", Place: screen.Place{Kind: screen.Role, Name: "long"},
		})
	}
	var out []screen.Hit
	for _, hit := range all {
		fits := true
		for word := range strings.FieldsSeq(strings.ToLower(text)) {
			fits = fits && strings.Contains(strings.ToLower(hit.Text+" "+hit.What), word)
		}
		if fits {
			out = append(out, hit)
		}
	}
	return out
}

func TestPalette(t *testing.T) {
	t.Parallel()
	open := func(p screen.Place) tea.Msg { return dialog.OpenMsg{Place: p} }
	scripts{
		"first":          {keys: "enter", want: open(screen.Place{Kind: screen.Namespaces})},
		"typed":          {keys: "'nlp' enter", want: open(screen.Place{Kind: screen.Workspace, Name: "team-nlp"})},
		"two words":      {keys: "'nlp role' enter", want: open(screen.Place{Kind: screen.Role, Namespace: "team-nlp", Name: "deployer"})},
		"second":         {keys: "'team' down enter", want: open(screen.Place{Kind: screen.Workspace, Name: "team-nlp"})},
		"down and up":    {keys: "'team' down tab ctrl+p enter", want: open(screen.Place{Kind: screen.Workspace, Name: "team-nlp"})},
		"past the end":   {keys: "'team' down down down down down enter", want: open(screen.Place{Kind: screen.Role, Namespace: "team-nlp", Name: "deployer"})},
		"past the start": {keys: "'team' up pgup enter", want: open(screen.Place{Kind: screen.Workspace, Name: "team-vision"})},
		"nothing":        {keys: "'no such thing' enter", open: true},
		"corrected":      {keys: "'teamx' backspace enter", want: open(screen.Place{Kind: screen.Workspace, Name: "team-vision"})},
		"another text":   {keys: "'team' down ' ' enter", want: open(screen.Place{Kind: screen.Workspace, Name: "team-vision"})},
		"esc":            {keys: "'team' esc"},
		"q":              {keys: "'q' enter", want: dialog.QuitMsg{}},
		"quit":           {keys: "'quit ' enter", want: dialog.QuitMsg{}},
		"not quit":       {keys: "'q' down enter", want: open(screen.Place{Kind: screen.Subject, Subject: rbac.User("quentin@acme.example")})},
	}.run(t, func() dialog.Dialog { return dialog.NewPalette(found) })
}

func TestPaletteLate(t *testing.T) {
	t.Parallel()
	var asked []string
	p := &player{slow: true}
	p.dialog = dialog.NewPalette(func(text string) []screen.Hit {
		asked = append(asked, text)
		return found(text)
	})
	p.run(p.dialog.Init())
	p.send(keys("'team-nlp/' enter")...)
	if len(p.late) != 1 || p.done {
		t.Fatalf("%d searches under way, done %v; want one, and to wait for it", len(p.late), p.done)
	}
	p.catchUp()
	if p.done {
		t.Fatal("took the hits of another text")
	}
	p.catchUp()
	want := []tea.Msg{dialog.OpenMsg{Place: screen.Place{Kind: screen.Role, Namespace: "team-nlp", Name: "deployer"}}}
	for len(p.late) > 0 {
		p.catchUp()
	}
	if diff := gocmp.Diff(want, p.outcomes); diff != "" || !p.done {
		t.Errorf("done %v, outcome (-want +got):\n%s", p.done, diff)
	}
	if diff := gocmp.Diff([]string{"", "team-nlp/"}, asked); diff != "" {
		t.Errorf("searches (-want +got):\n%s", diff)
	}
}

// Who chooses a hit while a search is under way gets that one.
func TestPaletteChosen(t *testing.T) {
	t.Parallel()
	nlp := dialog.OpenMsg{Place: screen.Place{Kind: screen.Workspace, Name: "team-nlp"}}
	vision := dialog.OpenMsg{Place: screen.Place{Kind: screen.Workspace, Name: "team-vision"}}
	tests := map[string]struct {
		// before and after are the messages before and after something was found.
		before, after []tea.Msg
		want          tea.Msg
	}{
		"with the keys":     {before: keys("'team' down down enter"), want: nlp},
		"with the mouse":    {before: append(keys("'nlp'"), tea.MouseClickMsg{X: 5, Y: 3, Button: tea.MouseLeft}), want: vision},
		"and found anew":    {before: keys("'team' down down"), after: keys("enter"), want: nlp},
		"and found no more": {before: keys("'nlp' down"), after: keys("enter"), want: nlp},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := play(dialog.NewPalette(found))
			draw(t, p.dialog, 78, 22, &theme.Theme{})
			p.slow = true
			for _, msgs := range [][]tea.Msg{tt.before, tt.after} {
				p.send(msgs...)
				for len(p.late) > 0 {
					p.catchUp()
				}
			}
			if diff := gocmp.Diff([]tea.Msg{tt.want}, p.outcomes); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPaletteStranger(t *testing.T) {
	t.Parallel()
	other := dialog.NewPalette(func(string) []screen.Hit { return found("odd") })
	p := play(dialog.NewPalette(found))
	p.send(other.Init()()).send(key("enter"))
	if diff := gocmp.Diff([]tea.Msg{dialog.OpenMsg{Place: screen.Place{Kind: screen.Namespaces}}}, p.outcomes); diff != "" {
		t.Errorf("took the hits of another palette (-want +got):\n%s", diff)
	}
}

func TestPaletteMouse(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		msgs []tea.Msg
		want string
		open bool
	}{
		"a hit":       {msgs: []tea.Msg{tea.MouseClickMsg{X: 5, Y: 3, Button: tea.MouseLeft}}, want: "team-vision"},
		"scrolled":    {msgs: []tea.Msg{tea.MouseWheelMsg{Button: tea.MouseWheelDown}, tea.MouseWheelMsg{Button: tea.MouseWheelDown}, key("enter")}, want: "team-nlp"},
		"the border":  {msgs: []tea.Msg{tea.MouseClickMsg{X: 5, Y: 0, Button: tea.MouseLeft}}, open: true},
		"the line":    {msgs: []tea.Msg{tea.MouseClickMsg{X: 5, Y: 1, Button: tea.MouseLeft}}, open: true},
		"below":       {msgs: []tea.Msg{tea.MouseClickMsg{X: 5, Y: 14, Button: tea.MouseLeft}}, open: true},
		"wheel left":  {msgs: []tea.Msg{tea.MouseWheelMsg{Button: tea.MouseWheelLeft}, key("enter")}, want: "namespaces"},
		"right click": {msgs: []tea.Msg{tea.MouseClickMsg{X: 5, Y: 3, Button: tea.MouseRight}}, open: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := play(dialog.NewPalette(found))
			draw(t, p.dialog, 78, 22, &theme.Theme{})
			p.send(tt.msgs...)
			got := ""
			for _, msg := range p.outcomes {
				place := msg.(dialog.OpenMsg).Place
				got += cmp.Or(place.Name, string(place.Kind))
			}
			if got != tt.want || p.done == tt.open {
				t.Errorf("opened %q, done %v; want %q", got, p.done, tt.want)
			}
		})
	}
}

func TestPaletteLooks(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]string{
		"open": "", "typed": "'te nlp' down", "nothing": "'nobody'", "end": "'o' pgdown pgdown pgdown",
		"long": "'" + strings.Repeat("团", 60) + "'", "quit": "'q'",
	} {
		looks(t, "palette_"+name, play(dialog.NewPalette(found), keys(script)...).dialog)
	}
	styled(t, "palette", play(dialog.NewPalette(found), keys("'te nlp'")...).dialog)
}
