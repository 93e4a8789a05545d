package clusterauth

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// configGroup is the API group of configuration files for API servers.
const configGroup = "apiserver.config.k8s.io"

// configKind is the kind of the file.
const configKind = "AuthenticationConfiguration"

// judgeStart judges whether the API server of a cluster starts with what KCM writes for it.
func judgeStart(s *State, c *Cluster) []finding.Finding {
	a := s.authentication(c.Namespace, c.ClusterAuth)
	if c.ClusterAuth == "" || a == nil || a.Problem != nil || a.Configuration == nil || c.Uses() == UseNo {
		return nil
	}
	out := judgeAPIVersion(s, c, a)
	out = append(out, judgeOwnIssuer(c, a)...)
	out = append(out, judgeAnonymous(c, a)...)
	out = append(out, judgeEgress(c, a)...)
	return append(out, judgeFlags(c, a)...)
}

// judgeAPIVersion judges whether the child can read the file at all.
func judgeAPIVersion(s *State, c *Cluster, a *Authentication) []finding.Finding {
	written := configGroup + "/v1"
	if s.Era == k0rdent.AsWritten {
		written = a.Configuration.APIVersion
	}
	since := knownSince(written)
	if since == nil || c.Kubernetes == nil || c.Kubernetes.AtLeast(since) {
		return nil // what no version knows is a finding of the object
	}
	f := found("KC005", c.object(), fmt.Sprintf("KCM %s writes %s, which Kubernetes has since %s: the cluster runs %s",
		eraName(s), written, since, c.k0sWords()),
		"API servers that start with such a file end at once, so that the roll leaves the cluster without a control plane. Upgrade the cluster first.")
	return []finding.Finding{c.sure(f)}
}

// knownSince returns the first Kubernetes that knows the version of the file, nil when none does.
func knownSince(apiVersion string) *version.Version {
	switch apiVersion {
	case configGroup + "/v1":
		return version.MajorMinor(1, 34)
	case configGroup + "/v1beta1":
		return version.MajorMinor(1, 30)
	case configGroup + "/v1alpha1":
		return version.MajorMinor(1, 29)
	}
	return nil
}

// judgeAnonymous judges a configuration of anonymous requests. k0s adds a flag that contradicts it, until it was taught.
func judgeAnonymous(c *Cluster, a *Authentication) []finding.Finding {
	if a.Configuration.Anonymous == nil || c.K0s == "" || k0rdent.FixedAnonymous(c.K0s) {
		return nil
	}
	f := found("KC006", c.object(), fmt.Sprintf("%s has anonymous, which k0s before v1.36.3+k0s.1 contradicts by a flag: the cluster runs %s",
		a.object(), c.k0sWords()),
		"API servers with both do not start. Remove anonymous, or upgrade k0s first.")
	return []finding.Finding{c.sure(f)}
}

// judgeEgress judges the ways by which the API server is to reach issuers.
func judgeEgress(c *Cluster, a *Authentication) []finding.Finding {
	if c.Konnectivity == nil {
		return nil
	}
	var out []finding.Finding
	for i, jwt := range a.Configuration.JWT {
		field, egress := fmt.Sprintf("%s: jwt[%d].issuer.egressSelectorType %q", a.object(), i, jwt.Issuer.EgressSelectorType), jwt.Issuer.EgressSelectorType
		switch {
		case egress == "":
		case !*c.Konnectivity:
			out = append(out, found("KC007", c.object(), field+" needs konnectivity, which the control plane disables",
				"API servers without it do not know any egress selector, and do not start."))
		case egress != "cluster":
			out = append(out, found("KC007", c.object(), field+" is not one of k0s, which has cluster only",
				"API servers that do not know the egress selector do not start."))
		}
	}
	return out
}

// judgeFlags judges the flags that the user gives to the API server.
func judgeFlags(c *Cluster, a *Authentication) []finding.Finding {
	var out []finding.Finding
	args := mapAt(c.Config, "k0s", "api", "extraArgs")
	for _, name := range slices.Sorted(maps.Keys(args)) {
		switch at := "spec.config.k0s.api.extraArgs." + name; {
		case strings.HasPrefix(name, "oidc-"):
			out = append(out, found("KC009", c.object(), at+" excludes clusterAuth",
				"An API server with a flag of this kind and an authentication configuration does not start."))
		case name == authenticationFlag:
			out = append(out, found("KC010", c.object(), at+" repeats what the template sets",
				"The template writes the key twice: what comes of that is up to who reads it."))
		case name == "anonymous-auth" && a.Configuration.Anonymous != nil:
			out = append(out, found("KC006", c.object(), at+" contradicts anonymous of "+a.object(),
				"API servers with both do not start."))
		case name == "anonymous-auth" && c.ControlPlane == k0rdent.K0sControlPlane && c.Support.HonoursAnonymous:
			out = append(out, found("KC010", c.object(), at+" repeats what the template sets",
				"The template writes the key twice: what comes of that is up to who reads it."))
		}
	}
	return out
}

// k0sWords says what the cluster runs, and how that is known.
func (c Cluster) k0sWords() string {
	return fmt.Sprintf("k0s %s (%s)", c.K0s, cmp.Or(c.K0sSource, "unknown"))
}

// sure makes a finding a warning when the version that it is about is only assumed.
func (c Cluster) sure(f finding.Finding) finding.Finding {
	if c.K0sAssumed {
		f.Severity = finding.Warning
	}
	return f
}
