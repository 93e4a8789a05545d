package follow

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

func lost(m source.Moment) bool { return m.Link.State == source.Lost }

func watching(m source.Moment) bool { return m.Link.State == source.Watching }

// TestServer has a server of its own, to which bad things happen.
func TestServer(t *testing.T) {
	cp := controlplane.ForTest(t, controlplane.Options{WithoutControllers: true})
	t.Run("silence", func(t *testing.T) { silence(t, cp) }) // first, since connections are as they were when they were made
	t.Run("crash", func(t *testing.T) { crash(t, cp) })
	t.Run("later", func(t *testing.T) { later(t, cp) })
}

// crash kills the API server, and starts it again.
func crash(t *testing.T, cp *controlplane.ControlPlane) {
	t.Helper()
	w := newWriter(t, cp.AdminConfig(), "follow-crash")
	f := follow(t, cp.Admin(), hasty{times: 10}, everything()) // a server that starts doesn't know yet all that it serves
	before := f.complete()
	cp.Crash()
	m := f.until("lost", lost)
	if m.Link.Cause == "" || m.Link.Since.IsZero() || m.Snapshot != before.Snapshot || m.Inventory != before.Inventory {
		t.Errorf("link %+v; same snapshot %t, same inventory %t", m.Link, m.Snapshot == before.Snapshot, m.Inventory == before.Inventory)
	}
	if err := cp.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.create(named("rolebindings"), "after")
	f.until("back", watching)
	f.same("after the crash")
	w.create(named("rolebindings"), "later")
	f.same("after a write")
}

// silence stops the API server for a while: the connection stays, but nothing comes.
func silence(t *testing.T, cp *controlplane.ControlPlane) {
	t.Helper()
	t.Setenv("HTTP2_READ_IDLE_TIMEOUT_SECONDS", "1")
	t.Setenv("HTTP2_PING_TIMEOUT_SECONDS", "1")
	w := newWriter(t, cp.AdminConfig(), "follow-silence")
	f := follow(t, cp.Admin(), hasty{times: 10}, everything())
	f.complete()
	server := cp.Processes()["kube-apiserver"]
	if err := syscall.Kill(server, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	defer syscall.Kill(server, syscall.SIGCONT) //nolint:errcheck // a test that failed before leaves it to others
	f.until("lost", lost)
	if err := syscall.Kill(server, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	w.create(named("rolebindings"), "after")
	f.until("back", watching)
	f.same("after the silence")
}

// TestBurst changes thousands of objects at once.
func TestBurst(t *testing.T) {
	const events = 1000
	w := newWriter(t, admin(), "follow-burst")
	f := follow(t, shared.Admin(), clock.RealClock{}, everything())
	f.complete()
	_, before := f.now()
	began := time.Now()
	var group sync.WaitGroup
	for hand := range 8 {
		group.Go(func() {
			for n := range events / 8 / 2 {
				name := fmt.Sprintf("burst-%d-%d", hand, n)
				w.create(named("rolebindings"), name)
				if n%3 == 0 {
					w.remove(named("rolebindings"), name)
				} else {
					w.patch(named("rolebindings"), name, change(n))
				}
			}
		})
	}
	group.Wait()
	f.same("after the burst")
	_, after := f.now()
	if most := int(time.Since(began)/(100*time.Millisecond)) + 2; after-before > most {
		t.Errorf("%d moments, want at most %d", after-before, most)
	}
	t.Logf("%d moments in %s", after-before, time.Since(began))
}

// TestRights follows as users who may see little, and then more.
func TestRights(t *testing.T) {
	w := newWriter(t, admin(), "follow-rights")
	const user = "little@acme.example"
	config, err := shared.Kubeconfig(user)
	if err != nil {
		t.Fatal(err)
	}
	config = inNamespace(t, config, w.namespace)
	f := follow(t, config, hasty{times: 60}, everything())
	m := f.complete()
	if m.Snapshot.Complete() || len(m.Inventory.Gaps) == 0 {
		t.Errorf("no gaps: %v, %v", m.Snapshot.Gaps, m.Inventory.Gaps)
	}
	f.same("with no rights")
	grant := func(scope, name, verbs string) {
		t.Helper()
		role, binding := named(scope+"roles"), named(scope+"rolebindings")
		role.content = fmt.Sprintf(`"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":[%s]}]`, verbs)
		binding.content = strings.NewReplacer("view", name, "follower@acme.example", user, "ClusterRole", role.name).Replace(roleRef)
		w.create(role, name)
		w.create(binding, name)
		t.Cleanup(func() { w.remove(role, name); w.remove(binding, name) })
	}
	const local, everywhere = "", "cluster"
	grant(local, "follow-list", `"list","get"`)
	f.until("polling", func(m source.Moment) bool { return m.Link.State == source.Polling })
	f.same("when lists of a namespace are allowed")
	w.create(named("serviceaccounts"), "polled")
	f.same("after a write")
	grant(everywhere, "follow-list", `"list","get"`)
	f.until("all", func(m source.Moment) bool { return m.Snapshot.Complete() && m.Link.State == source.Polling })
	f.same("when lists are allowed")
	grant(everywhere, "follow-watch", `"watch"`)
	f.until("watching", watching)
	f.same("when watches are allowed")
	w.remove(named("clusterrolebindings"), "follow-list")
	w.remove(named("clusterrolebindings"), "follow-watch")
	f.until("gaps again", func(m source.Moment) bool { return !m.Snapshot.Complete() })
	f.same("when all is taken away")
}

// later installs a kind that was not there, takes it away again, with what there is of it, and brings it back.
func later(t *testing.T, cp *controlplane.ControlPlane) {
	t.Helper()
	f := follow(t, cp.Admin(), hasty{times: 20}, everything())
	m := f.complete()
	if m.Inventory.Served["profiles"] {
		t.Error("profiles are served")
	}
	f.same("without profiles")
	if err := cp.Apply(t.Context(), "../kubeflow/crds"); err != nil {
		t.Fatal(err)
	}
	f.until("profiles", func(m source.Moment) bool { return m.Inventory.Served["profiles"] && served(m.Snapshot, "profiles") })
	w := newWriter(t, cp.AdminConfig(), "follow-later")
	w.create(named("profiles"), "later")
	f.same("with profiles")
	definitions := schema.GroupVersionResource{Group: "apiextensions.k8s.io", Version: "v1", Resource: "customresourcedefinitions"}
	w.remove(kind{GroupVersionResource: definitions}, "profiles.kubeflow.org")
	f.until("no profiles", func(m source.Moment) bool { return !m.Inventory.Served["profiles"] && !served(m.Snapshot, "profiles") })
	f.same("without profiles again")
	if err := cp.Apply(t.Context(), "../kubeflow/crds"); err != nil {
		t.Fatal(err)
	}
	f.until("profiles again", func(m source.Moment) bool { return m.Inventory.Served["profiles"] && served(m.Snapshot, "profiles") })
	w.create(named("profiles"), "again")
	f.same("with profiles again")
}

func served(s *rbac.Snapshot, name string) bool {
	for _, r := range s.Resources {
		if r.Name == name {
			return true
		}
	}
	return false
}

// TestEnd counts goroutines.
func TestEnd(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Run("run", func(t *testing.T) {
		follow(t, shared.Admin(), clock.RealClock{}, everything()).complete()
	})
	for late := time.Now().Add(patience); runtime.NumGoroutine() > before+3; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			text := make([]byte, 1<<20)
			t.Fatalf("%d goroutines, before %d:\n%s", runtime.NumGoroutine(), before, text[:runtime.Stack(text, true)])
		}
	}
}
