package source_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

func TestFollowerReads(t *testing.T) {
	t.Parallel()
	server := newStage(t)
	a := attend(t, server, workspaces())
	m := a.complete()
	// Each kind is asked for once, although both forms of it are wanted, and nothing by namespace.
	if diff := cmp.Diff([]string{
		"GET /api/v1/namespaces?resourceVersion=0",
		"GET /api/v1/serviceaccounts?resourceVersion=0",
		"GET /api?timeout=32s",
		"GET /apis/kubeflow.org/v1/notebooks?resourceVersion=0",
		"GET /apis/kubeflow.org/v1/profiles?resourceVersion=0",
		"GET /apis/kubeflow.org/v1beta1/notebooks?resourceVersion=0",
		"GET " + rbacPath + "clusterrolebindings?resourceVersion=0",
		"GET " + rbacPath + "clusterroles?resourceVersion=0",
		"GET " + rbacPath + "rolebindings?resourceVersion=0",
		"GET " + rbacPath + "roles?resourceVersion=0",
		"GET /apis?timeout=32s",
	}, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	a.same(m)
	first := a.all()[0]
	if first.Snapshot != nil || first.Inventory != nil || first.Complete || first.Link.State != source.Loading || len(first.Progress) == 0 {
		t.Errorf("first moment: %+v", first)
	}
	if m.Link != (source.Link{State: source.Watching, Since: m.Link.Since}) || m.Link.Since.IsZero() {
		t.Errorf("link %+v", m.Link)
	}
	if diff := cmp.Diff([]source.Progress{
		{What: "rolebindings", Count: 1, Done: true},
		{What: "roles", Count: 1, Done: true},
		{What: "clusterroles", Count: 1, Done: true},
		{What: "clusterrolebindings", Count: 1, Done: true},
		{What: "namespaces", Count: 1, Done: true},
		{What: "serviceaccounts", Count: 1, Done: true},
		{What: "profiles", Count: 1, Done: true},
		{What: "notebooks", Done: true},
		{What: "resources", Done: true},
	}, m.Progress); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

func TestFollowerChanges(t *testing.T) {
	t.Parallel()
	server := newStage(t)
	a := attend(t, server, workspaces())
	before := a.complete()
	server.on(bindingsPath) <- tell("ADDED", bindingAt("a", "5"))
	server.on(bindingsPath) <- tell("ADDED", bindingAt("z", "6"))
	added := a.named("a", "readers", "z")
	if added.Inventory.Profiles[0] != before.Inventory.Profiles[0] || len(before.Inventory.RoleBindings) != 1 {
		t.Error("a moment does not share what did not change, or has changed itself")
	}
	changed := bindingAt("readers", "7")
	changed.Labels = map[string]string{"x": "y"}
	server.on(bindingsPath) <- tell("MODIFIED", changed)
	server.on(bindingsPath) <- tell("DELETED", bindingAt("a", "8"))
	server.on(bindingsPath) <- tell("DELETED", bindingAt("never", "9"))
	m := a.named("readers", "z")
	if got := m.Inventory.RoleBindings[0].Labels["x"]; got != "y" {
		t.Errorf("label %q", got)
	}
	// What is another object's does not touch this one's part of a moment.
	profile := custom("kubeflow.org/v1", "Profile", "", "new")
	metadata, ok := profile["metadata"].(map[string]any)
	if !ok {
		t.Fatal("no metadata")
	}
	metadata["resourceVersion"] = "9"
	server.on(profilesPath) <- func(w http.ResponseWriter, _ *http.Request) bool {
		_, _ = w.Write(kubetest.JSONFrame("ADDED", encoded(t, profile)))
		kubetest.Flush(w)
		return true
	}
	after := a.until("a profile", func(m source.Moment) bool { return len(m.Inventory.Profiles) == 2 })
	if after.Snapshot != m.Snapshot {
		t.Error("a profile makes another snapshot")
	}
	var bindings []string
	for _, b := range after.Snapshot.Bindings {
		bindings = append(bindings, b.Namespace+"/"+b.Name)
	}
	if diff := cmp.Diff([]string{"dev/readers", "dev/z", "/viewers"}, bindings); diff != "" {
		t.Errorf("bindings (-want +got):\n%s", diff)
	}
}

// TestFollowerBurst makes many changes, which come in few moments.
func TestFollowerBurst(t *testing.T) {
	t.Parallel()
	const events = 5000
	server := newStage(t)
	a := attend(t, server, workspaces())
	a.complete()
	before, began := len(a.all()), a.clock.Now()
	for n := range events {
		server.on(bindingsPath) <- tell("ADDED", bindingAt(fmt.Sprintf("b-%04d", n), strconv.Itoa(n+10)))
	}
	m := a.until("all", func(m source.Moment) bool { return len(m.Inventory.RoleBindings) == events+1 })
	if n, most := len(a.all())-before, int(a.clock.Since(began)/(100*time.Millisecond))+1; n > most {
		t.Errorf("%d moments, want at most %d", n, most)
	}
	if len(m.Snapshot.Bindings) != events+2 {
		t.Errorf("%d bindings", len(m.Snapshot.Bindings))
	}
}

// TestFollowerEnds lets the server end a watch, as it does every few minutes.
func TestFollowerEnds(t *testing.T) {
	t.Parallel()
	server := newStage(t)
	server.bindings("4", "readers")
	a := attend(t, server, workspaces())
	a.complete()
	server.on(bindingsPath) <- tell("ADDED", bindingAt("a", "5"))
	server.on(bindingsPath) <- tell("BOOKMARK", bindingAt("", "77"))
	server.on(bindingsPath) <- end
	server.on(bindingsPath) <- tell("ADDED", bindingAt("z", "78"))
	a.named("a", "readers", "z")
	watches := server.watched(bindingsPath)
	if len(watches) != 2 || !strings.Contains(watches[0], "resourceVersion=4&") || !strings.Contains(watches[1], "resourceVersion=77&") {
		t.Errorf("watches %q", watches)
	}
	if n := server.listed(); n != 1 {
		t.Errorf("%d lists", n)
	}
	neverLost(t, a)
}

// TestFollowerOne follows the one namespace of the caller, whose own version is one that the server has long forgotten.
func TestFollowerOne(t *testing.T) {
	t.Parallel()
	const path = "/api/v1/namespaces"
	server := newStage(t)
	server.Forbid(path, "no")
	server.Object(path+"/default", homeAt())
	a := attend(t, server, workspaces())
	a.complete()
	changed := homeAt()
	changed.Labels, changed.ResourceVersion = map[string]string{"x": "y"}, "10"
	server.on(path) <- tell("ADDED", homeAt())
	server.on(path) <- tell("MODIFIED", changed)
	a.until("a label", func(m source.Moment) bool { return m.Inventory.Namespaces[0].Labels["x"] == "y" })
	if watches := server.watched(path); len(watches) != 1 || strings.Contains(watches[0], "resourceVersion") {
		t.Errorf("watches %q", watches)
	}
	// That it was deleted before the watch began is noticed when it ends.
	none := apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "default").Status()
	server.Handle(path+"/default", func(w http.ResponseWriter, r *http.Request) { kubetest.Write(w, r, http.StatusNotFound, &none) })
	server.on(path) <- end
	a.until("no namespace", func(m source.Moment) bool { return len(m.Inventory.Namespaces) == 0 })
	neverLost(t, a)
}

func neverLost(t *testing.T, a *audience) {
	t.Helper()
	for _, m := range a.all() {
		if m.Link.State == source.Lost {
			t.Errorf("lost: %+v", m.Link)
		}
	}
}

// TestFollowerUnknownKind wants what there is not.
func TestFollowerUnknownKind(t *testing.T) {
	t.Parallel()
	a := &audience{t: t, server: newStage(t)}
	err := source.NewFollower(a.cluster(), clockAtNoon(), nil, inventory.Want{Kinds: []inventory.Kind{"cats"}}).Run(t.Context(), func(source.Moment) {})
	if err == nil || err.Error() != `read inventory: there is no kind "cats"` {
		t.Errorf("error %v", err)
	}
}

// TestFollowerRefused follows as callers who may not list everything.
func TestFollowerRefused(t *testing.T) {
	t.Parallel()
	for name, prepare := range map[string]func(*stage){
		"role bindings everywhere": func(s *stage) { refuse(s.Server, "rolebindings") },
		"role bindings":            func(s *stage) { refuse(s.Server, "rolebindings", "default") },
		"namespaces, and there is none": func(s *stage) {
			s.Forbid("/api/v1/namespaces", "no")
			none := apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "default").Status()
			s.Handle("/api/v1/namespaces/default", func(w http.ResponseWriter, r *http.Request) { kubetest.Write(w, r, http.StatusNotFound, &none) })
		},
		"namespaces but for one": func(s *stage) {
			s.Forbid("/api/v1/namespaces", "no")
			s.Object("/api/v1/namespaces/default", homeAt())
		},
		"namespaces, even one":       func(s *stage) { s.Forbid("/api/v1/namespaces", "no"); s.Forbid("/api/v1/namespaces/default", "no") },
		"profiles and cluster roles": func(s *stage) { s.Forbid(profilesPath, "no"); refuse(s.Server, "clusterroles") },
		"reviews too": func(s *stage) {
			refuse(s.Server, "roles", "default")
			s.Forbid("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", "no reviews")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := newStage(t)
			for _, resource := range []string{"roles", "rolebindings"} {
				server.Object(rbacPath+"namespaces/default/"+resource, &rbacv1.RoleBindingList{})
			}
			prepare(server)
			a := attend(t, server, workspaces())
			a.same(a.complete())
		})
	}
}

// TestFollowerSlow has a kind that takes long: what is there comes first.
func TestFollowerSlow(t *testing.T) {
	t.Parallel()
	server := newStage(t)
	release := make(chan struct{})
	server.Handle(profilesPath, func(w http.ResponseWriter, r *http.Request) {
		<-release
		kubetest.Write(w, r, http.StatusNotFound, kubetest.Failure(http.StatusNotFound, metav1.StatusReasonNotFound, "none"))
	})
	a := attend(t, server, workspaces())
	m := a.until("a snapshot", func(m source.Moment) bool { return m.Snapshot != nil && len(m.Inventory.Gaps) < 2 })
	if diff := cmp.Diff([]rbac.Gap{{What: "profiles", Cause: "not read yet"}}, m.Inventory.Gaps); diff != "" {
		t.Errorf("gaps (-want +got):\n%s", diff)
	}
	if m.Complete || m.Link.State != source.Loading || len(m.Inventory.RoleBindings) != 1 {
		t.Errorf("complete %t, link %+v", m.Complete, m.Link)
	}
	close(release)
	a.same(a.complete())
}
