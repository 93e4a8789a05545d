package authn

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"k8s.io/apiserver/pkg/apis/apiserver"
)

// soon is how long before its end a certificate is worth a finding: what it takes to plan the change of it everywhere.
const soon = 30 * 24 * time.Hour

// publicIssuers are domains whose issuers have certificates of public authorities; a dot in front means every name below.
var publicIssuers = []string{
	"accounts.google.com", "login.microsoftonline.com", "sts.windows.net", "token.actions.githubusercontent.com",
	"gitlab.com", "appleid.apple.com", "container.googleapis.com", "oidc.circleci.com", "agent.buildkite.com",
	".okta.com", ".oktapreview.com", ".okta-emea.com", ".auth0.com", ".onelogin.com", ".b2clogin.com", ".ciamlogin.com",
	".amazonaws.com", ".pingone.com", ".pingone.eu", ".cloudflareaccess.com", ".jumpcloud.com",
}

// authority judges the certificates through which an issuer is trusted.
func (j *judge) authority(issuer apiserver.Issuer, path string) {
	pem := issuer.CertificateAuthority
	if pem == "" {
		return
	}
	path += ".certificateAuthority"
	bundle, err := ReadBundle([]byte(pem))
	j.others(bundle.Others, path)
	if strings.Contains(pem, "\r") {
		j.report("AU064", path, path+": lines end with a carriage return",
			"the API server accepts it, but other readers may not, and it makes the text differ from the one meant")
	}
	if err != nil {
		return // the validator tells of it
	}
	j.validity(bundle.Certificates, path)
	for _, c := range bundle.Certificates {
		if !c.IsCA {
			j.report("AU066", path, fmt.Sprintf("%s: %s is no authority", path, quoted(c.Subject)),
				"it is trusted only when the issuer's server shows this very certificate; each renewal then cuts it off")
		}
	}
	if host := publicHost(issuer); host != "" && private(bundle.Certificates) {
		j.report("AU067", path, fmt.Sprintf("%s: %s is reached through these certificates only", path, host),
			"with certificateAuthority the API server trusts no public authority for this issuer; leave it out, or add the public root")
	}
}

// others judges what is in a bundle besides certificates.
func (j *judge) others(kinds []string, path string) {
	var rest []string
	for _, kind := range kinds {
		if strings.Contains(kind, privateKey) {
			j.report("AU060", path, path+": a private key is in it",
				"everybody who can read the configuration has the key; the API server passes over it. Take it out, and replace the key")
			continue
		}
		rest = append(rest, kind)
	}
	if len(rest) > 0 {
		j.report("AU065", path, fmt.Sprintf("%s: blocks are passed over: %s", path, quoted(strings.Join(rest, ", "))),
			"the API server takes CERTIFICATE blocks without headers only")
	}
}

// validity judges when certificates are valid. One that is not is harmless beside a valid one, as when roots change.
func (j *judge) validity(certificates []Certificate, path string) {
	now := j.options.Now
	if now.IsZero() {
		return
	}
	const day = "2006-01-02"
	valid := 0
	for _, c := range certificates {
		switch {
		case now.Before(c.NotBefore):
			j.report("AU063", path, fmt.Sprintf("%s: %s is not valid before %s", path, quoted(c.Subject), c.NotBefore.Format(day)),
				"until then the API server does not trust what it signed")
			continue
		case now.After(c.NotAfter):
			j.report("AU062", path, fmt.Sprintf("%s: %s expired on %s", path, quoted(c.Subject), c.NotAfter.Format(day)),
				"the API server does not check this when it starts, but trusts nothing that it signed")
			continue
		case c.NotAfter.Sub(now) < soon:
			j.report("AU062", path, fmt.Sprintf("%s: %s expires on %s", path, quoted(c.Subject), c.NotAfter.Format(day)),
				"from then on the API server cannot fetch the issuer's keys anew; put its successor beside it before")
		}
		valid++
	}
	if valid == 0 {
		j.report("AU061", path, path+": no certificate in it is valid now",
			"the API server starts, but cannot fetch the issuer's keys: nobody of this issuer gets in")
	}
}

// private reports whether no certificate is of an organization that signs for the public, as far as names tell.
func private(certificates []Certificate) bool {
	for _, c := range certificates {
		for _, name := range publicAuthorities {
			if strings.Contains(c.Subject, name) {
				return false
			}
		}
	}
	return true
}

// publicAuthorities are words in the names of the authorities that those issuers use.
var publicAuthorities = []string{
	"DigiCert", "Google Trust Services", "GlobalSign", "Internet Security Research Group", "Let's Encrypt", "Amazon",
	"Sectigo", "COMODO", "USERTRUST", "Microsoft", "Baltimore", "Entrust", "GoDaddy", "Go Daddy", "Starfield", "IdenTrust",
}

// publicHost returns the host that keys of an issuer are fetched from when it is a public one, else an empty string.
func publicHost(issuer apiserver.Issuer) string {
	from := issuer.URL
	if issuer.DiscoveryURL != "" {
		from = issuer.DiscoveryURL
	}
	u, err := url.Parse(from)
	if err != nil {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	for _, name := range publicIssuers {
		if host == name || strings.HasPrefix(name, ".") && strings.HasSuffix(host, name) {
			return host
		}
	}
	return ""
}
