// Package kubetest is an API server for tests that answers what it is told to: lists in the encoding the client asks
// for, refusals, and whatever a handler of the test writes. It counts what it was asked. It decides nothing itself; for
// that there is the real control plane of the test module.
package kubetest

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

// Server is one API server. Paths that it wasn't told about are 404.
type Server struct {
	*httptest.Server

	mu       sync.Mutex
	handlers map[string]http.HandlerFunc
	requests []string
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{handlers: map[string]http.HandlerFunc{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// Handle answers requests of a path with a function.
func (s *Server) Handle(path string, handler http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.handlers[path] = handler
}

// Object answers requests of a path with an object, in protobuf when the client likes that best.
func (s *Server) Object(path string, object runtime.Object) {
	s.Handle(path, func(w http.ResponseWriter, r *http.Request) { Write(w, r, http.StatusOK, object) })
}

// Forbid refuses requests of a path (403), with the message.
func (s *Server) Forbid(path, message string) {
	s.Handle(path, func(w http.ResponseWriter, r *http.Request) {
		Write(w, r, http.StatusForbidden, Failure(http.StatusForbidden, metav1.StatusReasonForbidden, message))
	})
}

// Requests returns what was asked so far, sorted: "GET /apis/...?resourceVersion=0".
func (s *Server) Requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(slices.Values(s.requests))
}

// Flags returns kubectl's connection flags for the server, with an empty kubeconfig and a cache of its own.
func (s *Server) Flags(t testing.TB) *cli.Connection {
	t.Helper()
	dir := t.TempDir()
	kubeconfig := filepath.Join(dir, "config")
	if err := os.WriteFile(kubeconfig, nil, 0o600); err != nil {
		t.Fatalf("write kubeconfig: %v", err)
	}
	cache := filepath.Join(dir, "cache")
	flags := cli.NewConnection()
	flags.KubeConfig, flags.APIServer, flags.CacheDir = &kubeconfig, &s.URL, &cache
	return flags
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests = append(s.requests, r.Method+" "+r.URL.RequestURI())
	handler := s.handlers[r.URL.Path]
	s.mu.Unlock()
	if handler == nil {
		Write(w, r, http.StatusNotFound, Failure(http.StatusNotFound, metav1.StatusReasonNotFound, "the server could not find the requested resource"))
		return
	}
	handler(w, r)
}

// Failure returns what an API server answers to a request that fails.
func Failure(code int32, reason metav1.StatusReason, message string) *metav1.Status {
	return &metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"},
		Status:   metav1.StatusFailure, Code: code, Reason: reason, Message: message,
	}
}

// Write answers a request with an object, in protobuf when the client likes that best.
func Write(w http.ResponseWriter, r *http.Request, code int, object runtime.Object) {
	body, contentType := JSON(object), "application/json"
	if strings.HasPrefix(r.Header.Get("Accept"), "application/vnd.kubernetes.protobuf") {
		body, contentType = Protobuf(object), "application/vnd.kubernetes.protobuf"
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(code)
	_, _ = w.Write(body)
}

// Protobuf returns an object as an API server sends it in protobuf, envelope and all.
func Protobuf(object runtime.Object) []byte {
	return encode(protobuf.NewSerializer(scheme.Scheme, scheme.Scheme), object)
}

// JSON returns an object as an API server sends it in JSON.
func JSON(object runtime.Object) []byte {
	return encode(json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme.Scheme, scheme.Scheme, json.SerializerOptions{}), object)
}

// encode fills in the kind, which Go values don't carry. What can't be encoded gives nothing, which no test expects.
func encode(encoder runtime.Encoder, object runtime.Object) []byte {
	if kinds, _, err := scheme.Scheme.ObjectKinds(object); err == nil && len(kinds) > 0 {
		if accessor, err := meta.TypeAccessor(object); err == nil && accessor.GetKind() == "" {
			object = object.DeepCopyObject()
			object.GetObjectKind().SetGroupVersionKind(kinds[0])
		}
	}
	var body bytes.Buffer
	if err := encoder.Encode(object, &body); err != nil {
		return nil
	}
	return body.Bytes()
}
