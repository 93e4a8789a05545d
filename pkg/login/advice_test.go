package login_test

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// mappingBy is an issuer whose usernames are the claim sub, and which has one expression besides.
func mappingBy(t *testing.T, kind, expression string) string {
	t.Helper()
	mappings := map[string]any{"username": map[string]any{"claim": "sub", "prefix": "oidc:"}}
	switch kind {
	case "extra":
		mappings["extra"] = []any{map[string]any{"key": "example.com/x", "valueExpression": expression}}
	default:
		mappings[kind] = map[string]any{"expression": expression}
	}
	out, err := yaml.Marshal(mappings)
	if err != nil {
		t.Fatal(err)
	}
	return entry("  claimMappings:\n    " + strings.ReplaceAll(string(out), "\n", "\n    ") + "\n")
}

// about returns the findings of a kind.
func about(t *testing.T, config, id string) []finding.Finding {
	t.Helper()
	parsed, err := authn.Parse([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	var out []finding.Finding
	for _, f := range authn.Judge(parsed, authn.Options{}) {
		if f.ID == id {
			out = append(out, f)
		}
	}
	return out
}

var (
	inPlace  = regexp.MustCompile(`^(.+) in place of (.+) lets them in without it$`)
	asAWhole = regexp.MustCompile(`^(.+) lets them in without it$`)
)

// What pkg/authn advises where an expression fails without a claim does what it says, with the real authenticator: without
// the claim somebody gets in, and with it nothing changes.
func TestAdvice(t *testing.T) {
	t.Parallel()
	list := []any{"dev", "ops"}
	tests := map[string]struct {
		kind, expression string
		with             map[string]any // the claim that may be missing
		want             string         // the expression that is advised
	}{
		"groups":               {"groups", "claims.teams", map[string]any{"teams": list}, "claims.?teams.orValue([])"},
		"groups and more":      {"groups", "claims.teams + ['all']", map[string]any{"teams": list}, "claims.?teams.orValue([]) + ['all']"},
		"in":                   {"groups", "'dev' in claims.teams ? ['devs'] : ['all']", map[string]any{"teams": list}, "'dev' in claims.?teams.orValue([]) ? ['devs'] : ['all']"},
		"dyn":                  {"groups", "dyn(claims.teams).map(t, 'a:' + t)", map[string]any{"teams": list}, "dyn(claims.?teams.orValue([])).map(t, 'a:' + t)"},
		"nested":               {"groups", "claims.realm.roles.map(r, 'kc:' + r)", map[string]any{"realm": map[string]any{"roles": list}}, "claims.?realm.?roles.orValue([]).map(r, 'kc:' + r)"},
		"split":                {"groups", "claims.roles.split(',').map(r, r)", map[string]any{"roles": "dev,ops"}, "claims.?roles.orValue('').split(',').map(r, r)"},
		"split with a prefix":  {"groups", "claims.roles.split(',').map(r, 'a:' + r)", map[string]any{"roles": "dev,ops"}, "has(claims.roles) ? claims.roles.split(',').map(r, 'a:' + r) : []"},
		"condition":            {"groups", "claims.admin ? ['admins'] : ['people']", map[string]any{"admin": true}, "claims.?admin.orValue(false) ? ['admins'] : ['people']"},
		"name with slashes":    {"groups", `claims["https://acme.example/groups"]`, map[string]any{"https://acme.example/groups": list}, "claims[?'https://acme.example/groups'].orValue([])"},
		"name with a quote":    {"groups", `claims["it's"]`, map[string]any{"it's": list}, `claims[?"it's"].orValue([])`},
		"name that is a text":  {"groups", `claims.teams + ["claims.teams"]`, map[string]any{"teams": list}, `claims.?teams.orValue([]) + ["claims.teams"]`},
		"longer name":          {"groups", "claims.teams2 + (has(claims.teams) ? claims.teams : [])", map[string]any{"teams2": list}, "claims.?teams2.orValue([]) + (has(claims.teams) ? claims.teams : [])"},
		"twice":                {"groups", "claims.teams.size() > 1 ? claims.teams : []", map[string]any{"teams": list}, "claims.?teams.orValue([]).size() > 1 ? claims.?teams.orValue([]) : []"},
		"uid":                  {"uid", "claims.oid", map[string]any{"oid": "u1"}, "claims.?oid.orValue('')"},
		"uid, a name with dot": {"uid", "claims['acme.example/uid']", map[string]any{"acme.example/uid": "u1"}, "claims[?'acme.example/uid'].orValue('')"},
		"uid, dot below":       {"uid", "claims.profile['desk.number']", map[string]any{"profile": map[string]any{"desk.number": "u1"}}, "claims.?profile[?'desk.number'].orValue('')"},
		"uid, escaped dot":     {"uid", "claims.profile.desk__dot__number", map[string]any{"profile": map[string]any{"desk.number": "u1"}}, "claims.?profile.?desk__dot__number.orValue('')"},
		"uid, string()":        {"uid", "string(claims.oid)", map[string]any{"oid": "u1"}, "string(claims.?oid.orValue(''))"},
		"uid, a number":        {"uid", "string(int(claims.employee))", map[string]any{"employee": 1234567}, "has(claims.employee) ? string(int(claims.employee)) : ''"},
		"uid with a prefix":    {"uid", "'a:' + claims.oid", map[string]any{"oid": "u1"}, "has(claims.oid) ? 'a:' + claims.oid : ''"},
		"uid, a condition":     {"uid", "claims.oid == 'x' ? 'y' : 'z:' + claims.oid", map[string]any{"oid": "u1"}, "has(claims.oid) ? (claims.oid == 'x' ? 'y' : 'z:' + claims.oid) : ''"},
		"uid, slashes, prefix": {"uid", "'a:' + claims['x/y']", map[string]any{"x/y": "u1"}, "claims[?'x/y'].hasValue() ? 'a:' + claims['x/y'] : ''"},
		"extra":                {"extra", "claims.tenant", map[string]any{"tenant": "acme"}, "claims.?tenant.orValue([])"},
		"extra, lower case":    {"extra", "claims.tenant.lowerAscii()", map[string]any{"tenant": "ACME"}, "claims.?tenant.orValue('').lowerAscii()"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := mappingBy(t, tc.kind, tc.expression)
			found := about(t, before, "AU040")
			if len(found) != 1 {
				t.Fatalf("findings %v, want one", found)
			}
			got := ""
			if m := inPlace.FindStringSubmatch(found[0].Why); m != nil {
				// A text in quotes is none to be replaced: it is the last one here.
				got = strings.Replace(tc.expression, m[2], m[1], strings.Count(tc.expression, m[2])-strings.Count(tc.expression, `"`+m[2]+`"`))
			} else if m := asAWhole.FindStringSubmatch(found[0].Why); m != nil {
				got = m[1]
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("advised expression (-want +got):\n%s\n%s", diff, found[0].Why)
			}
			after := mappingBy(t, tc.kind, got)
			if left := about(t, after, "AU040"); len(left) > 0 {
				t.Errorf("the advice does not end the finding: %v", left)
			}
			claims := map[string]any{"sub": "ana"}
			try := func(config string) login.Verdict {
				v, err := newTester(t, config, login.Options{}).Claims(t.Context(), claims)
				if err != nil {
					t.Fatal(err)
				}
				return v
			}
			if v := try(before); v.Allowed {
				t.Errorf("without the claim somebody gets in before: %+v", v.User)
			}
			if v := try(after); !v.Allowed || v.User.UID != "" {
				t.Errorf("without the claim: %+v %+v", v.User, v.Refusal)
			}
			maps.Copy(claims, tc.with)
			if diff := cmp.Diff(fmt.Sprintf("%+v", try(before).User), fmt.Sprintf("%+v", try(after).User)); diff != "" {
				t.Errorf("with the claim (-before +after):\n%s", diff)
			}
		})
	}
}
