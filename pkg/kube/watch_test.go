package kube_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
)

func roleAt(name, version string) *rbacv1.Role {
	return &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: "dev", Name: name, ResourceVersion: version}}
}

// happening is one event that a server sends.
type happening struct {
	change string
	object runtime.Object
}

func TestWatch(t *testing.T) {
	t.Parallel()

	long := strings.Repeat("x", 1<<20) // does not fit into the read buffer
	three := []happening{
		{"ADDED", roleAt("a", "8")},
		{"MODIFIED", roleAt(long, "9")},
		{"BOOKMARK", roleAt("", "10")},
		{"DELETED", roleAt("c", "11")},
		{"BOOKMARK", roleAt("", "12")},
	}
	heard := []string{"ADDED a", "MODIFIED " + long, "DELETED c"}
	tests := map[string]struct {
		events  []happening
		json    bool
		cut     int // bytes that are missing at the end
		want    []string
		version string
		err     string
		gone    bool
	}{
		"nothing":  {version: "7", err: "EOF"},
		"protobuf": {events: three, want: heard, version: "12", err: "EOF"},
		"JSON":     {events: three, json: true, want: heard, version: "12", err: "EOF"},
		"too old": {
			events: []happening{three[0], {"ERROR", kubetest.Failure(http.StatusGone, metav1.StatusReasonExpired, "too old")}},
			want:   heard[:1], version: "8", err: "watch roles: too old", gone: true,
		},
		"too old, in JSON": {
			events: []happening{{"ERROR", kubetest.Failure(http.StatusGone, metav1.StatusReasonExpired, "too old")}},
			json:   true, version: "7", err: "watch roles: too old", gone: true,
		},
		"cut off": {
			events: three[:2], cut: 1, want: heard[:1], version: "8", err: "watch roles: the answer ends too early: unexpected EOF",
		},
		"cut off in JSON": {
			events: three[:2], json: true, cut: 3, want: heard[:1], version: "8",
			err: "watch roles: the answer ends too early: unexpected EOF",
		},
		"cut off in the length": {
			events: []happening{{"ADDED", roleAt("a", "8")}}, cut: len(kubetest.Frame(protobufRequest(), "ADDED", roleAt("a", "8"))) - 2,
			version: "7", err: "watch roles: the answer ends too early: unexpected EOF",
		},
		"unknown change": {
			events: []happening{{"MOVED", roleAt("a", "8")}}, version: "7",
			err: `watch roles: the server tells of a change "MOVED" that there is not`,
		},
		"no version": {
			events: []happening{{"ADDED", roleAt("a", "")}}, version: "7",
			err: "watch roles: the server tells of a change without a version",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := kubetest.New(t)
			server.Handle(rolesPath, func(w http.ResponseWriter, r *http.Request) {
				if test.json {
					r.Header.Del("Accept")
				}
				var body []byte
				for _, e := range test.events {
					body = append(body, kubetest.Frame(r, e.change, e.object)...)
				}
				_, _ = w.Write(body[:len(body)-test.cut])
			})
			stream, err := newCluster(t, server).Watch(t.Context(), rbacv1.SchemeGroupVersion.WithResource("roles"), "", "", "7", time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			defer stream.Close() //nolint:errcheck // nothing was written
			var got roles
			var changes []string
			for err == nil {
				var event kube.Event
				if event, err = stream.Next(); err == nil {
					if err := got.Item(event.Object, event.Encoding); err != nil {
						t.Fatal(err)
					}
					changes = append(changes, string(event.Change)+" "+got.names[len(got.names)-1])
				}
			}
			if diff := cmp.Diff(test.want, changes); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if err.Error() != test.err || test.gone != apierrors.IsResourceExpired(err) {
				t.Errorf("error %v, want %s; expired %t", err, test.err, apierrors.IsResourceExpired(err))
			}
			if stream.Version() != test.version {
				t.Errorf("version %s, want %s", stream.Version(), test.version)
			}
		})
	}
}

// protobufRequest is one of a client that likes protobuf best.
func protobufRequest() *http.Request {
	return &http.Request{Header: http.Header{"Accept": {"application/vnd.kubernetes.protobuf"}}}
}

func TestWatchRequest(t *testing.T) {
	t.Parallel()
	const dev = "/apis/rbac.authorization.k8s.io/v1/namespaces/dev/roles"
	server := kubetest.New(t)
	for _, path := range []string{rolesPath, dev} {
		server.Handle(path, func(http.ResponseWriter, *http.Request) {})
	}
	cluster := newCluster(t, server)
	resource := rbacv1.SchemeGroupVersion.WithResource("roles")
	for _, at := range [][3]string{{"", "", "7"}, {"dev", "", ""}, {"dev", "a", "9"}} {
		stream, err := cluster.Watch(t.Context(), resource, at[0], at[1], at[2], 90*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.Close(); err != nil {
			t.Error(err)
		}
	}
	want := []string{
		"GET " + dev + "?allowWatchBookmarks=true&fieldSelector=metadata.name%3Da&resourceVersion=9&timeoutSeconds=90&watch=true",
		"GET " + dev + "?allowWatchBookmarks=true&timeoutSeconds=90&watch=true",
		"GET " + rolesPath + "?allowWatchBookmarks=true&resourceVersion=7&timeoutSeconds=90&watch=true",
	}
	if diff := cmp.Diff(want, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestWatchRefused(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	server.Forbid(rolesPath, "no")
	_, err := newCluster(t, server).Watch(t.Context(), rbacv1.SchemeGroupVersion.WithResource("roles"), "", "", "7", time.Minute)
	if !apierrors.IsForbidden(err) || !strings.HasPrefix(err.Error(), "watch roles: ") {
		t.Errorf("error %v", err)
	}
	if n := len(server.Requests()); n != 1 {
		t.Errorf("%d requests", n)
	}
}

// TestWatchPatience watches for longer than --request-timeout.
func TestWatchPatience(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	server.Handle(rolesPath, func(w http.ResponseWriter, r *http.Request) {
		kubetest.Flush(w)
		select {
		case <-time.After(300 * time.Millisecond):
			kubetest.WriteEvent(w, r, "ADDED", roleAt("a", "8"))
		case <-r.Context().Done():
		}
	})
	flags, timeout := server.Flags(t), "100ms"
	flags.Timeout = &timeout
	cluster, err := kube.New(flags, "gatehouse-test/v0", io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	stream, err := cluster.Watch(t.Context(), rbacv1.SchemeGroupVersion.WithResource("roles"), "", "", "7", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	defer stream.Close() //nolint:errcheck // nothing was written
	if event, err := stream.Next(); err != nil || event.Change != kube.Added {
		t.Errorf("change %q, error %v", event.Change, err)
	}
	if _, err := stream.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("error %v", err)
	}
}
