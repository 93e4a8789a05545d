package e2e

import (
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/kubegatehouse/gatehouse/test/terminal"
)

// TestBrowserIsLeftAnywhere presses ctrl+c wherever somebody can be, and sends the signals that end programs. The terminal
// is as it was each time.
func TestBrowserIsLeftAnywhere(t *testing.T) {
	t.Parallel()
	silent := newListener(t)
	tests := map[string]struct {
		at    func(*testing.T) home
		args  []string
		shows string // before the keys
		keys  []string
		after string // the keys
	}{
		"connecting": {at: func(t *testing.T) home { return homeAt(t, silent.url) }, shows: "Gatehouse"},
		"first page": {at: adminHome, shows: "live"},
		"dialog":     {at: adminHome, shows: "live", keys: []string{"?"}, after: "page down"},
		"palette":    {at: adminHome, shows: "live", keys: []string{":", "team"}, after: "► team-nlp"},
		"prompt":     {at: adminHome, shows: "live", keys: []string{"w", "get sec"}, after: "get sec"},
		"form":       {at: adminHome, args: []string{"-n", "team-vision"}, shows: "user:bob", keys: []string{"a", "zoe@"}, after: "zoe@"},
		"manifests":  {at: nowhere, args: []string{"--from", shared.acme()}, shows: "as read"},
	}
	for name, tt := range tests {
		for end, do := range ends() {
			t.Run(name+" "+end, func(t *testing.T) {
				t.Parallel()
				x := tt.at(t).browse(t, seat{}, tt.args...)
				x.Wait(t, tt.shows)
				x.Press(t, tt.keys...)
				x.Wait(t, tt.after)
				begin := time.Now()
				want := do(t, x)
				code := x.Ended(t)
				if took := time.Since(begin); took > 2*time.Second {
					t.Errorf("it took %s", took)
				}
				if want < 0 { // nobody sees the terminal any more
					return
				}
				if bad := x.Restored(); code != want || bad != "" || !strings.Contains(x.Raw(), "\x1b[?1049l") {
					t.Errorf("exit code %d, want %d; the terminal was left with %q", code, want, bad)
				}
			})
		}
	}
}

// ends are the ways to end a browser, each with the exit code; -1 for any.
func ends() map[string]func(*testing.T, *terminal.Terminal) int {
	by := func(s syscall.Signal) func(*testing.T, *terminal.Terminal) int {
		return func(t *testing.T, x *terminal.Terminal) int {
			t.Helper()
			x.Signal(t, s)
			return 130
		}
	}
	all := map[string]func(*testing.T, *terminal.Terminal) int{
		"ctrl+c": func(t *testing.T, x *terminal.Terminal) int {
			t.Helper()
			x.Press(t, "<ctrl+c>")
			return 0
		},
		"interrupt": by(syscall.SIGINT),
		"terminate": by(syscall.SIGTERM),
		"close": func(t *testing.T, x *terminal.Terminal) int {
			t.Helper()
			x.Close(t)
			return -1
		},
	}
	if !signal.Ignored(syscall.SIGHUP) { // as it is, and stays in all that is started, where nohup runs the tests
		all["hang up"] = by(syscall.SIGHUP)
	}
	return all
}

// TestBrowserIsPutAside suspends the browser, and wakes it on a terminal that has another size by then.
func TestBrowserIsPutAside(t *testing.T) {
	t.Parallel()
	x := adminHome(t).browse(t, seat{})
	x.Wait(t, "live", "► catalog")
	x.Press(t, "<ctrl+z>")
	x.Until(t, "all of the terminal back", func(string) bool { return x.Restored() == "" })
	x.Resize(t, 40, 12)
	x.Signal(t, syscall.SIGCONT)
	x.Wait(t, "live", "► catalog")
	x.Press(t, "<enter>")
	titled(t, x, "workspace catalog")
	leave(t, x, "q")
}
