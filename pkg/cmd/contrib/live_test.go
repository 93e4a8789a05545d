package contrib

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
)

const (
	rbacPath = "/apis/rbac.authorization.k8s.io/v1"
	meshPath = "/apis/security.istio.io/v1beta1/namespaces/x/authorizationpolicies"
)

// cluster is a server with the Kubeflow workspace "x" of ann, as its caller sees it.
type cluster struct {
	*kubetest.Server
	mu sync.Mutex
	// writes are the objects that were stored: not those of a dry run.
	writes []string
}

// newCluster returns a server that lets its caller do what may says: "create rolebindings".
func newCluster(t *testing.T, may func(verb, resource string) bool) *cluster {
	t.Helper()
	c := &cluster{Server: kubetest.New(t)}
	c.Object("/apis/authentication.k8s.io/v1/selfsubjectreviews", &authenticationv1.SelfSubjectReview{
		Status: authenticationv1.SelfSubjectReviewStatus{UserInfo: authenticationv1.UserInfo{Username: "ann@x.com", Groups: []string{"system:authenticated"}}},
	})
	c.Handle("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", func(w http.ResponseWriter, r *http.Request) {
		review := &authorizationv1.SelfSubjectAccessReview{}
		body, err := io.ReadAll(r.Body)
		if err == nil {
			_, _, err = scheme.Codecs.UniversalDeserializer().Decode(body, nil, review)
		}
		if err != nil {
			http.Error(w, "want a review", http.StatusBadRequest)
			return
		}
		a := review.Spec.ResourceAttributes
		review.Status.Allowed = a.Namespace == "x" && may(a.Verb, a.Resource)
		kubetest.Write(w, r, http.StatusCreated, review)
	})
	document(c.Server, "/apis/kubeflow.org/v1/profiles/x", `{"apiVersion": "kubeflow.org/v1", "kind": "Profile", "metadata": {"name": "x"},
		"spec": {"owner": {"kind": "User", "name": "ann@x.com"}}}`)
	c.Object("/api/v1/namespaces/x", &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{
		Name: "x", Annotations: map[string]string{"owner": "ann@x.com"}, Labels: map[string]string{"app.kubernetes.io/part-of": "kubeflow-profile"},
	}})
	c.collection(rbacPath+"/namespaces/x/rolebindings", `{"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBindingList", "metadata": {},
		"items": [{"metadata": {"name": "namespaceAdmin", "namespace": "x", "annotations": {"user": "ann@x.com", "role": "admin"}},
		"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "kubeflow-admin"},
		"subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "ann@x.com"}]}]}`)
	c.collection(meshPath, `{"apiVersion": "security.istio.io/v1beta1", "kind": "AuthorizationPolicyList", "metadata": {}, "items": []}`)
	for _, path := range []string{"rolebindings", "roles", "clusterrolebindings", "clusterroles", "namespaces/x/roles"} {
		c.Forbid(rbacPath+"/"+path, path+" is forbidden")
	}
	c.Forbid("/apis/security.istio.io/v1beta1/authorizationpolicies", "authorizationpolicies is forbidden")
	for _, path := range []string{"/apis/kubeflow.org/v1/profiles", "/api/v1/namespaces"} {
		c.Forbid(path, "forbidden")
	}
	return c
}

// document answers with JSON as it is written.
func document(s *kubetest.Server, path, text string) {
	s.Handle(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, text) // the client sees what is wrong
	})
}

// collection lists what the text holds, and stores whatever is created.
func (c *cluster) collection(path, list string) {
	c.Handle(path, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.Method != http.MethodPost {
			_, _ = io.WriteString(w, list) // as above
			return
		}
		var object map[string]any
		if err := json.NewDecoder(r.Body).Decode(&object); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		meta, _ := object["metadata"].(map[string]any)
		meta["uid"], meta["resourceVersion"] = "1", "1"
		if r.URL.Query().Get("dryRun") == "" {
			name, _ := meta["name"].(string)
			kind, _ := object["kind"].(string)
			c.mu.Lock()
			c.writes = append(c.writes, kind+" "+name)
			c.mu.Unlock()
		}
		w.WriteHeader(http.StatusCreated)
		_ = json.NewEncoder(w).Encode(object) // as above
	})
}

