package login

import (
	"maps"

	"k8s.io/apiserver/pkg/authentication/user"

	"github.com/kubegatehouse/gatehouse/pkg/login"
)

// expressions are tokens that expressions make somebody of.
func expressions() map[string]row {
	const mustBeText, mustBeList = "must return a string", "must return a string or a list of strings"
	acme := func(changes claims) claims {
		all := claims{"tenant": "acme"}
		maps.Copy(all, changes)
		return all
	}
	ana := with(as("ana@acme"), "", "acme.example/tenant", "acme")
	in := func(groups ...string) *login.User {
		return with(as("ana@acme", groups...), "", "acme.example/tenant", "acme")
	}
	try := func(changes claims, want *login.User, rule, log string) row {
		return row{issuer: "expressions", claims: acme(changes), want: want, rule: rule, log: log}
	}
	return map[string]row{
		"two claims":                      try(nil, ana, "", ""),
		"a claim that is missing":         try(claims{"tenant": absent}, nil, login.Username, "no such key: tenant"),
		"a claim that is null":            try(claims{"tenant": nil}, nil, login.Username, "no such overload"),
		"a claim that is a number":        try(claims{"tenant": 7}, nil, login.Username, "no such overload"),
		"optional groups, a list":         try(claims{"roles": []string{"dev", "ops"}}, in("dev", "ops"), "", ""),
		"optional groups, a string":       try(claims{"roles": "dev"}, in("dev"), "", ""),
		"optional groups, an empty one":   try(claims{"roles": []string{"", "dev"}}, in("dev"), "", ""),
		"optional groups, empty":          try(claims{"roles": ""}, ana, "", ""),
		"optional groups, null":           try(claims{"roles": nil}, ana, "", ""),
		"optional groups, a number":       try(claims{"roles": 7}, nil, login.Groups, mustBeList),
		"optional groups, a list with 7":  try(claims{"roles": []any{"dev", 7}}, nil, login.Groups, mustBeList),
		"optional groups, an object":      try(claims{"roles": claims{"dev": true}}, nil, login.Groups, mustBeList),
		"optional uid":                    try(claims{"oid": "u1"}, with(ana, "u1", ""), "", ""),
		"optional uid, a number":          try(claims{"oid": 7}, nil, login.UID, mustBeText),
		"optional uid, null":              try(claims{"oid": nil}, nil, login.UID, mustBeText),
		"extra, two keys":                 try(claims{"scopes": []string{"read", "write"}}, with(ana, "", "acme.example/scopes", "read", "write"), "", ""),
		"extra, a string":                 try(claims{"scopes": "read"}, with(ana, "", "acme.example/scopes", "read"), "", ""),
		"extra, a number":                 try(claims{"scopes": 7}, nil, login.Extra, mustBeList),
		"extra, of a condition":           try(claims{"admin": true}, with(ana, "", "acme.example/admin", "yes"), "", ""),
		"extra, a condition of no bool":   try(claims{"admin": "true"}, nil, login.Extra, "no such overload"),
		"empty extra is no extra":         try(claims{"tenant": ""}, nil, login.UserRule, "no such key"),
		"rule on extra":                   try(claims{"tenant": "closed"}, nil, login.UserRule, "tenant is closed"),
		"rule on uid":                     try(claims{"oid": "u-banned"}, nil, login.UserRule, "user is banned"),
		"identifier of the token":         try(claims{"jti": "t-1"}, with(ana, "", user.CredentialIDKey, "JTI=t-1"), "", ""),
		"identifier of the token, number": try(claims{"jti": 1}, ana, "", ""),
	}
}
