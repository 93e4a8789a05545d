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
			Superusers: []string{`whoever has "system:masters" in claim "groups"`},
			Lines: []string{
				"a token is for this issuer when its iss is exactly https://dex.example.com:5556",
				"its signature is checked with the keys that https://dex.example.com:5556/.well-known/openid-configuration names, trusted through public authorities",
				"its audience has to be example-app",
				`username: claim "email", as it is; a token whose email_verified is there and not true is refused`,
				`groups: claim "groups", a string or a list of strings, as it is; none without the claim; and system:authenticated`,
				"uid: none",
				"rule: of the user, !user.username.startsWith('system:') has to be true (no system names)",
				`superuser: whoever has "system:masters" in claim "groups"`,
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
				"superuser: no token that was tried makes its holder one",
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

// Who can become a superuser is said by the claims that do it, and by the name only where they don't tell.
func TestExplainSuperusers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		mappings string
		want     []string
	}{
		"a prefix":  {safe + `, groups: {claim: groups, prefix: "system:"}`, []string{`whoever has "masters" in claim "groups", who becomes system:masters`}},
		"a role":    {safe + `, groups: {expression: 'claims.?role.orValue("") == "admin" ? ["system:masters"] : []'}`, []string{`whoever has "admin" in claim "role", who becomes system:masters`}},
		"a boolean": {safe + `, groups: {expression: 'claims.?admin.orValue(false) == true ? ["system:masters"] : []'}`, []string{`whoever has true in claim "admin", who becomes system:masters`}},
		"everybody": {safe + `, groups: {expression: '["system:masters"]'}`, []string{"whoever has a token, who becomes system:masters"}},
		"a name": {`username: {claim: sub, prefix: ""}`, []string{
			`whoever has "system:kube-controller-manager" in claim "sub"`, `whoever has "system:kube-scheduler" in claim "sub"`,
			`whoever has "system:serviceaccount:kube-system:clusterrole-aggregation-controller" in claim "sub"`,
		}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := authn.Explain(parse(t, authenticator(tc.mappings, "")), authn.Options{})
			if diff := cmp.Diff(tc.want, got[0].Superusers); diff != "" {
				t.Errorf("superusers (-want +got):\n%s", diff)
			}
		})
	}
}

// API servers get a CA that the configuration at hand does not have: nothing may be said of whom they trust.
func TestExplainCAUnread(t *testing.T) {
	t.Parallel()
	c := parse(t, header("v1")+"jwt:\n- issuer: {url: 'https://a.example', audiences: [app]}\n  claimMappings: {username: {claim: sub, prefix: ''}}\n"+
		"- issuer: {url: 'https://b.example', audiences: [app], certificateAuthority: x}\n  claimMappings: {username: {claim: sub, prefix: ''}}\n")
	want := []string{
		"its signature is checked with the keys that https://a.example/.well-known/openid-configuration names, trusted through a CA that was not read",
		"its signature is checked with the keys that https://b.example/.well-known/openid-configuration names, trusted through a CA that was not read",
	}
	var got []string
	for _, issuer := range authn.Explain(c, authn.Options{CAUnread: true}) {
		got = append(got, issuer.Lines[1])
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
