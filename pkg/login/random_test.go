package login_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/go-jose/go-jose.v2"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// The steps say what the authenticator says, of any claims: whatever is odd in them.
func TestStepsExplainRandomClaims(t *testing.T) {
	t.Parallel()
	const rounds = 400
	known := newRSA(t, "known")
	var testers []*login.Tester
	for _, config := range []string{
		basic, entry(emailName), entry(mapped), entry(ruled), entry(extra), entry(fuzzed),
		groupsBy(`"claims.groups + ['z']"`), groupsBy("'claims.?groups.orValue(claims.x)'"), groupsBy(`"claims.x.y"`), groupsBy("claims"),
		entry("  claimMappings: {username: {expression: claims.sub}, uid: {claim: oid}, groups: {expression: claims.iat}}\n"),
		entry("  claimMappings: {username: {claim: email, prefix: 'a:'}, uid: {expression: claims.x}, extra: [{key: a.b/c, valueExpression: 'dyn(claims.groups).map(g, g)'}]}\n"),
		`{"apiVersion": "apiserver.config.k8s.io/v1", "kind": "AuthenticationConfiguration", "jwt": [{"issuer": {"url": "https://idp.example.com",
  "audiences": ["kubernetes", "b"], "audienceMatchPolicy": "MatchAny"}, "claimMappings": {"username": {"claim": "sub", "prefix": "two:"}}}]}`,
	} {
		testers = append(testers, newTester(t, config, login.Options{Keys: offline(known)}))
	}
	// The seed is fixed: a failure is the same next time.
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // no secret depends on it
	allowed, rules := 0, map[string]int{}
	for range rounds {
		claims := randomClaims(random)
		tester := testers[random.IntN(len(testers))]
		token := known.sign(t, jose.RS256, claims)
		v, err := tester.Token(t.Context(), token)
		if err != nil {
			continue // groups that are elsewhere
		}
		checkVerdict(t, v, token)
		explained(t, v)
		if v.Allowed {
			allowed++
		} else {
			rules[v.Refusal.Rule]++
		}
		again, err := tester.Token(t.Context(), token)
		if diff := cmp.Diff(v, again); diff != "" || err != nil {
			t.Errorf("the verdict is another the second time, error %v (-first +second):\n%s", err, diff)
		}
		if t.Failed() {
			t.Fatalf("claims %s: %+v %+v", claims, v.User, v.Refusal)
		}
	}
	if allowed < rounds/20 || len(rules) < 10 {
		t.Errorf("%d of %d allowed, refused by %v: the claims are not random enough", allowed, rounds, rules)
	}
}

// randomClaims writes the claims of a good token, but for some that are odd.
func randomClaims(random *rand.Rand) string {
	odd := []string{
		`""`, `"a"`, `"a,b"`, `"x@y"`, `"system:masters"`, `"https://idp.example.com"`, `"kubernetes"`, `"4102444800"`, `0`, `1`, `-1`, `1.5`, `4102444800`, `1e99`, `true`, `false`, `null`,
		`[]`, `[""]`, `["a"]`, `["a","b"]`, `["kubernetes"]`, `["a",1]`, `[null]`, `[["a"]]`, `{}`, `{"a":"b"}`, `{"y":["z"]}`, `{"s":{"endpoint":"https://x"}}`, `{"groups":"s"}`, `{"groups":""}`,
	}
	all := map[string]json.RawMessage{
		"iss": []byte(`"https://idp.example.com"`), "aud": []byte(`"kubernetes"`), "exp": []byte("4102444800"), "sub": []byte(`"ana"`),
		"email": []byte(`"ana@x"`), "groups": []byte(`["a","b"]`), "roles": []byte(`"a,b"`), "hd": []byte(`"example.com"`), "level": []byte("2"), "oid": []byte(`"7"`),
	}
	names := []string{
		"iss", "aud", "exp", "nbf", "iat", "sub", "email", "email_verified", "groups", "roles", "hd", "level", "oid", "x", "name", "bad", "broken", "jti", "nonce",
		"_claim_names", "_claim_sources", "EXP", "Sub", "GROUPS",
	}
	for range random.IntN(4) {
		name := names[random.IntN(len(names))]
		if random.IntN(4) == 0 {
			delete(all, name)
			continue
		}
		all[name] = []byte(odd[random.IntN(len(odd))])
	}
	data, err := json.Marshal(all)
	if err != nil {
		return fmt.Sprint(err)
	}
	return string(data)
}
