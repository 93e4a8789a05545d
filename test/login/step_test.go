package login

import (
	"slices"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// checkVerdict checks that the parts of a verdict agree with each other, that the steps explain what the authenticator said, and that nothing
// of the token's signature is in it: with that, whoever reads a verdict could be whom the token is of.
func checkVerdict(t *testing.T, how, token string, got login.Verdict) {
	t.Helper()
	if got.Allowed != (got.User != nil) || got.Allowed == (got.Refusal != nil) {
		t.Errorf("%s: allowed is %v, user is %+v, refusal is %+v", how, got.Allowed, got.User, got.Refusal)
	}
	for _, note := range got.Notes {
		if strings.Contains(note, "do not explain the verdict") {
			t.Errorf("%s: %s", how, note)
		}
	}
	failed := slices.ContainsFunc(got.Steps, func(step login.Step) bool { return step.State == login.Failed })
	if failed == got.Allowed {
		t.Errorf("%s: allowed is %v, with these steps: %+v", how, got.Allowed, got.Steps)
	}
	checkSecret(t, how, token, string(asJSON(t, got)))
}

// checkSecret checks that a text has no long part of a token in it: of what stands between its dots and spaces.
func checkSecret(t *testing.T, how, token, text string) {
	t.Helper()
	for _, secret := range strings.FieldsFunc(token, func(r rune) bool { return strings.ContainsRune(`. "{}:`, r) }) {
		if len(secret) >= 16 && strings.Contains(text, secret) {
			t.Errorf("%s: a part of the token is in the verdict", how)
		}
	}
}

// rulesInLog are the rules of refusals, by what the API server writes into its log. The first that fits counts.
var rulesInLog = []struct{ text, rule string }{
	{"token is expired", login.Expired},
	{"before the nbf", login.NotYetValid},
	{"expected audience", login.Audience},
	{"malformed jwt", login.Malformed},
	{"failed to unmarshal claims", login.Malformed},
	{"unsupported algorithm", login.Algorithm},
	{"failed to decode keys", login.Key},
	{"source does not exist", login.DistributedClaim},
	{"failed to obtain source", login.DistributedClaim},
	{"distributed claims", login.DistributedClaim},
	{"failed to verify id token signature", login.Signature},
	{"claim validation", login.ClaimRule},
	{"user info validation", login.UserRule},
	{"username claim", login.Username},
	{"empty username", login.Username},
	{"email not verified", login.EmailNotVerified},
	{"parse 'email_verified' claim", login.EmailNotVerified},
	{"groups claim", login.Groups},
	{"group claim", login.Groups},
	{"uid claim", login.UID},
	{"error evaluating extra", login.Extra},
	{"token, expression '", login.Extra},
	{"required claim", login.RequiredClaim},
	{"parse claim ", login.RequiredClaim},
}

// checkRule checks that the rule of a refusal is the one that the API server's log speaks of. Of a token that is of no configured issuer, be it
// for its form, the log says nothing more; and whether a key is missing or the signature wrong it does not say.
func checkRule(t *testing.T, how, log string, got login.Verdict) {
	t.Helper()
	if got.Refusal == nil {
		return
	}
	rule := got.Refusal.Rule
	for _, known := range rulesInLog {
		if !strings.Contains(log, known.text) {
			continue
		}
		if rule == login.Key && known.rule == login.Signature || rule == login.Malformed && known.rule == login.Algorithm {
			return
		}
		if rule != known.rule {
			t.Errorf("%s: rule is %q, where the API server writes %q", how, rule, log)
		}
		return
	}
	if rule != login.Malformed && rule != login.Issuer && rule != login.TooLong {
		t.Errorf("%s: rule is %q, where the API server writes %q", how, rule, log)
	}
}
