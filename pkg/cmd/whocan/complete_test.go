package whocan

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
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

// offers returns the words that a completion of the arguments offers; the last one is being typed.
func offers(t *testing.T, args ...string) []string {
	t.Helper()
	got := execute(t, "", append([]string{cobra.ShellCompRequestCmd}, args...)...)
	if got.Code != 0 || got.Stderr != "" {
		t.Errorf("exit %d, stderr %q, want neither", got.Code, got.Stderr)
	}
	lines := strings.Split(strings.TrimSuffix(got.Stdout, "\n"), "\n")
	words := slices.DeleteFunc(lines, func(line string) bool { return strings.HasPrefix(line, ":") })
	for i := range words {
		words[i], _, _ = strings.Cut(words[i], "\t")
	}
	return words
}

func TestCompletionOfManifests(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want []string
	}{
		"verbs":                        {[]string{"im"}, []string{"impersonate"}},
		"resources of the verb":        {[]string{"impersonate", ""}, []string{"groups", "serviceaccounts", "uids.authentication.k8s.io", "userextras.authentication.k8s.io", "users"}},
		"resources with their group":   {[]string{"get", "deploy"}, []string{"deployments.apps", "deployments/scale.apps", "deployments/status.apps"}},
		"custom resources":             {[]string{"get", "kaiwoj"}, []string{"kaiwojobs.kaiwo.silogen.ai", "kaiwojobs/status.kaiwo.silogen.ai"}},
		"subresources":                 {[]string{"create", "po/e"}, []string{"po/ephemeralcontainers", "po/eviction", "po/exec"}},
		"names":                        {[]string{"bind", "clusterroles", "kaiwo-"}, []string{"kaiwo-edit", "kaiwo-scientist", "kaiwo-view"}},
		"names in the namespace":       {[]string{"get", "roles", "-n", "payments", ""}, []string{"rollout", "stripe-key"}},
		"names after a slash":          {[]string{"-n", "payments", "get", "role/st"}, []string{"role/stripe-key"}},
		"namespaces":                   {[]string{"get", "pods", "-n", "team"}, []string{"team-nlp", "team-vision"}},
		"namespaces of a subcommand":   {[]string{"rules", "bob", "--namespace", "pa"}, []string{"payments"}},
		"subjects":                     {[]string{"rules", "group:s"}, []string{"group:scientists", "group:security", "group:shop-developers", "group:sre", "group:system:authenticated", "group:system:masters", "group:system:monitoring", "group:system:serviceaccounts", "group:system:serviceaccounts:ci", "group:system:unauthenticated"}},
		"bare users":                   {[]string{"rules", "da"}, []string{"dana@acme.example"}},
		"one subject only":             {[]string{"rules", "bob", ""}, nil},
		"subjects of a flag":           {[]string{"matrix", "--subject", "sa:payments/"}, []string{"sa:payments/payments-api"}},
		"groups of a flag":             {[]string{"rules", "bob", "--group", "ml"}, []string{"ml-platform", "ml-readers"}},
		"resources of matrix":          {[]string{"matrix", "clusterroleb"}, []string{"clusterrolebindings.rbac.authorization.k8s.io"}},
		"verbs of matrix":              {[]string{"matrix", "clusterroles", "--verbs", "get,b"}, []string{"get,bind"}},
		"verbs that are not there yet": {[]string{"matrix", "signers", "--verbs", "sign,"}, []string{"sign,approve", "sign,attest"}},
		"action of graph":              {[]string{"graph", "sign", "s"}, []string{"signers.certificates.k8s.io"}},
		"formats":                      {[]string{"graph", "get", "pods", "-o", ""}, []string{"dot", "mermaid", "json"}},
		"action of why":                {[]string{"why", "bob", "impersonate", "us"}, []string{"userextras.authentication.k8s.io", "users"}},
		"subject of why":               {[]string{"why", "bo"}, []string{"bob@acme.example"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// --from stands before the last word, which is the one that is being typed.
			last := len(tt.args) - 1
			args := slices.Concat(tt.args[:last], []string{"--from", acme}, tt.args[last:])
			if prefix := tt.args[:last]; len(prefix) > 0 && strings.HasPrefix(prefix[last-1], "-") {
				args = slices.Concat(tt.args[:last-1], []string{"--from", acme}, tt.args[last-1:])
			}
			if diff := cmp.Diff(tt.want, nilIfEmpty(offers(t, args...))); diff != "" {
				t.Errorf("offers differ (-want +got):\n%s", diff)
			}
		})
	}
}

func nilIfEmpty(words []string) []string {
	if len(words) == 0 {
		return nil
	}
	return words
}

func testEnv(t *testing.T) *cli.Env {
	t.Helper()
	streams, _, _, _ := genericiooptions.NewTestIOStreams()
	env := cli.NewEnv(streams, clocktesting.NewFakePassiveClock(metav1.Now().Time), "kubectl whocan")
	env.Patience = time.Minute // however busy the machine is
	return env
}

