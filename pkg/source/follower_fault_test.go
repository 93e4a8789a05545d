package source_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// TestFollowerGone lets a version be too old, as the server says in either way.
func TestFollowerGone(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]func(*stage){
		"in the watch": func(s *stage) {
			s.on(bindingsPath) <- tell("ERROR", kubetest.Failure(http.StatusGone, metav1.StatusReasonExpired, "too old"))
		},
		"at its start": func(s *stage) {
			s.refuse(http.StatusGone)
			s.on(bindingsPath) <- func(http.ResponseWriter, *http.Request) bool {
				return false
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newStage(t)
			a := attend(t, server, workspaces())
			a.complete()
			server.bindings("9", "other")
			gone(server)
			a.named("other")
			server.refuse(0)
			server.on(bindingsPath) <- tell("ADDED", bindingAt("z", "10"))
			a.named("other", "z")
			neverLost(t, a)
		})
	}
}

// TestFollowerPolls follows a kind that may be listed, but not watched.
func TestFollowerPolls(t *testing.T) {
	t.Parallel()
	server := newStage(t)
	server.refuse(http.StatusForbidden)
	a := attend(t, server, workspaces())
	a.complete()
	m := a.linked(source.Polling)
	a.same(m)
	lists := server.listed()
	later := a.until("another list", func(source.Moment) bool { return server.listed() > lists+1 })
	if later.Snapshot != m.Snapshot || later.Inventory != m.Inventory {
		t.Error("what is the same has another address")
	}
	server.bindings("9", "other")
	began := a.clock.Now()
	a.named("other")
	if waited := a.clock.Since(began); waited > 35*time.Second {
		t.Errorf("polled after %s", waited)
	}
	server.refuse(0)
	a.linked(source.Watching)
	server.on(bindingsPath) <- tell("ADDED", bindingAt("z", "10"))
	a.named("other", "z")
}

// TestFollowerLost breaks the connection in the middle of an event.
func TestFollowerLost(t *testing.T) {
	t.Parallel()
	server := newStage(t)
	server.bindings("4", "readers")
	a := attend(t, server, workspaces())
	before := a.complete()
	server.on(bindingsPath) <- tell("ADDED", bindingAt("a", "5"))
	a.named("a", "readers")
	server.refuse(http.StatusServiceUnavailable)
	server.on(bindingsPath) <- tear(bindingAt("a", "6"))
	lost := a.linked(source.Lost)
	if lost.Link.Cause == "" || !lost.Link.Since.After(before.Link.Since) || len(lost.Inventory.RoleBindings) != 2 || !lost.Complete {
		t.Errorf("lost: %+v", lost.Link)
	}
	// It is tried again and again, but ever less often.
	began := a.clock.Now()
	for a.clock.Since(began) < 5*time.Minute {
		a.clock.Step(100 * time.Millisecond)
		time.Sleep(time.Millisecond / 2)
	}
	if n := len(server.watched(bindingsPath)); n < 8 || n > 17 {
		t.Errorf("%d watches in five minutes", n)
	}
	server.refuse(0)
	server.on(bindingsPath) <- tell("MODIFIED", bindingAt("a", "6"))
	server.on(bindingsPath) <- tell("ADDED", bindingAt("z", "7"))
	a.linked(source.Watching)
	m := a.named("a", "readers", "z")
	if m.Link.Cause != "" {
		t.Errorf("link %+v", m.Link)
	}
	watches := server.watched(bindingsPath)
	if last := watches[len(watches)-1]; !strings.Contains(last, "resourceVersion=5&") {
		t.Errorf("it went on with %s", last)
	}
	if n := server.listed(); n != 1 {
		t.Errorf("%d lists", n)
	}
}

// TestFollowerCut has something between that cuts connections, as proxies do to those that are quiet.
func TestFollowerCut(t *testing.T) {
	t.Parallel()
	server := newStage(t)
	server.bindings("4", "readers")
	a := attend(t, server, workspaces())
	a.complete()
	server.on(bindingsPath) <- tell("ADDED", bindingAt("a", "5"))
	server.on(bindingsPath) <- tell("BOOKMARK", bindingAt("", "77"))
	server.on(bindingsPath) <- tear(bindingAt("a", "78"))
	server.on(bindingsPath) <- tell("ADDED", bindingAt("z", "79"))
	a.named("a", "readers", "z")
	if watches := server.watched(bindingsPath); len(watches) != 2 || !strings.Contains(watches[1], "resourceVersion=77&") {
		t.Errorf("watches %q", watches)
	}
	if n := server.listed(); n != 1 {
		t.Errorf("%d lists", n)
	}
	neverLost(t, a)
}

