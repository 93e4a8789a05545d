package fault_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"k8s.io/client-go/rest"

	"github.com/kubegatehouse/gatehouse/test/fault"
)

// newProxy starts a proxy in front of a server that counts what reaches it.
func newProxy(t *testing.T) (*fault.Proxy, *atomic.Int32) {
	t.Helper()
	var reached atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		reached.Add(1)
		body, _ := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, "did "+string(body))
	}))
	t.Cleanup(server.Close)
	proxy, err := fault.New(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Down)
	return proxy, &reached
}

// send sends one write on a connection of its own and returns the answer.
func send(t *testing.T, proxy *fault.Proxy) (int, string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, proxy.URL()+"/things", strings.NewReader("it"))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close() //nolint:errcheck // it is read to its end
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, string(body), err
}

func TestKinds(t *testing.T) {
	t.Parallel()
	tests := map[fault.Kind]struct {
		code    int
		body    string // a part of it
		reached bool
		timeout bool
	}{
		fault.None:        {code: 200, body: "did it", reached: true},
		fault.CutBefore:   {},
		fault.CutAfter:    {reached: true},
		fault.ResetAfter:  {reached: true},
		fault.HangAfter:   {reached: true, timeout: true},
		fault.BrokenAfter: {code: 500, body: `"reason":"InternalError"`, reached: true},
		fault.Forbidden:   {code: 403, body: `"reason":"Forbidden"`},
		fault.Conflict:    {code: 409, body: `"reason":"Conflict"`},
		fault.Busy:        {code: 429, body: `"reason":"TooManyRequests"`},
		fault.Broken:      {code: 500, body: `"kind":"Status"`},
	}
	for kind, tc := range tests {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			proxy, reached := newProxy(t)
			proxy.Spoil(func(r fault.Request) fault.Kind {
				if r.Index == 1 {
					return kind
				}
				return fault.None
			})
			for index := range 3 {
				before := reached.Load()
				code, body, err := send(t, proxy)
				if index != 1 {
					if err != nil || code != 200 {
						t.Errorf("request %d = %d, %v", index, code, err)
					}
					continue
				}
				if code != tc.code || !strings.Contains(body, tc.body) || (err != nil) != (tc.code == 0) {
					t.Errorf("answer %d %q, %v; want %d %q", code, body, err, tc.code, tc.body)
				}
				if got := reached.Load() > before; got != tc.reached {
					t.Errorf("reached the server: %t, want %t", got, tc.reached)
				}
				if errors.Is(err, context.DeadlineExceeded) != tc.timeout {
					t.Errorf("error %v, want a timeout: %t", err, tc.timeout)
				}
			}
			if got := len(proxy.Requests()); got != 3 {
				t.Errorf("%d requests, want 3", got)
			}
		})
	}
}

func TestDownAndUp(t *testing.T) {
	t.Parallel()
	proxy, reached := newProxy(t)
	proxy.OnKill(proxy.Down)
	proxy.Spoil(func(fault.Request) fault.Kind { return fault.KillAfter })
	if _, _, err := send(t, proxy); err == nil || reached.Load() != 1 {
		t.Errorf("killed: %v, %d requests done; want an error and 1", err, reached.Load())
	}
	var dial *net.OpError
	if _, _, err := send(t, proxy); !errors.As(err, &dial) || dial.Op != "dial" {
		t.Errorf("down: %v, want a refused connection", err)
	}
	proxy.Spoil(nil)
	if err := errors.Join(proxy.Up(), proxy.Up()); err != nil {
		t.Fatal(err)
	}
	if code, body, err := send(t, proxy); code != 200 || body != "did it" || err != nil {
		t.Errorf("up again: %d %q %v", code, body, err)
	}
}

func TestIsWrite(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		method, path, body string
		want               bool
	}{
		"read":         {http.MethodGet, "/api/v1/namespaces", "", false},
		"create":       {http.MethodPost, "/api/v1/namespaces", "{}", true},
		"dry create":   {http.MethodPost, "/api/v1/namespaces?dryRun=All", "{}", false},
		"delete":       {http.MethodDelete, "/api/v1/namespaces/a", `{"preconditions":{}}`, true},
		"dry delete":   {http.MethodDelete, "/api/v1/namespaces/a", `{"dryRun":["All"]}`, false},
		"may I":        {http.MethodPost, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "{}", false},
		"who am I":     {http.MethodPost, "/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}", false},
		"patch":        {http.MethodPatch, "/api/v1/namespaces/a?fieldManager=x", "{}", true},
		"dry patching": {http.MethodPatch, "/api/v1/namespaces/a?dryRun=All", "{}", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy, _ := newProxy(t)
			request, err := http.NewRequestWithContext(t.Context(), tc.method, proxy.URL()+tc.path, strings.NewReader(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close() //nolint:errcheck // not read
			if got := proxy.Requests(); len(got) != 1 || got[0].IsWrite() != tc.want {
				t.Errorf("requests %+v, want a write: %t", got, tc.want)
			}
		})
	}
}
