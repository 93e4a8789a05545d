package login_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

func TestReadCases(t *testing.T) {
	t.Parallel()
	got, err := login.ReadCases([]byte(`# cases
- name: somebody
  claims: {sub: ana, n: 1, f: 1.5, yes: true, no: ~, groups: [a, "1"], deep: {x: [{}]}}
  expect: {username: "oidc:ana", uid: "", groups: [], extra: {example.com/x: [a, ""]}}
- name: nobody
  claims: {}
  expect: {denied: true, rule: username, reason: sub}
`), "cases.yaml")
	if err != nil {
		t.Fatal(err)
	}
	name, empty := "oidc:ana", ""
	want := []login.Case{
		{
			Name: "somebody", Line: 2,
			Claims: map[string]any{
				"sub": "ana", "n": 1, "f": 1.5, "yes": true, "no": nil, "groups": []any{"a", "1"}, "deep": map[string]any{"x": []any{map[string]any{}}},
			},
			Expect: login.Expect{Username: &name, UID: &empty, Groups: &[]string{}, Extra: map[string][]string{"example.com/x": {"a", ""}}},
		},
		{Name: "nobody", Line: 5, Claims: map[string]any{}, Expect: login.Expect{Denied: true, Rule: "username", Reason: "sub"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestReadCasesErrors(t *testing.T) {
	t.Parallel()
	one := func(claims, expect string) string {
		return "- name: a\n  claims: " + claims + "\n  expect: " + expect + "\n"
	}
	tests := map[string]struct{ text, want string }{
		"empty":           {text: "# nothing\n", want: "f.yaml: it holds no cases"},
		"empty list":      {text: "[]", want: "f.yaml: it holds no cases"},
		"no list":         {text: "name: a", want: "f.yaml:1: cases: want a list, not a mapping"},
		"no case":         {text: "- a", want: `f.yaml:1: case: want a mapping, not "a"`},
		"unknown field":   {text: "- nam: a\n  claims: {}\n  expect: {uid: a}\n", want: `f.yaml:1: case: unknown field "nam"; did you mean name?`},
		"missing fields":  {text: "- name: a\n", want: "f.yaml:1: case: field \"claims\" is missing\nf.yaml:1: case: field \"expect\" is missing"},
		"twice":           {text: one("{}", "{uid: a}") + one("{}", "{uid: a}"), want: `f.yaml:4: case "a" is there twice, first on line 1`},
		"claims no map":   {text: one("[]", "{uid: a}"), want: "f.yaml:2: claims: want a mapping, not a list"},
		"claims null":     {text: one("", "{uid: a}"), want: "f.yaml:2: claims: want a mapping, not nothing"},
		"claim twice":     {text: one("{a: 1, a: 2}", "{uid: a}"), want: `f.yaml:2: claims: "a" is there twice, first on line 2`},
		"a date":          {text: one("{a: 2026-01-01}", "{uid: a}"), want: "f.yaml:2: claims: a: want what JSON has, not a date: put 2026-01-01 into quotes"},
		"no number":       {text: one("{a: [.nan]}", "{uid: a}"), want: "f.yaml:2: claims: a: .nan is nothing that JSON has"},
		"binary":          {text: one("{a: !!binary eA==}", "{uid: a}"), want: `f.yaml:2: claims: a: want what JSON has, not "eA==": put eA== into quotes`},
		"nothing":         {text: one("{}", "{}"), want: "f.yaml:3: expect: it expects nothing: want username, uid, groups or extra, or denied: true"},
		"not denied":      {text: one("{}", "{denied: false}"), want: "f.yaml:3: expect: it expects nothing: want username, uid, groups or extra, or denied: true"},
		"denied somebody": {text: one("{}", "{denied: true, uid: a}"), want: "f.yaml:3: expect: who is denied has no username, uid, groups or extra"},
		"rule alone":      {text: one("{}", "{rule: username}"), want: "f.yaml:3: expect: rule and reason go with denied: true only"},
		"empty username":  {text: one("{}", "{username: ''}"), want: "f.yaml:3: username: it is empty"},
		"group a number":  {text: one("{}", "{groups: [1]}"), want: "f.yaml:3: groups: want a string, not a number: put 1 into quotes"},
		"endless":         {text: one("&a {a: *a}", "{uid: a}"), want: "f.yaml:2: claims: a"},
		"syntax":          {text: "- {", want: "f.yaml:"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := login.ReadCases([]byte(tc.text), "f.yaml")
			if err == nil || !strings.HasPrefix(err.Error(), tc.want) {
				t.Errorf("got  %v\nwant %s", err, tc.want)
			}
		})
	}
	_, err := login.ReadCases([]byte(one("{}", "{denied: true, rule: user}")), "f.yaml")
	if err == nil || !strings.Contains(err.Error(), `rule: "user" is none: want one of "too-long", `) {
		t.Errorf("error = %v, want one on the rule", err)
	}
	_, err = login.ReadCases([]byte("- name: a\n  claims: {x: &a [1,1,1,1,1,1,1,1,1], y: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a], z: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b], u: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c], v: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d], w: [*e,*e,*e]}\n  expect: {uid: a}\n"), "f.yaml")
	if err == nil || strings.Count(err.Error(), "\n") > 0 || !strings.Contains(err.Error(), "more than 100000 values") {
		t.Errorf("error = %v, want one line on too many values", err)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	tester := newTester(t, entry(`  claimMappings:
    username: {claim: sub, prefix: ""}
    groups: {claim: groups, prefix: "oidc:"}
    uid: {expression: "claims.?oid.orValue('')"}
    extra: [{key: example.com/x, valueExpression: "claims.?x.orValue('')"}]
`), login.Options{})
	tests := map[string]struct {
		claims, expect string
		want           []string
	}{
		"username":        {claims: "{sub: ana}", expect: "{username: ana}"},
		"all":             {claims: "{sub: ana, groups: [b, a], oid: '7', x: y, jti: '1'}", expect: "{username: ana, uid: '7', groups: ['oidc:a', 'oidc:b'], extra: {example.com/x: [y]}}"},
		"authenticated":   {claims: "{sub: ana}", expect: "{groups: ['system:authenticated']}"},
		"no groups":       {claims: "{sub: ana}", expect: "{groups: []}"},
		"no extra":        {claims: "{sub: ana, jti: '1'}", expect: "{extra: {}}"},
		"credential":      {claims: "{sub: ana, jti: '1'}", expect: "{extra: {authentication.kubernetes.io/credential-id: [JTI=1]}}"},
		"denied":          {claims: "{}", expect: "{denied: true}"},
		"denied, why":     {claims: "{}", expect: "{denied: true, rule: username, reason: no claim}"},
		"other username":  {claims: "{sub: ana}", expect: "{username: bob}", want: []string{`username: want "bob", got "ana"`}},
		"all is other":    {claims: "{sub: ana, groups: a, oid: x, x: y}", expect: "{username: bob, uid: '7', groups: [a], extra: {a.example.com/z: [y]}}", want: []string{`username: want "bob", got "ana"`, `uid: want "7", got "x"`, `groups: want ["a"], got ["oidc:a"]`, `extra a.example.com/z: want ["y"], got []`, `extra example.com/x: want [], got ["y"]`}},
		"not denied":      {claims: "{sub: ana}", expect: "{denied: true, rule: username}", want: []string{`want nobody, got "ana"`}},
		"denied is not":   {claims: "{}", expect: "{uid: a}", want: []string{`want somebody, got nobody: username: username: the token has no claim "sub"`}},
		"for another why": {claims: "{}", expect: "{denied: true, rule: groups, reason: eve}", want: []string{`rule: want groups, got username: username: the token has no claim "sub"`, `reason: want one with "eve", got username: the token has no claim "sub"`}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cases, err := login.ReadCases([]byte("- name: it\n  claims: "+tc.claims+"\n  expect: "+tc.expect+"\n"), "f.yaml")
			if err != nil {
				t.Fatal(err)
			}
			got := tester.Check(t.Context(), cases[0])
			if diff := cmp.Diff(tc.want, got.Differences); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got.Passed != (tc.want == nil) || got.Error != "" || got.Name != "it" || got.Line != 1 {
				t.Errorf("result = %+v", got)
			}
		})
	}
	broken := tester.Check(t.Context(), login.Case{Name: "x", Claims: map[string]any{"x": func() {}}})
	if broken.Passed || !strings.HasPrefix(broken.Error, "write claims") {
		t.Errorf("result = %+v, want an error", broken)
	}
}
