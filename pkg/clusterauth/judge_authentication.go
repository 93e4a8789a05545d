package clusterauth

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/version"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// JudgeAuthentication returns what is wrong with one ClusterAuthentication, whether or not something uses it, for API
// servers of a version of Kubernetes; nil is the newest. Beside k0rdent's rules they are those of [authn.Judge] on what KCM
// writes for it, with the CA in it. They are sorted.
func JudgeAuthentication(s *State, a Authentication, kubernetes *version.Version) []finding.Finding {
	object := a.object()
	if a.Problem != nil {
		return []finding.Finding{found("KC028", object, a.Problem.Error(), "The API server does not store such an object.")}
	}
	out := judgeFields(a)
	if a.CASecretElsewhere && !a.Managed {
		out = append(out, found("KC014", object, "its CA is in another namespace: "+a.CASecret.Namespace+"/"+a.CASecret.Name,
			"KCM reads it with its own rights, whoever wrote the object, and copies its content into "+a.Namespace+"."))
	}
	if a.Configuration == nil {
		return out
	}
	out = append(out, judgeWritten(s, a)...)
	out = append(out, judgeCA(s, a)...)
	out = append(out, judgeIssuers(s, a)...)
	out = append(out, judgeContent(s, a, kubernetes)...)
	finding.Sort(out)
	return out
}

// judgeFields judges whether KCM gets to see what the object says.
func judgeFields(a Authentication) []finding.Finding {
	var out []finding.Finding
	if len(a.Unknown) > 0 {
		out = append(out, found("KC012", a.object(), "fields that get lost: "+join(a.Unknown),
			"The API server or KCM drops them without a word. Names of fields are case-sensitive."))
	}
	if a.Configuration == nil {
		out = append(out, found("KC003", a.object(), "it has no authenticationConfiguration, so that authentication is off"+usedBy(a),
			"KCM makes no Secret of it, whatever its caSecret says."))
	}
	return out
}

func usedBy(a Authentication) string {
	if len(a.UsedBy) == 0 {
		return ""
	}
	return "; used by " + join(a.UsedBy[:min(5, len(a.UsedBy))])
}

// judgeWritten judges apiVersion and kind of the configuration, which depend on KCM.
func judgeWritten(s *State, a Authentication) []finding.Finding {
	c := a.Configuration
	if s.Era != k0rdent.AsWritten {
		if ignored := c.Ignored(s.Era); len(ignored) > 0 {
			return []finding.Finding{found("KC011", a.object(), join(ignored)+" have no effect",
				"KCM 1.10 and later write apiserver.config.k8s.io/v1 whatever they say. Leave them out.")}
		}
		return nil
	}
	if knownSince(c.APIVersion) == nil || c.Kind != configKind {
		return []finding.Finding{found("KC005", a.object(),
			fmt.Sprintf("KCM %s writes apiVersion %q and kind %q as the object has them", eraName(s), c.APIVersion, c.Kind),
			"No API server reads such a file, so that the roll leaves clusters without a control plane. Set apiVersion: "+configGroup+"/v1beta1 and kind: "+configKind+".")}
	}
	return nil
}

// judgeCA judges the Secret with the CA, apart from what is in the certificates.
func judgeCA(s *State, a Authentication) []finding.Finding {
	if a.CASecret == nil {
		return nil
	}
	var out []finding.Finding
	at := "secret " + a.CASecret.Namespace + "/" + a.CASecret.Name
	switch {
	case a.CAUnread:
	case a.CAProblem != nil:
		f := found("KC015", a.object(), a.CAProblem.Error(),
			"KCM stops updating every cluster that uses it, those that run go on"+usedBy(a)+".")
		if s.mayHaveCA(a) {
			f.Severity, f.Why = finding.Warning, "It is not in what was read. Where it is not in the cluster either, KCM stops updating every cluster that uses it."
		}
		out = append(out, f)
	case len(a.CA) == 0:
		out = append(out, found("KC016", a.object(), fmt.Sprintf("key %q of %s is empty, so that it is not used", a.CASecret.Key, at),
			"KCM says nothing, and issuers keep the CA that the object itself gives them, or those of the system."))
	}
	if urls := a.Issuers(); len(urls) > 1 {
		message := fmt.Sprintf("all %d issuers get the CA of %s, and no other", len(urls), at)
		if slices.ContainsFunc(a.Configuration.JWT, inlineCA) {
			message += ", not their own certificateAuthority either"
		}
		out = append(out, found("KC013", a.object(), message,
			"The bundle must have the root of each issuer, also those of public ones. Give each issuer its certificateAuthority instead."))
	}
	return out
}

// mayHaveCA reports whether a CA that was not found may be there all the same: manifests seldom have Secrets. Those that
// have some are taken at their word.
func (s *State) mayHaveCA(a Authentication) bool {
	return a.CAUnread || !s.Inventory.Live && len(s.Inventory.Secrets) == 0 && a.CASecret.Name != ""
}

// judgeContent judges what KCM writes as any API server's configuration.
func judgeContent(s *State, a Authentication, kubernetes *version.Version) []finding.Finding {
	config, err := a.config()
	if err != nil {
		return []finding.Finding{found("KC028", a.object(), err.Error(), "API servers can't read what KCM makes of it.")}
	}
	if s.Era == k0rdent.AsWritten && knownSince(a.Configuration.APIVersion) != nil {
		config.APIVersion = a.Configuration.APIVersion
	}
	return authn.Judge(config, authn.Options{Kubernetes: kubernetes, Object: a.object(), Now: s.Now})
}

// config returns what API servers hold after reading what KCM writes, its version apart. A CA that was not read is left
// out.
func (a Authentication) config() (*authn.Config, error) {
	r, err := k0rdent.Render(a.ClusterAuthentication, a.CA, k0rdent.ForcedV1)
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", a.object(), err)
	}
	if r.Off {
		return nil, Refuse("set spec.authenticationConfiguration", "render %s: its authentication is off", a.object())
	}
	config, err := authn.Parse(r.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read what is rendered of %s: %w", a.object(), err)
	}
	return config, nil
}

// Config returns the configuration that API servers hold of a ClusterAuthentication, for whoever explains it or tries it
// out. The error is as in [State.Expected].
func (s *State) Config(a Authentication) (*authn.Config, error) {
	if _, err := s.Rendered(a); err != nil {
		return nil, err
	}
	return a.config()
}

// inlineCA reports whether an issuer has a CA of its own.
func inlineCA(jwt apiserverv1.JWTAuthenticator) bool { return jwt.Issuer.CertificateAuthority != "" }
