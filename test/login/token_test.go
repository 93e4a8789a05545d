package login

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/utils/clock"
)

// claims are those of a token.
type claims map[string]any

// in is a time that is that far from now: in(-time.Hour) was an hour ago. In a token it is a number of seconds, as of 1970.
type in time.Duration

// MarshalJSON implements [json.Marshaler].
func (d in) MarshalJSON() ([]byte, error) {
	return strconv.AppendInt(nil, clock.RealClock{}.Now().Add(time.Duration(d)).Unix(), 10), nil
}

// absent takes a claim away that tokens usually have.
const absent = sentinel(0)

// itself, as a value in a header, is the public key that belongs to the one that signs.
const itself = sentinel(1)

type sentinel int

// usual returns the claims of a token of an issuer, changed as a row of a table says.
func usual(issuer string, changes claims) claims {
	all := claims{
		"iss": issuer,
		"sub": "ana",
		"aud": "gatehouse",
		"iat": in(-time.Minute),
		"exp": in(30 * time.Minute),
	}
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, value any) bool { return value == absent })
	return all
}

// plain returns the claims as somebody has them who read them from a file.
func (c claims) plain(t *testing.T) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(asJSON(t, c), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// algorithms are the ones that keys are used with when a row says nothing else.
var algorithms = map[string]string{
	"rsa": "RS256", "pss": "PS256", "stranger": "RS256", "ed25519": "EdDSA",
	"p256": "ES256", "p384": "ES384", "p521": "ES512", "own": "ES256", "old": "ES256", "new": "ES256",
}

// token returns a signed token. The header says the key's usual algorithm and its name as kid, unless header says otherwise.
func (ring keyring) token(t *testing.T, key string, header, payload claims) string {
	t.Helper()
	head := claims{"alg": algorithms[key], "kid": key, "typ": "JWT"}
	maps.Copy(head, header)
	maps.DeleteFunc(head, func(_ string, value any) bool { return value == absent })
	for name, value := range head {
		if value == itself {
			head[name] = ring.published(key).Keys[0]
		}
	}
	text := encode(asJSON(t, head)) + "." + encode(asJSON(t, payload))
	algorithm, _ := head["alg"].(string)
	signature, err := ring.sign(algorithm, key, text)
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + encode(signature)
}

// asJSON returns a value as JSON.
func asJSON(t *testing.T, value any) []byte {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// encode returns a part of a token.
func encode(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }

// part returns a change of a token that puts another text in the place of one of its three parts, 0 to 2.
func part(n int, change func(string) string) func(string) string {
	return func(token string) string {
		parts := strings.Split(token, ".")
		parts[n] = change(parts[n])
		return strings.Join(parts, ".")
	}
}

// tampered returns a change of a token's payload that leaves the signature as it is.
func tampered(old, changed string) func(string) string {
	return part(1, func(text string) string {
		payload, err := base64.RawURLEncoding.DecodeString(text)
		if err != nil {
			return err.Error() // the token then is malformed, and the row that expects a bad signature fails
		}
		return encode([]byte(strings.Replace(string(payload), old, changed, 1)))
	})
}
