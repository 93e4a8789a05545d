package dialog_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	bubbles "charm.land/bubbles/v2/key"
	tea "charm.land/bubbletea/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/dialog"
	"github.com/kubegatehouse/gatehouse/tui/theme"
)

// refusal is an error with a hint, below others.
func refusal() error {
	return fmt.Errorf("propose: %w", errors.Join(errors.New("first\nof two lines"), workspace.Refuse("kubectl contrib list -n team-nlp shows them", "bob is no member")))
}

func hostile() error { return errors.New("\x1b[2J\u202e" + strings.Repeat("团队 ", 5000)) }

func TestMessage(t *testing.T) {
	t.Parallel()
	scripts{
		"enter":  {keys: "enter"},
		"esc":    {keys: "esc"},
		"q":      {keys: "down q"},
		"scroll": {keys: "down up pgup pgdown space home end x y", open: true},
	}.run(t, func() dialog.Dialog { return dialog.NewMessage("cannot do that", refusal()) })
	looks(t, "message", dialog.NewMessage("cannot do that", refusal()))
	looks(t, "message_hostile", dialog.NewMessage("cannot write \x1b[31m"+strings.Repeat("x", 10_000), hostile()))
	looks(t, "message_scrolled", play(seen(dialog.NewMessage("long", hostile())), key("end")).dialog)
	looks(t, "remarks", dialog.NewRemarks([]string{"secrets could not be read:\nforbidden", "60 ClusterRoleBindings give rights everywhere\x07"}))
	styled(t, "message", dialog.NewMessage("cannot do that", refusal()))
}

func TestWaiting(t *testing.T) {
	t.Parallel()
	scripts{
		"esc":   {keys: "esc"},
		"enter": {keys: "enter y", open: true},
	}.run(t, func() dialog.Dialog { return dialog.NewWaiting("working it out, and asking the server …") })
	looks(t, "waiting", dialog.NewWaiting("working it out, and asking the server …"))
}

func sections() []dialog.Section {
	bind := func(name, says string) bubbles.Binding { return bubbles.NewBinding(bubbles.WithHelp(name, says)) }
	var move []bubbles.Binding
	for _, name := range []string{"↑/k", "↓/j", "pgup", "pgdn", "home", "end"} {
		move = append(move, bind(name, "move so"))
	}
	return []dialog.Section{
		{Title: "Move", Keys: move},
		{Title: "Open", Keys: []bubbles.Binding{bind("enter", "open"), bind("esc", "back"), bind("tab", "next tab")}},
		{Title: "Find", Keys: []bubbles.Binding{bind("/", "filter"), bind("s", "sort by the next column")}},
		{Title: "Change", Keys: []bubbles.Binding{bind("a", "add a member"), bind("x", "remove"), bind("ctrl+s", "write a snapshot")}},
		{Keys: []bubbles.Binding{bind("?", "help"), bind("q", "quit")}},
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	scripts{
		"esc":      {keys: "esc"},
		"question": {keys: "?"},
		"q":        {keys: "q"},
		"scroll":   {keys: "down pgdown x", open: true},
	}.run(t, func() dialog.Dialog { return dialog.NewHelp(sections()) })
	looks(t, "help", dialog.NewHelp(sections()))
	looks(t, "help_scrolled", play(seen(dialog.NewHelp(sections())), tea.MouseWheelMsg{Button: tea.MouseWheelDown}).dialog)
	looks(t, "help_empty", dialog.NewHelp(nil))
	styled(t, "help", dialog.NewHelp(sections()))
}

// Every key is in sight on a wide screen, and can be scrolled to on a small one.
func TestHelpWhole(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{200, 60}, {100, 12}, {60, 10}, {40, 5}} {
		d := dialog.NewHelp(sections())
		seen := ""
		for range 60 {
			content, _ := draw(t, d, size[0], size[1], &theme.Theme{})
			seen += content
			play(d, key("down"))
		}
		for _, s := range sections() {
			for _, k := range s.Keys {
				if !strings.Contains(seen, k.Help().Desc) {
					t.Errorf("%v: nobody can see %q", size, k.Help().Desc)
				}
			}
		}
	}
}

