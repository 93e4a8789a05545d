package login

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apiserver/pkg/authentication/user"
)

// Where steps and authenticator disagree the authenticator is right, and a note says that the steps do not explain it.
func TestSettle(t *testing.T) {
	t.Parallel()
	const token = "aaaaaaaaaa.bbbbbbbbbb.cccccccccc"
	refusal := func(rule string) *Refusal { return &Refusal{Rule: rule, Reason: "seen"} }
	tests := map[string]struct {
		seen *Refusal
		user user.Info
		err  error
		want *Refusal
		note string
	}{
		"agreed":             {seen: refusal(Expired), err: errors.New("oidc: verify token: oidc: token is expired (x)"), want: refusal(Expired)},
		"key is a signature": {seen: refusal(Key), err: errors.New("oidc: verify token: failed to verify signature: x"), want: refusal(Key)},
		"form is no algorithm": {
			seen: refusal(Malformed), err: errors.New("oidc: verify token: oidc: id token signed with unsupported algorithm"), want: refusal(Malformed),
		},
		"of no issuer":      {seen: refusal(Issuer), want: refusal(Issuer)},
		"endpoint":          {err: errors.New("oidc: could not expand distributed claims: x"), want: &Refusal{DistributedClaim, "oidc: could not expand distributed claims: x"}},
		"refused all alike": {err: errors.New("oidc: email not verified"), want: &Refusal{EmailNotVerified, "oidc: email not verified"}, note: "no step says why"},
		"unknown words":     {err: errors.New("new: " + token + " and bbbbbbbbbb"), want: &Refusal{Unexplained, "new: (not shown) and (not shown)"}, note: "no step says why"},
		"another rule":      {seen: refusal(Groups), err: errors.New("oidc: parse uid claim"), want: &Refusal{UID, "oidc: parse uid claim"}, note: "another reason: oidc: parse uid claim"},
		"silently":          {seen: refusal(Groups), want: &Refusal{Issuer, "no issuer of the configuration takes the token"}, note: "none of its issuers"},
		"let in all alike":  {seen: refusal(Groups), user: &user.DefaultInfo{Name: "ana"}, note: "it lets the token in, where the steps say: seen"},
		"another user":      {user: &user.DefaultInfo{Name: "bob"}, note: "its user is not the one of the steps"},
		"the same user":     {user: &user.DefaultInfo{Name: "ana"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tr := &trace{tester: &Tester{}, attempt: &attempt{token: token}, who: user.DefaultInfo{Name: "ana"}}
			tr.verdict.Refusal = tc.seen
			if tc.user != nil {
				tr.allow(tc.user)
			} else {
				tr.deny(tc.err)
			}
			if diff := cmp.Diff(tc.want, tr.verdict.Refusal); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if notes := strings.Join(tr.verdict.Notes, "\n"); (tc.note == "") != (notes == "") || !strings.Contains(notes, tc.note) {
				t.Errorf("notes = %q, want %q", notes, tc.note)
			}
			if tc.user != nil && (!tr.verdict.Allowed || tr.verdict.User.Username != tc.user.GetName()) {
				t.Errorf("user = %+v, want %s", tr.verdict.User, tc.user.GetName())
			}
		})
	}
}

func TestClean(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, token, want string }{
		"nothing":     {text: "a b", token: "aaaaaaaa.b.c", want: "a b"},
		"short parts": {text: "a.b.c is short", token: "a.b.c", want: "a.b.c is short"},
		"a part":      {text: "at cccccccc!", token: "a.b.cccccccc", want: "at (not shown)!"},
		"long":        {text: strings.Repeat("é", longestText), want: strings.Repeat("é", longestText/2) + "..."},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := clean(tc.text, tc.token); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[int64]string{
		0: "less than a second", 1: "1s", 60: "1m", 61: "1m1s", 600: "10m", 3600: "1h", 3659: "1h", 5400: "1h30m", 86400: "1d", 86400 + 36000: "1d10h", 864000: "10d",
	} {
		if got := span(time.Duration(seconds) * time.Second); got != want {
			t.Errorf("%d: got %s, want %s", seconds, got, want)
		}
	}
}
