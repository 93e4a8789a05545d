package accesstoken

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// refusing starts a server that refuses everything but what it serves, and returns the flags that lead to it.
func refusing(t *testing.T, but ...string) []string {
	t.Helper()
	live := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		code, answer := http.StatusForbidden, any(&metav1.Status{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure, Reason: metav1.StatusReasonForbidden, Code: http.StatusForbidden, Message: "no",
		})
		last := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		switch {
		case r.URL.Path == "/api":
			code, answer = http.StatusOK, &metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}}
		case r.URL.Path == "/apis":
			code, answer = http.StatusOK, &metav1.APIGroupList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "APIGroupList"}}
		case last == "v1":
			code, answer = http.StatusOK, &metav1.APIResourceList{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "APIResourceList"}, GroupVersion: "v1"}
		case strings.HasPrefix(r.URL.Path, "/apis/core.kalm.dev"):
			code, answer = http.StatusNotFound, &metav1.Status{Status: metav1.StatusFailure, Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound}
		case slices.Contains(but, last):
			code, answer = http.StatusOK, map[string]any{"apiVersion": "v1", "kind": "List", "metadata": map[string]any{}, "items": []any{}}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(answer) // who asked has gone
	}))
	t.Cleanup(live.Close)
	dir := t.TempDir()
	file := filepath.Join(dir, "kubeconfig")
	config := `{apiVersion: v1, kind: Config, current-context: c, contexts: [{name: c, context: {cluster: c, user: c}}], ` +
		`clusters: [{name: c, cluster: {server: "` + live.URL + `"}}], users: [{name: c, user: {token: t}}]}`
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"--kubeconfig", file, "--cache-dir", filepath.Join(dir, "cache")}
}

// That nothing is found where nothing could be read is no answer.
func TestRefused(t *testing.T) {
	t.Parallel()
	const nothing = "nothing is judged by any rule: serviceaccounts, token secrets can't be read"
	tests := map[string]struct {
		args []string
		read []string
		code int
		has  []string
		not  string
	}{
		"list":          {args: []string{"list", "-n", "shop"}, has: []string{"no tokens in shop, as far as can be read"}},
		"list of all":   {args: []string{"list", "-A"}, has: []string{"no tokens, as far as can be read"}},
		"list, in part": {args: []string{"list", "-n", "shop"}, read: []string{"serviceaccounts"}, has: []string{"no tokens in shop, as far as can be read"}},
		"list, read":    {args: []string{"list", "-n", "shop"}, read: []string{"serviceaccounts", "secrets"}, has: []string{"no tokens in shop\n"}},
		"audit":         {args: []string{"audit", "-A", "--severity", "error"}, code: 2, has: []string{"GH003", nothing, "error: nothing is judged: serviceaccounts, token secrets can't be read"}},
		"audit, json":   {args: []string{"audit", "-n", "shop", "-o", "json"}, code: 2, has: []string{`"id": "GH003"`, nothing}},
		"audit, a rule": {args: []string{"audit", "-A", "--rule", "TK001"}, code: 2, has: []string{"error: nothing is judged"}, not: "no findings"},
		"audit, in part": {
			args: []string{"audit", "-A", "--severity", "info"}, read: []string{"serviceaccounts"}, code: 1,
			has: []string{"GH003", "not everything is judged by TK001"}, not: "nothing is judged",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", slices.Concat(tt.args, refusing(t, tt.read...))...)
			for _, has := range tt.has {
				if !strings.Contains(got.Stdout+got.Stderr, has) {
					t.Errorf("lacks %q", has)
				}
			}
			if got.Code != tt.code || tt.not != "" && strings.Contains(got.String(), tt.not) {
				t.Errorf("want exit %d, and not %q:\n%s", tt.code, tt.not, got)
			}
		})
	}
}
