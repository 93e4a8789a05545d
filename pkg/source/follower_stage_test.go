package source_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// act is what the server does in a watch. The watch ends when it is false.
type act func(w http.ResponseWriter, r *http.Request) bool

// tell sends an event.
func tell(change string, object runtime.Object) act {
	return func(w http.ResponseWriter, r *http.Request) bool {
		kubetest.WriteEvent(w, r, change, object)
		return true
	}
}

// end ends a watch as servers do now and then.
func end(http.ResponseWriter, *http.Request) bool { return false }

// tear sends a part of an event, and breaks the connection.
func tear(object runtime.Object) act {
	return func(w http.ResponseWriter, r *http.Request) bool {
		_, _ = w.Write(kubetest.Frame(r, "MODIFIED", object)[:20])
		kubetest.Flush(w)
		panic(http.ErrAbortHandler)
	}
}

// stage is a server whose watches do what the test says.
type stage struct {
	*kubetest.Server
	mu      sync.Mutex
	acts    map[string]chan act
	refused int32 // the code with which watches of role bindings are
	watches []string
	cutting bool // every watch is cut when it has begun
}

// newStage has what [rbacServer] has, and profiles and quotas.
func newStage(t testing.TB) *stage {
	t.Helper()
	s := &stage{Server: rbacServer(t), acts: map[string]chan act{}}
	customList(s.Server, profilesPath, "Profile", custom("kubeflow.org/v1", "Profile", "", "team"))
	plain := s.Config.Handler
	s.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("watch") == "true" {
			s.watch(w, r)
			return
		}
		plain.ServeHTTP(w, r)
	})
	return s
}

func (s *stage) watch(w http.ResponseWriter, r *http.Request) {
	acts := s.on(r.URL.Path)
	s.mu.Lock()
	s.watches = append(s.watches, r.URL.RequestURI())
	code, cutting := s.refused, s.cutting
	s.mu.Unlock()
	if code != 0 && r.URL.Path == bindingsPath {
		kubetest.Write(w, r, int(code), kubetest.Failure(code, reason(code), "no watch"))
		return
	}
	kubetest.Flush(w)
	if cutting {
		panic(http.ErrAbortHandler)
	}
	for {
		select {
		case do := <-acts:
			if !do(w, r) {
				return
			}
		case <-r.Context().Done():
			return
		}
	}
}

// reason is the word for a code.
func reason(code int32) metav1.StatusReason {
	return map[int32]metav1.StatusReason{
		http.StatusForbidden: metav1.StatusReasonForbidden, http.StatusGone: metav1.StatusReasonExpired,
		http.StatusUnauthorized: metav1.StatusReasonUnauthorized, http.StatusInternalServerError: metav1.StatusReasonInternalError,
	}[code]
}

// on is what the watches of a path are told to do.
func (s *stage) on(path string) chan act {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.acts[path] == nil {
		s.acts[path] = make(chan act, 10_000)
	}
	return s.acts[path]
}

// refuse lets watches of role bindings be refused, or no more when the code is 0.
func (s *stage) refuse(code int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = code
}

// cut lets every watch be cut when it has begun.
func (s *stage) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cutting = true
}

// watched returns the watches of a path so far.
func (s *stage) watched(path string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, uri := range s.watches {
		if len(uri) > len(path) && uri[:len(path)+1] == path+"?" {
			out = append(out, uri)
		}
	}
	return out
}

// listed counts the lists of role bindings so far.
func (s *stage) listed() int {
	return len(slices.DeleteFunc(s.Requests(), func(r string) bool {
		return r != "GET "+bindingsPath && r != "GET "+bindingsPath+"?resourceVersion=0"
	}))
}

// bindings replaces the role bindings by those of the names.
func (s *stage) bindings(version string, names ...string) {
	list := &rbacv1.RoleBindingList{ListMeta: metav1.ListMeta{ResourceVersion: version}}
	for _, name := range names {
		list.Items = append(list.Items, *bindingAt(name, version))
	}
	s.Object(bindingsPath, list)
}

func bindingAt(name, version string) *rbacv1.RoleBinding {
	meta := object("dev", name)
	meta.ResourceVersion = version
	return &rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: viewRef, Subjects: []rbacv1.Subject{bob}}
}

