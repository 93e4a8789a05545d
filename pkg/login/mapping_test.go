package login_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/version"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/login"
)

const (
	emailName = `  claimMappings: {username: {claim: email, prefix: ""}}
`
	mapped = `  claimMappings:
    username: {expression: "claims.sub"}
    groups: {expression: "claims.roles.split(',')"}
`
)

// groupsBy is an issuer whose groups are an expression.
func groupsBy(expression string) string {
	return entry("  claimMappings:\n    username: {expression: claims.sub}\n    groups: {expression: " + expression + "}\n")
}

// extra is an issuer with extra.
const extra = `  claimMappings:
    username: {expression: claims.sub}
    extra: [{key: example.com/x, valueExpression: claims.x}]
`

func TestClaims(t *testing.T) {
	t.Parallel()
	always := "system:authenticated"
	ana := func(groups ...string) *login.User {
		return &login.User{Username: "ana", Groups: append(groups, always)}
	}
	tests := map[string]struct {
		config       string
		claims       map[string]any
		want         *login.User
		rule, reason string
	}{
		"empty username": {config: basic, claims: map[string]any{"sub": ""}, want: &login.User{Username: "oidc:", Groups: []string{always}}},
		"null username":  {config: basic, claims: map[string]any{"sub": nil}, want: &login.User{Username: "oidc:", Groups: []string{always}}},
		"one group":      {config: basic, claims: map[string]any{"sub": "a", "groups": "x"}, want: &login.User{Username: "oidc:a", Groups: []string{"oidc:x", always}}},
		"null groups":    {config: basic, claims: map[string]any{"sub": "a", "groups": nil}, want: &login.User{Username: "oidc:a", Groups: []string{always}}},
		"groups a number": {
			config: basic, claims: map[string]any{"sub": "a", "groups": 1}, rule: login.Groups,
			reason: `groups: claim "groups" must be a string or a list of strings, and is a number`,
		},
		"groups with a number": {config: basic, claims: map[string]any{"sub": "a", "groups": []any{"x", 1}}, rule: login.Groups, reason: "a list, in which item 2 is a number"},
		"everybody": {
			config: groupsBy("'[\"system:authenticated\", \"x\"]'"), claims: map[string]any{"sub": "ana"},
			want: &login.User{Username: "ana", Groups: []string{always, "x"}},
		},
		"anonymous": {config: entry(emailName), claims: map[string]any{"email": "system:anonymous"}, want: &login.User{Username: "system:anonymous"}},

		"e-mail":               {config: entry(emailName), claims: map[string]any{"email": "a@x"}, want: &login.User{Username: "a@x", Groups: []string{always}}},
		"e-mail verified":      {config: entry(emailName), claims: map[string]any{"email": "a@x", "email_verified": true}, want: &login.User{Username: "a@x", Groups: []string{always}}},
		"e-mail not verified":  {config: entry(emailName), claims: map[string]any{"email": "a@x", "email_verified": false}, rule: login.EmailNotVerified, reason: "the e-mail address is not verified"},
		"e-mail verified null": {config: entry(emailName), claims: map[string]any{"email": "a@x", "email_verified": nil}, rule: login.EmailNotVerified, reason: "not verified"},
		"e-mail verified text": {
			config: entry(emailName), claims: map[string]any{"email": "a@x", "email_verified": "true"}, rule: login.EmailNotVerified,
			reason: `claim "email_verified": it must be true or false, and is a string`,
		},
		"no e-mail":     {config: entry(emailName), claims: map[string]any{"email_verified": false}, rule: login.Username, reason: `the token has no claim "email"`},
		"e-mail a list": {config: entry(emailName), claims: map[string]any{"email": []string{"a"}}, rule: login.Username, reason: `claim "email": it must be a string, and is a list`},

		"empty expression":         {config: groupsBy("claims.g"), claims: map[string]any{"sub": "", "g": 1}, rule: login.Username, reason: "username: the expression returned an empty string"},
		"expression without claim": {config: groupsBy("claims.g"), rule: login.Username, reason: `username: there is no "sub" there: a question mark`},
		"expression of a list": {
			config: entry("  claimMappings: {username: {expression: claims.name}}\n"), claims: map[string]any{"name": []any{}}, rule: login.Username,
			reason: "the expression must return a string: it returned a list",
		},

		"split": {
			config: entry(mapped), claims: map[string]any{"sub": "ana", "roles": "a,b"}, rule: login.Groups,
			reason: "groups: the expression must return a string or a list of strings, and the list of a function such as split() or findAll() does not count as one: .map(x, x) behind it repairs that",
		},
		"split and map":        {config: groupsBy(`"claims.roles.split(',').map(x, x)"`), claims: map[string]any{"sub": "ana", "roles": "a,b"}, want: ana("a", "b")},
		"findAll":              {config: groupsBy(`"claims.roles.findAll('[a-z]')"`), claims: map[string]any{"sub": "ana", "roles": "a,b"}, rule: login.Groups, reason: ".map(x, x)"},
		"empty groups":         {config: groupsBy("claims.g"), claims: map[string]any{"sub": "ana", "g": []string{"", "x", ""}}, want: ana("x")},
		"one text":             {config: groupsBy("claims.g"), claims: map[string]any{"sub": "ana", "g": "x"}, want: ana("x")},
		"null":                 {config: groupsBy("claims.g"), claims: map[string]any{"sub": "ana", "g": nil}, want: ana()},
		"an object":            {config: groupsBy("claims.g"), claims: map[string]any{"sub": "ana", "g": map[string]any{}}, rule: login.Groups, reason: "a list of strings: it returned an object"},
		"a number":             {config: groupsBy("claims.g"), claims: map[string]any{"sub": "ana", "g": 1}, rule: login.Groups, reason: "it returned a number: string(...) around it repairs that"},
		"a number in it":       {config: groupsBy("claims.g"), claims: map[string]any{"sub": "ana", "g": []any{"x", 1}}, rule: login.Groups, reason: "item 2 of the list is a number"},
		"a number in literals": {config: groupsBy("\"[dyn('x'), dyn(1)]\""), claims: map[string]any{"sub": "ana"}, rule: login.Groups, reason: "item 2 of the list is a number"},
		"optional":             {config: groupsBy("'claims.?g'"), claims: map[string]any{"sub": "ana"}, rule: login.Groups, reason: `it returned an optional value: .orValue("")`},
		"dyn":                  {config: groupsBy(`"dyn(claims.g).map(g, 'oidc:' + g)"`), claims: map[string]any{"sub": "ana", "g": []string{"x"}}, want: ana("oidc:x")},
		"dots":                 {config: groupsBy("'claims.n.a__dot__b[0].c__dot__d'"), claims: map[string]any{"sub": "ana", "n": map[string]any{"a.b": []any{map[string]any{"c.d": "x"}}}}, want: ana("x")},
		"arithmetic":           {config: groupsBy("string(claims.n + 1)"), claims: map[string]any{"sub": "ana", "n": 1}, rule: login.Groups, reason: "numbers of a token are of type double"},
		"dear":                 {config: groupsBy(`"dyn(claims.g).map(a, dyn(claims.g).map(b, dyn(claims.g).map(c, c)))[0][0]"`), claims: map[string]any{"sub": "ana", "g": many()}, rule: login.Groups, reason: "it costs more than an API server allows"},

		"uid":               {config: entry("  claimMappings: {username: {expression: claims.sub}, uid: {claim: oid}}\n"), claims: map[string]any{"sub": "ana", "oid": "7"}, want: &login.User{Username: "ana", UID: "7", Groups: []string{always}}},
		"no uid":            {config: entry("  claimMappings: {username: {expression: claims.sub}, uid: {claim: oid}}\n"), claims: map[string]any{"sub": "ana"}, rule: login.UID, reason: `uid: the token has no claim "oid"`},
		"uid by expression": {config: entry("  claimMappings: {username: {expression: claims.sub}, uid: {expression: claims.oid}}\n"), claims: map[string]any{"sub": "ana", "oid": ""}, want: ana()},
		"uid a number":      {config: entry("  claimMappings: {username: {expression: claims.sub}, uid: {expression: claims.oid}}\n"), claims: map[string]any{"sub": "ana", "oid": 7}, rule: login.UID, reason: "must return a string: it returned a number"},

		"extra":         {config: entry(extra), claims: map[string]any{"sub": "ana", "x": []string{"1", "2"}}, want: &login.User{Username: "ana", Groups: []string{always}, Extra: map[string][]string{"example.com/x": {"1", "2"}}}},
		"extra empty":   {config: entry(extra), claims: map[string]any{"sub": "ana", "x": ""}, want: ana()},
		"extra missing": {config: entry(extra), claims: map[string]any{"sub": "ana"}, rule: login.Extra, reason: `extra example.com/x: there is no "x" there`},
		"extra boolean": {config: entry(extra), claims: map[string]any{"sub": "ana", "x": true}, rule: login.Extra, reason: "it returned a boolean"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := newTester(t, tc.config, login.Options{}).Claims(t.Context(), tc.claims)
			if err != nil {
				t.Fatal(err)
			}
			checkVerdict(t, v, "")
			explained(t, v)
			if tc.rule != "" {
				if v.Refusal == nil || v.Refusal.Rule != tc.rule || !strings.Contains(v.Refusal.Reason, tc.reason) {
					t.Errorf("got %+v, want %s: %s", v.Refusal, tc.rule, tc.reason)
				}
				return
			}
			if diff := cmp.Diff(tc.want, v.User); diff != "" {
				t.Errorf("(-want +got):\n%s\n%+v", diff, v.Refusal)
			}
		})
	}
}

