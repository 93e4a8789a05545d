package clusterauth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/go-jose/go-jose.v2"
)

// tokenOf is a token of the issuer of plainConfiguration, signed with a key that nobody has.
func tokenOf(t *testing.T, more map[string]any) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, nil)
	if err != nil {
		t.Fatal(err)
	}
	claims := map[string]any{
		"iss": "https://dex.example.com", "aud": "app", "sub": "ann", "exp": time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).Unix(),
	}
	maps.Copy(claims, more)
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		t.Fatal(err)
	}
	token, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// TestUndecided names the flags that decide what could not be decided.
func TestUndecided(t *testing.T) {
	t.Parallel()
	config := file(t, "auth.yaml", strings.Replace(plainConfiguration, "'dex:'}", "'dex:'}, groups: {claim: groups, prefix: 'dex:'}", 1))
	unreachable := file(t, "auth.yaml", strings.ReplaceAll(plainConfiguration, "https://dex.example.com", "https://127.0.0.1:1"))
	const elsewhere = `{"_claim_names": {"groups": "a"}, "_claim_sources": {"a": {"endpoint": "https://127.0.0.1:1/groups"}}, "sub": "ann"}`
	tests := map[string]struct {
		args  []string
		hints string
	}{
		"no keys": {
			[]string{"test-token", "-f", config, "--token-file", file(t, "token", tokenOf(t, nil))},
			"hint: give the keys of the issuer with --jwks FILE, or have them asked for with --discover\n",
		},
		"nobody answers": {
			[]string{"test-token", "-f", unreachable, "--discover", "--token-file", file(t, "token", tokenOf(t, map[string]any{"iss": "https://127.0.0.1:1"}))},
			"hint: is the issuer reachable from here? Give its keys to decide offline\nhint: --jwks FILE takes the keys of the issuer, and nobody is asked\n",
		},
		"groups elsewhere": {
			[]string{"test-token", "-f", config, "--claims", file(t, "claims.json", elsewhere)},
			"hint: an API server asks there: with --discover it is asked here too\n",
		},
		"explain": {
			[]string{"explain", "-f", config, "--claims", file(t, "claims.json", elsewhere)},
			"hint: an API server asks there; only with discovery is it asked here\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", slices.Clone(tt.args)...)
			_, hints, _ := strings.Cut(got.Stderr, "\n")
			if got.Code == 0 || got.Stdout != "" || hints != tt.hints {
				t.Errorf("want %q, got: %s", tt.hints, got)
			}
		})
	}
}

// TestStepsOfCases shows what was looked at for the cases that fail, and for no other.
func TestStepsOfCases(t *testing.T) {
	t.Parallel()
	config := file(t, "auth.yaml", plainConfiguration)
	cases := file(t, "cases.yaml", "- {name: right, claims: {sub: ann}, expect: {username: 'dex:ann'}}\n- {name: wrong, claims: {sub: bob}, expect: {username: bob}}\n")
	const step = `        ok      username: claim sub with prefix "dex:" = "dex:`
	plain := execute(t, "", "test-token", "-f", config, "-f", cases)
	got := execute(t, "", "test-token", "-f", config, "-f", cases, "--steps")
	if got.Code != 1 || !strings.Contains(got.Stdout, step+"bob\"\n") || strings.Contains(got.Stdout, step+"ann") {
		t.Errorf("with steps: %s", got)
	}
	if plain.Code != 1 || strings.Contains(plain.Stdout, step) {
		t.Errorf("without: %s", plain)
	}
}

// TestKeysWithCases refuses keys that nothing is checked with.
func TestKeysWithCases(t *testing.T) {
	t.Parallel()
	config := file(t, "auth.yaml", plainConfiguration)
	cases := file(t, "cases.yaml", "- {name: right, claims: {sub: ann}, expect: {username: 'dex:ann'}}\n")
	got := execute(t, "", "test-token", "-f", config, "-f", cases, "--jwks", "nosuch")
	if got.Code != 2 || got.Stdout != "" || !strings.Contains(got.Stderr, "--jwks is for tokens: the claims of cases") {
		t.Errorf("%s", got)
	}
}

// TestClaimsAsFile says of a file that is neither a configuration nor cases what it can be.
func TestClaimsAsFile(t *testing.T) {
	t.Parallel()
	config, claims := file(t, "auth.yaml", plainConfiguration), file(t, "claims.json", `{"sub": "ann"}`)
	neither := claims + " holds neither cases nor a configuration\nhint: claims come with --claims " + claims + "\n"
	tests := map[string]struct {
		args []string
		want string
	}{
		"behind":     {[]string{"-f", config, "-f", claims}, neither},
		"in front":   {[]string{"-f", claims, "-f", config}, neither},
		"by a name":  {[]string{"sso", "-f", claims}, neither},
		"two":        {[]string{"-f", config, "-f", config}, config + " and " + config + " are both configurations: want one\n"},
		"two, named": {[]string{"sso", "-f", config, "--claims", claims}, "give a name or -f FILE: not both\n"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append([]string{"test-token"}, tt.args...)...)
			if got.Code != 2 || got.Stdout != "" || !strings.HasPrefix(got.Stderr, "error: "+tt.want) {
				t.Errorf("want %q, got: %s", tt.want, got)
			}
		})
	}
}