func (c *cluster) ask(t *testing.T, args ...string) outcome {
	t.Helper()
	got := execute(t, "", append(args, "--server", c.URL)...)
	got.Stderr = strings.ReplaceAll(got.Stderr, c.URL, "SERVER")
	return got
}

func anything(string, string) bool { return true }

// butPolicies are the rights of an owner on Kubeflow.
func butPolicies(_, resource string) bool { return resource != "authorizationpolicies" }

func TestAddLive(t *testing.T) {
	t.Parallel()
	const name = "user-bob-x-com-clusterrole-edit"
	tests := map[string]struct {
		may    func(verb, resource string) bool
		args   []string
		writes []string
	}{
		"live/add":          {anything, []string{"--yes"}, []string{"RoleBinding " + name, "AuthorizationPolicy " + name}},
		"live/server":       {anything, []string{"--dry-run=server", "-o", "name"}, nil},
		"live/not-asked":    {anything, []string{"--preview=none"}, nil},
		"live/owner":        {butPolicies, []string{"--yes"}, nil},
		"live/owner-no-web": {butPolicies, []string{"--yes", "--no-http"}, []string{"RoleBinding " + name}},
		"live/guest":        {func(string, string) bool { return false }, []string{"--yes", "--no-http"}, nil},
	}
	for file, tt := range tests {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, tt.may)
			golden.Equal(t, c.ask(t, append([]string{"add", "bob@x.com", "--role", "editor", "-n", "x"}, tt.args...)...).String(), file)
			if diff := cmp.Diff(tt.writes, c.writes); diff != "" {
				t.Errorf("writes (-want +got):\n%s", diff)
			}
		})
	}
}

// Who may read all roles is told beforehand what is gained, and what the API server would refuse.
func TestGainsLive(t *testing.T) {
	t.Parallel()
	rule := func(verbs, resources string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: []string{""}, Verbs: strings.Split(verbs, ","), Resources: strings.Split(resources, ",")}
	}
	role := func(name string, rules ...rbacv1.PolicyRule) rbacv1.ClusterRole {
		return rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: name}, Rules: rules}
	}
	owner := rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Namespace: "x", Name: "namespaceAdmin"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "kubeflow-admin"},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: "ann@x.com"}},
	}
	for name, tt := range map[string]struct {
		roles []rbacv1.ClusterRole
		want  string
	}{
		"held": {
			[]rbacv1.ClusterRole{role("kubeflow-admin", rule("*", "pods")), role("kubeflow-edit", rule("get,create", "pods"))},
			"bob@x.com gains 2 rights in x, such as create pods, get pods (all: kubectl whocan rules bob@x.com -n x)\n" +
				"warning: bob@x.com can then run pods with any secret and as any service account\n",
		},
		"not held": {
			[]rbacv1.ClusterRole{role("kubeflow-admin", rule("get", "pods")), role("kubeflow-edit", rule("get", "pods,secrets"))},
			"bob@x.com gains 2 rights in x, such as get secrets, get pods (all: kubectl whocan rules bob@x.com -n x)\n" +
				"warning: bob@x.com can then read secrets\n" +
				"warning: you may not give clusterrole/kubeflow-edit in x: you lack get secrets, and the verb bind on it\n",
		},
		"not there": {
			[]rbacv1.ClusterRole{role("kubeflow-admin", rule("*", "pods"))},
			"warning: clusterrole/kubeflow-edit does not exist: it gives nothing until it does\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, anything)
			c.Object(rbacPath+"/clusterroles", &rbacv1.ClusterRoleList{Items: tt.roles})
			c.Object(rbacPath+"/rolebindings", &rbacv1.RoleBindingList{Items: []rbacv1.RoleBinding{owner}})
			c.Object(rbacPath+"/clusterrolebindings", &rbacv1.ClusterRoleBindingList{})
			c.Object(rbacPath+"/roles", &rbacv1.RoleList{})
			got := c.ask(t, "add", "bob@x.com", "--role", "editor", "-n", "x", "--dry-run=server", "--preview=none")
			if diff := cmp.Diff(tt.want, got.Stderr); diff != "" || got.Code != 0 {
				t.Errorf("exit %d, stderr (-want +got):\n%s", got.Code, diff)
			}
		})
	}
}