// TestFollowerNonsense has a server that tells of what is no object. It is not asked without a pause.
func TestFollowerNonsense(t *testing.T) {
	t.Parallel()
	server := newStage(t)
	a := attend(t, server, workspaces())
	a.complete()
	for range 1000 {
		server.on(profilesPath) <- func(w http.ResponseWriter, _ *http.Request) bool {
			_, _ = w.Write(kubetest.JSONFrame("ADDED", []byte(`{"metadata":{"resourceVersion":"9","managedFields":"x"},"spec":"\ud800"}`)))
			kubetest.Flush(w)
			return true
		}
	}
	began := a.clock.Now()
	a.until("a minute", func(source.Moment) bool { return a.clock.Since(began) > time.Minute })
	if n := len(server.watched(profilesPath)); n > 12 {
		t.Errorf("%d watches in a minute", n)
	}
}

// TestFollowerStorm has something between that cuts every watch as soon as it begins. That one kind seems to get through
// again must not let the others try again without a pause, for ever.
func TestFollowerStorm(t *testing.T) {
	t.Parallel()
	server := newStage(t)
	server.cut()
	a := attend(t, server, workspaces())
	a.complete()
	began := a.clock.Now()
	a.until("three minutes", func(source.Moment) bool { return a.clock.Since(began) > 3*time.Minute })
	if n := len(server.watched(bindingsPath)); n > 40 {
		t.Errorf("%d watches in three minutes", n)
	}
}

// TestFollowerSilence has a server that does not even end its watches.
func TestFollowerSilence(t *testing.T) {
	t.Parallel()
	server := newStage(t)
	a := attend(t, server, workspaces())
	a.complete()
	a.clock.Step(6 * time.Minute)
	if m := a.linked(source.Lost); m.Link.Cause != "nothing is heard from the server any more" {
		t.Errorf("link %+v", m.Link)
	}
	a.linked(source.Watching)
}

// TestFollowerErrors has a server of which nothing can be read.
func TestFollowerErrors(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*stage){
		"nobody is known": func(s *stage) {
			s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				kubetest.Write(w, r, http.StatusUnauthorized, kubetest.Failure(http.StatusUnauthorized, metav1.StatusReasonUnauthorized, "Unauthorized"))
			})
		},
		"no server": func(s *stage) { s.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newStage(t)
			prepare(server)
			a := &audience{t: t, server: server}
			_, want := source.Live(a.cluster(), clockAtNoon(), nil).Load(t.Context(), source.Want{})
			clk := clockAtNoon()
			ended := make(chan error, 1)
			follower := source.NewFollower(a.cluster(), clk, nil, workspaces())
			go func() {
				ended <- follower.Run(t.Context(), func(m source.Moment) {
					if m.Snapshot != nil {
						t.Error("there is a snapshot")
					}
				})
			}()
			for {
				select {
				case err := <-ended:
					if err == nil || want == nil || withoutResource(err) != withoutResource(want) {
						t.Errorf("error %v, want %v", err, want)
					}
					return
				case <-time.After(time.Millisecond):
					clk.Step(100 * time.Millisecond)
				}
			}
		})
	}
}

// TestFollowerTrouble has a server that fails to give one kind.
func TestFollowerTrouble(t *testing.T) {
	t.Parallel()
	server := newStage(t)
	fails := func(w http.ResponseWriter, r *http.Request) {
		kubetest.Write(w, r, http.StatusInternalServerError,
			kubetest.Failure(http.StatusInternalServerError, metav1.StatusReasonInternalError, "conversion webhook failed"))
	}
	server.Handle(profilesPath, fails)
	a := attend(t, server, workspaces())
	m := a.complete()
	if diff := cmp.Diff([]rbac.Gap{{What: "profiles", Cause: "conversion webhook failed"}}, m.Inventory.Gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if m.Link.State != source.Watching || !m.Inventory.Served[inventory.Profiles] {
		t.Errorf("link %+v, served %v", m.Link, m.Inventory.Served)
	}
	customList(server.Server, profilesPath, "Profile", custom("kubeflow.org/v1", "Profile", "", "team"))
	a.same(a.until("profiles", func(m source.Moment) bool { return len(m.Inventory.Profiles) == 1 }))
	neverLost(t, a)
}
