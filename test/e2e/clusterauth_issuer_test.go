package e2e

import (
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// issuerTimeout is what is given as --timeout; issuerLimit is when a call has ended for sure, on a machine that is busy.
const (
	issuerTimeout = time.Second
	issuerLimit   = 8 * time.Second
)

// configured writes an AuthenticationConfiguration for one issuer, and returns its name.
func configured(t *testing.T, issuer, ca string) string {
	t.Helper()
	of := map[string]any{"url": issuer, "audiences": []string{"gatehouse"}}
	if ca != "" {
		of["certificateAuthority"] = ca
	}
	config := map[string]any{
		"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthenticationConfiguration", "jwt": []any{map[string]any{
			"issuer": of, "claimMappings": map[string]any{"username": map[string]any{"claim": "sub", "prefix": ""}},
		}},
	}
	return filepath.Join(folder(t, map[string]string{"auth.yaml": string(jsonOf(t, config))}), "auth.yaml")
}

// of are the claims of somebody at an issuer.
func of(issuer string) map[string]any {
	return map[string]any{"iss": issuer, "sub": "ann-of-the-token", "aud": "gatehouse", "exp": 9999999999, "iat": 1}
}

// issuing starts an issuer with a certificate of the CA, and returns its URL.
func issuing(t *testing.T, ca authority, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that are broken off
	server.TLS = &tls.Config{Certificates: []tls.Certificate{ca.serving(t)}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	return server.URL
}

// TestClusterauthUnreachableIssuer asks issuers that don't answer, or not as they should: each call ends within the
// time that it was given, with an error that says what is wrong.
func TestClusterauthUnreachableIssuer(t *testing.T) {
	t.Parallel()
	ca, stranger := newAuthority(t, "of the issuer"), newAuthority(t, "of somebody else")
	listener := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the test
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	silent, closed := listener(), listener()
	t.Cleanup(func() { _ = silent.Close() })
	go func() { // connections are held, and nothing is said
		var held []net.Conn
		for {
			connection, err := silent.Accept()
			if err != nil {
				for _, c := range held {
					_ = c.Close()
				}
				return
			}
			held = append(held, connection)
		}
	}()
	if err := closed.Close(); err != nil {
		t.Fatal(err)
	}
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	document := func(then http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/.well-known/openid-configuration" {
				then(w, r)
				return
			}
			me := "https://" + r.Host
			_ = json.NewEncoder(w).Encode(map[string]any{"issuer": me, "jwks_uri": me + "/keys"})
		}
	}
	says := func(text string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }
	}
	for name, test := range map[string]struct {
		issuer string
		trust  authority
		says   string
	}{
		"silent":           {"https://" + silent.Addr().String(), ca, "no answer within 1s"},
		"closed":           {"https://" + closed.Addr().String(), ca, "connection refused"},
		"hanging":          {issuing(t, ca, hang), ca, "no answer within 1s"},
		"hanging keys":     {issuing(t, ca, document(hang)), ca, "no answer within 1s"},
		"another CA":       {issuing(t, ca, hang), stranger, "certificate"},
		"no CA":            {issuing(t, ca, hang), authority{}, "certificate"},
		"no document":      {issuing(t, ca, http.NotFound), ca, "404"},
		"nonsense":         {issuing(t, ca, says("\x1b[2Jhello")), ca, ""},
		"another issuer":   {issuing(t, ca, says(`{"issuer": "https://other.example", "jwks_uri": "https://other.example"}`)), ca, "other.example"},
		"no keys anywhere": {issuing(t, ca, document(http.NotFound)), ca, "404"},
		"endless keys": {issuing(t, ca, document(func(w http.ResponseWriter, _ *http.Request) {
			for chunk := []byte(strings.Repeat(" ", 1<<20)); ; {
				if _, err := w.Write(chunk); err != nil {
					return
				}
			}
		})), ca, "longer than"},
		"drip": {issuing(t, ca, func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = io.WriteString(w, " ")
				_ = http.NewResponseController(w).Flush()
				time.Sleep(50 * time.Millisecond)
			}
		}), ca, "no answer within 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := nowhere(t)
			token, _ := signedToken(t, of(test.issuer))
			file := filepath.Join(h.dir, "token")
			if err := os.WriteFile(file, []byte(token), 0o600); err != nil {
				t.Fatal(err)
			}
			auth := configured(t, test.issuer, test.trust.pem)
			out := h.clusterauth(t, "test-token", "-f", auth, "--token-file", file, "--discover", "--timeout", issuerTimeout.String())
			out.says(t, 2, "error: ", strings.TrimPrefix(test.issuer, "https://"), test.says)
			out.plain(t)
			out.reveals(t, append(partsOf(token), "ann-of-the-token")...)
			if r, found := raw(out.stderr); found {
				t.Errorf("stderr has a raw %U: %q", r, out.stderr)
			}
			if out.wall > issuerLimit {
				t.Errorf("it took %s with --timeout %s", out.wall, issuerTimeout)
			}
		})
	}
}

// TestClusterauthDiscover asks an issuer that answers; without --discover nobody is asked.
func TestClusterauthDiscover(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t, "of the issuer")
	asked := make(chan string, 10)
	var keys string
	issuer := issuing(t, ca, func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		me := "https://" + r.Host
		if r.URL.Path == "/keys" {
			_, _ = io.WriteString(w, keys)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"issuer": me, "jwks_uri": me + "/keys"})
	})
	token, jwks := signedToken(t, of(issuer))
	// A set with a key of a type that nobody knew when the API server's library was written is one that it reads no key of.
	more := strings.Replace(jwks, `{"keys":[`, `{"keys":[{"kty":"AKP","alg":"ML-DSA-44","kid":"pq","pub":"AAAA"},`, 1)
	keys = jwks
	dir := folder(t, map[string]string{"token": token, "keys": jwks, "more": more})
	h := home{dir: dir, kubeconfig: nowhere(t).kubeconfig}
	auth := configured(t, issuer, ca.pem)
	base := []string{"test-token", "-f", auth, "--token-file", "token"}

	h.clusterauth(t, base...).says(t, 2, "no keys of "+issuer)
	offline := h.clusterauth(t, append(base, "--jwks", "keys")...)
	unreadable := h.clusterauth(t, append(base, "--jwks", "more")...)
	unreadable.want(t, 1)
	unreadable.hears(t, "warning: more: key 1", `"AKP"`, "kube-apiserver reads no key at all")
	if len(asked) > 0 {
		t.Errorf("without --discover the issuer was asked for %s", <-asked)
	}
	online := h.clusterauth(t, append(base, "--discover")...)
	for name, out := range map[string]outcome{"offline": offline, "online": online} {
		out.want(t, 0)
		if !strings.HasPrefix(out.stdout, "yes: this is ann-of-the-token\n") {
			t.Errorf("%s: %s", name, out.stdout)
		}
		out.reveals(t, partsOf(token)...)
	}
	keys = more // published, the set gives the same answer
	published := h.clusterauth(t, append(base, "--discover")...)
	published.want(t, 1)
	for name, out := range map[string]outcome{"given": unreadable, "published": published} {
		if !strings.HasPrefix(out.stdout, "no: key: kube-apiserver cannot read the keys") {
			t.Errorf("%s: %s", name, out.stdout)
		}
	}
}
