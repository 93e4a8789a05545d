package e2e

import (
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/test/controlplane"
)

// summary says what requests were for; what is none of these is there as it is.
type summary struct {
	Lists, Discovery, Self int
	// Inventory counts the lists of namespaces and service accounts: which there are is what patterns are about.
	Inventory int
	Other     []string
}

// count sums up the requests of a user. A list counts only when it is one of the four, for all namespaces, and may come
// from the server's cache.
func count(requests []controlplane.Request) summary {
	var s summary
	for _, r := range requests {
		uri, err := url.Parse(r.URI)
		switch {
		case err == nil && r.Verb == "list" && strings.HasPrefix(uri.Path, "/apis/rbac.authorization.k8s.io/v1/") &&
			strings.Count(uri.Path, "/") == 4 && uri.RawQuery == "resourceVersion=0":
			s.Lists++
		case r.URI == "/api/v1/namespaces?resourceVersion=0", r.URI == "/api/v1/serviceaccounts?resourceVersion=0":
			s.Inventory++
		case err == nil && r.Verb == "get" && (uri.Path == "/api" || uri.Path == "/apis"):
			s.Discovery++
		case err == nil && r.Verb == "create" && uri.Path == "/apis/authentication.k8s.io/v1/selfsubjectreviews":
			s.Self++
		default:
			s.Other = append(s.Other, r.Verb+" "+r.URI)
		}
	}
	return s
}

