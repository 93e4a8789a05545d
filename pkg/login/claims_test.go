package login_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// twoIssuers is a configuration with another issuer beside that of basic.
const twoIssuers = basic + `- issuer: {url: "https://two.example.com", audiences: [two]}
  claimMappings:
    username: {claim: sub, prefix: "two:"}
`

// Which issuer claims are of is asked for when there are several, and the one is taken when there is one.
func TestIssuerOfClaims(t *testing.T) {
	t.Parallel()
	const none = "the claims name no issuer (iss), and there are 2"
	tests := map[string]struct {
		config   string
		claims   map[string]any
		username string // empty: nobody
		reason   string
		err      string
	}{
		"one":                    {config: basic, claims: map[string]any{"sub": "ana"}, username: "oidc:ana"},
		"one, null":              {config: basic, claims: map[string]any{"sub": "ana", "iss": nil}, reason: "the token has no issuer (claim iss)"},
		"one, other letters":     {config: basic, claims: map[string]any{"sub": "ana", "ISS": "https://x"}, reason: `of issuer "https://x"`},
		"several":                {config: twoIssuers, claims: map[string]any{"sub": "ana"}, err: none},
		"several, no claims":     {config: twoIssuers, err: none},
		"several, named":         {config: twoIssuers, claims: map[string]any{"sub": "ana", "iss": "https://two.example.com"}, username: "two:ana"},
		"several, another":       {config: twoIssuers, claims: map[string]any{"sub": "ana", "iss": "https://x"}, reason: `of issuer "https://x"`},
		"several, null":          {config: twoIssuers, claims: map[string]any{"sub": "ana", "iss": nil}, reason: "the token has no issuer (claim iss)"},
		"several, empty":         {config: twoIssuers, claims: map[string]any{"sub": "ana", "iss": ""}, reason: "the token has no issuer (claim iss)"},
		"several, a number":      {config: twoIssuers, claims: map[string]any{"sub": "ana", "iss": 7}, reason: "the claim iss must be a string"},
		"several, other letters": {config: twoIssuers, claims: map[string]any{"sub": "ana", "ISS": url}, username: "oidc:ana"},
		"other letters, null":    {config: twoIssuers, claims: map[string]any{"sub": "ana", "ISS": url, "iss": nil}, username: "oidc:ana"},
		"other letters expired":  {config: basic, claims: map[string]any{"sub": "ana", "EXP": 1}, reason: "expired"},
		"no issuer":              {config: "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\njwt: []\n", reason: "the configuration has no issuer"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tester := newTester(t, tc.config, login.Options{})
			v, err := tester.Claims(t.Context(), tc.claims)
			if result := tester.Check(t.Context(), login.Case{Claims: tc.claims}); result.Error != tc.err {
				t.Errorf("case: error = %q, want %q", result.Error, tc.err)
			}
			if tc.err != "" {
				var undecided *login.Undecided
				if !errors.As(err, &undecided) || err.Error() != tc.err {
					t.Fatalf("error = %v, want an undecided one: %s", err, tc.err)
				}
				if want := `add iss to the claims, one of "https://idp.example.com", "https://two.example.com"`; undecided.Hint() != want {
					t.Errorf("hint = %s, want %s", undecided.Hint(), want)
				}
				if diff := cmp.Diff(login.Verdict{}, v); diff != "" {
					t.Errorf("there is a verdict (-want +got):\n%s", diff)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			explained(t, v)
			if v.Allowed != (tc.username != "") || v.Allowed && v.User.Username != tc.username {
				t.Errorf("got %+v %+v, want %q", v.User, v.Refusal, tc.username)
			}
			if !v.Allowed && !strings.Contains(v.Refusal.Reason, tc.reason) {
				t.Errorf("reason = %s, want %s", v.Refusal.Reason, tc.reason)
			}
		})
	}
}