// many are values enough to cost too much in a product of three.
func many() []string {
	out := make([]string, 150)
	for i := range out {
		out[i] = "x"
	}
	return out
}

const ruled = `  claimMappings:
    username: {expression: claims.sub}
    groups: {claim: groups, prefix: ""}
  claimValidationRules:
  - {claim: hd, requiredValue: example.com}
  - {expression: "claims.level > 1.0", message: level is too low}
  - {expression: "claims.sub != 'eve'"}
  - {expression: "!has(claims.broken) || claims.broken.x"}
  userValidationRules:
  - {expression: "!user.username.startsWith('system:')", message: username is reserved}
  - {expression: "user.groups.all(g, !g.startsWith('system:'))", message: groups are reserved}
`

func TestRules(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		claims       map[string]any
		rule, reason string
		steps        string // states of the rules' steps
	}{
		"all hold":            {claims: map[string]any{"sub": "ana", "hd": "example.com", "level": 2}, steps: "ok ok ok ok ok ok"},
		"required missing":    {claims: map[string]any{"sub": "ana", "level": 2}, rule: login.RequiredClaim, reason: `required claim: the token has no claim "hd"`, steps: "failed ok ok ok skipped skipped"},
		"required is another": {claims: map[string]any{"sub": "ana", "hd": "x", "level": 2}, rule: login.RequiredClaim, reason: `claim "hd" is "x", and must be "example.com"`, steps: "failed ok ok ok skipped skipped"},
		"required is a list":  {claims: map[string]any{"sub": "ana", "hd": []string{"example.com"}, "level": 2}, rule: login.RequiredClaim, reason: "it must be a string, and is a list", steps: "failed ok ok ok skipped skipped"},
		"message":             {claims: map[string]any{"sub": "ana", "hd": "example.com", "level": 1}, rule: login.ClaimRule, reason: "claim rule 1 (claims.level > 1.0): level is too low", steps: "ok failed ok ok skipped skipped"},
		"no message":          {claims: map[string]any{"sub": "eve", "hd": "example.com", "level": 2}, rule: login.ClaimRule, reason: "claim rule 2 (claims.sub != 'eve'): it is false", steps: "ok ok failed ok skipped skipped"},
		"no claim":            {claims: map[string]any{"sub": "ana", "hd": "example.com"}, rule: login.ClaimRule, reason: `claim rule 1 (claims.level > 1.0): it cannot be evaluated: there is no "level"`, steps: "ok failed ok ok skipped skipped"},
		"broken wins":         {claims: map[string]any{"sub": "eve", "hd": "example.com", "level": 0, "broken": 1}, rule: login.ClaimRule, reason: "claim rule 3", steps: "ok failed failed failed skipped skipped"},
		"reserved username":   {claims: map[string]any{"sub": "system:x", "hd": "example.com", "level": 2}, rule: login.UserRule, reason: "user rule 1 (!user.username.startsWith('system:')): username is reserved", steps: "ok ok ok ok failed ok"},
		"reserved group":      {claims: map[string]any{"sub": "ana", "groups": "system:masters", "hd": "example.com", "level": 2}, rule: login.UserRule, reason: "groups are reserved", steps: "ok ok ok ok ok failed"},
	}
	tester := newTester(t, entry(ruled), login.Options{})
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := tester.Claims(t.Context(), tc.claims)
			if err != nil {
				t.Fatal(err)
			}
			explained(t, v)
			var states []string
			for _, s := range v.Steps {
				if strings.Contains(s.Name, "rule") || strings.HasPrefix(s.Name, "required") {
					states = append(states, s.State)
				}
			}
			if got := strings.Join(states, " "); got != tc.steps {
				t.Errorf("steps: got %s, want %s", got, tc.steps)
			}
			if tc.rule == "" {
				if !v.Allowed {
					t.Errorf("refused: %+v", v.Refusal)
				}
				return
			}
			if v.Refusal == nil || v.Refusal.Rule != tc.rule || !strings.Contains(v.Refusal.Reason, tc.reason) {
				t.Errorf("got %+v, want %s: %s", v.Refusal, tc.rule, tc.reason)
			}
		})
	}
}

