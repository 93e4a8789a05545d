package kube_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
)

func thing(apiVersion, kind, namespace, name string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{Object: map[string]any{}}
	u.SetAPIVersion(apiVersion)
	u.SetKind(kind)
	u.SetName(name)
	u.SetNamespace(namespace)
	return u
}

// TestWrites looks at what each write is on the wire, and at what is made of the answer.
func TestWrites(t *testing.T) {
	t.Parallel()
	binding := thing("rbac.authorization.k8s.io/v1", "RoleBinding", "dev", "a:b")
	policy := thing("security.istio.io/v1beta1", "AuthorizationPolicy", "dev", "x")
	namespace := thing("v1", "Namespace", "", "dev")
	trial := kube.WriteOptions{DryRun: true, FieldManager: "me"}
	type call func(*kube.Cluster) (*unstructured.Unstructured, error)
	tests := map[string]struct {
		call    call
		request string
		headers string // of the request: content type, accept
		body    string
	}{
		"get": {
			call:    func(c *kube.Cluster) (*unstructured.Unstructured, error) { return c.Get(t.Context(), binding) },
			request: "GET /apis/rbac.authorization.k8s.io/v1/namespaces/dev/rolebindings/a:b", headers: " application/json",
		},
		"create": {
			call: func(c *kube.Cluster) (*unstructured.Unstructured, error) {
				return c.Create(t.Context(), policy, kube.WriteOptions{FieldManager: "me"})
			},
			request: "POST /apis/security.istio.io/v1beta1/namespaces/dev/authorizationpolicies?fieldManager=me&fieldValidation=Ignore",
			headers: "application/json application/json",
			body:    `{"apiVersion":"security.istio.io/v1beta1","kind":"AuthorizationPolicy","metadata":{"name":"x","namespace":"dev"}}`,
		},
		"create of the cluster, tried": {
			call: func(c *kube.Cluster) (*unstructured.Unstructured, error) {
				return c.Create(t.Context(), namespace, trial)
			},
			request: "POST /api/v1/namespaces?dryRun=All&fieldManager=me&fieldValidation=Strict",
			headers: "application/json application/json",
			body:    `{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"dev"}}`,
		},
		"patch": {
			call: func(c *kube.Cluster) (*unstructured.Unstructured, error) {
				return c.Patch(t.Context(), binding, []byte(`{"a":1}`), trial)
			},
			request: "PATCH /apis/rbac.authorization.k8s.io/v1/namespaces/dev/rolebindings/a:b?dryRun=All&fieldManager=me&fieldValidation=Strict",
			headers: "application/merge-patch+json application/json",
			body:    `{"a":1}`,
		},
		"delete": {
			call: func(c *kube.Cluster) (*unstructured.Unstructured, error) {
				return binding, c.Delete(t.Context(), binding, "u", "7", kube.WriteOptions{})
			},
			request: "DELETE /apis/rbac.authorization.k8s.io/v1/namespaces/dev/rolebindings/a:b",
			headers: "application/json application/json",
			body:    `{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{"uid":"u","resourceVersion":"7"},"propagationPolicy":"Background"}`,
		},
		"delete, tried": {
			call: func(c *kube.Cluster) (*unstructured.Unstructured, error) {
				return namespace, c.Delete(t.Context(), namespace, "", "", trial)
			},
			request: "DELETE /api/v1/namespaces/dev",
			headers: "application/json application/json",
			body:    `{"kind":"DeleteOptions","apiVersion":"v1","preconditions":{},"propagationPolicy":"Background","dryRun":["All"]}`,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := kubetest.New(t)
			var headers, body string
			path, _, _ := strings.Cut(strings.Fields(tc.request)[1], "?")
			server.Handle(path, func(w http.ResponseWriter, r *http.Request) {
				data, _ := io.ReadAll(r.Body)
				headers, body = r.Header.Get("Content-Type")+" "+r.Header.Get("Accept"), string(data)
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(`{"apiVersion":"v1","kind":"Thing","metadata":{"name":"x","uid":"1"}}`))
			})
			object, err := tc.call(newCluster(t, server))
			if err != nil || object == nil {
				t.Fatalf("answer %v, %v", object, err)
			}
			got := []string{headers, strings.TrimSpace(body)}
			if diff := cmp.Diff([]string{tc.headers, tc.body}, got); diff != "" {
				t.Errorf("wire (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{tc.request}, server.Requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWritesAskOnce makes sure that no write is sent again by the client, whatever the server says.
func TestWritesAskOnce(t *testing.T) {
	t.Parallel()
	binding := thing("rbac.authorization.k8s.io/v1", "RoleBinding", "dev", "x")
	for _, code := range []int{http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable} {
		server := kubetest.New(t)
		answer := func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(code)
		}
		for _, path := range []string{"", "/x"} {
			server.Handle("/apis/rbac.authorization.k8s.io/v1/namespaces/dev/rolebindings"+path, answer)
		}
		c := newCluster(t, server)
		_, created := c.Create(t.Context(), binding, kube.WriteOptions{})
		_, patched := c.Patch(t.Context(), binding, []byte("{}"), kube.WriteOptions{})
		deleted := c.Delete(t.Context(), binding, "u", "", kube.WriteOptions{})
		_, read := c.Get(t.Context(), binding)
		for _, err := range []error{created, patched, deleted, read} {
			if status := (&apierrors.StatusError{}); !asStatus(err, &status) || int(status.ErrStatus.Code) != code {
				t.Errorf("code %d: error %v", code, err)
			}
		}
		if got := server.Requests(); len(got) != 4 {
			t.Errorf("code %d: requests %v, want 4", code, got)
		}
	}
}

func asStatus(err error, to **apierrors.StatusError) bool {
	status, ok := err.(*apierrors.StatusError) //nolint:errorlint // the error of the server, not wrapped
	*to = status
	return ok
}

// TestWritesNeedAName makes sure that an object without a name is not taken for all of its kind.
func TestWritesNeedAName(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	c := newCluster(t, server)
	for name, want := range map[string]string{
		"": `bad name "": want one part of a path`, "..": `bad name "..": may not be '..', want one part of a path`,
		"a/b": `bad name "a/b": may not contain '/', want one part of a path`,
	} {
		bad := thing("v1", "ConfigMap", "dev", name)
		_, read := c.Get(t.Context(), bad)
		_, patched := c.Patch(t.Context(), bad, []byte("{}"), kube.WriteOptions{})
		for _, err := range []error{read, patched, c.Delete(t.Context(), bad, "", "", kube.WriteOptions{})} {
			if err == nil || err.Error() != want {
				t.Errorf("error %v, want %s", err, want)
			}
		}
	}
	if got := server.Requests(); len(got) != 0 {
		t.Errorf("requests: %v", got)
	}
}

func TestMay(t *testing.T) {
	t.Parallel()
	const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
	server := kubetest.New(t)
	server.Object(path, &authorizationv1.SelfSubjectAccessReview{
		Status: authorizationv1.SubjectAccessReviewStatus{Allowed: true, Reason: "why not"},
	})
	c := newCluster(t, server)
	got, err := c.May(t.Context(), make([]authorizationv1.ResourceAttributes, 40), 8)
	if err != nil || len(got) != 40 || !got[39].Allowed || got[0].Reason != "why not" {
		t.Errorf("May = %v, %v", got, err)
	}
	if asked := len(server.Requests()); asked != 40 {
		t.Errorf("%d requests, want 40", asked)
	}
	server.Handle(path, func(w http.ResponseWriter, r *http.Request) {
		kubetest.Write(w, r, http.StatusForbidden, kubetest.Failure(http.StatusForbidden, metav1.StatusReasonForbidden, "no"))
	})
	if _, err := c.May(t.Context(), make([]authorizationv1.ResourceAttributes, 2), 1); !apierrors.IsForbidden(err) {
		t.Errorf("error: %v", err)
	}
}
