package login_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/go-jose/go-jose.v2"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/utils/clock"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

func TestToken(t *testing.T) {
	t.Parallel()
	known, other, curve := newRSA(t, "known"), newRSA(t, "other"), newEC(t, "curve")
	now := clock.RealClock{}.Now()
	rs256 := func(claims map[string]any) string { return known.sign(t, jose.RS256, asJSON(t, usual(claims))) }
	good := rs256(nil)
	parts := strings.Split(good, ".")
	header := func(text string) string { return strings.Join([]string{encode(text), parts[1], parts[2]}, ".") }
	payload := func(text string) string { return strings.Join([]string{parts[0], encode(text), parts[2]}, ".") }
	thief := other
	thief.id = known.id
	mixed := known
	mixed.id = curve.id
	tests := map[string]struct {
		token        string
		rule, reason string // empty: allowed
	}{
		"good":                      {token: good},
		"elliptic curve":            {token: curve.sign(t, jose.ES256, asJSON(t, usual(nil)))},
		"PS512":                     {token: known.sign(t, jose.PS512, asJSON(t, usual(nil)))},
		"space around":              {token: "\n " + good + "\r\n"},
		"space behind":              {token: good + " x"},
		"tab in the signature":      {token: good[:len(good)-9] + "\t" + good[len(good)-9:]},
		"no kid":                    {token: keyPair{"", known.private}.sign(t, jose.RS256, asJSON(t, usual(nil)))},
		"empty":                     {token: " \n", rule: login.Malformed, reason: "the token is empty"},
		"a word":                    {token: "token", rule: login.Malformed, reason: "it has 1 part, want 3"},
		"two parts":                 {token: "a.b", rule: login.Malformed, reason: "it has 2 parts, want 3"},
		"encrypted":                 {token: "a.b.c.d.e", rule: login.Malformed, reason: "it is encrypted (JWE)"},
		"with the word Bearer":      {token: "bearer " + good, rule: login.Malformed, reason: "it begins with the word Bearer"},
		"line break":                {token: parts[0] + ".\n" + parts[1] + "." + parts[2], rule: login.Malformed, reason: "line break"},
		"JSON":                      {token: `{"payload":"e30"}`, rule: login.Malformed, reason: "the token is JSON"},
		"padding":                   {token: parts[0] + "=." + parts[1] + "." + parts[2], rule: login.Malformed, reason: `the header of the token is no base64: it has "="`},
		"payload no base64":         {token: parts[0] + ".!." + parts[2], rule: login.Malformed, reason: "the payload of the token is no base64"},
		"signature no base64":       {token: parts[0] + "." + parts[1] + ".!", rule: login.Malformed, reason: "the signature of the token is no base64"},
		"header no JSON":            {token: header("{"), rule: login.Malformed, reason: "the header of the token is no JSON object"},
		"empty header":              {token: "." + parts[1] + "." + parts[2], rule: login.Malformed, reason: "the header of the token is no JSON object"},
		"odd header":                {token: header(`{"alg":"RS256","jwk":{"kty":"x"}}`), rule: login.Malformed, reason: "the header of the token cannot be read"},
		"payload no object":         {token: payload("[]"), rule: login.Malformed, reason: "the payload of the token is no JSON object"},
		"issuer a number":           {token: payload(`{"iss":1}`), rule: login.Malformed, reason: "the claim iss must be a string"},
		"long":                      {token: rs256(map[string]any{"x": strings.Repeat("x", 1<<20)}), rule: login.TooLong, reason: "1048576 bytes (1 MiB)"},
		"another issuer":            {token: rs256(map[string]any{"iss": "https://x"}), rule: login.Issuer, reason: `of issuer "https://x"; the configuration has "https://idp.example.com"`},
		"issuer with a slash":       {token: rs256(map[string]any{"iss": url + "/"}), rule: login.Issuer, reason: "to the letter"},
		"no issuer":                 {token: rs256(map[string]any{"iss": nil}), rule: login.Issuer, reason: "the token has no issuer (claim iss)"},
		"none":                      {token: header(`{"alg":"none"}`), rule: login.Algorithm, reason: `algorithm "none"; kube-apiserver takes ES256, ES384`},
		"HS256":                     {token: header(`{"alg":"HS256"}`), rule: login.Algorithm, reason: `algorithm "HS256"`},
		"EdDSA":                     {token: header(`{"alg":"EdDSA"}`), rule: login.Algorithm, reason: `algorithm "EdDSA"`},
		"no algorithm":              {token: header(`{}`), rule: login.Algorithm, reason: `algorithm ""`},
		"unknown key":               {token: other.sign(t, jose.RS256, asJSON(t, usual(nil))), rule: login.Key, reason: `key "other"; the issuer has "curve", "known"`},
		"another's key":             {token: thief.sign(t, jose.RS256, asJSON(t, usual(nil))), rule: login.Signature, reason: "the signature is not the issuer's"},
		"key of another type":       {token: mixed.sign(t, jose.RS256, asJSON(t, usual(nil))), rule: login.Signature, reason: "another type than its algorithm RS256 needs"},
		"changed":                   {token: payload(asJSON(t, usual(map[string]any{"sub": "bob"}))), rule: login.Signature, reason: "the token was changed"},
		"no signature":              {token: parts[0] + "." + parts[1] + ".", rule: login.Signature, reason: "the signature is not the issuer's"},
		"audience":                  {token: rs256(map[string]any{"aud": []string{"a", "b"}}), rule: login.Audience, reason: `for audience "a", "b"; the configuration wants "kubernetes"`},
		"no audience":               {token: rs256(map[string]any{"aud": nil}), rule: login.Audience, reason: "the token has no audience (claim aud)"},
		"audience a number":         {token: rs256(map[string]any{"aud": 1}), rule: login.Malformed, reason: "aud must be a string or a list of strings"},
		"subject a number":          {token: rs256(map[string]any{"sub": 1}), rule: login.Malformed, reason: "the claim sub must not be a JSON number"},
		"expired":                   {token: rs256(map[string]any{"exp": now.Add(-90 * time.Minute).Unix()}), rule: login.Expired, reason: "the token expired 1h30m ago, at 20"},
		"expired and for others":    {token: rs256(map[string]any{"exp": 1, "aud": "x"}), rule: login.Audience, reason: "for audience"},
		"never expires":             {token: rs256(map[string]any{"exp": nil}), rule: login.Expired, reason: "does not say when it expires"},
		"expiry as text":            {token: rs256(map[string]any{"exp": "soon"}), rule: login.Malformed, reason: "must be numbers of seconds"},
		"expiry far away":           {token: rs256(map[string]any{"exp": 1e17})},
		"expiry as digits":          {token: rs256(map[string]any{"exp": "4102444800"})},
		"not yet":                   {token: rs256(map[string]any{"nbf": now.Add(72*time.Hour + 30*time.Second).Unix()}), rule: login.NotYetValid, reason: "the token is valid in 3d only"},
		"nearly":                    {token: rs256(map[string]any{"nbf": now.Add(40 * time.Second).Unix()})},
		"source missing":            {token: rs256(map[string]any{"_claim_names": map[string]string{"x": "s"}}), rule: login.DistributedClaim, reason: `the claim "x" is elsewhere`},
		"no username":               {token: rs256(map[string]any{"sub": nil}), rule: login.Username, reason: `username: the token has no claim "sub"`},
		"issuer in another case":    {token: rs256(map[string]any{"iss": nil, "ISS": url})},
		"header of unknown meaning": {token: header(`{"alg":"RS256","kid":"known","crit":["x"],"x":1}`), rule: login.Signature, reason: "the signature is not the issuer's"},
	}
	tester := newTester(t, basic, login.Options{Keys: offline(known, curve)})
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := tester.Token(t.Context(), tc.token)
			if err != nil {
				t.Fatal(err)
			}
			checkVerdict(t, v, tc.token)
			explained(t, v)
			if tc.rule == "" {
				want := &login.User{Username: "oidc:ana", Groups: []string{"system:authenticated"}}
				if diff := cmp.Diff(want, v.User); diff != "" {
					t.Errorf("(-want +got):\n%s\n%+v", diff, v.Refusal)
				}
				return
			}
			if v.Refusal == nil || v.Refusal.Rule != tc.rule || !strings.Contains(v.Refusal.Reason, tc.reason) {
				t.Errorf("got %+v, want %s: %s", v.Refusal, tc.rule, tc.reason)
			}
		})
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	known := newRSA(t, "known")
	tester := newTester(t, basic, login.Options{Keys: map[string]jose.JSONWebKeySet{url: set(known), "": {}}})
	claims := usual(map[string]any{"groups": []string{"dev", ""}, "jti": "7", "exp": int64(4102444800), "iat": int64(1700000000), "nbf": int64(1700000001)})
	v, err := tester.Token(t.Context(), known.sign(t, jose.RS256, asJSON(t, claims)))
	if err != nil {
		t.Fatal(err)
	}
	want := login.Verdict{
		Allowed: true, Issuer: url,
		User: &login.User{
			Username: "oidc:ana", Groups: []string{"oidc:dev", "oidc:", "system:authenticated"},
			Extra: map[string][]string{"authentication.kubernetes.io/credential-id": {"JTI=7"}},
		},
		Steps: []login.Step{
			{Name: "issuer", Value: url, State: login.OK},
			{Name: "algorithm", Value: "RS256", State: login.OK},
			{Name: "signature", Value: "key known", State: login.OK},
			{Name: "audience", Value: []string{audience}, State: login.OK},
			{Name: "expiry", Value: "2100-01-01T00:00:00Z", State: login.OK},
			{Name: "username", Expression: `claim sub with prefix "oidc:"`, Value: "oidc:ana", State: login.OK},
			{Name: "groups", Expression: `claim groups with prefix "oidc:"`, Value: []string{"oidc:dev", "oidc:"}, State: login.OK},
			{Name: "uid", State: login.Skipped, Reason: "the configuration takes no uid"},
		},
		IssuedAt: time.Unix(1700000000, 0).UTC(), NotBefore: time.Unix(1700000001, 0).UTC(), Expires: time.Unix(4102444800, 0).UTC(),
	}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	old := newTester(t, basic, login.Options{Keys: offline(known), Kubernetes: version.MajorMinor(1, 31)})
	if v, err = old.Token(t.Context(), known.sign(t, jose.RS256, asJSON(t, claims))); err != nil || v.User == nil || v.User.Extra != nil {
		t.Errorf("before 1.32 there is no ID of a credential: %+v, %v", v, err)
	}
}

