package authn_test

import (
	"fmt"
	"maps"
	"strings"
)

// header begins every configuration.
const header = "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\n"

// attempt is a file, and the ids of the findings that tell why the API server refuses it, sorted and with spaces between;
// empty when it does not.
type attempt struct{ file, ids string }

// Parts of a JWT authenticator, in YAML flow form.
const (
	issuerPart   = `url: "https://issuer.example.com", audiences: [app]`
	usernamePart = `username: {claim: sub, prefix: ""}`
)

// authenticator returns a JWT authenticator of a list; empty parts are the usual ones.
func authenticator(issuer, mappings, rest string) string {
	if issuer == "" {
		issuer = issuerPart
	}
	if mappings == "" {
		mappings = usernamePart
	}
	text := "- issuer: {" + issuer + "}\n  claimMappings: {" + mappings + "}\n"
	if rest != "" {
		text += "  " + rest + "\n"
	}
	return text
}

// file returns a configuration of authenticators.
func file(authenticators ...string) string {
	return header + "jwt:\n" + strings.Join(authenticators, "")
}

func issuer(text string) string   { return file(authenticator(text, "", "")) }
func mappings(text string) string { return file(authenticator("", text, "")) }
func rest(text string) string     { return file(authenticator("", "", text)) }
func url(text string) string      { return issuer(`url: "` + text + `", audiences: [app]`) }
func also(text string) string     { return mappings(usernamePart + ", " + text) }

// authority returns a configuration with a certificateAuthority.
func authority(pem string) string {
	return issuer(issuerPart + fmt.Sprintf(", certificateAuthority: %q", pem))
}

// many returns authenticators of different issuers.
func many(count int) string {
	var all []string
	for i := range count {
		all = append(all, authenticator(fmt.Sprintf(`url: "https://issuer%d.example.com", audiences: [app]`, i), "", ""))
	}
	return file(all...)
}

// attempts returns all files by name. certificate is a good one, key a private key, both in PEM form.
func attempts(certificate, key string) map[string]attempt {
	out := map[string]attempt{}
	for _, part := range []map[string]attempt{
		readings(), issuers(), discoveries(), audiences(), authorities(certificate, key), claimRules(), usernames(), groups(), extras(), userRules(), anonymous(),
	} {
		maps.Copy(out, part)
	}
	return out
}
