package login_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"gopkg.in/go-jose/go-jose.v2"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/login"
)

const (
	url      = "https://idp.example.com"
	audience = "kubernetes"
)

// basic is an issuer with prefixes, on whose username and groups nothing is computed.
const basic = `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
jwt:
- issuer: {url: "https://idp.example.com", audiences: [kubernetes]}
  claimMappings:
    username: {claim: sub, prefix: "oidc:"}
    groups: {claim: groups, prefix: "oidc:"}
`

// entry returns a configuration of one issuer, with what follows issuer in it.
func entry(rest string) string {
	return `apiVersion: apiserver.config.k8s.io/v1
kind: AuthenticationConfiguration
jwt:
- issuer: {url: "https://idp.example.com", audiences: [kubernetes]}
` + rest
}

func newTester(t testing.TB, config string, o login.Options) *login.Tester {
	t.Helper()
	parsed, err := authn.Parse([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	tester, err := login.New(t.Context(), parsed, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tester.Close)
	return tester
}

// keyPair is a key that is made for one test.
type keyPair struct {
	id      string
	private crypto.Signer
}

func newRSA(t testing.TB, id string) keyPair {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	return keyPair{id, key}
}

func newEC(t testing.TB, id string) keyPair {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return keyPair{id, key}
}

func (k keyPair) jwk() jose.JSONWebKey { return jose.JSONWebKey{Key: k.private.Public(), KeyID: k.id} }

func set(pairs ...keyPair) jose.JSONWebKeySet {
	var out jose.JSONWebKeySet
	for _, p := range pairs {
		out.Keys = append(out.Keys, p.jwk())
	}
	return out
}

func offline(pairs ...keyPair) map[string]jose.JSONWebKeySet {
	return map[string]jose.JSONWebKeySet{"": set(pairs...)}
}

// sign makes a token of claims, which may be any JSON.
func (k keyPair) sign(t testing.TB, algorithm jose.SignatureAlgorithm, claims string) string {
	t.Helper()
	options := &jose.SignerOptions{}
	if k.id != "" {
		options.WithHeader("kid", k.id)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: algorithm, Key: k.private}, options)
	if err != nil {
		t.Fatal(err)
	}
	object, err := signer.Sign([]byte(claims))
	if err != nil {
		t.Fatal(err)
	}
	token, err := object.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// usual are the claims of a token that is valid now, with others added; nil takes one away.
func usual(others map[string]any) map[string]any {
	now := clock.RealClock{}.Now()
	all := map[string]any{"iss": url, "aud": audience, "sub": "ana", "exp": now.Add(time.Hour).Unix(), "iat": now.Unix()}
	for name, value := range others {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	return all
}

func asJSON(t testing.TB, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// checkVerdict checks what holds for every verdict: it is JSON, has a user or a refusal, and nothing of the token.
func checkVerdict(t testing.TB, v login.Verdict, token string) {
	t.Helper()
	text := asJSON(t, v)
	if v.Allowed != (v.User != nil) || v.Allowed == (v.Refusal != nil) {
		t.Errorf("a verdict has a user or a refusal: %s", text)
	}
	checkSecret(t, text, token)
}

// checkSecret checks that a text has no part of a token that is long enough to be of use.
func checkSecret(t testing.TB, text, token string) {
	t.Helper()
	for _, part := range append(strings.Split(token, "."), token) {
		if len(part) > 20 && strings.Contains(text, part) {
			t.Errorf("a part of the token is in %s", text)
		}
	}
}

// explained checks that the steps explain a verdict.
func explained(t testing.TB, v login.Verdict) {
	t.Helper()
	for _, note := range v.Notes {
		if strings.Contains(note, "do not explain") {
			t.Errorf("note: %s", note)
		}
	}
}