// A dry run of the client contacts nobody.
func TestClientContactsNobody(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"add", "bob@x.com", "--role", "editor", "-n", "x"},
		{"apply", "-f", "testdata/members.csv", "-n", "x"},
		{"expire", "--cronjob", "--image", "x"},
	} {
		c := newCluster(t, anything)
		got := c.ask(t, append(args, "--dry-run=client", "-o", "yaml")...)
		if requests := c.Requests(); got.Code != 0 || len(requests) > 0 {
			t.Errorf("%v: %s\nrequests: %q", args, got, requests)
		}
	}
}

// What was not read to be changed is not asked for.
func TestAddAsksFor(t *testing.T) {
	t.Parallel()
	c := newCluster(t, anything)
	c.ask(t, "add", "bob@x.com", "--role", "editor", "-n", "x", "--yes")
	posts := slices.DeleteFunc(c.Requests(), func(r string) bool {
		return !strings.HasPrefix(r, "POST") || strings.Contains(r, "/apis/auth")
	})
	for i := range posts {
		posts[i], _, _ = strings.Cut(posts[i], "&fieldValidation")
	}
	want := []string{
		"POST " + rbacPath + "/namespaces/x/rolebindings?dryRun=All&fieldManager=kubectl-contrib",
		"POST " + rbacPath + "/namespaces/x/rolebindings?fieldManager=kubectl-contrib",
		"POST " + meshPath + "?dryRun=All&fieldManager=kubectl-contrib",
		"POST " + meshPath + "?fieldManager=kubectl-contrib",
	}
	if diff := cmp.Diff(want, posts); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestListLive(t *testing.T) {
	t.Parallel()
	guest := func(verb, resource string) bool { return resource == "pods" && verb == "get" }
	for name, tt := range map[string]struct {
		may     func(verb, resource string) bool
		prepare func(*cluster)
		args    []string
	}{
		"live/list-owner":     {may: butPolicies, args: []string{"-n", "x"}},
		"live/list-owner-all": {may: butPolicies, args: []string{"list", "-A", "-n", "x"}},
		"live/list-guest": {may: guest, args: []string{"list", "-n", "x", "-o", "wide"}, prepare: func(c *cluster) {
			c.Forbid(rbacPath+"/namespaces/x/rolebindings", "rolebindings is forbidden")
			c.Forbid(meshPath, "authorizationpolicies is forbidden")
		}},
		"live/list-guest-policies": {may: guest, args: []string{"list", "-n", "x"}, prepare: func(c *cluster) {
			c.Forbid(rbacPath+"/namespaces/x/rolebindings", "rolebindings is forbidden")
			document(c.Server, meshPath, `{"apiVersion": "security.istio.io/v1beta1", "kind": "AuthorizationPolicyList", "metadata": {}, "items": [
				{"metadata": {"name": "p", "namespace": "x", "annotations": {"user": "ann@x.com", "role": "view"}},
				"spec": {"rules": [{"when": [{"key": "request.headers[kubeflow-userid]", "values": ["ann@x.com"]}]}]}},
				{"metadata": {"name": "q", "namespace": "x", "annotations": {"user": "eve@x.com", "role": "edit"}},
				"spec": {"rules": [{"when": [{"key": "request.headers[kubeflow-userid]", "values": ["eve@x.com"]}]}]}}]}`)
		}},
		"live/list-strict": {may: guest, args: []string{"list", "-n", "x", "--strict", "--subject", "me", "-o", "name"}, prepare: func(c *cluster) {
			c.Forbid(rbacPath+"/namespaces/x/rolebindings", "rolebindings is forbidden")
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCluster(t, tt.may)
			if tt.prepare != nil {
				tt.prepare(c)
			}
			golden.Equal(t, c.ask(t, tt.args...).String(), name)
		})
	}
}
