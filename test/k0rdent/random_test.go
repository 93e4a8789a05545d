package k0rdent_test

import (
	"math/rand/v2"
	"strings"

	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// generator makes configurations that a person might write, and ones that nobody would, with all that makes a writer of
// YAML quote, fold or escape.
type generator struct{ *rand.Rand }

// pieces are texts, or parts of longer ones.
func pieces() []string {
	return []string{
		"", "yes", "no", "on", "Y", "null", "~", "true", "0123", "0x1f", "0o17", "1e3", ".5", "-1", "1_000", "12:30:45",
		"2026-11-22", "2026-11-22T10:00:00Z", ".inf", ".NaN", "=", "<<", "a: b", "a:b", "oidc:", ":", "- a", "-", "---", "...",
		"# c", "a #c", "a#c", "'", "\"", "it's", "say \"x\"", "&a", "*a", "!t", "!!str x", "%d", "@x", "`x`", "{a}", "[a]", "{",
		"]", ",", "?", "? a", "|", ">", "\\", "\\n", "a\\", " lead", "trail ", "\ttab", "in\ttab", "\n", "\na", "a\n", "a\n\n",
		"a\nb", "a\n  b\nc", "  a\nb", "a\r\nb\r\n", "\r", "a \nb", "é", "日本語", "😀", "\u00a0", "\u0085", "\u2028",
		"\u200b", "\x00", "\x1b[31m", "\ufffd", "<script>&amp;", "claims.email", "claims.groups.map(g, 'oidc:' + g)",
		"!user.username.startsWith('system:')", "claims.?roles.orValue([])", "https://dex.example.com:5556",
		"claims.roles.split(',').filter(r, r.startsWith('team-') || r == 'ops').map(r, 'idp:' + r.lowerAscii().trim())",
		strings.Repeat("x", 81), strings.Repeat("word ", 40), strings.Repeat("a: ", 40) + "b", strings.Repeat("日本 ", 50),
		strings.Repeat("'quoted' ", 20), "has(claims.a) &&\n  claims.a == 'b' ||\n  claims.c.all(x, x.size() < " + "100)\n",
		strings.Repeat("long line of words that has to be folded somewhere ", 5) + "\nand another",
	}
}

// refused are parts of texts that the library can't write, so that k0rdent can't either.
func refused() []string { return []string{"\x7f", "a\ufeff"} }

// text returns a piece, or several joined by something that matters.
func (g generator) text() string {
	if g.IntN(200) == 0 {
		return refused()[g.IntN(2)]
	}
	all := pieces()
	out := all[g.IntN(len(all))]
	for g.IntN(3) == 0 {
		out += []string{"", " ", "\n", ", ", ": "}[g.IntN(5)] + all[g.IntN(len(all))]
	}
	return out
}

// maybe returns a text, or none half of the time.
func (g generator) maybe() string {
	if g.IntN(2) == 0 {
		return ""
	}
	return g.text()
}

// pointer returns nil, or what points to a text, often an empty one.
func (g generator) pointer() *string {
	switch g.IntN(3) {
	case 0:
		return nil
	case 1:
		return new("")
	}
	return new(g.text())
}

// several returns nil, an empty slice or up to 4 of what one makes.
func several[T any](g generator, one func() T) []T {
	n := g.IntN(6) - 1
	if n < 0 {
		return nil
	}
	out := make([]T, n)
	for i := range out {
		out[i] = one()
	}
	return out
}

// ca returns what a Secret may hold.
func (g generator) ca() []byte {
	const pem = "-----BEGIN CERTIFICATE-----\nMIIBVzCB/qADAgECAhEA\nAAAA\n-----END CERTIFICATE-----\n"
	forms := []string{
		"", "not a certificate", pem, strings.TrimSpace(pem), "\n" + pem, pem + pem, pem + "\n", "# a comment\n" + pem,
		strings.ReplaceAll(pem, "\n", "\r\n"), "  " + pem, pem + "   ", "\ufeff" + pem, "\xff\xfe\x00binary", g.text(),
	}
	return []byte(forms[g.IntN(len(forms))])
}

func (g generator) configuration() k0rdent.Configuration {
	c := k0rdent.Configuration{JWT: several(g, g.authenticator)}
	switch g.IntN(4) {
	case 0:
		c.APIVersion, c.Kind = "apiserver.config.k8s.io/v1beta1", "AuthenticationConfiguration"
	case 1:
		c.APIVersion, c.Kind = g.maybe(), g.maybe()
	}
	if g.IntN(3) == 0 {
		c.Anonymous = &apiserverv1.AnonymousAuthConfig{
			Enabled: g.IntN(2) == 0,
			Conditions: several(g, func() apiserverv1.AnonymousAuthCondition {
				return apiserverv1.AnonymousAuthCondition{Path: g.text()}
			}),
		}
	}
	return c
}

func (g generator) authenticator() apiserverv1.JWTAuthenticator {
	return apiserverv1.JWTAuthenticator{
		Issuer: apiserverv1.Issuer{
			URL:                  g.text(),
			DiscoveryURL:         g.pointer(),
			CertificateAuthority: []string{"", string(g.ca())}[g.IntN(2)],
			Audiences:            several(g, g.text),
			AudienceMatchPolicy:  apiserverv1.AudienceMatchPolicyType(g.maybe()),
			EgressSelectorType:   apiserverv1.EgressSelectorType(g.maybe()),
		},
		ClaimValidationRules: several(g, func() apiserverv1.ClaimValidationRule {
			return apiserverv1.ClaimValidationRule{
				Claim: g.maybe(), RequiredValue: g.maybe(), Expression: g.maybe(), Message: g.maybe(),
			}
		}),
		ClaimMappings: apiserverv1.ClaimMappings{
			Username: g.mapping(),
			Groups:   g.mapping(),
			UID:      apiserverv1.ClaimOrExpression{Claim: g.maybe(), Expression: g.maybe()},
			Extra: several(g, func() apiserverv1.ExtraMapping {
				return apiserverv1.ExtraMapping{Key: g.text(), ValueExpression: g.text()}
			}),
		},
		UserValidationRules: several(g, func() apiserverv1.UserValidationRule {
			return apiserverv1.UserValidationRule{Expression: g.text(), Message: g.maybe()}
		}),
	}
}

func (g generator) mapping() apiserverv1.PrefixedClaimOrExpression {
	return apiserverv1.PrefixedClaimOrExpression{Claim: g.maybe(), Prefix: g.pointer(), Expression: g.maybe()}
}