func TestExport(t *testing.T) {
	t.Parallel()
	want := func(format, path string) tea.Msg { return dialog.ExportMsg{Format: format, Path: path} }
	scripts{
		"as proposed":       {keys: "enter", want: want("yaml", "roles.yaml")},
		"next":              {keys: "right enter", want: want("csv", "roles.csv")},
		"round":             {keys: "left enter", want: want("markdown", "roles.md")},
		"and back":          {keys: "left right enter", want: want("yaml", "roles.yaml")},
		"another name":      {keys: "tab ctrl+u 'x.csv' enter", want: want("csv", "x.csv")},
		"typed at once":     {keys: "ctrl+u 'my file.md' enter", want: want("markdown", "my file.md")},
		"ending unknown":    {keys: "ctrl+u 'x.txt' up right enter", want: want("csv", "x.txt")},
		"left in the name":  {keys: "tab left left left left left 's' enter", want: want("yaml", "roless.yaml")},
		"nothing":           {keys: "ctrl+u enter", open: true},
		"blanks":            {keys: "ctrl+u space enter", open: true},
		"nothing, and then": {keys: "ctrl+u enter 'x.md' enter", want: want("markdown", "x.md")},
		"esc":               {keys: "tab esc"},
	}.run(t, func() dialog.Dialog { return dialog.NewExport("roles") })
	for name, script := range map[string]string{"format": "right", "name": "tab", "empty": "ctrl+u enter"} {
		looks(t, "export_"+name, play(dialog.NewExport("roles of team-nlp"), keys(script)...).dialog)
	}
	least := play(dialog.NewExport("roles"), key("tab")).dialog
	if content, cursor := draw(t, least, 18, 1, &theme.Theme{}); content != "roles.yaml        " || cursor.X != 10 {
		t.Errorf("in one line: %q", content)
	}
	styled(t, "export", play(dialog.NewExport("roles"), keys("right")...).dialog)
}

func TestExportMouse(t *testing.T) {
	t.Parallel()
	for format, x := range map[string]int{"yaml": 3, "csv": 10, "markdown": 16} {
		p := play(dialog.NewExport("roles"))
		draw(t, p.dialog, 78, 22, &theme.Theme{})
		for _, y := range []int{2, 1, 3} {
			p.send(tea.MouseClickMsg{X: x, Y: y, Button: tea.MouseLeft})
		}
		p.send(tea.MouseClickMsg{X: 3, Y: 1, Button: tea.MouseRight}, tea.MouseClickMsg{X: 60, Y: 1, Button: tea.MouseLeft}, key("enter"))
		if got := p.outcomes[0].(dialog.ExportMsg).Format; got != format {
			t.Errorf("format %s, want %s", got, format)
		}
	}
}

func TestSave(t *testing.T) {
	t.Parallel()
	scripts{
		"as proposed":       {keys: "enter", want: dialog.SaveMsg{Path: "acme.yaml"}},
		"another":           {keys: "ctrl+u 'x y' enter", want: dialog.SaveMsg{Path: "x y"}},
		"within":            {keys: "home '/tmp/' enter", want: dialog.SaveMsg{Path: "/tmp/acme.yaml"}},
		"nothing":           {keys: "ctrl+u enter", open: true},
		"nothing, and then": {keys: "ctrl+u enter 'x' enter", want: dialog.SaveMsg{Path: "x"}},
		"esc":               {keys: "esc"},
	}.run(t, func() dialog.Dialog { return dialog.NewSave("acme.yaml") })
	p := play(dialog.NewSave("acme.yaml"), key("home"), tea.PasteMsg{Content: "team\n\x1b[31m-团队/"})
	looks(t, "save_pasted", p.dialog)
	looks(t, "save_empty", play(dialog.NewSave(""), key("enter")).dialog)
	looks(t, "save_long", play(dialog.NewSave(strings.Repeat("团队", 2500)), keys("left left left")...).dialog)
	styled(t, "save", dialog.NewSave("acme.yaml"))
}

func TestKeys(t *testing.T) {
	t.Parallel()
	for want, d := range map[string]dialog.Dialog{
		"enter open, ↑↓ choose, esc leave":                   dialog.NewPalette(found),
		"esc close, ↑↓ scroll":                               dialog.NewHelp(nil),
		"enter close, ↑↓ scroll":                             dialog.NewMessage("", refusal()),
		"esc leave it":                                       dialog.NewWaiting(""),
		"enter write, ←→ format, tab format/file, esc leave": dialog.NewExport(""),
		"enter write, tab format/file, esc leave":            play(dialog.NewExport(""), key("tab")).dialog,
		"enter write, esc leave":                             dialog.NewSave(""),
	} {
		if diff := cmp.Diff(want, strings.Join(names(d), ", ")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
