package login_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/go-jose/go-jose.v2"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

func TestReadKeys(t *testing.T) {
	t.Parallel()
	one, two := newRSA(t, "one"), newEC(t, "two")
	first, second := asJSON(t, one.jwk()), asJSON(t, two.jwk())
	private := asJSON(t, jose.JSONWebKey{Key: one.private, KeyID: "one"})
	public, edPrivate, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	edwards := asJSON(t, jose.JSONWebKey{Key: public, KeyID: "ed"})
	block := func(kind string, data []byte, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data}))
	}
	der := func(key any) string {
		data, err := x509.MarshalPKIXPublicKey(key)
		return block("PUBLIC KEY", data, err)
	}
	rsaPublic, ok := one.private.Public().(*rsa.PublicKey)
	if !ok {
		t.Fatal("no RSA key")
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(one.private)
	secret := block("PRIVATE KEY", pkcs8, err)
	nothing := "kube-apiserver reads no key at all of a set with such a one"
	tests := map[string]struct {
		text  string
		want  []string // IDs; "!" is a key that kube-apiserver cannot read
		notes []string
		err   string
	}{
		"set":                     {text: `{"keys": [` + first + `,` + second + `]}`, want: []string{"one", "two"}},
		"byte order mark":         {text: "\ufeff" + `{"keys": [` + first + `]}`, want: []string{"one"}},
		"key":                     {text: second, want: []string{"two"}},
		"unknown type":            {text: `{"keys": [{"kty": "AKP", "kid": "q"}, ` + first + `]}`, want: []string{"!", "one"}, notes: []string{`key 1 ("q"): its type "AKP" is unknown; ` + nothing}},
		"unknown type only":       {text: `{"kty": "AKP"}`, want: []string{"!"}, notes: []string{`key 1: its type "AKP" is unknown; ` + nothing}},
		"unknown curve":           {text: `{"keys": [` + first + `, {"kty": "EC", "crv": "secp256k1"}, {"kty": "OKP", "crv": "X25519"}]}`, want: []string{"one", "!", "!"}, notes: []string{`key 2: its curve "secp256k1" is unknown; ` + nothing, `key 3: its curve "X25519"`}},
		"EdDSA":                   {text: `{"keys": [` + first + `,` + edwards + `]}`, want: []string{"one"}, notes: []string{`key 2 ("ed"): it is an Ed25519 key, and no API server takes tokens`}},
		"private":                 {text: `{"keys": [` + private + `,` + second + `]}`, want: []string{"two"}, notes: []string{`key 1 ("one"): WARNING: it is a private key`}},
		"symmetric":               {text: `{"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "s"},` + second + `]}`, want: []string{"two"}, notes: []string{`key 1 ("s"): WARNING: it is a secret`}},
		"damaged private":         {text: `{"keys": [{"kty": "RSA", "d": "c2VjcmV0"},` + second + `]}`, want: []string{"!", "two"}, notes: []string{"key 1: WARNING: it is a private key, which nobody but the issuer may have; refused: give the public key; " + nothing}},
		"damaged symmetric":       {text: `{"keys": [{"kty": "oct", "kid": "s"},` + second + `]}`, want: []string{"!", "two"}, notes: []string{`key 1 ("s"): WARNING: it is a secret`}},
		"damaged EdDSA":           {text: `{"keys": [{"kty": "OKP", "crv": "Ed25519"},` + second + `]}`, want: []string{"!", "two"}, notes: []string{"key 1: it is an Ed25519 key"}},
		"letters of another case": {text: `{"keys": [{"KTY": "oct", "k": "c2VjcmV0"},` + second + `]}`, want: []string{"!", "two"}, notes: []string{"key 1: WARNING: it is a secret"}},
		"null":                    {text: `{"keys": [null,` + second + `]}`, want: []string{"!", "two"}, notes: []string{`key 1: its type "" is unknown; ` + nothing}},
		"damaged":                 {text: `{"keys": [{"kty": "RSA", "n": "x"},` + second + `, {"kty": "RSA", "n": "!", "e": "AQAB"}, 7]}`, want: []string{"!", "two", "!", "!"}, notes: []string{"key 1: it is damaged; " + nothing, "key 3: it is damaged", "key 4: it is no JSON object of a key"}},
		"public key":              {text: der(one.private.Public()) + der(two.private.Public()), want: []string{"", ""}},
		"PKCS1":                   {text: block("RSA PUBLIC KEY", x509.MarshalPKCS1PublicKey(rsaPublic), nil), want: []string{""}},
		"private block":           {text: secret + der(two.private.Public()), want: []string{""}, notes: []string{"block 1 (PRIVATE KEY): WARNING: it is a private key"}},
		"certificate":             {text: block("CERTIFICATE", []byte("x"), nil) + der(two.private.Public()), want: []string{""}, notes: []string{"block 1 (CERTIFICATE): it is a certificate"}},
		"Ed25519 block":           {text: der(public) + der(two.private.Public()), want: []string{""}, notes: []string{"block 1 (PUBLIC KEY): no API server takes"}},
		"damaged block":           {text: block("PUBLIC KEY", []byte("x"), nil) + block("X", nil, nil) + der(two.private.Public()) + "\nmore", want: []string{""}, notes: []string{"block 1 (PUBLIC KEY): it is damaged", "block 2 (X): want PUBLIC KEY", "what follows the last block"}},
		"empty":                   {text: " \n", err: "read keys: it is empty"},
		"empty set":               {text: `{"keys": []}`, err: "read keys: no key that an API server could verify a token with"},
		"private only":            {text: private, notes: []string{"key 1"}, err: `verify a token with: key 1 ("one"): WARNING: it is a private key`},
		"private block only":      {text: secret, notes: []string{"block 1"}, err: "WARNING: it is a private key"},
		"Ed25519 private":         {text: asJSON(t, jose.JSONWebKey{Key: edPrivate}), notes: []string{"key 1"}, err: "WARNING: it is a private key"},
		"no keys":                 {text: `{}`, err: `want a set of keys (JWKS), which has "keys", or a key (JWK), which has "kty"`},
		"no JSON":                 {text: "keys", err: "it is no JSON object of that form"},
		"a list":                  {text: "[" + first + "]", err: "it is no JSON object of that form"},
		"what the issuer says":    {text: `{"issuer": "https://x", "jwks_uri": "https://x/keys"}`, err: "the keys are what its jwks_uri answers"},
		"PEM that is not whole":   {text: "-----BEGIN PUBLIC KEY-----\nx", err: "the PEM is damaged"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keys, notes, err := login.ReadKeys([]byte(tc.text))
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) || len(keys.Keys) != 0 {
					t.Errorf("error = %v, want one with %s", err, tc.err)
				}
			} else if err != nil {
				t.Fatal(err)
			}
			var ids []string
			for _, key := range keys.Keys {
				switch key.Key.(type) {
				case *rsa.PublicKey, *ecdsa.PublicKey:
					ids = append(ids, key.KeyID)
				default:
					ids = append(ids, "!")
				}
			}
			if unread := slices.Contains(ids, "!"); err == nil && unread != libraryFails(tc.text) {
				t.Errorf("a key is marked as one that cannot be read: %v, and the library reads them: %v", unread, !libraryFails(tc.text))
			}
			if diff := cmp.Diff(tc.want, ids); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !slices.EqualFunc(notes, tc.notes, strings.Contains) {
				t.Errorf("notes = %q, want %q", notes, tc.notes)
			}
			for _, text := range append(notes, errorText(err)) {
				if strings.Contains(text, "c2VjcmV0") || len(text) > 400 {
					t.Errorf("a key is in %s", text)
				}
			}
		})
	}
}

// libraryFails reports whether a text is JSON that the library of kube-apiserver does not read as a set of keys, or a key.
func libraryFails(text string) bool {
	text = strings.TrimPrefix(text, "\ufeff")
	if !json.Valid([]byte(text)) {
		return false
	}
	if strings.Contains(text, `"keys"`) {
		return json.Unmarshal([]byte(text), &jose.JSONWebKeySet{}) != nil
	}
	return json.Unmarshal([]byte(text), &jose.JSONWebKey{}) != nil
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
