package login

import (
	"maps"

	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// lists are tokens whose groups are made of lists by expressions. Some of these compile, and then let nobody in.
func lists() map[string]row {
	const mustBeList = "must return a string or a list of strings"
	roles := func(value any) claims { return claims{"roles": value} }
	return map[string]row{
		"split() alone":                     refused("split", roles("dev,ops"), login.Groups, mustBeList),
		"split() alone, of one":             refused("split", roles("dev"), login.Groups, mustBeList),
		"split() alone, of nothing":         refused("split", roles(""), login.Groups, mustBeList),
		"split() and map()":                 allowed("split-map", roles("dev,ops"), as("oidc:ana", "role:dev", "role:ops")),
		"split() and map(), of nothing":     allowed("split-map", roles(""), as("oidc:ana", "role:")),
		"split() and map(), of a list":      refused("split-map", roles([]string{"dev"}), login.Groups, "no such overload"),
		"split() and map(), missing":        {issuer: "split-map", rule: login.Groups, log: "no such key: roles"},
		"dyn() and map()":                   allowed("dyn", roles([]string{"dev", "ops"}), as("oidc:ana", "oidc:dev", "oidc:ops")),
		"dyn() and map(), of nothing":       allowed("dyn", roles([]string{}), as("oidc:ana")),
		"dyn() and map(), of a string":      refused("dyn", roles("dev"), login.Groups, "error evaluating group claim expression"),
		"dyn() and map(), of an object":     allowed("dyn", roles(claims{"dev": true}), as("oidc:ana", "oidc:dev")),
		"dyn() and map(), of a list with 7": refused("dyn", roles([]any{"dev", 7}), login.Groups, "no such overload"),
		"distinct()":                        allowed("lists", roles([]string{"dev", "dev", "ops"}), as("oidc:ana", "dev", "ops")),
		"sets.contains()":                   allowed("lists", roles([]string{"dev", "admin"}), as("oidc:ana", "admins")),
		"sets.contains(), of a string":      refused("lists", roles("admin"), login.Groups, "no such overload"),
		"claim without a question mark":     allowed("demanding", claims{"teams": []string{"dev"}}, as("oidc:ana", "dev")),
		"claim without it that is missing":  {issuer: "demanding", rule: login.Groups, log: "no such key: teams"},
		"claim without it, in capitals":     refused("demanding", claims{"Teams": "dev"}, login.Groups, "no such key: teams"),
	}
}

// numbers are tokens with claims that are no strings. All numbers of a token are fractions to an expression.
func numbers() map[string]row {
	employee := func(value any) claims { return claims{"employee": value, "level": "x"} }
	return map[string]row{
		"string() of a number":                      allowed("numbers", employee(4711), with(as("4711"), "x", "")),
		"string() of a fraction":                    allowed("numbers", employee(0.5), with(as("0.5"), "x", "")),
		"string() of six digits":                    allowed("numbers", employee(999999), with(as("999999"), "x", "")),
		"string() of seven digits: no digits alone": allowed("numbers", employee(1234567), with(as("1.234567e+06"), "x", "")),
		"string() of many digits":                   allowed("numbers", employee(12345678901234567), with(as("1.2345678901234568e+16"), "x", "")),
		"string() of int()":                         allowed("whole-numbers", employee(1234567), as("1234567")),
		"string() of int(), of a fraction":          allowed("whole-numbers", employee(7.9), as("7")),
		"string() of int(), of a string":            allowed("whole-numbers", employee("0042"), as("42")),
		"string() of int(), too big":                refused("whole-numbers", employee(1e20), login.Username, "integer overflow"),
		"string() of true":                          allowed("numbers", employee(true), with(as("true"), "x", "")),
		"string() of a string":                      allowed("numbers", employee("ana"), with(as("ana"), "x", "")),
		"string() of a list":                        refused("numbers", employee([]string{"ana"}), login.Username, "no such overload"),
		"a number as uid":                           refused("numbers", claims{"employee": 1, "level": 7}, login.UID, "must return a string"),
	}
}

// nested are tokens whose claims are in objects.
func nested() map[string]row {
	all := func(changes claims) claims {
		out := claims{
			"profile":                  claims{"name": "ana", "desk.number": "d-12"},
			"realm_access":             claims{"roles": []string{"dev", "ops"}},
			"https://acme.example/uid": "u1",
		}
		maps.Copy(out, changes)
		return out
	}
	return map[string]row{
		"all there":                           allowed("nested", all(nil), with(as("ana", "kc:dev", "kc:ops"), "u1", "acme.example/desk", "d-12")),
		"a field that is missing":             refused("nested", all(claims{"profile": claims{"desk.number": "1"}}), login.Username, "no such key: name"),
		"an object that is missing":           refused("nested", all(claims{"realm_access": absent}), login.Groups, "no such key: realm_access"),
		"a string instead of an object":       refused("nested", all(claims{"realm_access": "dev"}), login.Groups, "no such"),
		"a name with slashes that is missing": refused("nested", all(claims{"https://acme.example/uid": absent}), login.UID, "no such key"),
		"a name with a dot that is missing":   refused("nested", all(claims{"profile": claims{"name": "ana"}}), login.Extra, "no such key"),
	}
}

// uidAndExtra are tokens of issuers that take a uid from a claim, and what the API server adds by itself.
func uidAndExtra() map[string]row {
	const parse = "parse uid claim"
	machine := as("system:serviceaccount:ci:ana")
	return map[string]row{
		"uid":                     allowed("machines", claims{"oid": "u1"}, with(machine, "u1", "")),
		"uid, empty":              allowed("machines", claims{"oid": ""}, machine),
		"uid, missing":            {issuer: "machines", rule: login.UID, log: parse},
		"uid, a number":           refused("machines", claims{"oid": 7}, login.UID, parse),
		"identifier of the token": {claims: claims{"jti": "t-1"}, want: with(as("oidc:ana"), "", user.CredentialIDKey, "JTI=t-1")},
		"identifier, empty":       {claims: claims{"jti": ""}, want: as("oidc:ana")},
		"identifier, a number":    {claims: claims{"jti": 7}, want: as("oidc:ana")},
		"identifier, a text":      {claims: claims{"jti": "a b\nü"}, want: with(as("oidc:ana"), "", user.CredentialIDKey, "JTI=a b\nü")},
	}
}

// rules are tokens for an issuer with rules on claims.
func rules() map[string]row {
	return map[string]row{
		"kept":                          allowed("rules", claims{"hd": "acme.example"}, as("oidc:ana")),
		"required claim is another":     refused("rules", claims{"hd": "evil.example"}, login.RequiredClaim, "required claim hd value does not match"),
		"required claim is missing":     {issuer: "rules", rule: login.RequiredClaim, log: "required claim hd not present"},
		"required claim is a list":      refused("rules", claims{"hd": []string{"acme.example"}}, login.RequiredClaim, "parse claim hd"),
		"required claim in capitals":    refused("rules", claims{"HD": "acme.example"}, login.RequiredClaim, "required claim hd not present"),
		"token that lives too long":     refused("rules", claims{"hd": "acme.example", "exp": 4102444800}, login.ClaimRule, "token lives longer than an hour"),
		"token without a time of issue": refused("rules", claims{"hd": "acme.example", "iat": absent}, login.ClaimRule, "no such key: iat"),
		"as many groups as may be":      allowed("rules", claims{"hd": "acme.example", "groups": []string{"a", "b", "c"}}, as("oidc:ana")),
		"too many groups":               refused("rules", claims{"hd": "acme.example", "groups": []string{"a", "b", "c", "d"}}, login.ClaimRule, "too many groups"),
		"a rule on a number":            refused("rules", claims{"hd": "acme.example", "groups": 7}, login.ClaimRule, "no such overload"),
	}
}
