package login

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"k8s.io/utils/clock"
)

// issuer is a server that is many issuers, one below each path. They publish the same keys, but for a few.
type issuer struct {
	host   string // and port
	ca     []byte // PEM
	ring   keyring
	jwks   map[string][]byte // what an issuer publishes, by its path; "" is of all the others
	groups string            // a token with groups, for tokens that leave them to another place
}

// newIssuer starts the server, with TLS and a CA of its own. It ends with the test.
func newIssuer(t *testing.T) *issuer {
	t.Helper()
	s := &issuer{ring: newKeyring(t)}
	common := asJSON(t, s.ring.published("rsa", "pss", "p256", "p384", "p521", "ed25519", "old", "new"))
	s.jwks = map[string][]byte{
		"":    common,
		"own": asJSON(t, s.ring.published("own")),
		// ML-DSA, as RFC 9964 writes it: a type of key that was not known when the API server's library was written.
		"newfangled": []byte(strings.Replace(string(common), `{"keys":[`, `{"keys":[{"kty":"AKP","alg":"ML-DSA-44","kid":"pq","pub":"AAAA"},`, 1)),
	}
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that are broken off
	var certificate tls.Certificate
	s.ca, certificate = newCertificates(t)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	s.host = server.Listener.Addr().String()
	s.groups = s.ring.token(t, "rsa", nil, usual(s.url("prefixed"), claims{"groups": []string{"dev", "ops"}}))
	server.StartTLS()
	t.Cleanup(server.Close)
	return s
}

// url returns the issuer of a path.
func (s *issuer) url(path string) string {
	switch path {
	case "elsewhere":
		return "https://login.acme.example/tenant"
	case "audiences":
		return "https://" + s.host + "/audiences/"
	default:
		return "https://" + s.host + "/" + path
	}
}

// path returns the path of an issuer: what url makes of a path, the other way round.
func (s *issuer) path(url string) string {
	if path, ours := strings.CutPrefix(url, "https://"+s.host+"/"); ours {
		return strings.TrimSuffix(path, "/")
	}
	return "elsewhere"
}

// keys returns what the issuer of a path publishes.
func (s *issuer) keys(path string) []byte {
	if keys, own := s.jwks[path]; own {
		return keys
	}
	return s.jwks[""]
}

// ServeHTTP implements [http.Handler].
func (s *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, what, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	w.Header().Set("Content-Type", "application/json")
	switch {
	case path == "silent":
		http.Error(w, "{}", http.StatusServiceUnavailable)
	case what == ".well-known/openid-configuration":
		name := s.url(path)
		if path == "misnamed" {
			name += "/"
		}
		_, _ = w.Write([]byte(`{"issuer":"` + name + `","jwks_uri":"https://` + s.host + `/` + path + `/keys"}`))
	case what == "keys":
		_, _ = w.Write(s.keys(path))
	case what == "groups":
		_, _ = w.Write([]byte(s.groups))
	default:
		http.NotFound(w, r)
	}
}

// newCertificates returns a CA as PEM, and a certificate for 127.0.0.1 that it signed.
func newCertificates(t *testing.T) (ca []byte, server tls.Certificate) {
	t.Helper()
	now := clock.RealClock{}.Now()
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "loopback CA"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(90 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "loopback issuer"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	rootKey, leafKey := newCurveKey(t), newCurveKey(t)
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey)
	if err != nil {
		t.Fatal(err)
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, leafKey.Public(), rootKey)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}), tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: leafKey}
}

func newCurveKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
