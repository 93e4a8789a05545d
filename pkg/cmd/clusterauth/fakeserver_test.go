package clusterauth

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// fakeServer answers lists, and requests for single objects, as an API server with these objects does. It refuses what is
// forbidden, and keeps what was asked for.
type fakeServer struct {
	objects   []*unstructured.Unstructured
	forbidden func(path string) bool

	mu    sync.Mutex
	asked []string
}

// newFakeServer starts a server with the objects of YAML documents, and returns it with the flags that use it.
func newFakeServer(t *testing.T, documents ...string) (*fakeServer, []string) {
	t.Helper()
	s := &fakeServer{forbidden: func(string) bool { return false }}
	for text := range strings.SplitSeq(strings.Join(documents, "\n---\n"), "\n---\n") {
		u := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(text), &u.Object); err != nil {
			t.Fatalf("read %s: %v", text, err)
		}
		s.objects = append(s.objects, u)
	}
	live := httptest.NewServer(s)
	t.Cleanup(live.Close)
	dir := t.TempDir()
	file := filepath.Join(dir, "kubeconfig")
	config := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: fake
contexts: [{name: fake, context: {cluster: fake, user: fake}}]
clusters: [{name: fake, cluster: {server: %q}}]
users: [{name: fake, user: {token: t}}]
`, live.URL)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return s, []string{"--kubeconfig", file, "--cache-dir", filepath.Join(dir, "cache")}
}

// ServeHTTP implements [http.Handler].
func (s *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, r.URL.Path)
	// /api/v1/... or /apis/GROUP/VERSION/..., then [namespaces/NAMESPACE/]RESOURCE[/NAME]
	apiVersion, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/api/"), "/")
	if group, found := strings.CutPrefix(r.URL.Path, "/apis/"); found {
		parts := strings.SplitN(group, "/", 3)
		apiVersion, rest = parts[0]+"/"+parts[1], parts[len(parts)-1]
	}
	parts, namespace := strings.Split(rest, "/"), ""
	if len(parts) > 2 && parts[0] == "namespaces" {
		namespace, parts = parts[1], parts[2:]
	}
	var items []any
	for _, o := range s.objects {
		there := o.GetAPIVersion() == apiVersion && strings.ToLower(o.GetKind())+"s" == parts[0]
		if there && (namespace == "" || o.GetNamespace() == namespace) && (len(parts) == 1 || o.GetName() == parts[1]) {
			items = append(items, o.Object)
		}
	}
	code, answer := http.StatusOK, any(map[string]any{"apiVersion": apiVersion, "kind": "List", "metadata": map[string]any{}, "items": append([]any{}, items...)})
	switch {
	case s.forbidden(r.URL.Path):
		code, answer = http.StatusForbidden, failure(http.StatusForbidden, metav1.StatusReasonForbidden)
	case len(parts) > 1 && len(items) == 0:
		code, answer = http.StatusNotFound, failure(http.StatusNotFound, metav1.StatusReasonNotFound)
	case len(parts) > 1:
		answer = items[0]
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(answer) // who asked has gone
}

func failure(code int32, reason metav1.StatusReason) *metav1.Status {
	return &metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure, Reason: reason, Code: code, Message: string(reason),
	}
}

// secrets are the Secrets that were asked for, as NAMESPACE/NAME, sorted.
func (s *fakeServer) secrets() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, path := range s.asked {
		if namespace, name, found := strings.Cut(strings.TrimPrefix(path, "/api/v1/namespaces/"), "/secrets/"); found {
			out = append(out, namespace+"/"+name)
		}
	}
	slices.Sort(out)
	return out
}
