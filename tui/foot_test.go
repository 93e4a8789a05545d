package tui_test

import (
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/tui"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/text"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// TestFootOffers checks that the last line offers what can be done to a row, and not what is refused there.
func TestFootOffers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		from         string
		start        screen.Place
		shows, lacks []string
	}{
		"a token": {
			"../" + robots, screen.Place{Kind: screen.Grants}, []string{"a add a member", "x remove"}, []string{"r change the role"},
		},
		"a queue": {
			"../" + lab, screen.Place{Kind: screen.Queues}, nil, []string{"a add a member", "x remove", "r change the role"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := staged(t, read(t, test.from), 200, 40, func(o *tui.Options) {
				o.Frame, o.Start = world.Frame{Context: "memory"}, test.start
				o.Changes = change.New(newCluster(t), now, "kubectl-gatehouse")
			})
			lines := strings.Split(text.Plain(s.View()), "\n")
			last := lines[len(lines)-1]
			for _, want := range test.shows {
				if !strings.Contains(last, want) {
					t.Errorf("no %q in %q", want, last)
				}
			}
			for _, not := range test.lacks {
				if strings.Contains(last, not) {
					t.Errorf("%q in %q", not, last)
				}
			}
		})
	}
}
