package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"gopkg.in/go-jose/go-jose.v2"
	"k8s.io/utils/clock"
)

// authority is a CA that a test has made.
type authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	// pem is the certificate; secret is the key, as people paste it by mistake.
	pem, secret string
}

// newAuthority makes a CA of that name, good for a year.
func newAuthority(t *testing.T, name string) authority {
	t.Helper()
	key := newKey(t)
	now := clock.RealClock{}.Now()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return authority{
		key: key, certificate: certificate,
		pem:    string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		secret: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})),
	}
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// serving returns a certificate for the loopback address.
func (a authority) serving(t *testing.T) tls.Certificate {
	t.Helper()
	key := newKey(t)
	now := clock.RealClock{}.Now()
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "issuer"}, NotBefore: now.Add(-time.Hour),
		NotAfter: now.Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageDigitalSignature,
	}, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// signedToken returns a token with the claims, and the keys of its issuer as a JWKS.
func signedToken(t *testing.T, claims map[string]any) (token, jwks string) {
	t.Helper()
	key := newKey(t)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: "one"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(jsonOf(t, claims))
	if err != nil {
		t.Fatal(err)
	}
	if token, err = signed.CompactSerialize(); err != nil {
		t.Fatal(err)
	}
	set := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "one", Algorithm: "ES256"}}}
	return token, string(jsonOf(t, set))
}

func jsonOf(t *testing.T, value any) []byte {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// unsigned puts a header and a payload into the form of a token.
func unsigned(header, payload string) string {
	encode := base64.RawURLEncoding.EncodeToString
	return encode([]byte(header)) + "." + encode([]byte(payload)) + "." + encode([]byte("no signature"))
}

// clusterauth runs "kubectl clusterauth" with the arguments and an empty stdin.
func (h home) clusterauth(t *testing.T, args ...string) outcome {
	t.Helper()
	return h.run(t, nil, shared.kubectl(), append([]string{"clusterauth"}, args...)...)
}

// reveals fails the test if any of the texts is in what a program said.
func (o outcome) reveals(t *testing.T, secrets ...string) {
	t.Helper()
	for _, secret := range secrets {
		if secret != "" && (strings.Contains(o.stdout, secret) || strings.Contains(o.stderr, secret)) {
			t.Errorf("a secret of %d bytes is in the output\nstdout: %.600s\nstderr: %.600s", len(secret), o.stdout, o.stderr)
		}
	}
}

// plain fails the test if a message has what only programmers know.
func (o outcome) plain(t *testing.T) {
	t.Helper()
	for _, bad := range []string{" json: ", "Go struct", "Go value", "unmarshal", "runtime error", "*errors", "v1beta1.", "v1.", "{\"", "map["} {
		for line := range strings.Lines(o.stderr) {
			if strings.HasPrefix(line, "error: ") && strings.Contains(line, bad) {
				t.Errorf("an error is for programmers (%q):\n%s", bad, line)
			}
		}
	}
}

// partsOf returns what of a token must not be shown: all of it, and its parts.
func partsOf(token string) []string {
	out := []string{token}
	for part := range strings.SplitSeq(token, ".") {
		if len(part) >= 8 {
			out = append(out, part)
		}
	}
	return out
}

// logins are the examples of configurations of any API server.
func (w *world) logins(name string) string { return filepath.Join(w.root, "examples", "logins", name) }

// matches reports whether a text has what a regular expression describes.
func matches(t *testing.T, pattern, text string) bool {
	t.Helper()
	found, err := regexp.MatchString(pattern, text)
	if err != nil {
		t.Fatal(err)
	}
	return found
}