// apiServer is as much of one as completions ask.
type apiServer struct {
	mu    sync.Mutex
	lists []string
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answers := map[string]any{
		"/api":  metav1.APIVersions{TypeMeta: metav1.TypeMeta{Kind: "APIVersions"}, Versions: []string{"v1"}},
		"/apis": metav1.APIGroupList{TypeMeta: metav1.TypeMeta{Kind: "APIGroupList", APIVersion: "v1"}},
		"/api/v1": metav1.APIResourceList{GroupVersion: "v1", APIResources: []metav1.APIResource{
			{Name: "pods", SingularName: "pod", Kind: "Pod", Namespaced: true, ShortNames: []string{"po"}, Verbs: metav1.Verbs{"get", "list"}},
			{Name: "pods/exec", Kind: "PodExecOptions", Namespaced: true, Verbs: metav1.Verbs{"create"}},
			{Name: "namespaces", SingularName: "namespace", Kind: "Namespace", Verbs: metav1.Verbs{"get", "list"}},
		}},
		"/api/v1/namespaces/dev/pods":                     metadataList("web-0", "web-1", "db-0"),
		"/api/v1/namespaces/ci/serviceaccounts":           metadataList("builder"),
		"/api/v1/namespaces":                              metadataList("dev", "qa"),
		"/apis/rbac.authorization.k8s.io/v1/rolebindings": roleBindings(),
	}
	if strings.Count(r.URL.Path, "/") > 2 || r.URL.Query().Get("limit") != "" {
		s.mu.Lock()
		s.lists = append(s.lists, r.URL.Path+" "+r.URL.Query().Encode())
		s.mu.Unlock()
		wantsMetadata := strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList")
		if !wantsMetadata && !strings.HasSuffix(r.URL.Path, "/rolebindings") {
			http.Error(w, "the content of objects is not needed", http.StatusTeapot)
			return
		}
	}
	answer, ok := answers[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func metadataList(names ...string) metav1.PartialObjectMetadataList {
	list := metav1.PartialObjectMetadataList{
		TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadataList"},
	}
	for _, name := range names {
		list.Items = append(list.Items, metav1.PartialObjectMetadata{
			TypeMeta:   metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadata"},
			ObjectMeta: metav1.ObjectMeta{Name: name},
		})
	}
	return list
}

func roleBindings() rbacv1.RoleBindingList {
	return rbacv1.RoleBindingList{
		TypeMeta: metav1.TypeMeta{APIVersion: "rbac.authorization.k8s.io/v1", Kind: "RoleBindingList"},
		Items: []rbacv1.RoleBinding{{
			ObjectMeta: metav1.ObjectMeta{Name: "x", Namespace: "dev"},
			Subjects: []rbacv1.Subject{
				{Kind: "User", Name: "alice"}, {Kind: "Group", Name: "ops"}, {Kind: "ServiceAccount", Name: "bot"},
			},
		}},
	}
}

// kubeconfig writes one for the server, and returns the flags that use it.
func kubeconfig(t *testing.T, server string) []string {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "config")
	text := fmt.Sprintf(`apiVersion: v1
kind: Config
current-context: test
clusters: [{name: test, cluster: {server: %q}}]
contexts: [{name: test, context: {cluster: test, namespace: dev}}]
`, server)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"--kubeconfig", file, "--cache-dir", filepath.Join(dir, "cache")}
}

func TestCompletionOfACluster(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args  []string
		want  []string
		lists []string
	}{
		"resources":          {[]string{"get", "po"}, []string{"pods"}, nil},
		"subresources":       {[]string{"create", "p"}, []string{"pods/exec"}, nil},
		"names":              {[]string{"get", "po", "we"}, []string{"web-0", "web-1"}, []string{"/api/v1/namespaces/dev/pods limit=1000"}},
		"names by slash":     {[]string{"get", "pod/d"}, []string{"pod/db-0"}, []string{"/api/v1/namespaces/dev/pods limit=1000"}},
		"names, refused":     {[]string{"get", "pods", "-n", "qa", ""}, nil, []string{"/api/v1/namespaces/qa/pods limit=1000"}},
		"namespaces":         {[]string{"get", "pods", "-n", ""}, []string{"dev", "qa"}, []string{"/api/v1/namespaces limit=1000"}},
		"namespace object":   {[]string{"get", "namespaces", "q"}, []string{"qa"}, []string{"/api/v1/namespaces limit=1000"}},
		"subjects":           {[]string{"rules", ""}, []string{"group:ops", "me", "sa:dev/bot", "user:alice"}, []string{"/apis/rbac.authorization.k8s.io/v1/rolebindings limit=1000"}},
		"service accounts":   {[]string{"rules", "sa:ci/"}, []string{"sa:ci/builder"}, []string{"/api/v1/namespaces/ci/serviceaccounts limit=1000"}},
		"verbs":              {[]string{"dele"}, []string{"delete", "deletecollection"}, nil},
		"verbs and commands": {[]string{"g"}, []string{"graph", "get"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &apiServer{}
			live := httptest.NewServer(server)
			t.Cleanup(live.Close)
			got := offers(t, append(kubeconfig(t, live.URL), tt.args...)...)
			if diff := cmp.Diff(tt.want, nilIfEmpty(got)); diff != "" {
				t.Errorf("offers differ (-want +got):\n%s", diff)
			}
			server.mu.Lock()
			defer server.mu.Unlock()
			if diff := cmp.Diff(tt.lists, server.lists); diff != "" {
				t.Errorf("lists differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCompletionWithoutACluster(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	flags := kubeconfig(t, gone.URL)
	gone.Close()
	for _, args := range [][]string{{"get", "po"}, {"get", "pods", ""}, {"rules", ""}, {"get", "pods", "-n", ""}} {
		if got := offers(t, append(flags, args...)...); len(got) != 0 {
			t.Errorf("%v: got %q, want nothing", args, got)
		}
	}
}

// TestFlagsHaveCompletions holds for every flag of the commands that takes a word, unless any word or file will do.
func TestFlagsHaveCompletions(t *testing.T) {
	t.Parallel()
	for _, cmd := range NewCommand(testEnv(t)).Commands() {
		for _, flag := range []string{"subject", "verbs", "group"} {
			if !slices.Contains([]string{"rules", "matrix", "graph"}, cmd.Name()) || cmd.Flags().Lookup(flag) == nil {
				continue
			}
			if _, found := cmd.GetFlagCompletionFunc(flag); !found {
				t.Errorf("%s --%s has no completion", cmd.Name(), flag)
			}
		}
	}
}
