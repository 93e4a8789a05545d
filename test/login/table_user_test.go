package login

import (
	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// usernames are tokens whose username comes from a claim. It may be empty, and of any letters.
func usernames() map[string]row {
	const parse = "parse username claims"
	return map[string]row{
		"with prefix":                   {claims: claims{"sub": "ana"}, want: as("oidc:ana")},
		"with prefix, prefixed already": {claims: claims{"sub": "oidc:ana"}, want: as("oidc:oidc:ana")},
		"with prefix, empty":            {claims: claims{"sub": ""}, want: as("oidc:")},
		"with prefix, null":             {claims: claims{"sub": nil}, want: as("oidc:")},
		"missing":                       {claims: claims{"sub": absent}, rule: login.Username, log: parse},
		"a number":                      refused("open", claims{"sub": 4711}, login.Malformed, "failed to unmarshal claims"),
		"without prefix":                {issuer: "open", want: as("ana")},
		"without prefix, empty":         allowed("open", claims{"sub": ""}, as("")),
		"of another script":             allowed("open", claims{"sub": "Ána Þórsdóttir 安娜 🦊"}, as("Ána Þórsdóttir 安娜 🦊")),
		"of two ways to write a letter": allowed("open", claims{"sub": "A\u0301na"}, as("A\u0301na")),
		"with blanks around":            allowed("open", claims{"sub": " ana "}, as(" ana ")),
		"with an escape for terminals":  allowed("open", claims{"sub": "ana\x1b[31m\n"}, as("ana\x1b[31m\n")),
		"with a null byte":              allowed("open", claims{"sub": "ana\x00"}, as("ana\x00")),
		"with colons and slashes":       allowed("open", claims{"sub": "https://acme/x:y"}, as("https://acme/x:y")),
	}
}

// emails are tokens whose username is an e-mail address. From a claim, it has to be verified if the token says anything about that; from an
// expression, a rule has to say so.
func emails() map[string]row {
	const parse, ana = "parse username claims", "ana@acme.example"
	verified := func(value any) claims { return claims{"email": ana, "email_verified": value} }
	return map[string]row{
		"alone":                                 allowed("example", claims{"email": ana}, as(ana)),
		"verified":                              allowed("example", verified(true), as(ana)),
		"unverified":                            refused("example", verified(false), login.EmailNotVerified, "email not verified"),
		"verified as a string":                  refused("example", verified("true"), login.EmailNotVerified, "parse 'email_verified' claim"),
		"verified is null":                      refused("example", verified(nil), login.EmailNotVerified, "email not verified"),
		"missing":                               {issuer: "example", rule: login.Username, log: parse},
		"a list":                                refused("example", claims{"email": []string{ana}}, login.Username, parse),
		"empty":                                 allowed("example", claims{"email": ""}, as("")),
		"of an issuer that does not look at it": {claims: claims{"email": "x@acme.example", "email_verified": false}, want: as("oidc:ana")},
		"in an expression":                      allowed("verified", claims{"email": ana}, as(ana)),
		"in an expression, unverified":          refused("verified", verified(false), login.ClaimRule, "email is not verified"),
		"in an expression, a string":            refused("verified", verified("true"), login.ClaimRule, "email is not verified"),
		"in an expression, empty":               refused("verified", claims{"email": ""}, login.Username, "empty username"),
		"in an expression, missing":             {issuer: "verified", rule: login.Username, log: "no such key: email"},
		"in an expression, a number":            refused("verified", claims{"email": 7}, login.Username, "must return a string"),
		"named in capitals: not the one":        refused("example", claims{"Email": ana}, login.Username, parse),
	}
}

// groups are tokens whose groups come from a claim: a list, or a string that is one group.
func groups() map[string]row {
	const parse = "parse groups claim"
	return map[string]row{
		"a list":                      {claims: claims{"groups": []string{"dev", "ops"}}, want: as("oidc:ana", "oidc:dev", "oidc:ops")},
		"a string":                    {claims: claims{"groups": "dev"}, want: as("oidc:ana", "oidc:dev")},
		"a string with commas":        {claims: claims{"groups": "dev,ops"}, want: as("oidc:ana", "oidc:dev,ops")},
		"an empty string":             {claims: claims{"groups": ""}, want: as("oidc:ana", "oidc:")},
		"missing":                     {want: as("oidc:ana")},
		"null":                        {claims: claims{"groups": nil}, want: as("oidc:ana")},
		"an empty list":               {claims: claims{"groups": []string{}}, want: as("oidc:ana")},
		"a number":                    {claims: claims{"groups": 7}, rule: login.Groups, log: parse},
		"true":                        {claims: claims{"groups": true}, rule: login.Groups, log: parse},
		"an object":                   {claims: claims{"groups": claims{"dev": true}}, rule: login.Groups, log: parse},
		"a list with a number":        {claims: claims{"groups": []any{"dev", 7}}, rule: login.Groups, log: parse},
		"a list with null":            {claims: claims{"groups": []any{"dev", nil}}, want: as("oidc:ana", "oidc:dev", "oidc:")},
		"a list in a list":            {claims: claims{"groups": []any{[]string{"dev"}}}, rule: login.Groups, log: parse},
		"the same twice":              {claims: claims{"groups": []string{"dev", "dev"}}, want: as("oidc:ana", "oidc:dev", "oidc:dev")},
		"in the order of the token":   {claims: claims{"groups": []string{"b", "a"}}, want: as("oidc:ana", "oidc:b", "oidc:a")},
		"of another script":           allowed("open", claims{"groups": []string{"研究", "données"}}, as("ana", "研究", "données")),
		"with an empty one":           allowed("open", claims{"groups": []string{"", "dev"}}, as("ana", "", "dev")),
		"of an issuer that maps none": allowed("own", claims{"groups": []string{"dev"}}, as("own:ana")),
		"elsewhere, from nowhere": {
			claims: claims{"_claim_names": claims{"groups": "src"}, "_claim_sources": claims{}}, rule: login.DistributedClaim, log: "source does not exist",
		},
	}
}

// systemNames are tokens with names that Kubernetes keeps for itself. A prefix keeps them out, and so do rules, each for what it looks at.
func systemNames() map[string]row {
	const noUser, noGroup = "username cannot use reserved system prefix", "groups cannot use reserved system prefix"
	return map[string]row{
		"user, behind a prefix":            {claims: claims{"sub": "system:admin"}, want: as("oidc:system:admin")},
		"group, behind a prefix":           {claims: claims{"groups": []string{"system:masters"}}, want: as("oidc:ana", "oidc:system:masters")},
		"user, against a rule":             refused("guarded", claims{"sub": "system:admin"}, login.UserRule, noUser),
		"group, against a rule":            refused("guarded", claims{"groups": []string{"dev", "system:masters"}}, login.UserRule, noGroup),
		"group that looks like one":        allowed("guarded", claims{"groups": []string{" system:x", "System:x"}}, as("ana", " system:x", "System:x")),
		"no group, with a rule on groups":  {issuer: "guarded", want: as("ana")},
		"user, in the example":             refused("example", claims{"email": "system:admin"}, login.UserRule, noUser),
		"group, in the example":            allowed("example", claims{"email": "ana@acme.example", "groups": "system:masters"}, as("ana@acme.example", "system:masters")),
		"user, unguarded":                  allowed("open", claims{"sub": "system:kube-scheduler"}, as("system:kube-scheduler")),
		"node, unguarded":                  allowed("open", claims{"sub": "system:node:n1", "groups": "system:nodes"}, as("system:node:n1", "system:nodes")),
		"service account, unguarded":       allowed("open", claims{"sub": "system:serviceaccount:dev:default"}, as("system:serviceaccount:dev:default")),
		"service account, by the prefix":   allowed("machines", claims{"sub": "builder", "oid": "u1"}, with(as("system:serviceaccount:ci:builder"), "u1", "")),
		"anonymous: not authenticated":     allowed("open", claims{"sub": user.Anonymous}, exactly(user.Anonymous)),
		"group of all, named by the token": allowed("open", claims{"groups": []string{user.AllAuthenticated, "dev"}}, exactly("ana", user.AllAuthenticated, "dev")),
		"group of the unauthenticated":     allowed("open", claims{"groups": []string{user.AllUnauthenticated}}, exactly("ana", user.AllUnauthenticated)),
		"group of all service accounts":    allowed("open", claims{"groups": "system:serviceaccounts"}, as("ana", "system:serviceaccounts")),
		"group of all, behind a prefix":    {claims: claims{"groups": user.AllAuthenticated}, want: as("oidc:ana", "oidc:"+user.AllAuthenticated)},
	}
}
