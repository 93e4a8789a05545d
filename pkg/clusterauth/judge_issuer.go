package clusterauth

import (
	"fmt"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// DisallowedIssuers returns the URLs that no issuer of a ClusterAuthentication may have, sorted: those of the service
// accounts of k0s clusters, and of the clusters that use it where their values name another. API servers refuse them.
func (s *State) DisallowedIssuers(a Authentication) []string {
	out := []string{k0rdent.ServiceAccountIssuer}
	for _, name := range a.UsedBy {
		if c := s.cluster(a.Namespace, name); c != nil {
			out = append(out, c.serviceAccountIssuers()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// serviceAccountIssuers returns the issuers of the service accounts of a cluster: that of k0s, and one that the values of
// the cluster or of its chart give to the API server.
func (c *Cluster) serviceAccountIssuers() []string {
	out := []string{k0rdent.ServiceAccountIssuer}
	for _, values := range []map[string]any{c.Config, c.Defaults} {
		if issuer := textAt(values, "k0s", "api", "extraArgs", serviceAccountIssuerFlag); issuer != "" {
			return append(out, issuer)
		}
	}
	return out
}

// serviceAccountIssuerFlag is the flag of kube-apiserver that names the issuer of its service accounts.
const serviceAccountIssuerFlag = "service-account-issuer"

const whyNotOwnIssuer = "API servers refuse it when they start; KCM does not."

// judgeIssuers judges whether an issuer is that of service accounts, of any k0s cluster or of those that use it.
func judgeIssuers(s *State, a Authentication) []finding.Finding {
	var out []finding.Finding
	disallowed := s.DisallowedIssuers(a)
	for i, jwt := range a.Configuration.JWT {
		switch {
		case !slices.Contains(disallowed, jwt.Issuer.URL):
		case jwt.Issuer.URL == k0rdent.ServiceAccountIssuer:
			out = append(out, found("KC008", a.object(),
				fmt.Sprintf("jwt[%d].issuer.url is the issuer of the service accounts of every k0s cluster", i), whyNotOwnIssuer))
		default:
			var of []string
			for _, name := range a.UsedBy {
				if c := s.cluster(a.Namespace, name); c != nil && slices.Contains(c.serviceAccountIssuers(), jwt.Issuer.URL) {
					of = append(of, name)
				}
			}
			out = append(out, found("KC008", a.object(),
				fmt.Sprintf("jwt[%d].issuer.url is the issuer of the service accounts of %s", i, join(of)), whyNotOwnIssuer))
		}
	}
	return out
}

// judgeOwnIssuer judges the same for one cluster.
func judgeOwnIssuer(c *Cluster, a *Authentication) []finding.Finding {
	var out []finding.Finding
	own := c.serviceAccountIssuers()
	for i, jwt := range a.Configuration.JWT {
		if slices.Contains(own, jwt.Issuer.URL) {
			out = append(out, found("KC008", c.object(),
				fmt.Sprintf("%s: jwt[%d].issuer.url is the issuer of the cluster's own service accounts", a.object(), i), whyNotOwnIssuer))
		}
	}
	return out
}
