package authn

import "github.com/kubegatehouse/gatehouse/pkg/finding"

// Rule is a kind of finding.
type Rule struct {
	// ID is stable over releases: "AU007".
	ID       string           `json:"id"`
	Severity finding.Severity `json:"severity"`
	// Title says on one line what is wrong when there is a finding of this kind.
	Title string `json:"title"`
}

// Rules returns every kind of finding of this package, by id, for help and documentation. AU001 to AU017 are the rules
// of the API server's own validator and of what it does with a token; the others are ours.
func Rules() []Rule {
	return []Rule{
		{"AU001", finding.Error, "there are more JWT authenticators than the API server takes"},
		{"AU002", finding.Error, "an issuer URL is missing, repeated, or that of the API server's service accounts"},
		{"AU003", finding.Error, "an issuer URL or discovery URL is no plain https URL"},
		{"AU004", finding.Error, "a discovery URL equals its issuer URL or is repeated"},
		{"AU005", finding.Error, "audiences are missing, empty or repeated"},
		{"AU006", finding.Error, "audienceMatchPolicy does not fit the audiences"},
		{"AU007", finding.Error, "certificateAuthority holds no usable certificate"},
		{"AU008", finding.Error, "egressSelectorType is unknown"},
		{"AU009", finding.Error, "a claim validation rule is not valid"},
		{"AU010", finding.Error, "the username mapping is not valid"},
		{"AU011", finding.Error, "the groups mapping is not valid"},
		{"AU012", finding.Error, "the uid mapping is not valid"},
		{"AU013", finding.Error, "an extra mapping is not valid"},
		{"AU014", finding.Error, "a user validation rule is not valid"},
		{"AU015", finding.Error, "the username uses an e-mail address that nobody has verified"},
		{"AU016", finding.Error, "the settings of anonymous requests contradict each other"},
		{"AU017", finding.Error, "an expression gives what the API server refuses at every login"},
		{"AU019", finding.Error, "the API server refuses the configuration for another reason"},
		{"AU020", finding.Error, "the file is no configuration that the API server can read"},
		{"AU021", finding.Error, "a field is unknown, repeated or of the wrong type"},
		{"AU022", finding.Warning, "the file has a second document, which the API server passes over"},
		{"AU030", finding.Error, "this apiVersion does not exist in this version of Kubernetes"},
		{"AU031", finding.Error, "a field does not exist in this version of Kubernetes"},
		{"AU032", finding.Error, "an expression needs a later version of Kubernetes"},
		{"AU033", finding.Warning, "a later version of Kubernetes will refuse the configuration"},
		{"AU034", finding.Error, "this version of Kubernetes needs a feature gate that is off by default"},
		{"AU035", finding.Info, "this apiVersion is not the stable one"},
		{"AU040", finding.Warning, "a mapping fails for everybody whose token lacks a claim"},
		{"AU041", finding.Warning, "an expression fails for every claim it was tried with"},
		{"AU042", finding.Warning, "large numbers in a claim become text with an exponent"},
		{"AU050", finding.Error, "a token can make its holder a member of system:masters"},
		{"AU051", finding.Warning, "a token can make its holder a built-in user of Kubernetes"},
		{"AU052", finding.Warning, "a token can put its holder into built-in groups of Kubernetes"},
		{"AU060", finding.Error, "a private key is in certificateAuthority"},
		{"AU061", finding.Error, "no certificate of certificateAuthority is valid now"},
		{"AU062", finding.Warning, "a certificate of certificateAuthority has expired or will soon"},
		{"AU063", finding.Warning, "a certificate of certificateAuthority is not valid yet"},
		{"AU064", finding.Warning, "certificateAuthority has lines that end as on Windows"},
		{"AU065", finding.Info, "certificateAuthority has parts that the API server passes over"},
		{"AU066", finding.Warning, "a certificate of certificateAuthority is no authority"},
		{"AU067", finding.Warning, "an issuer on the Internet is trusted through a private authority only"},
		{"AU070", finding.Info, "anonymous requests are let in on every path"},
		{"AU071", finding.Warning, "a path of anonymous requests can never match"},
		{"AU072", finding.Info, "the configuration lets nobody in"},
	}
}

// severityOf returns the severity of a kind of finding.
func severityOf(id string) finding.Severity {
	for _, r := range Rules() {
		if r.ID == id {
			return r.Severity
		}
	}
	return finding.Error
}
