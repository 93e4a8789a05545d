package login_test

import (
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/go-jose/go-jose.v2"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// idp is an issuer with TLS on the loopback interface. What is empty is answered as it should be.
type idp struct {
	*httptest.Server
	document, keys, groups string
	status                 int
	asked                  atomic.Int32
}

func newIDP(t *testing.T, pair keyPair) *idp {
	t.Helper()
	p := &idp{status: http.StatusOK}
	p.Server = httptest.NewUnstartedServer(http.HandlerFunc(p.answer))
	p.Config.ErrorLog = log.New(io.Discard, "", 0)
	p.StartTLS()
	t.Cleanup(p.Close)
	p.document = `{"issuer": "` + p.URL + `", "jwks_uri": "` + p.URL + `/keys"}`
	p.keys = asJSON(t, set(pair))
	return p
}

func (p *idp) answer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch r.URL.Path {
	case "/.well-known/openid-configuration", "/elsewhere":
		p.asked.Add(1)
		_, _ = w.Write([]byte(p.document))
	case "/keys":
		w.WriteHeader(p.status)
		_, _ = w.Write([]byte(p.keys))
	case "/groups":
		_, _ = w.Write([]byte(p.groups))
	default:
		http.NotFound(w, r)
	}
}

// config returns a configuration with the issuer, trusted or not.
func (p *idp) config(t *testing.T, trusted bool, more string) string {
	t.Helper()
	issuer := map[string]any{"url": p.URL, "audiences": []string{audience}}
	if trusted {
		issuer["certificateAuthority"] = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.Certificate().Raw}))
	}
	if more != "" {
		issuer["discoveryURL"] = p.URL + more
	}
	username := map[string]string{"claim": "sub", "prefix": ""}
	groups := map[string]string{"claim": "groups", "prefix": ""}
	return asJSON(t, map[string]any{
		"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthenticationConfiguration",
		"jwt": []any{map[string]any{"issuer": issuer, "claimMappings": map[string]any{"username": username, "groups": groups}}},
	})
}

func TestDiscover(t *testing.T) {
	t.Parallel()
	known := newRSA(t, "known")
	tests := map[string]struct {
		change     func(*idp)
		untrusted  bool
		more       string
		rule       string // a verdict
		err, hint  string // or an error
		wantGroups []string
	}{
		"keys":             {},
		"at another URL":   {more: "/elsewhere"},
		"nobody trusts it": {untrusted: true, err: "discover ISSUER/.well-known/openid-configuration: ", hint: "the configuration has no certificateAuthority"},
		"another issuer":   {change: func(p *idp) { p.document = `{"issuer": "https://x", "jwks_uri": "https://x"}` }, err: "issuer did not match", hint: "to the letter"},
		"no keys":          {change: func(p *idp) { p.document = `{"issuer": "` + p.URL + `"}` }, err: "jwks_uri is missing"},
		"no JSON":          {change: func(p *idp) { p.document = "<html>" }, err: "discover ISSUER/.well-known"},
		"nothing there":    {more: "/nothing", err: "discover ISSUER/nothing: 404"},
		"keys not there":   {change: func(p *idp) { p.status = http.StatusBadGateway }, err: "read keys from ISSUER/keys: the answer is 502 Bad Gateway"},
		"keys elsewhere": {
			change: func(p *idp) { p.document = `{"issuer": "` + p.URL + `", "jwks_uri": "https://127.0.0.1:1/keys"}` },
			err:    "read keys from https://127.0.0.1:1/keys: dial tcp 127.0.0.1:1: connect: connection refused", hint: "reachable",
		},
		"keys of an unknown type": {change: func(p *idp) { p.keys = `{"keys": [{"kty": "AKP"}, ` + p.keys[len(`{"keys":[`):] }, rule: login.Key},
		"other keys":              {change: func(p *idp) { p.keys = `{"keys": []}` }, rule: login.Key},
		"no set of keys":          {change: func(p *idp) { p.keys = `[]` }, rule: login.Key},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newIDP(t, known)
			if tc.change != nil {
				tc.change(p)
			}
			tester := newTester(t, p.config(t, !tc.untrusted, tc.more), login.Options{Discover: true, Timeout: 20 * time.Second})
			token := known.sign(t, jose.RS256, asJSON(t, usual(map[string]any{"iss": p.URL, "groups": "dev"})))
			v, err := tester.Token(t.Context(), token)
			if tc.err != "" {
				checkUndecided(t, err, strings.ReplaceAll(tc.err, "ISSUER", p.URL), tc.hint)
				if undecided, ok := errors.AsType[*login.Undecided](err); ok && (!undecided.NeedsKeys || undecided.NeedsDiscovery) {
					t.Errorf("keys decide it: %v, discovery: %v; want keys alone", undecided.NeedsKeys, undecided.NeedsDiscovery)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			checkVerdict(t, v, token)
			explained(t, v)
			if tc.rule != "" {
				if v.Refusal == nil || v.Refusal.Rule != tc.rule {
					t.Errorf("got %+v, want rule %s", v, tc.rule)
				}
				return
			}
			if diff := cmp.Diff(&login.User{Username: "ana", Groups: []string{"dev", "system:authenticated"}}, v.User); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, err := tester.Token(t.Context(), token); err != nil || p.asked.Load() != 1 {
				t.Errorf("the issuer was asked for its document %d times, error %v; want once", p.asked.Load(), err)
			}
		})
	}
}