// The clock of the authenticator cannot be set; the verdict is that of the tester's.
func TestClock(t *testing.T) {
	t.Parallel()
	known := newRSA(t, "known")
	begin := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	old := usual(map[string]any{"iat": begin.Unix(), "nbf": begin.Unix(), "exp": begin.Add(time.Hour).Unix()})
	tests := map[string]struct {
		at     time.Time
		claims map[string]any
		rule   string
	}{
		"then":                 {at: begin.Add(time.Minute), claims: old},
		"before":               {at: begin.Add(-time.Hour), claims: old, rule: login.NotYetValid},
		"after":                {at: begin.Add(2 * time.Hour), claims: old, rule: login.Expired},
		"today's, long before": {at: begin, claims: usual(map[string]any{"nbf": clock.RealClock{}.Now().Unix()}), rule: login.NotYetValid},
		"today's, long after":  {at: begin.AddDate(100, 0, 0), claims: usual(nil), rule: login.Expired},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tester := newTester(t, entry(`  claimMappings: {username: {expression: claims.sub}}
  claimValidationRules: [{expression: "claims.exp > 1.0"}]
`), login.Options{Keys: offline(known), Clock: clocktesting.NewFakePassiveClock(tc.at)})
			v, err := tester.Token(t.Context(), known.sign(t, jose.RS256, asJSON(t, tc.claims)))
			if err != nil {
				t.Fatal(err)
			}
			explained(t, v)
			got := ""
			if v.Refusal != nil {
				got = v.Refusal.Rule
			}
			if got != tc.rule {
				t.Errorf("got %+v, want rule %q", v.Refusal, tc.rule)
			}
			if len(v.Notes) == 0 || !strings.Contains(v.Notes[0], "the time was given") {
				t.Errorf("notes = %q, want one on the time", v.Notes)
			}
		})
	}
}

