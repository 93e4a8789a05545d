package change_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/client-go/rest"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/test/fault"
	"github.com/kubegatehouse/gatehouse/tui/change"
)

// behind returns a maker whose requests go through a proxy.
func behind(t *testing.T) (*fault.Proxy, *change.Maker) {
	t.Helper()
	config := rest.CopyConfig(server.cp.AdminConfig())
	config.WarningHandler = rest.NoWarnings{}
	proxy, err := fault.New(config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Down)
	kubeconfig := filepath.Join(t.TempDir(), "config")
	text := fmt.Sprintf(`{apiVersion: v1, kind: Config, current-context: c, clusters: [{name: c, cluster: {server: %q}}],
		users: [{name: u, user: {}}], contexts: [{name: c, context: {cluster: c, user: u}}]}`, proxy.URL())
	if err := os.WriteFile(kubeconfig, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return proxy, makerOn(t, kubeconfig)
}

// always spoils the requests that are meant.
func always(kind fault.Kind, meant func(fault.Request) bool) func(fault.Request) fault.Kind {
	return func(r fault.Request) fault.Kind {
		if meant(r) {
			return kind
		}
		return fault.None
	}
}

func isTrial(r fault.Request) bool { return r.DryRun }

func isPolicy(r fault.Request) bool {
	return r.IsWrite() && strings.Contains(r.URI, "authorizationpolicies")
}

func isBinding(r fault.Request) bool { return r.IsWrite() && strings.Contains(r.URI, "rolebindings") }

// isRoleBack is a write that takes something back of a grant in the making.
func isRollBack(r fault.Request) bool { return r.IsWrite() && r.Method == http.MethodDelete }

func either(a, b func(fault.Request) bool) func(fault.Request) bool {
	return func(r fault.Request) bool { return a(r) || b(r) }
}

var addZoe = change.Wish{Verb: change.Add, Subject: rbac.User("zoe@x.com"), Role: workspace.Viewer}

// TestTrialFails spoils what the server is only asked to try.
func TestTrialFails(t *testing.T) {
	t.Parallel()
	for kind, want := range map[fault.Kind]string{fault.Forbidden: "forbidden", fault.Conflict: "conflict", fault.CutBefore: "EOF"} {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, "trial-"+strings.ReplaceAll(string(kind), " ", "-"))
			proxy, m := behind(t)
			proxy.Spoil(always(kind, isTrial))
			before := p.state()
			wish := addZoe
			wish.Workspace = p.name
			proposal, err := m.Propose(t.Context(), wish)
			if err != nil {
				t.Fatalf("Propose: %v", err)
			}
			if proposal.DryRun == nil || !strings.Contains(strings.ToLower(proposal.DryRun.Error()), strings.ToLower(want)) {
				t.Errorf("tried, it says %v, want %q", proposal.DryRun, want)
			}
			if result, err := m.Carry(t.Context(), proposal, nil); result != nil || err == nil {
				t.Errorf("Carry = %v, %v, want an error", result, err)
			}
			if diff := cmp.Diff(before, p.state()); diff != "" {
				t.Errorf("something has changed (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWriteFails spoils writes: what is there afterwards is what the outcome says, and what was done can be taken back.
func TestWriteFails(t *testing.T) {
	t.Parallel()
	const rolebinding, authorizationpolicy = "create rolebinding NS/" + zoeViews, "create authorizationpolicy NS/" + zoeViews
	tests := map[string]struct {
		spoil  func(fault.Request) fault.Kind
		states []string
		err    string
		// back says that something was done that can be taken back, left what can't.
		back bool
		left string
	}{
		"refused at once": {
			spoil:  always(fault.Forbidden, isBinding),
			states: []string{"undone: zoe@x.com in NS", "  failed: " + rolebinding, "  not started: " + authorizationpolicy},
			err:    "undone: nothing has changed",
		},
		"refused in the middle": {
			spoil:  always(fault.Forbidden, isPolicy),
			states: []string{"undone: zoe@x.com in NS", "  taken back: " + rolebinding, "  failed: " + authorizationpolicy},
			err:    "undone: nothing has changed",
		},
		"refused in the middle, and not taken back": {
			spoil:  always(fault.Forbidden, either(isPolicy, isRollBack)),
			states: []string{"between: zoe@x.com in NS", "  created: " + rolebinding, "  failed: " + authorizationpolicy},
			err:    "done in part: run the same command again to complete it", back: true,
		},
		"somebody else's for good": {
			spoil:  always(fault.Conflict, isPolicy),
			states: []string{"undone: zoe@x.com in NS", "  taken back: " + rolebinding, "  failed: " + authorizationpolicy},
			err:    "undone: nothing has changed",
		},
		"an answer lost": {
			spoil:  once(fault.CutAfter, isPolicy),
			states: []string{"done: zoe@x.com in NS", "  created: " + rolebinding, "  created: " + authorizationpolicy},
			left:   "create authorizationpolicy NS/" + zoeViews + ": its answer was lost, so it may be somebody else's",
		},
		"lost before": {
			spoil:  once(fault.CutBefore, isPolicy),
			states: []string{"done: zoe@x.com in NS", "  created: " + rolebinding, "  created: " + authorizationpolicy},
			back:   true,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t, "write-"+strings.NewReplacer(" ", "-", ",", "", "'", "").Replace(name))
			proxy, m := behind(t)
			wish := addZoe
			wish.Workspace = p.name
			before := p.state()
			proposal := propose(t, m, wish)
			proxy.Spoil(tt.spoil)
			result, err := m.Carry(t.Context(), proposal, nil)
			proxy.Spoil(nil)
			if !strings.HasSuffix(text(err), tt.err) || (err == nil) != (tt.err == "") {
				t.Errorf("error %v, want %q", err, tt.err)
			}
			if diff := cmp.Diff(in(p, tt.states), states(result.Outcome)); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
			if left := strings.ReplaceAll(tt.left, "NS", p.name); text(result.Left) != left {
				t.Errorf("left %v, want %q", result.Left, left)
			}
			if (result.Back != nil) != tt.back {
				t.Fatalf("back %v, want one: %v", result.Back, tt.back)
			}
			if tt.back {
				do(t, m, change.Wish{Verb: change.Undo, Back: result.Back})
			}
			if diff := cmp.Diff(before, p.state()); (diff != "") != (tt.left != "") {
				t.Errorf("in the end (-want +got):\n%s", diff)
			}
		})
	}
}

// once spoils the first of the requests that are meant.
func once(kind fault.Kind, meant func(fault.Request) bool) func(fault.Request) fault.Kind {
	spoilt := make(chan bool, 1)
	return func(r fault.Request) fault.Kind {
		if !meant(r) {
			return fault.None
		}
		select {
		case spoilt <- true:
			return kind
		default:
			return fault.None
		}
	}
}

// in has lines speak of a workspace.
func in(p *place, lines []string) []string {
	return strings.Split(strings.ReplaceAll(strings.Join(lines, "\n"), "NS", p.name), "\n")
}

// TestServerGone takes the server away in the middle: what is not known is said, and not taken back.
func TestServerGone(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "gone")
	proxy, m := behind(t)
	wish := addZoe
	wish.Workspace = p.name
	proposal := propose(t, m, wish)
	proxy.OnKill(proxy.Down)
	proxy.Spoil(once(fault.KillAfter, isPolicy))
	result, err := m.Carry(t.Context(), proposal, nil)
	if want := "not known: the old state, the new one, or something between: run the same command again to complete it"; !strings.HasSuffix(text(err), want) {
		t.Errorf("error %v, want %q", err, want)
	}
	want := in(p, []string{
		"unknown: zoe@x.com in NS", "  created: create rolebinding NS/" + zoeViews, "  unknown: create authorizationpolicy NS/" + zoeViews,
	})
	if diff := cmp.Diff(want, states(result.Outcome)); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
	if result.Back != nil || !strings.HasSuffix(text(result.Left), "it is not known whether it was done") {
		t.Errorf("back %v, left %v; want none, and that it is not known", result.Back, result.Left)
	}
	if err := proxy.Up(); err != nil {
		t.Fatal(err)
	}
	proxy.Spoil(nil)
	if again := propose(t, m, wish); !again.Nothing() {
		t.Errorf("there are %v to do, want nothing: both were made", steps(again))
	}
}

// TestInterrupted ends the context: before anything is read, before anything is written, and after the first write.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "interrupted")
	m := makerOf(t, "")
	wish := addZoe
	wish.Workspace = p.name
	before := p.state()
	ended, end := context.WithCancel(t.Context())
	end()
	if proposal, err := m.Propose(ended, wish); proposal != nil && err == nil {
		t.Errorf("Propose = %v, %v, want an error", proposal, err)
	}
	proposal := propose(t, m, wish)
	result, err := m.Carry(ended, proposal, nil)
	if text(err) != "interrupted: undone: nothing has changed" || result.Back != nil {
		t.Errorf("Carry = %v, %v, want that nothing has changed", result, err)
	}
	want := in(p, []string{
		"undone: zoe@x.com in NS", "  not started: create rolebinding NS/" + zoeViews, "  not started: create authorizationpolicy NS/" + zoeViews,
	})
	if diff := cmp.Diff(want, states(result.Outcome)); diff != "" {
		t.Errorf("ended before (-want +got):\n%s", diff)
	}
	ctx, cancel := context.WithCancel(t.Context())
	result, err = m.Carry(ctx, proposal, func(plan.Event) { cancel() })
	if text(err) != "interrupted: undone: nothing has changed" || result.Back != nil {
		t.Errorf("Carry = %v, %v, want that nothing has changed", result, err)
	}
	want = in(p, []string{
		"undone: zoe@x.com in NS", "  taken back: create rolebinding NS/" + zoeViews, "  not started: create authorizationpolicy NS/" + zoeViews,
	})
	if diff := cmp.Diff(want, states(result.Outcome)); diff != "" {
		t.Errorf("ended after the first write (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(before, p.state()); diff != "" {
		t.Errorf("something has changed (-want +got):\n%s", diff)
	}
}

// TestReadsNarrowly looks at what is asked of the server for a proposal: of the workspace, but for the rules of access, for how
// Kubeflow is set up, and for the role bindings of Kalm's own namespace, which suspend people and give roles everywhere.
func TestReadsNarrowly(t *testing.T) {
	t.Parallel()
	p := newPlace(t, "narrow")
	proxy, m := behind(t)
	proxy.Spoil(nil)
	wish := addZoe
	wish.Workspace = p.name
	propose(t, m, wish)
	for _, r := range proxy.Requests() {
		switch path, _, _ := strings.Cut(r.URI, "?"); {
		case r.IsWrite():
			t.Errorf("it writes: %s %s", r.Method, r.URI)
		case r.Method != http.MethodGet, strings.Contains(path, "/"+p.name), strings.Contains(path, "/namespaces/kubeflow/"),
			strings.HasPrefix(path, "/apis/rbac.authorization.k8s.io/v1/"), path == "/apis/core.kalm.dev/v1alpha1/namespaces/kalm-system/rolebindings":
		default:
			t.Errorf("it reads %s", r.URI)
		}
	}
}
