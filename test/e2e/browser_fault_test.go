package e2e

import (
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/kubegatehouse/gatehouse/test/fault"
	"github.com/kubegatehouse/gatehouse/test/terminal"
)

// shaky is a browser whose way to the server can be cut and held up, on the members of a workspace of its own, in which bob
// is a viewer.
type shaky struct {
	*terminal.Terminal
	proxy     *fault.Proxy
	workspace string
	// straight is the same user's home, with a way to the server that nothing happens to.
	straight home
}

func browseShakily(t *testing.T, workspace string) *shaky {
	t.Helper()
	admin := scratchHome(t, "")
	admin.kubectl(t, "profile", "create", workspace, "--owner", "dana@acme.example", "--flavor", "native", "--yes").want(t, 0)
	admin.kubectl(t, "contrib", "add", "bob@acme.example", "--role", "viewer", "-n", workspace, "--yes").want(t, 0)
	l := newLane(t, scratch(t))
	x := l.home.browse(t, seat{columns: 120, rows: 40}, "-n", workspace)
	x.Wait(t, "live", "workspace "+workspace, "user:bob@acme.example")
	return &shaky{Terminal: x, proxy: l.proxy, workspace: workspace, straight: admin}
}

// members is what "kubectl contrib list" says of the workspace.
func (s *shaky) members(t *testing.T) string {
	t.Helper()
	return s.straight.kubectl(t, "contrib", "list", "-n", s.workspace).stdout
}

// holdUp lets requests of a kind wait: reached is closed when the first of them is there, and release lets all of them pass.
func (s *shaky) holdUp(t *testing.T, which func(fault.Request) bool) (reached <-chan struct{}, release func()) {
	t.Helper()
	came, free := make(chan struct{}), make(chan struct{})
	arrive, release := sync.OnceFunc(func() { close(came) }), sync.OnceFunc(func() { close(free) })
	t.Cleanup(release)
	s.proxy.Spoil(func(r fault.Request) fault.Kind {
		if which(r) {
			arrive()
			<-free
		}
		return fault.None
	})
	return came, release
}

// await waits for something that has to happen soon.
func await(t *testing.T, what string, happens <-chan struct{}) {
	t.Helper()
	select {
	case <-happens:
	case <-time.After(30 * time.Second):
		t.Fatalf("after 30s still waiting for %s", what)
	}
}

// urgentEnds are the ways to end a browser in a hurry, with the exit code.
func urgentEnds() map[string]struct {
	do   func(*testing.T, *terminal.Terminal)
	code int
} {
	return map[string]struct {
		do   func(*testing.T, *terminal.Terminal)
		code int
	}{
		"key": {func(t *testing.T, x *terminal.Terminal) {
			t.Helper()
			x.Press(t, "<ctrl+c>")
		}, 0},
		"signal": {func(t *testing.T, x *terminal.Terminal) {
			t.Helper()
			x.Signal(t, syscall.SIGTERM)
		}, 130},
	}
}

// TestBrowserComesBack cuts the connection, changes something meanwhile, and lets the browser back to the server, twice.
func TestBrowserComesBack(t *testing.T) {
	t.Parallel()
	s := browseShakily(t, "browser-back")
	for _, name := range []string{"mia@acme.example", "zoe@acme.example"} {
		s.proxy.Down()
		s.Wait(t, "connection lost", "user:bob@acme.example")
		s.straight.kubectl(t, "contrib", "add", name, "--role", "viewer", "-n", s.workspace, "--yes").want(t, 0)
		if screen := s.Screen(); strings.Contains(screen, name) {
			t.Fatalf("%s is there, though the connection is cut:\n%s", name, screen)
		}
		if err := s.proxy.Up(); err != nil {
			t.Fatal(err)
		}
		s.Wait(t, "live", "user:"+name)
	}
	leave(t, s.Terminal, "q")
}

// TestBrowserFinishesAChange leaves the browser while a change of two writes is being carried out by a slow server. It is
// carried out to its end.
func TestBrowserFinishesAChange(t *testing.T) {
	t.Parallel()
	for name, end := range urgentEnds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := browseShakily(t, "browser-finish-"+name)
			s.Press(t, "/", "bob", "<enter>", "r")
			s.Wait(t, "role")
			s.Press(t, "<ctrl+u>", "editor", "<enter>")
			s.Wait(t, "carry it out")
			reached, release := s.holdUp(t, fault.Request.IsWrite)
			s.Press(t, "y")
			await(t, "the first write", reached)
			end.do(t, s.Terminal)
			s.Wait(t, "finishing what is under way")
			release()
			left(t, s.Terminal, end.code)
			if raw := s.Raw(); !strings.Contains(raw, "\ndone: ") {
				t.Errorf("it does not say that it is done: %q", raw[max(0, len(raw)-400):])
			}
			if got := s.members(t); strings.Count(got, "bob@acme.example") != 1 || !strings.Contains(got, "editor") {
				t.Errorf("the change is not done, or in part:\n%s", got)
			}
		})
	}
}

// TestBrowserDropsAPreview leaves the browser while a slow server is asked what a change would do. Nothing is changed.
func TestBrowserDropsAPreview(t *testing.T) {
	t.Parallel()
	for name, end := range urgentEnds() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := browseShakily(t, "browser-drop-"+name)
			reached, release := s.holdUp(t, func(r fault.Request) bool { return r.DryRun })
			s.Press(t, "a")
			s.Wait(t, "add a member")
			s.Press(t, "zoe@acme.example", "<tab>", "<ctrl+u>", "viewer", "<enter>", "<enter>")
			await(t, "the dry run", reached)
			s.Wait(t, "working it out")
			begin := time.Now()
			end.do(t, s.Terminal)
			left(t, s.Terminal, end.code)
			if took := time.Since(begin); took > 2*time.Second {
				t.Errorf("it took %s", took)
			}
			release()
			for _, r := range s.proxy.Requests() {
				if r.IsWrite() {
					t.Errorf("%s %s was sent", r.Method, r.URI)
				}
			}
			if got := s.members(t); strings.Contains(got, "zoe@acme.example") {
				t.Errorf("zoe was added:\n%s", got)
			}
		})
	}
}