// Claims that are filled in are of the tester's time too.
func TestClockOfClaims(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)} {
		tester := newTester(t, basic, login.Options{Clock: clocktesting.NewFakePassiveClock(at)})
		v, err := tester.Claims(t.Context(), map[string]any{"sub": "ana"})
		if err != nil || !v.Allowed || !v.Expires.Equal(at.Add(time.Hour)) || !v.IssuedAt.Equal(at) {
			t.Errorf("at %s: %+v, error %v", at, v, err)
		}
		explained(t, v)
	}
}

func TestUndecided(t *testing.T) {
	t.Parallel()
	known := newRSA(t, "known")
	remote := usual(map[string]any{
		"_claim_names":   map[string]string{"groups": "s"},
		"_claim_sources": map[string]any{"s": map[string]string{"endpoint": "https://graph.example.com/g?key=secret", "access_token": "very-secret"}},
	})
	tests := map[string]struct {
		options login.Options
		claims  map[string]any
		want    string
		keys    bool // would decide it; discovery always would
	}{
		"no keys":           {keys: true, claims: usual(nil), want: "check the signature: no keys of https://idp.example.com are known"},
		"keys of another":   {keys: true, options: login.Options{Keys: map[string]jose.JSONWebKeySet{"https://x": set(known)}}, claims: usual(nil), want: "no keys of"},
		"groups are remote": {options: login.Options{Keys: offline(known)}, claims: remote, want: "read groups: the token says that they are at https://graph.example.com/g"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			token := known.sign(t, jose.RS256, asJSON(t, tc.claims))
			v, err := newTester(t, basic, tc.options).Token(t.Context(), token)
			var undecided *login.Undecided
			if !errors.As(err, &undecided) || !strings.Contains(err.Error(), tc.want) || undecided.Hint() == "" {
				t.Fatalf("error = %v, want one with %q and a hint", err, tc.want)
			}
			if undecided.NeedsKeys != tc.keys || !undecided.NeedsDiscovery {
				t.Errorf("keys decide it: %v, discovery: %v", undecided.NeedsKeys, undecided.NeedsDiscovery)
			}
			if v.Allowed || v.User != nil || len(v.Steps) == 0 {
				t.Errorf("verdict = %+v, want steps only", v)
			}
			text := asJSON(t, v) + err.Error() + undecided.Hint()
			checkSecret(t, text, token)
			if strings.Contains(text, "secret") {
				t.Errorf("a secret is in %s", text)
			}
		})
	}
}