func TestFilledIn(t *testing.T) {
	t.Parallel()
	two := basic + strings.ReplaceAll(`- issuer: {url: "https://two.example.com", audiences: [a, b], audienceMatchPolicy: MatchAny}
  claimMappings: {username: {claim: sub, prefix: "two:"}}
`, "\t", "")
	tests := map[string]struct {
		config, user, rule string
		claims             map[string]any
		note               string
	}{
		"all":        {config: basic, user: "oidc:ana", claims: map[string]any{"sub": "ana"}, note: "claims that were filled in: aud kubernetes, exp 2026-11-22T13:00:00Z, iat 2026-11-22T12:00:00Z, iss https://idp.example.com"},
		"nothing":    {config: basic, user: "oidc:ana", claims: usual(nil)},
		"second":     {config: two, user: "two:ana", claims: map[string]any{"sub": "ana", "iss": "https://two.example.com"}, note: "claims that were filled in: aud a, exp 2026-11-22T13:00:00Z, iat 2026-11-22T12:00:00Z"},
		"no iss":     {config: two, rule: login.Issuer, claims: map[string]any{"sub": "ana", "iss": nil}},
		"own expiry": {config: basic, rule: login.Expired, claims: map[string]any{"sub": "ana", "exp": 1}, note: "claims that were filled in: aud kubernetes, iat 2026-11-22T12:00:00Z, iss https://idp.example.com"},
		"nobody":     {config: "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\njwt: []\n", rule: login.Issuer},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := len(tc.claims)
			o, want := login.Options{}, tc.note
			if want != "" {
				o.Clock = clocktesting.NewFakePassiveClock(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
				want += "\nexpiry is judged at 2026-11-22T12:00:00Z: the time was given"
			}
			v, err := newTester(t, tc.config, o).Claims(t.Context(), tc.claims)
			if err != nil {
				t.Fatal(err)
			}
			if len(tc.claims) != before {
				t.Error("the caller's claims were changed")
			}
			explained(t, v)
			if v.Allowed != (tc.rule == "") || v.Allowed && v.User.Username != tc.user || !v.Allowed && v.Refusal.Rule != tc.rule {
				t.Errorf("got %+v %+v, want %s%s", v.User, v.Refusal, tc.user, tc.rule)
			}
			if diff := cmp.Diff(want, strings.Join(v.Notes, "\n")); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
	if _, err := newTester(t, basic, login.Options{}).Claims(t.Context(), map[string]any{"x": func() {}}); err == nil || !strings.HasPrefix(err.Error(), "write claims: ") {
		t.Errorf("error = %v, want one on claims that are no JSON", err)
	}
}

func TestNewErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		config  string
		options login.Options
		want    string
	}{
		"twice":          {config: basic + strings.SplitAfter(basic, "jwt:\n")[1], want: "jwt[1].issuer.url: Duplicate value"},
		"disallowed":     {config: basic, options: login.Options{DisallowedIssuers: []string{url}}, want: "jwt[0].issuer.url: Invalid value"},
		"no expression":  {config: groupsBy("claims.("), want: "jwt[0].claimMappings.groups.expression"},
		"not yet known":  {config: groupsBy("claims.g.distinct()"), options: login.Options{Kubernetes: version.MajorMinor(1, 33)}, want: "undeclared reference to 'distinct'"},
		"CA of no pages": {config: strings.Replace(basic, "audiences:", "certificateAuthority: x, audiences:", 1), want: "jwt[0].issuer.certificateAuthority"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, err := authn.Parse([]byte(tc.config))
			if err != nil {
				t.Fatal(err)
			}
			_, err = login.New(t.Context(), config, tc.options)
			checkUndecided(t, err, tc.want, "validate")
		})
	}
}
