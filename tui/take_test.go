package tui_test

import (
	"errors"
	"os"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

func TestCopy(t *testing.T) {
	t.Parallel()
	m := acmeMoment(t)
	for name, test := range map[string]struct {
		start screen.Place
		keys  []string
		want  string
		says  string // when nothing is copied
	}{
		"a row":      {keys: []string{"down", "y"}, want: "kubectl profile describe checkout --from examples/acme"},
		"a question": {keys: []string{"w", "=get secrets -n team-vision", "enter", "end", "y"}, want: "kubectl whocan why sa:team-vision/default-editor get secrets -n team-vision --from examples/acme"},
		"a text": {
			start: screen.Place{Kind: screen.WhoCan, Query: "why user:dana@acme.example get secrets -n team-vision"}, keys: []string{"y"},
			want: "kubectl whocan why user:dana@acme.example get secrets -n team-vision --from examples/acme",
		},
		"a text that looks like another": {
			start: screen.Place{Kind: screen.WhoCan, Query: "why user:u\u202eforged get secrets -n team-vision"}, keys: []string{"y"},
			says: "not copied, since a name in it has characters that can't be seen",
		},
		"nothing": {start: screen.Place{Kind: screen.WhoCan}, keys: []string{"y"}, says: "no command shows this"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := staged(t, m, 160, 40, func(o *tui.Options) { o.Start = test.start })
			play(s, test.keys...)
			if s.Copied != test.want {
				t.Errorf("copied %q, want %q", s.Copied, test.want)
			}
			if test.want == "" {
				sees(t, s, test.says)
			} else {
				sees(t, s, "copied: "+test.want)
			}
		})
	}
}

// keeper is a source that notes what it is told to save.
type keeper struct {
	told

	fails error
	path  *string
	saved **rbac.Snapshot
}

func (k keeper) Save(path string, s *rbac.Snapshot) error {
	*k.path, *k.saved = path, s
	return k.fails
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fails error
		want  string
	}{
		"written": {want: "wrote a snapshot to there.ghs"},
		"fails":   {fails: errors.New("the disk is full"), want: "the disk is full"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := acmeMoment(t)
			var (
				path  string
				saved *rbac.Snapshot
			)
			s := staged(t, m, 120, 40, func(o *tui.Options) { o.Source = keeper{told{moment: m}, test.fails, &path, &saved} })
			play(s, "ctrl+s", "ctrl+u", "=there.ghs", "enter")
			sees(t, s, test.want)
			if path != "there.ghs" || saved != m.Snapshot {
				t.Errorf("saved %p as %q", saved, path)
			}
		})
	}
}

// The view is written as it is shown, filtered and sorted, in the chosen format.
func TestExport(t *testing.T) {
	m := acmeMoment(t)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	edge := []string{"/", "=edge", "enter", "s", "S", "e"}
	for name, test := range map[string]struct {
		keys []string
		file string
	}{
		"csv":      {append(edge, "right", "enter"), "Namespaces.csv"},
		"markdown": {append(edge, "left", "enter"), "Namespaces.md"},
		"yaml":     {append(edge, "ctrl+u", "=mine.yaml", "enter"), "mine.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			s := staged(t, m, 120, 40, nil)
			play(s, test.keys...)
			sees(t, s, "wrote the view to "+test.file)
			got, err := os.ReadFile(test.file)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(here)
			golden.Equal(t, string(got), "export/"+name)
		})
	}
}

// A file that can't be written is told with its name and the reason.
func TestExportFails(t *testing.T) {
	t.Parallel()
	s := acme(t)
	play(s, "e", "ctrl+u", "=no/such/folder.csv", "enter")
	sees(t, s, "cannot write no/such/folder.csv", "no such file or directory")
}
