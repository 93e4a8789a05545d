package authn_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// header begins a configuration of a version.
func header(v string) string {
	return "apiVersion: apiserver.config.k8s.io/" + v + "\nkind: AuthenticationConfiguration\n"
}

// authenticator is a configuration of one JWT authenticator; mappings are in YAML flow form, rest is further lines.
func authenticator(mappings, rest string) string {
	return header("v1") + "jwt:\n- issuer: {url: 'https://issuer.example.com', audiences: [app]}\n" +
		"  claimMappings: {" + mappings + "}\n" + rest
}

// safe is a username mapping that gives no name of Kubernetes itself.
const safe = `username: {claim: sub, prefix: "oidc:"}`

func parse(t *testing.T, text string) *authn.Config {
	t.Helper()
	c, err := authn.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ids returns the ids of findings, each once, sorted.
func ids(findings []finding.Finding) []string {
	out := []string{}
	for _, f := range findings {
		out = append(out, f.ID)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func TestJudgeTraps(t *testing.T) {
	t.Parallel()
	groups := func(text string) string { return authenticator(safe+", groups: {expression: '"+text+"'}", "") }
	tests := map[string]struct {
		config string
		want   []string
	}{
		"nothing":                         {authenticator(safe, ""), []string{}},
		"split":                           {groups(`claims.roles.split(",")`), []string{"AU017", "AU040"}},
		"split of an optional":            {groups(`string(claims.?roles.orValue("")).split(",")`), []string{"AU017"}},
		"split in a branch":               {groups(`has(claims.roles) ? claims.roles.split(",") : []`), []string{"AU017"}},
		"split and join and split":        {groups(`claims.roles.split(",").join(" ").split(" ")`), []string{"AU017", "AU040"}},
		"dyn of split":                    {groups(`dyn(claims.roles.split(","))`), []string{"AU017", "AU040"}},
		"findAll":                         {groups(`string(claims.sub).findAll("[a-z]+")`), []string{"AU017"}},
		"split and prefixed":              {groups(`string(claims.sub).split(",").map(x, "oidc:" + x)`), []string{}},
		"split and more":                  {groups(`(string(claims.sub).split(",") + ["x"]).map(x, "oidc:" + x)`), []string{}},
		"a number":                        {groups(`size(string(claims.sub))`), []string{"AU017"}},
		"a bool":                          {groups(`claims.sub == "a"`), []string{"AU017"}},
		"numbers":                         {groups(`[1, 2]`), []string{"AU017"}},
		"a map":                           {groups(`{"a": "b"}`), []string{"AU017"}},
		"no list at all":                  {groups(`[]`), []string{}},
		"null":                            {groups(`null`), []string{}},
		"prefixed":                        {groups(`dyn(claims.?roles.orValue([])).map(r, "oidc:" + r)`), []string{}},
		"prefixed without optional":       {groups(`dyn(claims.roles).map(r, "oidc:" + r)`), []string{"AU040"}},
		"nested":                          {groups(`claims.realm.roles.map(r, "oidc:" + r)`), []string{"AU040"}},
		"nested and optional":             {groups(`dyn(claims.?realm.roles.orValue([])).map(r, "oidc:" + r)`), []string{}},
		"guarded by has":                  {groups(`has(claims.admin) && claims.admin == true ? ["admins"] : []`), []string{}},
		"in":                              {groups(`"admins" in claims.roles ? ["admins"] : []`), []string{"AU040"}},
		"username is a number":            {authenticator(`username: {expression: '1'}`, ""), []string{"AU017"}},
		"username is a list":              {authenticator(`username: {expression: '["a"]'}`, ""), []string{"AU017"}},
		"username of a number and string": {authenticator(`username: {expression: '"oidc:" + claims.sub'}`, ""), []string{}},
		"uid plus one":                    {authenticator(safe+`, uid: {expression: 'string(claims.exp + 1)'}`, ""), []string{"AU041"}},
		"uid plus one point nothing":      {authenticator(safe+`, uid: {expression: 'string(int(claims.exp + 1.0))'}`, ""), []string{}},
		"in claims, which has no in":      {groups(`"roles" in claims ? ["a"] : ["b"]`), []string{"AU041"}},
		"uid is a bool":                   {authenticator(safe+`, uid: {expression: 'claims.sub == "a"'}`, ""), []string{"AU017"}},
		"extra split":                     {authenticator(safe+`, extra: [{key: example.com/a, valueExpression: 'string(claims.sub).split(",")'}]`, ""), []string{"AU017"}},
		"extra without the claim":         {authenticator(safe+`, extra: [{key: example.com/a, valueExpression: claims.team}]`, ""), []string{"AU040"}},
		"extra, but a rule asks for the claim": {
			authenticator(safe+`, extra: [{key: example.com/a, valueExpression: claims.team}]`, "  claimValidationRules: [{expression: has(claims.team)}]\n"),
			[]string{},
		},
		"extra, but the claim is required": {
			authenticator(safe+`, extra: [{key: example.com/a, valueExpression: claims.team}]`, "  claimValidationRules: [{claim: team, requiredValue: a}]\n"),
			[]string{},
		},
		"a rule that never works": {
			authenticator(safe, "  claimValidationRules: [{expression: 'claims.exp + 1 > 0'}]\n"), []string{"AU041"},
		},
		"a rule that works": {
			authenticator(safe, "  claimValidationRules: [{expression: 'claims.hd == \"acme\"'}]\n"), []string{},
		},
		"passed over":     {authenticator(safe, "") + "---\na: b\n", []string{"AU022"}},
		"nobody":          {header("v1"), []string{"AU072"}},
		"anonymous":       {header("v1") + "anonymous: {enabled: true}\n", []string{"AU070"}},
		"anonymous off":   {header("v1") + "anonymous: {enabled: false}\n", []string{}},
		"anonymous paths": {header("v1") + "anonymous: {enabled: true, conditions: [{path: livez}, {path: '/a*'}]}\n", []string{"AU071"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := authn.Judge(parse(t, tc.config), authn.Options{Now: now})
			if diff := cmp.Diff(tc.want, ids(got)); diff != "" {
				t.Errorf("ids (-want +got):\n%s\n%v", diff, got)
			}
		})
	}
}
