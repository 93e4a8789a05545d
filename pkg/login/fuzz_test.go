package login_test

import (
	"strings"
	"testing"

	"gopkg.in/go-jose/go-jose.v2"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// fuzzed is a configuration in which everything there is looks at claims.
const fuzzed = `  claimMappings:
    username: {expression: "claims.?name.orValue('x') + string(claims.?sub.orValue(''))"}
    groups: {expression: "claims.?groups.orValue([])"}
    uid: {expression: "claims.?oid.orValue('')"}
    extra: [{key: example.com/x, valueExpression: "claims.?x.orValue(null)"}]
  claimValidationRules: [{expression: "!has(claims.bad) || claims.bad == false"}]
  userValidationRules: [{expression: "user.groups.all(g, g != 'system:masters')"}]
`

// FuzzToken looks for tokens that end the program, that the steps do not explain, or of which a part is in the verdict.
// The text is a token as it is, and the payload of one with a good signature.
func FuzzToken(f *testing.F) {
	known := newRSA(f, "known")
	tester := newTester(f, basic, login.Options{Keys: offline(known)})
	computed := newTester(f, entry(fuzzed), login.Options{Keys: offline(known)})
	good := known.sign(f, jose.RS256, asJSON(f, usual(nil)))
	parts := strings.Split(good, ".")
	for _, seed := range []string{
		good, parts[0] + "." + parts[1] + ".", encode(`{"alg":"none"}`) + "." + parts[1] + ".", "a.b.c", "Bearer x", "{}", "",
		asJSON(f, usual(nil)), asJSON(f, usual(map[string]any{"groups": []any{"a", 1}, "x": 1.5, "bad": true})), `{"iss":"https://idp.example.com"}`,
		`{"iss":"https://idp.example.com","aud":["kubernetes"],"exp":1e99,"nbf":null,"_claim_names":{"groups":"a"},"_claim_sources":{"a":{"endpoint":"https://x"}}}`,
		`{"ISS":"https://idp.example.com","Aud":"kubernetes","EXP":4102444800,"name":null,"groups":{"a":[[]]},"oid":7,"x":[""]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, one := range []*login.Tester{tester, computed} {
			for _, token := range []string{text, known.sign(t, jose.RS256, text), parts[0] + "." + encode(text) + "." + parts[2]} {
				v, err := one.Token(t.Context(), token)
				if err != nil {
					checkSecret(t, err.Error(), token)
					continue
				}
				checkVerdict(t, v, token)
				explained(t, v)
			}
		}
	})
}

// FuzzReadKeys looks for sets of keys that end the program, and for keys that no token is verified with, unless they stand
// for one that kube-apiserver cannot read.
func FuzzReadKeys(f *testing.F) {
	one, two := newRSA(f, "one"), newEC(f, "two")
	f.Add([]byte(asJSON(f, set(one, two))))
	f.Add([]byte(asJSON(f, one.jwk())))
	f.Add([]byte(`{"keys":[{"kty":"RSA","n":"AQ","e":"AQ"},{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},{"kty":"oct","k":""},null]}`))
	f.Add([]byte("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		keys, _, err := login.ReadKeys(data)
		if (err == nil) != (len(keys.Keys) > 0) {
			t.Errorf("%d keys, error %v", len(keys.Keys), err)
		}
		for _, key := range keys.Keys {
			if !key.IsPublic() && !libraryFails(string(data)) {
				t.Errorf("key %q is not public, and the library reads it", key.KeyID)
			}
		}
	})
}

// FuzzReadCases looks for files that end the program, and for cases that say nothing.
func FuzzReadCases(f *testing.F) {
	f.Add("- name: a\n  claims: {sub: x, n: [1, 0x10, 1e3]}\n  expect: {username: x, groups: []}\n")
	f.Add("- &a {name: a, claims: &b {x: *b}, expect: {denied: true}}\n- *a\n")
	f.Add("- <<: [{name: a}]\n  claims: {<<: {a: b}}\n  expect: {extra: {a: [b]}}\n")
	f.Fuzz(func(t *testing.T, text string) {
		cases, err := login.ReadCases([]byte(text), "f.yaml")
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f.yaml") {
				t.Errorf("error %q names no place", err)
			}
			return
		}
		for _, c := range cases {
			if c.Name == "" || c.Line < 1 || c.Claims == nil {
				t.Errorf("case = %+v", c)
			}
			asJSON(t, c)
		}
	})
}
