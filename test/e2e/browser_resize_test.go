package e2e

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/test/terminal"
)

// TestBrowserInAStorm changes the size of the terminal all the time while keys are pressed, on pages and in what opens above
// them. Afterwards the frame is that of a browser to which nothing of this has happened.
func TestBrowserInAStorm(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		open, first string   // a page, and what it shows at last
		keys        []string // that open what is looked at
		title       string   // stands there at every size, once
		shows       []string // when all of it is there
	}{
		"list":    {open: "namespaces", first: "4 errors", title: "Gatehouse offline", shows: []string{"► catalog"}},
		"text":    {open: "roles", first: "► admin", keys: []string{"/", "kubeflow-edit", "<enter>", "<enter>"}, title: "Gatehouse offline", shows: []string{"clusterrole kubeflow-edit", "Holders"}},
		"filter":  {open: "bindings", first: "► auditors", keys: []string{"/", "readers"}, title: "Gatehouse offline", shows: []string{"1/1 of 102", "► "}},
		"prompt":  {open: "whocan", first: "/", keys: []string{"w", "get secrets"}, title: "Gatehouse offline", shows: []string{"who can get secrets", "group:system:masters"}},
		"palette": {open: "namespaces", first: "4 errors", keys: []string{":", "team"}, title: "go to", shows: []string{"► team-nlp", "1 of "}},
		"help":    {open: "namespaces", first: "4 errors", keys: []string{"?"}, title: "keys", shows: []string{"page down"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open := func() *terminal.Terminal {
				x := nowhere(t).browse(t, seat{}, "--from", shared.acme(), "--open", tt.open)
				x.Wait(t, "as read", tt.first)
				x.Press(t, tt.keys...)
				x.Wait(t, tt.shows...)
				return x
			}
			x, calm := open(), open()
			storm(t, x, rand.New(rand.NewPCG(20, 5)), tt.title)
			x.Resize(t, 80, 24)
			for range 60 {
				x.Press(t, "<up>")
			}
			x.Until(t, "the frame of one that was never resized:\n"+calm.Screen()+"\nbut", func(screen string) bool {
				return screen == calm.Screen()
			})
			leave(t, calm, "<ctrl+c>")
			leave(t, x, "<ctrl+c>")
		})
	}
}

// storm changes the size fifty times, and presses a key that moves after each. Now and then it looks for the title.
func storm(t *testing.T, x *terminal.Terminal, random *rand.Rand, title string) {
	t.Helper()
	keys := []string{"<up>", "<down>", "<pgup>", "<pgdown>"}
	for i := range 50 {
		columns, rows := 20+random.IntN(181), 5+random.IntN(56)
		if i%7 == 0 {
			columns, rows = 20, 5
		}
		x.Resize(t, columns, rows)
		x.Press(t, keys[random.IntN(len(keys))])
		if i%7 == 0 || i%5 == 0 {
			x.Until(t, fmt.Sprintf("a frame of %d by %d", columns, rows), func(screen string) bool { return strings.Count(screen, title) == 1 })
		}
	}
}

// TestBrowserIsSmall opens the browser on the smallest terminal, goes about in it, and makes it larger.
func TestBrowserIsSmall(t *testing.T) {
	t.Parallel()
	x := nowhere(t).browse(t, seat{columns: 20, rows: 5}, "--from", shared.acme())
	x.Wait(t, "► catalog")
	x.Press(t, "<down>", "<down>")
	x.Wait(t, "► data-lake")
	x.Press(t, "<enter>")
	x.Wait(t, "user:rita@")
	x.Press(t, "a")
	x.Wait(t, "read-only")
	x.Resize(t, 120, 40)
	titled(t, x, "workspace data-lake")
	x.Wait(t, "Contributors", "user:rita@acme.example")
	leave(t, x, "q")
}
