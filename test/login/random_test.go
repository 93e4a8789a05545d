package login

import (
	"context"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// environment returns a number from the environment.
func environment(t *testing.T, name string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// anyOrder compares lists as sets. An expression goes over the members of an object in an order that is another each time, so that two answers
// of one API server have the groups of dyn(claims.roles).map(...) in another order too when that claim is an object.
var anyOrder = cmpopts.SortSlices(func(a, b string) bool { return a < b })

// testRandom shows GATEHOUSE_TOKENS random tokens, 500 when it is not set. Token n has the seed GATEHOUSE_SEED+n, so the seed that a failure
// prints repeats it as the first one.
func testRandom(t *testing.T, s *issuer, api *server, offline, discovering *login.Tester) {
	count := environment(t, "GATEHOUSE_TOKENS", 500)
	seed := environment(t, "GATEHOUSE_SEED", rand.Uint64N(1<<40)) //nolint:gosec // any will do
	paths := make([]string, 0, 20)
	for path := range oneOfEach(t, s) {
		if path != "newfangled" {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	allowed := 0
	for n := range count {
		random := rand.New(rand.NewPCG(seed+n, 0)) //nolint:gosec // any will do
		r := randomRow(random, paths)
		payload := r.payload(s).plain(t) // numbers are made of times once
		token := s.ring.token(t, r.signer(), nil, payload)
		want, err := api.whoami(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if want.user != nil {
			allowed++
		}
		ways := map[string]func(context.Context) (login.Verdict, error){
			"offline":        func(ctx context.Context) (login.Verdict, error) { return offline.Token(ctx, token) },
			"with discovery": func(ctx context.Context) (login.Verdict, error) { return discovering.Token(ctx, token) },
			"claims":         func(ctx context.Context) (login.Verdict, error) { return offline.Claims(ctx, payload) },
		}
		for how, try := range ways {
			got, err := try(t.Context())
			if err != nil {
				t.Errorf("GATEHOUSE_SEED=%d %s: %v\n%s", seed+n, how, err, asJSON(t, payload))
				continue
			}
			checkVerdict(t, how, token, got)
			checkRule(t, how, want.log, got)
			if diff := cmp.Diff(want.user, got.User, cmpopts.EquateEmpty(), anyOrder); diff != "" {
				t.Errorf("GATEHOUSE_SEED=%d %s (-API server +got):\n%s%+v\n%s\n%s", seed+n, how, diff, got.Refusal, want.log, asJSON(t, payload))
			}
		}
		if t.Failed() {
			return
		}
	}
	t.Logf("seed %d: %d tokens, %d of them somebody", seed, count, allowed)
	if share := float64(allowed) / float64(count); count >= 100 && (share < 0.1 || share > 0.9) {
		t.Errorf("%.0f%% of the tokens are somebody: such tokens prove little", 100*share)
	}
}

// usualValues are what claims mostly are.
var usualValues = claims{
	"sub": "ana", "email": "ana@acme.example", "email_verified": true, "groups": []any{"dev", "ops"}, "roles": []any{"dev", "admin"}, "teams": "dev",
	"oid": "u1", "tenant": "acme", "scopes": []any{"read"}, "admin": true, "employee": 4711, "level": "x", "hd": "acme.example", "jti": "t-1",
	"profile":                  claims{"name": "ana", "desk.number": "d-12"},
	"realm_access":             claims{"roles": []any{"dev"}},
	"https://acme.example/uid": "u2", "nbf": in(0), "exp": 4102444800, "aud": []any{"grafana", "gatehouse"}, "nonce": "n",
}

// oddValues are what any claim may be.
var oddValues = []any{
	"", "dev,ops", "system:masters", "true", "4102444800", "ä 🦊", " ", 0, -1, 7, 1234567, 0.5, 1e20, 1e300, 4102444800.5, true, false, nil,
	[]any{},
	[]any{""},
	[]any{"system:masters", "dev"},
	[]any{"dev", nil},
	[]any{7},
	[]any{[]any{"dev"}},
	claims{},
	claims{"name": 7, "roles": "dev"},
	claims{"groups": "src"},
	"gatehouse", "kubernetes", "system:unauthenticated",
}

// randomRow returns a random token for one of the issuers: some claims, of which most are as usual.
func randomRow(random *rand.Rand, paths []string) row {
	r := row{issuer: paths[random.IntN(len(paths))], claims: claims{}}
	names := make([]string, 0, len(usualValues))
	for name := range usualValues {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		switch chance := random.IntN(100); {
		case chance < 4:
			r.claims[name] = oddValues[random.IntN(len(oddValues))]
		case chance < 75:
			r.claims[name] = usualValues[name]
		}
	}
	return r
}
