package login_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gopkg.in/go-jose/go-jose.v2"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// With keys from a file the verdict is the one with the same keys from the issuer, whatever is in the set: of one with a key
// that cannot be read kube-apiserver reads none.
func TestUnreadableKeys(t *testing.T) {
	t.Parallel()
	known, other := newRSA(t, "known"), newEC(t, "other")
	p := newIDP(t, known)
	good := asJSON(t, known.jwk())
	token := func(claims map[string]any) string {
		all := usual(claims)
		if all["iss"] == url {
			all["iss"] = p.URL
		}
		return known.sign(t, jose.RS256, asJSON(t, all))
	}
	tokens := map[string]string{
		"good":           token(nil),
		"expired":        token(map[string]any{"exp": 1}),
		"another issuer": token(map[string]any{"iss": "https://x"}),
		"unknown key":    other.sign(t, jose.ES256, asJSON(t, usual(map[string]any{"iss": p.URL}))),
		"EdDSA":          encode(`{"alg":"EdDSA"}`) + "." + encode(asJSON(t, usual(map[string]any{"iss": p.URL}))) + ".AA",
	}
	tests := map[string]struct {
		keys   string
		reason string // empty: they can be read
	}{
		"none is odd":  {keys: `{"keys":[` + good + `]}`},
		"Ed25519":      {keys: `{"keys":[` + good + `,{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}`},
		"a secret":     {keys: `{"keys":[{"kty":"oct","k":"AAAA"},` + good + `]}`},
		"unknown type": {keys: `{"keys":[` + good + `,{"kty":"AKP","kid":"pq"}]}`, reason: `key 2 ("pq"): its type "AKP" is unknown`},
		"two of them":  {keys: `{"keys":[{"kty":"EC","crv":"x"},{"kty":"AKP"},` + good + `]}`, reason: `key 1: its curve "x" is unknown`},
		"damaged":      {keys: `{"keys":[` + good + `,{"kty":"RSA","n":"!"}]}`, reason: "key 2: it is damaged"},
		"no other":     {keys: `{"keys":[{"kty":"AKP"}]}`, reason: `key 1: its type "AKP" is unknown`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			read, _, err := login.ReadKeys([]byte(tc.keys))
			if err != nil {
				t.Fatal(err)
			}
			more := jose.JSONWebKeySet{Keys: slices.Concat(set(other).Keys, read.Keys)}
			p.keys = tc.keys
			config := p.config(t, true, "")
			asking := newTester(t, config, login.Options{Discover: true})
			given := newTester(t, config, login.Options{Keys: map[string]jose.JSONWebKeySet{"": read}})
			added := newTester(t, config, login.Options{Keys: map[string]jose.JSONWebKeySet{p.URL: more}, Discover: true})
			for what, token := range tokens {
				want, err := asking.Token(t.Context(), token)
				if err != nil {
					t.Fatal(err)
				}
				got, err := given.Token(t.Context(), token)
				if err != nil {
					t.Fatal(err)
				}
				checkVerdict(t, got, token)
				explained(t, got)
				words := cmpopts.IgnoreFields(login.Refusal{}, "Reason")
				if diff := cmp.Diff(want, got, words, cmpopts.IgnoreFields(login.Step{}, "Reason")); diff != "" {
					t.Errorf("%s (-discovered +given):\n%s", what, diff)
				}
				if what != "good" {
					continue
				}
				again, err := added.Token(t.Context(), token)
				if err != nil {
					t.Fatal(err)
				}
				if tc.reason == "" {
					if !got.Allowed || !again.Allowed {
						t.Errorf("refused: %+v, %+v", got.Refusal, again.Refusal)
					}
					continue
				}
				reason := "kube-apiserver cannot read the keys given for " + p.URL + ", none of them: " + tc.reason
				if diff := cmp.Diff(&login.Refusal{Rule: login.Key, Reason: reason}, got.Refusal); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(got, again); diff != "" {
					t.Errorf("in a set of several files (-one +several):\n%s", diff)
				}
				if want.Refusal == nil || !strings.Contains(want.Refusal.Reason, "cannot read the keys at "+p.URL+"/keys, none of them") {
					t.Errorf("discovered: %+v", want.Refusal)
				}
			}
		})
	}
}
