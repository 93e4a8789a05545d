package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestBrowserOpensAndLeaves opens the browser in many ways, and leaves it by the key.
func TestBrowserOpensAndLeaves(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		home      func(*testing.T) home
		variables []string
		args      []string
		shows     []string
		lacks     []string
	}{
		"cluster":     {home: adminHome, shows: []string{"Gatehouse", "team-vision"}},
		"read-only":   {home: adminHome, args: []string{"--read-only"}, shows: []string{"Gatehouse", "read-only"}},
		"manifests":   {home: nowhere, args: []string{"--from", shared.acme()}, shows: []string{"Gatehouse offline", "team-vision"}},
		"workspace":   {home: nowhere, args: []string{"--from", shared.acme(), "-n", "team-vision"}, shows: []string{"workspace team-vision", "user:bob@acme"}},
		"grants":      {home: nowhere, args: []string{"--from", shared.acme(), "--open", "grants"}, shows: []string{"Grants"}},
		"no colours":  {home: nowhere, variables: []string{"NO_COLOR=1"}, args: []string{"--from", shared.acme()}, shows: []string{"team-vision"}, lacks: []string{"\x1b[38;", "\x1b[31", "\x1b[32", "\x1b[33"}},
		"console":     {home: nowhere, variables: []string{"TERM=linux"}, args: []string{"--from", shared.acme()}, shows: []string{"team-vision"}, lacks: []string{"█", "─", "▕"}},
		"old locale":  {home: nowhere, variables: []string{"LC_ALL=C"}, args: []string{"--from", shared.acme()}, shows: []string{"team-vision"}, lacks: []string{"█", "─", "▕"}},
		"no mouse":    {home: nowhere, args: []string{"--from", shared.acme(), "--no-mouse"}, shows: []string{"team-vision"}, lacks: []string{"\x1b[?1002h", "\x1b[?1003h"}},
		"many colour": {home: nowhere, variables: []string{"COLORTERM=truecolor"}, args: []string{"--from", shared.acme()}, shows: []string{"team-vision"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := tt.home(t).browse(t, seat{variables: tt.variables}, tt.args...)
			x.Wait(t, tt.shows...)
			x.Press(t, "q")
			left(t, x, 0)
			for _, bad := range tt.lacks {
				if strings.Contains(x.Raw(), bad) {
					t.Errorf("%q was written", bad)
				}
			}
		})
	}
}

// TestBrowserIsInterrupted ends the browser from outside and by ctrl+c, while it reads and when it has read.
func TestBrowserIsInterrupted(t *testing.T) {
	t.Parallel()
	silent := newListener(t)
	for name, h := range map[string]home{"reading": homeAt(t, silent.url), "read": adminHome(t)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := h.browse(t, seat{})
			x.Wait(t, "Gatehouse")
			x.Press(t, "<ctrl+c>")
			left(t, x, 0)
			x = h.browse(t, seat{})
			x.Wait(t, "Gatehouse")
			x.Signal(t, syscall.SIGTERM)
			left(t, x, 130)
		})
	}
}

// TestBrowserDoesNotWait opens the browser on a server that takes connections and never answers. The first frame is there
// before anything was asked, or answered.
func TestBrowserDoesNotWait(t *testing.T) {
	t.Parallel()
	h := homeAt(t, newListener(t).url)
	begin := time.Now()
	x := h.browse(t, seat{})
	x.Wait(t, "Gatehouse")
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("the first frame took %s", took)
	} else {
		t.Logf("the first frame took %s", took.Round(time.Millisecond))
	}
	x.Press(t, "q")
	left(t, x, 0)
}

// TestBrowserTellsOfTheServer opens the browser where there is no server, and with what is wrong in the kubeconfig.
func TestBrowserTellsOfTheServer(t *testing.T) {
	t.Parallel()
	x := homeAt(t, "https://127.0.0.1:1").browse(t, seat{})
	x.Wait(t, "list rolebindings: Get", "connection refused")
	x.Press(t, "q")
	left(t, x, 1)
	x = adminHome(t).browse(t, seat{}, "--context", "nowhere")
	if code := x.Ended(t); code != 1 || strings.Contains(x.Raw(), "\x1b[?1049h") || !strings.Contains(x.Screen(), `context "nowhere" does not exist`) {
		t.Errorf("exit code %d:\n%s", code, x.Raw())
	}
}

// TestBrowserNeedsATerminal runs it in a pipe, and on a terminal that can't move its cursor.
func TestBrowserNeedsATerminal(t *testing.T) {
	t.Parallel()
	h := adminHome(t)
	h.run(t, nil, shared.kubectl(), "gatehouse").says(t, 2, "stdin is no terminal", "kubectl gatehouse doctor, kubectl gatehouse whocan get secrets")
	x := h.browse(t, seat{variables: []string{"TERM=dumb"}})
	if code := x.Ended(t); code != 2 || !strings.Contains(x.Raw(), `TERM is "dumb"`) || strings.Contains(x.Raw(), "\x1b") {
		t.Errorf("exit code %d: %q", code, x.Raw())
	}
}