// recorded runs one command and returns what the server saw of it.
func (c counting) recorded(t *testing.T, h home, code int, args ...string) summary {
	t.Helper()
	recorder, err := c.cp.Record(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	h.whocan(t, args...).want(t, code)
	requests, err := recorder.Requests(t.Context(), c.user)
	if err != nil {
		t.Fatal(err)
	}
	return count(requests)
}

// TestRequests counts what every command asks a cluster of many namespaces and bindings: first with an empty cache, then
// with a warm one.
func TestRequests(t *testing.T) {
	c := newCounting(t)
	files := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(files, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	change := write("change.yaml", `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: more, namespace: space-1}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: member}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: newcomer}]
`)
	expectations := write("expectations.yaml", `
apiVersion: gatehouse.dev/v1alpha1
kind: AccessExpectations
expectations:
- name: members edit
  subjects: ["user:member-*"]
  can: {verbs: [get], resources: [configmaps], namespaces: ["space-*"]}
`)
	whole := summary{Lists: 4, Discovery: 2}
	asking := summary{Lists: 4, Discovery: 2, Self: 1}
	for name, test := range map[string]struct {
		args []string
		code int
		want summary
	}{
		"who":              {args: []string{"get", "secrets", "-n", "space-1"}, want: whole},
		"who anywhere":     {args: []string{"get", "secrets", "-A"}, want: whole},
		"who url":          {args: []string{"get", "/metrics"}, want: whole},
		"who quiet":        {args: []string{"get", "secrets", "-A", "-q"}, want: whole},
		"who names":        {args: []string{"get", "secrets", "-A", "--names", "--system", "-o", "json"}, want: whole},
		"why":              {args: []string{"why", "member-1", "get", "secrets", "-n", "space-1"}, want: whole},
		"why not":          {args: []string{"why", "member-1", "get", "nodes"}, code: 1, want: whole},
		"why me":           {args: []string{"why", "me", "get", "secrets", "-A"}, code: 1, want: asking},
		"rules":            {args: []string{"rules", "member-1"}, want: whole},
		"rules me":         {args: []string{"rules", "me"}, want: asking},
		"matrix":           {args: []string{"matrix", "secrets", "-A"}, want: whole},
		"matrix subject":   {args: []string{"matrix", "--subject", "member-1"}, want: whole},
		"matrix namespace": {args: []string{"matrix", "secrets", "--subject", "member-1"}, want: whole},
		"matrix me":        {args: []string{"matrix", "--subject", "me", "-n", "space-1"}, want: asking},
		"graph":            {args: []string{"graph", "get", "secrets", "-A"}, want: whole},
		"diff with":        {args: []string{"diff", "--with", change}, code: 1, want: whole},
		"diff without":     {args: []string{"diff", "--without", "rolebinding/space-1/member-1"}, want: whole},
		"diff to":          {args: []string{"diff", "--to", change, "--fail-on", "none"}, want: whole},
		"check":            {args: []string{"check", "-f", expectations}, code: 1, want: whole},
		"check with inventory": {
			args: []string{"check", "-f", expectations, "--inventory"}, code: 1, want: summary{Lists: 4, Discovery: 2, Inventory: 2},
		},
		"snapshot": {args: []string{"snapshot", filepath.Join(files, "now.snap")}, want: whole},
		"snapshot with inventory": {
			args: []string{"snapshot", filepath.Join(files, "all.snap"), "--inventory"},
			want: summary{Lists: 4, Discovery: 2, Inventory: 2},
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := homeOf(t, c.cp, c.user)
			cold := c.recorded(t, h, test.code, test.args...)
			if diff := cmp.Diff(test.want, cold); diff != "" {
				t.Errorf("requests with an empty cache (-want +got):\n%s", diff)
			}
			if test.args[0] == "snapshot" {
				test.args = append(test.args, "--force")
			}
			warm := c.recorded(t, h, test.code, test.args...)
			test.want.Discovery = 0
			if diff := cmp.Diff(test.want, warm); diff != "" {
				t.Errorf("requests with a warm cache (-want +got):\n%s", diff)
			}
			t.Logf("%+v, warm %+v", cold, warm)
		})
	}
	t.Run("several contexts", func(t *testing.T) { severalContexts(t, c) })
	t.Run("wire", func(t *testing.T) { onTheWire(t, c) })
	t.Run("completion", func(t *testing.T) { completionRequests(t, c) })
}

// severalContexts: every cluster is asked as one is.
func severalContexts(t *testing.T, c counting) {
	path := filepath.Join(t.TempDir(), "kubeconfig")
	if err := c.cp.WriteKubeconfig(path, controlplane.User{Name: c.user}, controlplane.User{Name: "nobody"}); err != nil {
		t.Fatal(err)
	}
	got := c.recorded(t, home{dir: t.TempDir(), kubeconfig: path}, 0, "get", "secrets", "-A", "--all-contexts")
	// Both contexts are one server, so that one of them may find what the other has just put into the cache.
	if got.Lists != 4 || got.Discovery > 2 || got.Self != 0 || got.Other != nil {
		t.Errorf("requests: %+v", got)
	}
}

// onTheWire looks at the requests themselves: lists ask for protobuf and say who is asking.
func onTheWire(t *testing.T, c counting) {
	config, err := c.cp.RESTConfig(c.user)
	if err != nil {
		t.Fatal(err)
	}
	p := newProxy(t, config)
	homeAt(t, p.url).whocan(t, "get", "secrets", "-A").want(t, 0)
	lists := 0
	for _, r := range p.requests() {
		if agent := r.UserAgent(); !strings.HasPrefix(agent, "kubectl-whocan/v0.0.0-e2e ") {
			t.Errorf("%s: user agent %q", r.URL, agent)
		}
		if !strings.HasPrefix(r.URL.Path, "/apis/rbac.authorization.k8s.io/v1/") {
			continue
		}
		lists++
		first, _, _ := strings.Cut(r.Header.Get("Accept"), ",")
		if first != "application/vnd.kubernetes.protobuf" || r.URL.RawQuery != "resourceVersion=0" {
			t.Errorf("%s asks for %q", r.URL, r.Header.Get("Accept"))
		}
	}
	if lists != 4 {
		t.Errorf("%d lists, want 4", lists)
	}
}

// completionRequests: completion answers from the discovery cache, with at most one list.
func completionRequests(t *testing.T, c counting) {
	warm := homeOf(t, c.cp, c.user)
	warm.whocan(t, "get", "secrets", "-A").want(t, 0)
	for name, test := range map[string]struct {
		words []string
		lists int
	}{
		"verbs":      {words: []string{""}},
		"resources":  {words: []string{"get", "sec"}},
		"namespaces": {words: []string{"get", "secrets", "-n", "space-1"}, lists: 1},
		"subjects":   {words: []string{"why", "user:mem"}, lists: 1},
		"names":      {words: []string{"get", "clusterroles", "ed"}, lists: 1},
		"flags":      {words: []string{"get", "secrets", "--"}},
		"contexts":   {words: []string{"get", "secrets", "--context", ""}},
	} {
		t.Run(name, func(t *testing.T) {
			recorder, err := c.cp.Record(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			warm.run(t, nil, shared.kubectl(), append([]string{"__complete", "whocan"}, test.words...)...).want(t, 0)
			requests, err := recorder.Requests(t.Context(), c.user)
			if err != nil {
				t.Fatal(err)
			}
			all := slices.Collect(func(yield func(string) bool) {
				for _, r := range requests {
					if !yield(r.Verb + " " + r.URI) {
						return
					}
				}
			})
			if len(all) > test.lists || slices.ContainsFunc(requests, func(r controlplane.Request) bool { return r.Verb != "list" }) {
				t.Errorf("requests: %q, want at most %d list", all, test.lists)
			}
		})
	}
}
