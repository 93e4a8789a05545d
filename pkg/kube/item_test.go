package kube_test

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
)

// items keeps what it gets.
type items struct {
	data     [][]byte
	encoding kube.Encoding
	err      error
}

func (s *items) Item(data []byte, encoding kube.Encoding) error {
	s.data, s.encoding = append(s.data, bytes.Clone(data)), encoding
	return s.err
}

func (s *items) Restart() { s.data = nil }

func TestItem(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	server.Object("/api/v1/namespaces/dev/pods/web", &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "dev", Name: "web"}})
	text := func(path, body string) {
		server.Handle(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) })
	}
	text("/apis/kubeflow.org/v1/profiles/team-a", `{"kind":"Profile"}`)
	text("/apis/kubeflow.org/v1/profiles/broken", "k8s\x00\xff")
	server.Forbid("/apis/kubeflow.org/v1/profiles/team-b", "no")
	cluster := newCluster(t, server)
	pods := schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	profiles := schema.GroupVersionResource{Group: "kubeflow.org", Version: "v1", Resource: "profiles"}

	var pod items
	if err := cluster.Item(t.Context(), pods, "dev", "web", &pod); err != nil {
		t.Fatal(err)
	}
	var got corev1.Pod
	if pod.encoding != kube.Protobuf || len(pod.data) != 1 || got.Unmarshal(pod.data[0]) != nil || got.Name != "web" {
		t.Errorf("got %v in encoding %v", got.Name, pod.encoding)
	}
	var profile items
	if err := cluster.Item(t.Context(), profiles, "", "team-a", &profile); err != nil {
		t.Fatal(err)
	}
	if profile.encoding != kube.JSON || len(profile.data) != 1 || string(profile.data[0]) != `{"kind":"Profile"}` {
		t.Errorf("got %q in encoding %v", profile.data, profile.encoding)
	}
	for name, test := range map[string]struct {
		sink items
		want string
		is   func(error) bool
	}{
		"team-b": {want: "get profiles team-b: no", is: apierrors.IsForbidden},
		"none":   {want: "get profiles none: the server could not find the requested resource", is: apierrors.IsNotFound},
		"broken": {want: "get profiles broken: the answer is broken: "},
		"team-a": {sink: items{err: errors.New("full")}, want: "get profiles team-a: full"},
	} {
		err := cluster.Item(t.Context(), profiles, "", name, &test.sink)
		if err == nil || !strings.HasPrefix(err.Error(), test.want) || test.is != nil && !test.is(err) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
	want := []string{
		"GET /api/v1/namespaces/dev/pods/web", "GET /apis/kubeflow.org/v1/profiles/broken", "GET /apis/kubeflow.org/v1/profiles/none",
		"GET /apis/kubeflow.org/v1/profiles/team-a", "GET /apis/kubeflow.org/v1/profiles/team-a", "GET /apis/kubeflow.org/v1/profiles/team-b",
	}
	if diff := cmp.Diff(want, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// An answer may be longer than what is read of it at first to see which encoding it has.
func TestItemLong(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	long := strings.Repeat("x", 300_000)
	server.Object("/api/v1/namespaces/dev/secrets/ca", &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "dev", Name: "ca"}, Data: map[string][]byte{"ca.crt": []byte(long)},
	})
	var found items
	secrets := schema.GroupVersionResource{Version: "v1", Resource: "secrets"}
	if err := newCluster(t, server).Item(t.Context(), secrets, "dev", "ca", &found); err != nil {
		t.Fatal(err)
	}
	var got corev1.Secret
	if found.encoding != kube.Protobuf || got.Unmarshal(found.data[0]) != nil || string(got.Data["ca.crt"]) != long {
		t.Errorf("encoding %v, %d bytes of %d", found.encoding, len(got.Data["ca.crt"]), len(long))
	}
}

func TestServedIn(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	server.Object("/apis/kubeflow.org/v1", &metav1.APIResourceList{
		GroupVersion: "kubeflow.org/v1", APIResources: []metav1.APIResource{{Name: "profiles"}, {Name: "profiles/status"}},
	})
	server.Forbid("/apis/x.org/v1", "no")
	cluster := newCluster(t, server)
	for name, test := range map[string]struct {
		group, resource string
		want            bool
		err             string
	}{
		"served":         {group: "kubeflow.org", resource: "profiles", want: true},
		"other resource": {group: "kubeflow.org", resource: "notebooks"},
		"other group":    {group: "kaiwo.org", resource: "queues"},
		"refused":        {group: "x.org", resource: "x", err: "ask for the resources of x.org/v1: no"},
	} {
		served, err := cluster.ServedIn(t.Context(), schema.GroupVersion{Group: test.group, Version: "v1"})
		got := served[test.resource]
		if got != test.want || (err == nil) != (test.err == "") || err != nil && err.Error() != test.err {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}
