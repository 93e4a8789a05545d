package login

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// testDamaged shows a good token that something happened to on its way, GATEHOUSE_TOKENS times, 500 when it is not set. Most of them are nobody,
// but not all: of the last letter of a signature not every bit counts, and what stands behind a space is not looked at.
func testDamaged(t *testing.T, s *issuer, api *server, offline, discovering *login.Tester) {
	count := environment(t, "GATEHOUSE_TOKENS", 500)
	seed := environment(t, "GATEHOUSE_SEED", rand.Uint64N(1<<40)) //nolint:gosec // any will do
	whole := row{key: "p256"}.token(t, s)
	allowed := 0
	for n := range count {
		token := damage(rand.New(rand.NewPCG(seed+n, 0)), whole) //nolint:gosec // any will do
		want, err := api.whoami(t.Context(), token)
		if err != nil {
			t.Fatal(err)
		}
		if want.user != nil {
			allowed++
		}
		for how, tester := range map[string]*login.Tester{"offline": offline, "with discovery": discovering} {
			got, err := tester.Token(t.Context(), token)
			if err != nil {
				t.Errorf("GATEHOUSE_SEED=%d %s: %v", seed+n, how, err)
				checkSecret(t, how, token, err.Error())
				continue
			}
			checkVerdict(t, how, token, got)
			checkRule(t, how, want.log, got)
			if diff := cmp.Diff(want.user, got.User, cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("GATEHOUSE_SEED=%d %s (-API server +got):\n%s%+v\n%s", seed+n, how, diff, got.Refusal, want.log)
			}
		}
		if t.Failed() {
			t.Logf("token: %q", token)
			return
		}
	}
	t.Logf("seed %d: %d tokens, %d of them somebody", seed, count, allowed)
	if count >= 100 && (allowed == 0 || uint64(allowed) == count) {
		t.Errorf("%d of %d tokens are somebody: such tokens prove little", allowed, count)
	}
}

// letters are those of tokens, and some others that a header may have.
const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=+/ \t{}\"%ü"

// damage changes a token in one of the ways in which tokens get damaged. Most changes are near the end of one of the three parts, where
// their bits may not count.
func damage(random *rand.Rand, token string) string {
	at := random.IntN(len(token))
	if random.IntN(2) == 0 {
		parts := strings.Split(token, ".")
		at = len(strings.Join(parts[:1+random.IntN(len(parts))], ".")) - 1
	}
	letter := string([]rune(letters)[random.IntN(len([]rune(letters)))])
	switch random.IntN(7) {
	case 0:
		return token[:at] + letter + token[at+1:]
	case 1:
		return token[:at] + letter + token[at:]
	case 2:
		return token[:at+1] + letter + token[at+1:]
	case 3:
		return token[:at] + token[at+1:]
	case 4:
		return token[:at]
	case 5:
		return token + " " + token[at:]
	default:
		return token + letter + token[at:]
	}
}
