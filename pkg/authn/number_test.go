package authn_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	of := func(claim, made, fix string) []string {
		return []string{
			"when " + claim + " is a number of seven digits or more, this gives text such as \"" + made + "\"",
			"all numbers of a token are fractions here; string(int(" + fix + ")) writes the digits of whole ones",
		}
	}
	simple := of("claims.employee", "1.234567e+06", "claims.employee")
	tests := map[string]struct {
		expression string
		want       []string
	}{
		"a claim":              {`string(claims.employee)`, simple},
		"a part of it":         {`"emp-" + string(claims.employee)`, of("claims.employee", "emp-1.234567e+06", "claims.employee")},
		"by index":             {`string(claims["employee id"])`, of("claims['employee id']", "1.234567e+06", "claims['employee id']")},
		"nested":               {`string(claims.org.number)`, of("claims.org.number", "1.234567e+06", "claims.org.number")},
		"optional":             {`string(claims.?employee.orValue(""))`, simple},
		"guarded":              {`has(claims.employee) ? string(claims.employee) : ""`, simple},
		"calculated":           {`string(claims.employee + 1.0)`, of("claims.employee", "1.234568e+06", "claims.employee")},
		"expiry":               {`string(claims.exp)`, of("claims.exp", "1.234567e+06", "claims.exp")},
		"beside another":       {`string(claims.sub) + "-" + string(claims.employee)`, of("claims.employee", "alice-1.234567e+06", "claims.employee")},
		"whole":                {`string(int(claims.employee))`, nil},
		"unsigned":             {`string(uint(claims.employee))`, nil},
		"never a number":       {`string(claims.sub) + string(claims.preferred_username)`, nil},
		"text alone":           {`claims.employee`, nil},
		"split":                {`string(claims.roles).split(",").join("-")`, nil},
		"text of a comparison": {`string(claims.employee == 7.0)`, nil},
		"a number of nothing":  {`string(7) + claims.employee`, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for path, mappings := range map[string]string{
				"username.expression":      `username: {expression: '` + tc.expression + `'}`,
				"uid.expression":           safe + `, uid: {expression: '` + tc.expression + `'}`,
				"groups.expression":        safe + `, groups: {expression: '` + tc.expression + `'}`,
				"extra[0].valueExpression": safe + `, extra: [{key: example.com/a, valueExpression: '` + tc.expression + `'}]`,
			} {
				var got []string
				for _, f := range authn.Judge(parse(t, authenticator(mappings, "")), authn.Options{Now: now}) {
					if f.ID == "AU042" {
						got = append(got, f.Message, f.Why)
					}
				}
				var want []string
				if tc.want != nil {
					want = []string{"jwt[0].claimMappings." + path + ": " + tc.want[0], tc.want[1]}
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", path, diff)
				}
			}
		})
	}
}
