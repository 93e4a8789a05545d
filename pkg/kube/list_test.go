package kube_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
)

const rolesPath = "/apis/rbac.authorization.k8s.io/v1/roles"

// roles keeps the names of the Roles it is given.
type roles struct {
	names    []string
	restarts int
	fail     error
}

func (r *roles) Item(data []byte, encoding kube.Encoding) error {
	var role rbacv1.Role
	if encoding == kube.Protobuf {
		if err := role.Unmarshal(data); err != nil {
			return err
		}
	} else if err := runtime.DecodeInto(scheme.Codecs.UniversalDeserializer(), withKind(data), &role); err != nil {
		return err
	}
	r.names = append(r.names, role.Name)
	return r.fail
}

func (r *roles) Restart() {
	r.restarts++
	r.names = nil
}

// withKind adds what items of a list don't say.
func withKind(data []byte) []byte {
	return []byte(strings.Replace(string(data), "{", `{"kind":"Role","apiVersion":"rbac.authorization.k8s.io/v1",`, 1))
}

func roleList(next string, names ...string) *rbacv1.RoleList {
	list := &rbacv1.RoleList{ListMeta: metav1.ListMeta{ResourceVersion: "7", Continue: next}}
	for _, name := range names {
		list.Items = append(list.Items, rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "dev"}})
	}
	return list
}

func newCluster(t *testing.T, server *kubetest.Server) *kube.Cluster {
	t.Helper()
	cluster, err := kube.New(server.Flags(t), "gatehouse-test/v0", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	return cluster
}

// pages answers with one page after the other, by the continue token.
func pages(answers map[string]func(w http.ResponseWriter, r *http.Request)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { answers[r.URL.Query().Get("continue")](w, r) }
}

func page(list *rbacv1.RoleList) func(http.ResponseWriter, *http.Request) {
	return func(w http.ResponseWriter, r *http.Request) { kubetest.Write(w, r, http.StatusOK, list) }
}

func TestList(t *testing.T) {
	t.Parallel()

	expired := func(w http.ResponseWriter, r *http.Request) {
		kubetest.Write(w, r, http.StatusGone, kubetest.Failure(http.StatusGone, metav1.StatusReasonExpired, "too old"))
	}
	body := func(data []byte) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(data) }
	}
	long := strings.Repeat("x", 1<<20) // does not fit into the read buffer
	protobuf := kubetest.Protobuf(roleList("", "a", "b", long, "c"))
	tests := map[string]struct {
		handler  http.HandlerFunc
		want     []string
		restarts int
		requests []string
		err      string
	}{
		"protobuf": {
			handler: page(roleList("", "a", "b")), want: []string{"a", "b"},
			requests: []string{"GET " + rolesPath + "?resourceVersion=0"},
		},
		"empty": {handler: page(roleList("")), requests: []string{"GET " + rolesPath + "?resourceVersion=0"}},
		"long items": {
			handler: body(protobuf), want: []string{"a", "b", long, "c"},
			requests: []string{"GET " + rolesPath + "?resourceVersion=0"},
		},
		"JSON": {handler: body(kubetest.JSON(roleList("", "a", "b"))), want: []string{"a", "b"}},
		"JSON without items": {
			handler: body([]byte(`{"kind":"RoleList","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{},"items":null}`)),
		},
		"pages": {
			handler: pages(map[string]func(http.ResponseWriter, *http.Request){
				"": page(roleList("t1", "a")), "t1": page(roleList("t2", "b")), "t2": page(roleList("", "c")),
			}),
			want: []string{"a", "b", "c"},
			requests: []string{
				"GET " + rolesPath + "?continue=t1", "GET " + rolesPath + "?continue=t2", "GET " + rolesPath + "?resourceVersion=0",
			},
		},
		"JSON pages": {
			handler: pages(map[string]func(http.ResponseWriter, *http.Request){
				"": body(kubetest.JSON(roleList("t1", "a"))), "t1": body(kubetest.JSON(roleList("", "b"))),
			}),
			want: []string{"a", "b"},
		},
		"page gone, then whole": {
			handler: func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Query().Get("continue") != "":
					expired(w, r)
				case r.URL.Query().Get("resourceVersion") == "0":
					kubetest.Write(w, r, http.StatusOK, roleList("t1", "old"))
				default:
					kubetest.Write(w, r, http.StatusOK, roleList("", "a", "b"))
				}
			},
			want: []string{"a", "b"}, restarts: 1,
			requests: []string{"GET " + rolesPath, "GET " + rolesPath + "?continue=t1", "GET " + rolesPath + "?resourceVersion=0"},
		},
		"page always gone": {
			handler: pages(map[string]func(http.ResponseWriter, *http.Request){"": page(roleList("t1", "a")), "t1": expired}),
			want:    []string{"a"}, restarts: 3, err: "list roles: too old",
		},
		"same page for ever": {
			handler: page(roleList("t1", "a")), want: []string{"a", "a"},
			err: "list roles: the server answers with the same page again and again",
		},
		"truncated": {
			handler: body(protobuf[:len(protobuf)/2]), want: []string{"a", "b"},
			err: "list roles: read item 2: the answer ends too early: unexpected EOF",
		},
		"envelope only": {handler: body([]byte("k8s\x00")), err: "list roles: the answer ends too early: unexpected EOF"},
		"nothing":       {handler: body(nil), err: "list roles: the answer ends too early: unexpected EOF"},
		"JSON truncated": {
			handler: body([]byte(`{"kind":"RoleList","items":[{"metadata":{"name":"a"}}`)), want: []string{"a"},
			err: "list roles: the answer ends too early: unexpected EOF",
		},
		"HTML": {
			handler: body([]byte("<html>login</html>")),
			err:     "list roles: the server's answer is neither protobuf nor JSON: invalid character '<' looking for beginning of value",
		},
		"no list": {
			handler: body(kubetest.Protobuf(&rbacv1.Role{})), err: `list roles: the server answers with a "Role", not with a list`,
		},
		"no JSON list": {
			handler: body(kubetest.JSON(&rbacv1.Role{})), err: `list roles: the server answers with a "Role", not with a list`,
		},
		"impossible length": {
			handler: body([]byte("k8s\x00\x12\x0a\x12\xff\xff\xff\xff\xff\x0f")),
			err:     "list roles: read item 0: the answer is broken: 549755813887 bytes in one field, more than 67108864",
		},
		"encoded": {
			handler: body([]byte("k8s\x00\x1a\x04gzip")), err: `list roles: the answer has the unknown encoding "gzip"`,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := kubetest.New(t)
			server.Handle(rolesPath, tc.handler)
			got := &roles{}
			err := newCluster(t, server).List(t.Context(), rbacv1.SchemeGroupVersion.WithResource("roles"), "", got)
			if diff := cmp.Diff(tc.err, text(err)); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.want, got.names); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			if got.restarts != tc.restarts {
				t.Errorf("restarts: want %d, got %d", tc.restarts, got.restarts)
			}
			if diff := cmp.Diff(tc.requests, server.Requests()); tc.requests != nil && diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestListInNamespace(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	server.Object("/api/v1/namespaces/dev/serviceaccounts", roleList("", "a"))
	err := newCluster(t, server).List(t.Context(),
		corev1.SchemeGroupVersion.WithResource("serviceaccounts"), "dev", &roles{})
	if err != nil {
		t.Fatal(err)
	}
}

