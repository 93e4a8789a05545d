// Package fault stands in front of an API server and spoils single requests: it cuts connections before or after the
// server has done what was asked, lets answers get lost, answers in the server's place, and is not there for a while.
//
// A test runs a program against the proxy once to count its requests, and then again for each of them, with a fault at
// its place.
package fault

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"

	"k8s.io/client-go/rest"
)

// Kind is what happens to a request.
type Kind string

// The kinds of faults. Those whose name ends with After let the server do what was asked.
const (
	None Kind = ""
	// CutBefore closes the connection, and the server never hears of the request.
	CutBefore Kind = "cut before"
	// CutAfter closes the connection instead of passing the answer on.
	CutAfter Kind = "cut after"
	// ResetAfter resets the connection instead of passing the answer on.
	ResetAfter Kind = "reset after"
	// HangAfter never answers.
	HangAfter Kind = "hang after"
	// KillAfter lets the server do what was asked, then calls what [Proxy.OnKill] was given, and closes the connection.
	KillAfter Kind = "kill after"
	// BrokenAfter answers 500 instead of passing the answer on.
	BrokenAfter Kind = "500 after"
	// Forbidden, Conflict, Busy and Broken are answers in place of the server's: 403, 409, 429 and 500.
	Forbidden Kind = "403"
	Conflict  Kind = "409"
	Busy      Kind = "429"
	Broken    Kind = "500"
)

// Request is one request that came in.
type Request struct {
	// Index counts requests, from 0.
	Index  int
	Method string
	// URI is the path with its parameters.
	URI string
	// DryRun says that the server shall store nothing.
	DryRun bool
}

// IsWrite reports whether the request would change something: it is no read, no dry run and no review.
func (r Request) IsWrite() bool {
	return r.Method != http.MethodGet && !r.DryRun &&
		!strings.Contains(r.URI, "/authorization.k8s.io/") && !strings.Contains(r.URI, "/authentication.k8s.io/")
}

// Proxy is one way to an API server, as one user. It speaks HTTP without TLS. Its methods may be called from many
// goroutines.
type Proxy struct {
	address string
	forward *httputil.ReverseProxy

	mu       sync.Mutex
	server   *http.Server // nil while the proxy is down
	requests []Request
	spoil    func(Request) Kind
	kill     func()
	gone     chan struct{} // closed when the proxy goes down: it ends what hangs
}

// New starts a proxy to the server of config, with config's credentials. Whoever calls it calls Down. Errors: a config
// without a proper address or with bad credentials; no free port.
func New(config *rest.Config) (*Proxy, error) {
	target, err := url.Parse(config.Host)
	if err != nil {
		return nil, fmt.Errorf("start proxy: %w", err)
	}
	transport, err := rest.TransportFor(config)
	if err != nil {
		return nil, fmt.Errorf("start proxy: %w", err)
	}
	p := &Proxy{address: "127.0.0.1:0", spoil: func(Request) Kind { return None }, kill: func() {}}
	p.forward = &httputil.ReverseProxy{
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
		Transport: transport,
		ErrorLog:  log.New(io.Discard, "", 0),
		// A server that is gone looks so from the client's side too.
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
	}
	return p, p.Up()
}

// URL is where clients find the proxy, whether it is up or not.
func (p *Proxy) URL() string { return "http://" + p.address }

// Up makes the proxy listen again, at the same address. It does nothing when it is up. Error: the port was taken
// meanwhile.
func (p *Proxy) Up() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server != nil {
		return nil
	}
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp4", p.address)
	if err != nil {
		return fmt.Errorf("start proxy: %w", err)
	}
	p.address = listener.Addr().String()
	p.gone = make(chan struct{})
	server := &http.Server{Handler: p, ErrorLog: log.New(io.Discard, "", 0)}
	p.server = server
	go server.Serve(listener) //nolint:errcheck // ends with Down
	return nil
}

// Down ends all connections and refuses new ones, as a server does that was killed.
func (p *Proxy) Down() {
	p.mu.Lock()
	server := p.server
	if p.server != nil {
		close(p.gone)
	}
	p.server = nil
	p.mu.Unlock()
	if server != nil {
		_ = server.Close() // the connections are lost anyway
	}
}

// Spoil forgets the requests that came in so far and lets fault decide about those to come; nil spoils none. fault is
// called before the request is passed on, from many goroutines at once, and may take its time.
func (p *Proxy) Spoil(fault func(Request) Kind) {
	if fault == nil {
		fault = func(Request) Kind { return None }
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests, p.spoil = nil, fault
}

// OnKill says what ends the server, for [KillAfter].
func (p *Proxy) OnKill(kill func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.kill = kill
}

// Requests returns those that came in since the last Spoil.
func (p *Proxy) Requests() []Request {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.requests)
}

// ServeHTTP implements [http.Handler].
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler) // the client has left
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	// A delete says in its body that it is a dry run, the other writes in their parameters.
	dry := strings.Contains(r.URL.RawQuery, "dryRun=") || r.Method == http.MethodDelete && bytes.Contains(body, []byte(`"dryRun"`))
	p.mu.Lock()
	request := Request{Index: len(p.requests), Method: r.Method, URI: r.URL.RequestURI(), DryRun: dry}
	p.requests = append(p.requests, request)
	spoil, kill, gone := p.spoil, p.kill, p.gone
	p.mu.Unlock()
	// The server finishes what it has begun, whether the client waits for it or not.
	r = r.WithContext(context.WithoutCancel(r.Context()))
	switch kind := spoil(request); kind {
	case None:
		p.forward.ServeHTTP(w, r)
	case CutBefore:
		panic(http.ErrAbortHandler)
	case CutAfter:
		p.forward.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	case KillAfter:
		p.forward.ServeHTTP(httptest.NewRecorder(), r)
		kill()
		panic(http.ErrAbortHandler)
	case ResetAfter:
		p.forward.ServeHTTP(httptest.NewRecorder(), r)
		reset(w)
	case HangAfter:
		p.forward.ServeHTTP(httptest.NewRecorder(), r)
		<-gone
	case BrokenAfter:
		p.forward.ServeHTTP(httptest.NewRecorder(), r)
		fail(w, Broken)
	case Forbidden, Conflict, Busy, Broken:
		fail(w, kind)
	default:
		fail(w, Broken)
	}
}

// reset ends the connection with an RST, where the client's end of it can't tell how far the request came.
func reset(w http.ResponseWriter) {
	connection, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := connection.(*net.TCPConn); ok {
		err = tcp.SetLinger(0)
	}
	_ = errors.Join(err, connection.Close()) // lost either way
}

// fail answers as an API server does.
func fail(w http.ResponseWriter, kind Kind) {
	code, reason, message := http.StatusInternalServerError, "InternalError", "an error that was injected"
	switch kind { //nolint:exhaustive // the others are no answers
	case Forbidden:
		code, reason, message = http.StatusForbidden, "Forbidden", "it is forbidden: a refusal that was injected"
	case Conflict:
		code, reason, message = http.StatusConflict, "Conflict", "the object has been modified: a conflict that was injected"
	case Busy:
		code, reason, message = http.StatusTooManyRequests, "TooManyRequests", "too many requests"
		w.Header().Set("Retry-After", "1")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code, "reason": reason, "message": message,
	}) // a client that has left needs no answer
}
