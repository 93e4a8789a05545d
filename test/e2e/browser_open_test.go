package e2e

import (
	"cmp"
	"os/exec"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/test/terminal"
)

// seat is the terminal in front of which somebody sits. The zero value is one of the usual size, with many colours and
// UTF-8.
type seat struct {
	columns, rows int
	variables     []string // KEY=VALUE, instead of the usual ones
}

// browse opens "kubectl gatehouse" on a terminal.
func (h home) browse(t *testing.T, s seat, args ...string) *terminal.Terminal {
	t.Helper()
	return terminal.Start(t, h.browser(s, args...), cmp.Or(s.columns, 80), cmp.Or(s.rows, 24))
}

// browser is the command that opens it.
func (h home) browser(s seat, args ...string) *exec.Cmd {
	cmd := exec.Command(shared.kubectl(), append([]string{"gatehouse"}, args...)...) //nolint:noctx // the terminal ends it
	cmd.Env = append(append(h.env(), "TERM=xterm-256color", "LANG=C.UTF-8"), s.variables...)
	cmd.Dir = h.dir
	return cmd
}

// titled waits for the page of that title. It takes no key pressed before for a part of an escape sequence, then.
func titled(t *testing.T, x *terminal.Terminal, title string) {
	t.Helper()
	x.Until(t, "the title "+title, func(screen string) bool {
		lines := strings.Split(screen, "\n")
		return len(lines) > 1 && strings.HasPrefix(lines[1], " "+title)
	})
}

// leave presses a key that ends the browser, which puts the terminal back as it was.
func leave(t *testing.T, x *terminal.Terminal, key string) {
	t.Helper()
	x.Press(t, key)
	left(t, x, 0)
}

// left waits for the end of the browser, and looks whether the terminal is as it was.
func left(t *testing.T, x *terminal.Terminal, want int) {
	t.Helper()
	if code := x.Ended(t); code != want {
		t.Errorf("exit code %d, want %d:\n%s", code, want, x.Screen())
	}
	if bad := x.Restored(); bad != "" {
		t.Errorf("the terminal was left with: %s", bad)
	}
}
