package authn

import (
	"net/url"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/apis/apiserver/validation"
)

// Validate returns what upstream's own validator says of a configuration, with expressions compiled for the version of
// Kubernetes in o and without the rules that came later than that version. It is empty when an API server of that
// version accepts the values; whether it has the fields at all is for Judge. A password within an issuer's URL is taken
// out of the errors.
func Validate(c *Config, o Options) field.ErrorList {
	kept, _ := validate(c, o)
	return kept
}

// validate returns what the version of Kubernetes in o refuses, and what only later versions do.
func validate(c *Config, o Options) (now, later field.ErrorList) {
	all := validation.ValidateAuthenticationConfiguration(Compiler(o.Kubernetes), c.Spec, o.DisallowedIssuers)
	for _, e := range all {
		redact(e)
		if since := ruleSince(e); since != 0 && before(o.Kubernetes, since) {
			later = append(later, e)
			continue
		}
		now = append(now, e)
	}
	return now, later
}

// ruleSince returns the minor version that brought the rule behind an error, 0 when the rule is as old as the
// configuration itself.
func ruleSince(e *field.Error) int {
	switch {
	case strings.HasPrefix(e.Detail, "k8s.io, kubernetes.io and their subdomains"):
		return 32
	case strings.HasPrefix(e.Detail, "claims.email_verified must be used"):
		return 30
	case strings.HasPrefix(e.Detail, "URL must not overlap with disallowed issuers"):
		return 30
	}
	return 0
}

// before reports whether a version of Kubernetes is older than 1.minor. The newest one known is no older than any.
func before(kubernetes *version.Version, minor int) bool {
	if kubernetes == nil || len(kubernetes.Components()) < 2 {
		return false
	}
	return kubernetes.LessThan(version.MajorMinor(1, uint(minor))) //nolint:gosec // minors are small and not negative
}

// redact takes passwords out of an error about a URL.
func redact(e *field.Error) {
	text, ok := e.BadValue.(string)
	if !ok || !strings.Contains(text, "@") || !strings.HasSuffix(strings.ToLower(e.Field), "url") {
		return
	}
	safe := "<omitted>"
	if u, err := url.Parse(text); err == nil {
		safe = u.Redacted()
	} else {
		// The parser quotes the URL in its own words.
		e.Detail = "the URL cannot be parsed"
	}
	e.BadValue = safe
}