func TestListErrors(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	server.Forbid(rolesPath, `roles is forbidden: User "bob" cannot list`)
	cluster := newCluster(t, server)
	resource := rbacv1.SchemeGroupVersion.WithResource("roles")

	err := cluster.List(t.Context(), resource, "", &roles{})
	if !apierrors.IsForbidden(err) {
		t.Errorf("want Forbidden, got %v", err)
	}
	if err := cluster.List(t.Context(), resource, "x", &roles{}); !apierrors.IsNotFound(err) {
		t.Errorf("want NotFound, got %v", err)
	}
	server.Object(rolesPath, roleList("", "a"))
	stop := errors.New("stop")
	if err := cluster.List(t.Context(), resource, "", &roles{fail: stop}); !errors.Is(err, stop) {
		t.Errorf("want the sink's error, got %v", err)
	}
}

func TestListRetriesWhenTold(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	asked := 0
	server.Handle(rolesPath, func(w http.ResponseWriter, r *http.Request) {
		if asked++; asked == 1 {
			w.Header().Set("Retry-After", "1")
			kubetest.Write(w, r, http.StatusTooManyRequests,
				kubetest.Failure(http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests, "busy"))
			return
		}
		kubetest.Write(w, r, http.StatusOK, roleList("", "a"))
	})
	got := &roles{}
	err := newCluster(t, server).List(t.Context(), rbacv1.SchemeGroupVersion.WithResource("roles"), "", got)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a"}, got.names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestListEndsInTime(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0") // never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	resource := rbacv1.SchemeGroupVersion.WithResource("roles")
	address := "http://" + listener.Addr().String()

	t.Run("request timeout", func(t *testing.T) {
		t.Parallel()
		flags := kubetest.New(t).Flags(t)
		timeout := "200ms"
		flags.APIServer, flags.Timeout = &address, &timeout
		cluster, err := kube.New(flags, "test", io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		err = cluster.List(ctx, resource, "", &roles{})
		if err == nil || ctx.Err() != nil {
			t.Errorf("want an error after the timeout of the request, got %v", err)
		}
	})
	t.Run("context", func(t *testing.T) {
		t.Parallel()
		flags := kubetest.New(t).Flags(t)
		flags.APIServer = &address
		cluster, err := kube.New(flags, "test", io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := cluster.List(ctx, resource, "", &roles{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("want the context's error, got %v", err)
		}
	})
}
