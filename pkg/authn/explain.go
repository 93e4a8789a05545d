package authn

import (
	"fmt"
	"strings"

	"k8s.io/apiserver/pkg/apis/apiserver"
)

// Issuer says in words whom one JWT authenticator lets in, and as whom. Its texts hold names and expressions as they are
// in the configuration: whoever shows them escapes them.
type Issuer struct {
	URL       string   `json:"url"`
	Audiences []string `json:"audiences"`
	// Lines is all that follows in sentences, one a line, in the order in which the API server goes.
	Lines []string `json:"lines"`
	// Username, Groups and UID say where they come from.
	Username string `json:"username"`
	Groups   string `json:"groups"`
	UID      string `json:"uid"`
	// Extra says where each extra value comes from.
	Extra []string `json:"extra,omitempty"`
	// Rules says what must be true of claims, and then of the user.
	Rules []string `json:"rules,omitempty"`
	// Superusers says with which tokens somebody becomes a member of system:masters or a user of Kubernetes itself;
	// empty when none was found that the rules let through.
	Superusers []string `json:"superusers,omitempty"`
}

// Explain says in words whom each JWT authenticator of a configuration lets in, in their order. It never returns nil.
func Explain(c *Config, o Options) []Issuer {
	out := []Issuer{}
	compiler := Compiler(o.Kubernetes)
	for i := range c.Spec.JWT {
		a := &c.Spec.JWT[i]
		is := Issuer{
			URL: a.Issuer.URL, Audiences: append([]string{}, a.Issuer.Audiences...),
			Username: username(a.ClaimMappings.Username),
			Groups:   groups(a.ClaimMappings.Groups),
			UID:      uid(a.ClaimMappings.UID),
		}
		for _, e := range a.ClaimMappings.Extra {
			is.Extra = append(is.Extra, fmt.Sprintf("%s: what %s gives", e.Key, e.ValueExpression))
		}
		is.Rules = rules(a)
		if i < mostAuthenticators { // the API server takes no more
			t := newTrial(compiler, a)
			t.left = enough(len(c.Spec.JWT))
			is.Superusers = t.powers()
		}
		is.Lines = lines(a, is, o)
		out = append(out, is)
	}
	return out
}

// lines says everything about an issuer in sentences.
func lines(a *apiserver.JWTAuthenticator, is Issuer, o Options) []string {
	out := []string{
		fmt.Sprintf("a token is for this issuer when its iss is exactly %s", is.URL),
		"its signature is checked with the keys that " + keysFrom(a.Issuer, o),
		"its audience has to be " + oneOf(is.Audiences),
		"username: " + is.Username,
		"groups: " + is.Groups + "; and system:authenticated",
		"uid: " + is.UID,
	}
	for _, e := range is.Extra {
		out = append(out, "extra "+e)
	}
	for _, r := range is.Rules {
		out = append(out, "rule: "+r)
	}
	for _, s := range is.Superusers {
		out = append(out, "superuser: "+s)
	}
	if len(is.Superusers) == 0 {
		out = append(out, "superuser: no token that was tried makes its holder one")
	}
	return out
}

func keysFrom(issuer apiserver.Issuer, o Options) string {
	from := strings.TrimSuffix(issuer.URL, "/") + "/.well-known/openid-configuration"
	if issuer.DiscoveryURL != "" {
		from = issuer.DiscoveryURL
	}
	trust := "public authorities"
	switch {
	case o.CAUnread:
		trust = "a CA that was not read"
	case issuer.CertificateAuthority != "":
		trust = "certificateAuthority only"
	}
	return fmt.Sprintf("%s names, trusted through %s", from, trust)
}

func oneOf(names []string) string {
	if len(names) == 1 {
		return names[0]
	}
	return "one of " + strings.Join(names, ", ")
}

func username(m apiserver.PrefixedClaimOrExpression) string {
	switch {
	case m.Expression != "":
		return "what " + m.Expression + " gives, a string that is not empty"
	case m.Claim == "":
		return "nothing: the configuration is not valid"
	}
	text := fmt.Sprintf("claim %q%s", m.Claim, inFront(m.Prefix))
	if m.Claim == "email" {
		text += "; a token whose email_verified is there and not true is refused"
	}
	return text
}

func groups(m apiserver.PrefixedClaimOrExpression) string {
	switch {
	case m.Expression != "":
		return "what " + m.Expression + " gives, a string or a list of strings"
	case m.Claim == "":
		return "none from the token"
	}
	return fmt.Sprintf("claim %q, a string or a list of strings%s; none without the claim", m.Claim, inFront(m.Prefix))
}

func inFront(prefix *string) string {
	if prefix == nil || *prefix == "" {
		return ", as it is"
	}
	return fmt.Sprintf(", with %q in front", *prefix)
}

func uid(m apiserver.ClaimOrExpression) string {
	switch {
	case m.Expression != "":
		return "what " + m.Expression + " gives, a string"
	case m.Claim == "":
		return "none"
	}
	return fmt.Sprintf("claim %q", m.Claim)
}

// rules says what must be true of claims and of the user.
func rules(a *apiserver.JWTAuthenticator) []string {
	var out []string
	said := func(message string) string {
		if message == "" {
			return ""
		}
		return fmt.Sprintf(" (%s)", message)
	}
	for _, r := range a.ClaimValidationRules {
		if r.Claim != "" {
			out = append(out, fmt.Sprintf("claim %q has to be %q", r.Claim, r.RequiredValue))
			continue
		}
		out = append(out, "of the claims, "+r.Expression+" has to be true"+said(r.Message))
	}
	for _, r := range a.UserValidationRules {
		out = append(out, "of the user, "+r.Expression+" has to be true"+said(r.Message))
	}
	return out
}

// powers says with which tokens somebody becomes a superuser.
func (t *trial) powers() []string {
	var out []string
	if ways := t.groupWays(superuser); len(ways) > 0 {
		out = append(out, ways[0].holder(superuser))
	}
	for _, name := range builtInUsers {
		if ways := t.userWays(name); len(ways) > 0 {
			out = append(out, ways[0].holder(name))
		}
	}
	return out
}

// holder says whose token it is that gives a name.
func (w way) holder(name string) string {
	var claims []string
	told := false
	for i, path := range w.token.paths {
		value := w.token.values[i]
		if list, ok := value.([]any); ok && len(list) == 1 {
			value = list[0]
		}
		if _, left := value.(absent); left {
			continue
		}
		text := fmt.Sprint(value)
		if _, ok := value.(string); ok {
			text = fmt.Sprintf("%q", text)
		}
		told = told || value == any(name)
		claims = append(claims, fmt.Sprintf("%s in claim %q", text, strings.Join(path, ".")))
	}
	who := "whoever has a token"
	if len(claims) > 0 {
		who = "whoever has " + strings.Join(claims, " and ")
	}
	if !told {
		who += ", who becomes " + name
	}
	return who
}
