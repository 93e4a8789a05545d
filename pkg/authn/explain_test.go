package authn_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	c := parse(t, header("v1")+`jwt:
- issuer: {url: "https://dex.example.com:5556", audiences: [example-app]}
  claimMappings:
    username: {claim: email, prefix: ""}
    groups: {claim: groups, prefix: ""}
  userValidationRules:
  - {expression: "!user.username.startsWith('system:')", message: no system names}
- issuer:
    url: https://issuer.example.com/
    discoveryURL: https://d.example.com/keys
    audiences: [a, b]
    audienceMatchPolicy: MatchAny
    certificateAuthority: x
  claimMappings:
    username: {expression: "'corp:' + claims.sub"}
    groups: {claim: roles, prefix: "corp:"}
    uid: {claim: sub}
    extra: [{key: example.com/team, valueExpression: claims.team}]
  claimValidationRules:
  - {claim: hd, requiredValue: acme}
  - {expression: "claims.exp - claims.nbf <= 86400.0"}
`)
	want := []authn.Issuer{
		{
			URL: "https://dex.example.com:5556", Audiences: []string{"example-app"},
			Username:   `claim "email", as it is; a token whose email_verified is there and not true is refused`,
			Groups:     `claim "groups", a string or a list of strings, as it is; none without the claim`,
			UID:        "none",
			Rules:      []string{"of the user, !user.username.startsWith('system:') has to be true (no system names)"},
			Superusers: []string{`member of system:masters: claim "groups" with "system:masters"`},
			Lines: []string{
				"a token is for this issuer when its iss is exactly https://dex.example.com:5556",
				"its signature is checked with the keys that https://dex.example.com:5556/.well-known/openid-configuration names, trusted through public authorities",
				"its audience has to be example-app",
				`username: claim "email", as it is; a token whose email_verified is there and not true is refused`,
				`groups: claim "groups", a string or a list of strings, as it is; none without the claim; and system:authenticated`,
				"uid: none",
				"rule: of the user, !user.username.startsWith('system:') has to be true (no system names)",
				`superuser: member of system:masters: claim "groups" with "system:masters"`,
			},
		},
		{
			URL: "https://issuer.example.com/", Audiences: []string{"a", "b"},
			Username: "what 'corp:' + claims.sub gives, a string that is not empty",
			Groups:   `claim "roles", a string or a list of strings, with "corp:" in front; none without the claim`,
			UID:      `claim "sub"`,
			Extra:    []string{"example.com/team: what claims.team gives"},
			Rules:    []string{`claim "hd" has to be "acme"`, "of the claims, claims.exp - claims.nbf <= 86400.0 has to be true"},
			Lines: []string{
				"a token is for this issuer when its iss is exactly https://issuer.example.com/",
				"its signature is checked with the keys that https://d.example.com/keys names, trusted through certificateAuthority only",
				"its audience has to be one of a, b",
				"username: what 'corp:' + claims.sub gives, a string that is not empty",
				`groups: claim "roles", a string or a list of strings, with "corp:" in front; none without the claim; and system:authenticated`,
				`uid: claim "sub"`,
				"extra example.com/team: what claims.team gives",
				`rule: claim "hd" has to be "acme"`,
				"rule: of the claims, claims.exp - claims.nbf <= 86400.0 has to be true",
				"superuser: no token was found that makes its holder one",
			},
		},
	}
	if diff := cmp.Diff(want, authn.Explain(c, authn.Options{})); diff != "" {
		t.Errorf("issuers (-want +got):\n%s", diff)
	}
	if got := authn.Explain(parse(t, header("v1")), authn.Options{}); got == nil || len(got) != 0 {
		t.Errorf("issuers of nothing are %v", got)
	}
}