func checkUndecided(t *testing.T, err error, want, hint string) {
	t.Helper()
	var undecided *login.Undecided
	if !errors.As(err, &undecided) || !strings.Contains(err.Error(), want) || !strings.Contains(undecided.Hint(), hint) {
		t.Errorf("error = %v, want an undecided one with %q, hint %q", err, want, hint)
	}
}

// An issuer that takes a connection and says nothing is not waited for longer than said.
func TestTimeout(t *testing.T) {
	t.Parallel()
	known := newRSA(t, "known")
	silent, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test's own listener, closed below
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = silent.Close() })
	p := newIDP(t, known)
	slow := newIDP(t, known)
	slow.document = `{"issuer": "` + slow.URL + `", "jwks_uri": "https://` + silent.Addr().String() + `/keys"}`
	tests := map[string]struct {
		config, issuer, want string
	}{
		"document": {
			config: strings.ReplaceAll(p.config(t, true, ""), p.URL, "https://"+silent.Addr().String()), issuer: "https://" + silent.Addr().String(),
			want: "discover https://" + silent.Addr().String() + "/.well-known/openid-configuration: no answer within 300ms",
		},
		"keys": {config: slow.config(t, true, ""), issuer: slow.URL, want: "read keys from https://" + silent.Addr().String() + "/keys: no answer within 300ms"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			tester := newTester(t, tc.config, login.Options{Discover: true, Timeout: 300 * time.Millisecond})
			begin := clock.RealClock{}.Now()
			_, err := tester.Token(t.Context(), known.sign(t, jose.RS256, asJSON(t, usual(map[string]any{"iss": tc.issuer}))))
			checkUndecided(t, err, tc.want, "reachable")
			if took := (clock.RealClock{}).Since(begin); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// Groups that are elsewhere are asked for, as an API server does, once the keys of who answers are known.
func TestDistributedGroups(t *testing.T) {
	t.Parallel()
	known := newRSA(t, "known")
	p := newIDP(t, known)
	p.groups = known.sign(t, jose.RS256, asJSON(t, usual(map[string]any{"iss": p.URL, "groups": []string{"far"}})))
	claims := usual(map[string]any{
		"iss": p.URL, "_claim_names": map[string]string{"groups": "s"}, "_claim_sources": map[string]any{"s": map[string]string{"endpoint": p.URL + "/groups"}},
	})
	tester := newTester(t, p.config(t, true, ""), login.Options{Discover: true})
	v, err := tester.Token(t.Context(), known.sign(t, jose.RS256, asJSON(t, claims)))
	if err != nil {
		t.Fatal(err)
	}
	explained(t, v)
	if diff := cmp.Diff(&login.User{Username: "ana", Groups: []string{"far", "system:authenticated"}}, v.User); diff != "" {
		t.Errorf("(-want +got):\n%s\n%+v", diff, v)
	}
	p.groups = "no token"
	v, err = tester.Token(t.Context(), known.sign(t, jose.RS256, asJSON(t, claims)))
	if err != nil || v.Refusal == nil || v.Refusal.Rule != login.DistributedClaim {
		t.Errorf("got %+v, error %v, want rule %s", v, err, login.DistributedClaim)
	}
	explained(t, v)
	if !json.Valid([]byte(asJSON(t, v))) {
		t.Error("the verdict is no JSON")
	}
}
