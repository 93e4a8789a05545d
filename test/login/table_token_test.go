package login

import (
	"strings"
	"time"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// times are tokens whose time is the question. The API server forgives a minute before the time, and nothing after it.
func times() map[string]row {
	return map[string]row{
		"now":                                    {want: as("oidc:ana")},
		"expired an hour ago":                    {claims: claims{"exp": in(-time.Hour)}, rule: login.Expired, log: "token is expired"},
		"expired half a minute ago: no leeway":   {claims: claims{"exp": in(-30 * time.Second)}, rule: login.Expired, log: "token is expired"},
		"without expiry":                         {claims: claims{"exp": absent}, rule: login.Expired, log: "token is expired"},
		"expiry with a fraction of a second":     {claims: claims{"exp": 4102444800.5}, want: as("oidc:ana")},
		"expiry as a string of digits":           {claims: claims{"exp": "4102444800"}, want: as("oidc:ana")},
		"expiry as a date":                       {claims: claims{"exp": "2100-01-01"}, rule: login.Malformed, log: "failed to unmarshal claims"},
		"not before an hour from now":            {claims: claims{"nbf": in(time.Hour)}, rule: login.NotYetValid, log: "before the nbf"},
		"not before half a minute: the leeway":   {claims: claims{"nbf": in(30 * time.Second)}, want: as("oidc:ana")},
		"not before two minutes: no leeway":      {claims: claims{"nbf": in(2 * time.Minute)}, rule: login.NotYetValid, log: "before the nbf"},
		"not before an hour ago":                 {claims: claims{"nbf": in(-time.Hour)}, want: as("oidc:ana")},
		"issued an hour from now: not looked at": {claims: claims{"iat": in(time.Hour)}, want: as("oidc:ana")},
		"without time of issue":                  {claims: claims{"iat": absent}, want: as("oidc:ana")},
	}
}

// audiences are tokens that are for somebody: one of the configured audiences has to be among the token's.
func audiences() map[string]row {
	return map[string]row{
		"another":                       {claims: claims{"aud": "grafana"}, rule: login.Audience, log: "expected audience"},
		"another that begins with ours": {claims: claims{"aud": "gatehouse-2"}, rule: login.Audience, log: "expected audience"},
		"ours in capitals":              {claims: claims{"aud": "Gatehouse"}, rule: login.Audience, log: "expected audience"},
		"ours among several":            {claims: claims{"aud": []string{"grafana", "gatehouse"}}, want: as("oidc:ana")},
		"several without ours":          {claims: claims{"aud": []string{"grafana", "argocd"}}, rule: login.Audience, log: "expected audience"},
		"none":                          {claims: claims{"aud": absent}, rule: login.Audience, log: "expected audience"},
		"an empty list":                 {claims: claims{"aud": []string{}}, rule: login.Audience, log: "expected audience"},
		"a number":                      {claims: claims{"aud": 7}, rule: login.Malformed, log: "failed to unmarshal claims"},
		"first of two that are allowed": {issuer: "audiences", claims: claims{"aud": "gatehouse"}, want: as("oidc:ana")},
		"second of two that are allowed": {
			issuer: "audiences", claims: claims{"aud": []string{"kubernetes"}}, want: as("oidc:ana"),
		},
		"both of two that are allowed": {
			issuer: "audiences", claims: claims{"aud": []string{"kubernetes", "gatehouse"}}, want: as("oidc:ana"),
		},
		"neither of two that are allowed": {
			issuer: "audiences", claims: claims{"aud": []string{"grafana"}}, rule: login.Audience, log: "expected audience in",
		},
		"authorized party is not looked at": {claims: claims{"azp": "grafana"}, want: as("oidc:ana")},
	}
}

// issuers are tokens whose issuer is the question: it is compared letter by letter.
func issuers() map[string]row {
	return map[string]row{
		"unknown":                         {claims: claims{"iss": "https://login.other.example"}, rule: login.Issuer},
		"none":                            {claims: claims{"iss": absent}, rule: login.Issuer},
		"a number":                        {claims: claims{"iss": 7}, rule: login.Malformed},
		"empty":                           {claims: claims{"iss": ""}, rule: login.Issuer},
		"null":                            {claims: claims{"iss": nil}, rule: login.Issuer},
		"null, and named in capitals":     {claims: claims{"iss": nil, "ISS": "https://ISSUER/prefixed"}, want: as("oidc:ana")},
		"with a slash that is not ours":   {claims: claims{"iss": "https://ISSUER/prefixed/"}, rule: login.Issuer},
		"without the slash that is ours":  {claims: claims{"iss": "https://ISSUER/audiences"}, rule: login.Issuer},
		"scheme in capitals":              {claims: claims{"iss": "HTTPS://login.acme.example/tenant"}, rule: login.Issuer},
		"found at another URL":            {issuer: "elsewhere", want: as("acme:ana")},
		"the URL where it is found":       {claims: claims{"iss": "https://ISSUER/elsewhere"}, rule: login.Issuer},
		"with keys of its own":            {issuer: "own", want: as("own:ana")},
		"with keys of its own, another's": {issuer: "own", key: "rsa", rule: login.Key, log: "failed to verify id token signature"},
		"another's key":                   {key: "own", rule: login.Key, log: "failed to verify id token signature"},
		"of service accounts, not signed by it": {
			claims: claims{"iss": "https://kubernetes.default.svc.cluster.local", "sub": "system:serviceaccount:kube-system:default"},
			rule:   login.Issuer, log: "invalid signature",
		},
		"another, with a key of both": {claims: claims{"iss": "https://login.acme.example/tenant"}, want: as("acme:ana")},
		"named in capitals: counts":   {claims: claims{"iss": absent, "ISS": "https://ISSUER/prefixed"}, want: as("oidc:ana")},
		"of legacy service accounts": {
			claims: claims{"iss": "kubernetes/serviceaccount"}, rule: login.Issuer, log: "invalid signature",
		},
	}
}

// malformed are texts that are no tokens, or hardly.
func malformed() map[string]row {
	text := func(s string) func(string) string { return func(string) string { return s } }
	swap := func(n int, s string) func(string) string { return part(n, text(s)) }
	return map[string]row{
		"empty":                           {forge: text(""), rule: login.Malformed},
		"a word":                          {forge: text("token"), rule: login.Malformed},
		"two parts":                       {forge: text("a.b"), rule: login.Malformed},
		"three parts that are no base64":  {forge: text("?.?.?"), rule: login.Malformed},
		"four parts":                      {forge: func(s string) string { return s + ".e30" }, rule: login.Malformed},
		"five parts, as of an encryption": {forge: func(s string) string { return s + ".e30.e30" }, rule: login.Malformed},
		"a dot at the end":                {forge: func(s string) string { return s + "." }, rule: login.Malformed},
		"header that is no JSON":          {forge: swap(0, encode([]byte("x"))), rule: login.Malformed, log: "malformed jwt"},
		"header that is no base64":        {forge: swap(0, "?"), rule: login.Malformed, log: "malformed jwt"},
		"empty header":                    {forge: swap(0, ""), rule: login.Malformed, log: "unsupported algorithm"},
		"payload that is no JSON":         {forge: swap(1, encode([]byte("x"))), rule: login.Malformed},
		"payload that is a list":          {forge: swap(1, encode([]byte("[]"))), rule: login.Malformed},
		"payload that is null":            {forge: swap(1, encode([]byte("null"))), rule: login.Malformed},
		"empty payload":                   {forge: swap(1, ""), rule: login.Malformed},
		"payload with padding":            {forge: part(1, func(s string) string { return s + "==" }), rule: login.Malformed},
		"signature that is no base64":     {forge: swap(2, "?"), rule: login.Malformed, log: "malformed jwt"},
		"something behind a space":        {forge: func(s string) string { return s + " x" }, want: as("oidc:ana")},
		"spaces around":                   {forge: func(s string) string { return s + "  " }, want: as("oidc:ana")},
		"a tab in the signature":          {forge: part(2, func(s string) string { return s[:9] + "\t" + s[9:] }), want: as("oidc:ana")},
		"a tab in the payload":            {forge: part(1, func(s string) string { return s[:9] + "\t" + s[9:] }), rule: login.Malformed},
		"Bearer twice":                    {forge: func(s string) string { return "Bearer " + s }, rule: login.Malformed},
		"in JSON": {forge: func(s string) string {
			p := strings.Split(s, ".")
			return `{"protected":"` + p[0] + `","payload":"` + p[1] + `","signature":"` + p[2] + `"}`
		}, rule: login.Malformed},
		"a megabyte": {claims: claims{"groups": strings.Repeat("g", 1<<20)}, rule: login.TooLong},
	}
}
