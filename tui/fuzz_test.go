package tui_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/dialog"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// hostile are names that want to break a screen: endless, wide, right to left, combined, and such as steer a terminal.
func hostile() []string {
	return []string{
		strings.Repeat("x", 10_000), strings.Repeat("宽", 5_000), "مرحبا بالعالم", "שלום-עולם", "e\u0301\u0301\u0301\u0301", "👩‍👩‍👧‍👦🇩🇪",
		"\x1b[2J\x1b[31mred", "\x1b]0;title\x07", "a\nb\r\tc\x00\x7f", "\u202eevil\u202c", "\u2066iso\u2069", "\u200bzero\u200d", "\u009b31m", "\ufeff", "a b", "", "--",
	}
}

// hostileMoment is two teams of examples/acme with roles, bindings, subjects and namespaces of such names.
func hostileMoment(t *testing.T) source.Moment {
	t.Helper()
	return with(read(t, "../examples/acme/kubeflow"), func(s *rbac.Snapshot) {
		roles, bindings := slices.Clip(s.Roles), slices.Clip(s.Bindings)
		for i, name := range hostile() {
			role := s.Roles[i%len(s.Roles)]
			role.Name = name
			binding := s.Bindings[i%len(s.Bindings)]
			binding.Name, binding.RoleRef.Name = name, name
			binding.Subjects = slices.Concat(binding.Subjects, binding.Subjects)
			for j := range binding.Subjects {
				binding.Subjects[j].Name = name
			}
			roles, bindings = append(roles, role), append(bindings, binding)
			s.Namespaces = append(slices.Clip(s.Namespaces), rbac.Namespace{Name: name})
		}
		s.Roles, s.Bindings = roles, bindings
		s.Gaps = []rbac.Gap{{What: "clusterrolebindings", Cause: strings.Join(hostile(), " ")}}
	})
}

// Hostile names are shown on every kind of page, and never sent to the terminal.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	m := hostileMoment(t)
	for i, name := range hostile() {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			s := staged(t, m, 80, 24, func(o *tui.Options) {
				o.Colourless, o.Frame = false, world.Frame{Context: name, Namespace: name, User: name}
			})
			for _, place := range []screen.Place{
				{Kind: screen.Role, Name: name},
				{Kind: screen.Binding, Name: name},
				{Kind: screen.Workspace, Name: name},
				{Kind: screen.Subject, Subject: rbac.User(name)},
				{Kind: screen.WhoCan, Query: "get pods " + name},
				{Kind: screen.WhoCan, Query: "why user:" + name + " get pods"},
				{Kind: screen.Kind(name), Name: name},
			} {
				s.Send(dialog.OpenMsg{Place: place})
				for _, size := range []tea.WindowSizeMsg{{Width: 20, Height: 5}, {Width: 80, Height: 24}, {Width: 300, Height: 80}} {
					s.Send(size)
					frame(t, s, size)
				}
				if shown := []rune(text.Clean(name)); place.Kind == screen.Role {
					sees(t, s, string(shown[:min(len(shown), 10)]))
				}
				for _, key := range []string{"/", "y", ":", "e"} {
					s.Press(key)
					s.Type("\x1b\u202e宽")
					frame(t, s, tea.WindowSizeMsg{Width: 300, Height: 80})
					s.Press("esc", "esc")
				}
			}
		})
	}
}

// FuzzBrowser presses keys, clicks, resizes and publishes at random. Whatever happens, frames fit their screens, and nothing
// that steers a terminal is sent.
func FuzzBrowser(f *testing.F) {
	for seed := range uint64(8) {
		f.Add(seed, seed*7919)
	}
	f.Fuzz(func(t *testing.T, one, two uint64) {
		t.Chdir(t.TempDir()) // views are exported
		dir, err := os.Getwd()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "company.yaml")
		if err := os.WriteFile(path, []byte(company), 0o600); err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(one, two))
		c := newCluster(t)
		moments := []source.Moment{loading(t), c.moment(t), read(t, path)}
		s := live(t, c)
		size := tea.WindowSizeMsg{Width: 120, Height: 40}
		for range 150 {
			if s.Quit() {
				return
			}
			switch random.IntN(12) {
			case 0:
				size = tea.WindowSizeMsg{Width: random.IntN(130), Height: random.IntN(45)}
				s.Send(size)
			case 1:
				s.Publish(moments[random.IntN(len(moments))])
			case 2:
				s.Send(tea.MouseClickMsg{X: random.IntN(140) - 5, Y: random.IntN(50) - 2, Button: tea.MouseLeft})
			case 3:
				s.Send(tea.MouseWheelMsg{Button: []tea.MouseButton{tea.MouseWheelUp, tea.MouseWheelDown}[random.IntN(2)]})
			case 4:
				s.Type(hostile()[2+random.IntN(len(hostile())-2)])
			case 5:
				s.Settle()
			default:
				s.Touch(pressed()[random.IntN(len(pressed()))])
			}
			frame(t, s, size)
		}
	})
}

// pressed are the keys that are pressed at random: all but those that end the browser at once.
func pressed() []string {
	keys := []string{
		"enter", "enter", "enter", "esc", "esc", "tab", "shift+tab", "up", "down", "down", "left", "right", "pgup", "pgdown", "home", "end", "backspace",
		"alt+left", "alt+right", "ctrl+s", "ctrl+u", "ctrl+p", "f1", "shift+left", "shift+right", "delete",
	}
	return append(keys, strings.Split("/ s S d g b o n w c : ? y e a x r t f u 1 2 3 4 5 6 7 8 9 [ ] - @ é", " ")...)
}
