package e2e

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"k8s.io/client-go/rest"
)

// proxy stands in front of an API server, as one user, and keeps what a request looks like on the wire, which the
// server's audit log does not say.
type proxy struct {
	url string
	// answer may answer a request itself, by returning true.
	answer func(http.ResponseWriter, *http.Request) bool

	mu   sync.Mutex
	seen []*http.Request
}

func newProxy(t *testing.T, config *rest.Config) *proxy {
	t.Helper()
	target, err := url.Parse(config.Host)
	if err != nil {
		t.Fatal(err)
	}
	transport, err := rest.TransportFor(config)
	if err != nil {
		t.Fatal(err)
	}
	forward := &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: transport,
	}
	p := &proxy{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		p.seen = append(p.seen, r.Clone(r.Context()))
		p.mu.Unlock()
		if p.answer == nil || !p.answer(w, r) {
			forward.ServeHTTP(w, r)
		}
	}))
	t.Cleanup(server.Close)
	p.url = server.URL
	return p
}

// requests returns those seen so far.
func (p *proxy) requests() []*http.Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.seen)
}

// listener takes connections and never answers. It counts them.
type listener struct {
	url         string
	connections atomic.Int32
}

func newListener(t *testing.T) *listener {
	t.Helper()
	l := &listener{}
	var config net.ListenConfig
	socket, err := config.Listen(t.Context(), "tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { socket.Close() }) //nolint:errcheck // it is open, or the test has failed
	l.url = "http://" + socket.Addr().String()
	go func() {
		for {
			connection, err := socket.Accept()
			if err != nil {
				return // closed
			}
			l.connections.Add(1)
			go io.Copy(io.Discard, connection) //nolint:errcheck // ends with the client
		}
	}()
	return l
}