// audience is who listens to a follower.
type audience struct {
	t       *testing.T
	server  *stage
	want    inventory.Want
	clock   *clocktesting.FakeClock
	ended   chan error
	mu      sync.Mutex
	moments []source.Moment
}

func workspaces() inventory.Want {
	return inventory.Want{Kinds: []inventory.Kind{inventory.RoleBindings, inventory.Namespaces, inventory.Profiles, inventory.Notebooks}}
}

// attend runs a follower until the test ends.
func attend(t *testing.T, server *stage, want inventory.Want) *audience {
	t.Helper()
	a := &audience{t: t, server: server, want: want, clock: clocktesting.NewFakeClock(noon), ended: make(chan error, 1)}
	ctx, cancel := context.WithCancel(context.Background())
	follower := source.NewFollower(a.cluster(), a.clock, nil, want)
	go func() {
		a.ended <- follower.Run(ctx, func(m source.Moment) {
			a.mu.Lock()
			defer a.mu.Unlock()
			a.moments = append(a.moments, m)
		})
		close(a.ended)
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-a.ended; err != nil {
			t.Errorf("run: %v", err)
		}
	})
	return a
}

func (a *audience) cluster() *kube.Cluster {
	a.t.Helper()
	cluster, err := kube.New(a.server.Flags(a.t), "test", io.Discard)
	if err != nil {
		a.t.Fatal(err)
	}
	return cluster
}

// all returns the moments so far.
func (a *audience) all() []source.Moment {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.moments)
}

// until lets time pass until a moment is good.
func (a *audience) until(what string, good func(source.Moment) bool) source.Moment {
	a.t.Helper()
	var last source.Moment
	for late := time.After(20 * time.Second); ; {
		if all := a.all(); len(all) > 0 {
			if last = all[len(all)-1]; good(last) {
				return last
			}
		}
		select {
		case <-late:
			a.t.Fatalf("%s: not in %d moments; the last has progress %v, link %v", what, len(a.all()), last.Progress, last.Link)
		case <-time.After(time.Millisecond):
			a.clock.Step(100 * time.Millisecond)
		}
	}
}

func (a *audience) complete() source.Moment {
	a.t.Helper()
	return a.until("complete", func(m source.Moment) bool { return m.Complete })
}

func (a *audience) linked(state source.LinkState) source.Moment {
	a.t.Helper()
	return a.until(string(state), func(m source.Moment) bool { return m.Link.State == state })
}

// named waits for role bindings of these names.
func (a *audience) named(names ...string) source.Moment {
	a.t.Helper()
	return a.until("role bindings", func(m source.Moment) bool {
		var got []string
		for _, b := range m.Inventory.RoleBindings {
			got = append(got, b.Name)
		}
		return slices.Equal(got, names)
	})
}

// same compares a moment with what is read from the server.
func (a *audience) same(m source.Moment) {
	a.t.Helper()
	clk := clocktesting.NewFakePassiveClock(noon)
	snapshot, err := source.Live(a.cluster(), clk, nil).Load(a.t.Context(), source.Want{
		Namespace: a.want.Namespace, Resources: true, Namespaces: true, ServiceAccounts: true, Marks: true,
	})
	if err != nil {
		a.t.Fatal(err)
	}
	inv, err := source.LiveInventory(a.t.Context(), a.cluster(), clk, nil, a.want)
	if err != nil {
		a.t.Fatal(err)
	}
	gotSnapshot, gotInventory := *m.Snapshot, *m.Inventory
	gotSnapshot.Taken, gotInventory.Taken = noon, noon
	diff(a.t, "snapshot", snapshot, &gotSnapshot)
	diff(a.t, "inventory", inv, &gotInventory)
}

func clockAtNoon() *clocktesting.FakeClock { return clocktesting.NewFakeClock(noon) }

// homeAt is the namespace of the caller.
func homeAt() *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "default", ResourceVersion: "3"}}
}

// encoded is an object as JSON.
func encoded(t *testing.T, object map[string]any) []byte {
	t.Helper()
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// withoutResource is an error without the resource: which of several that fail is told is chance for a [source.Live].
func withoutResource(err error) string {
	_, text, _ := strings.Cut(err.Error(), ": ")
	return regexp.MustCompile(`/[a-z]+\?`).ReplaceAllString(text, "/?")
}
