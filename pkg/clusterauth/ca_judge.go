package clusterauth

import (
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// CAChecks returns the rules of [JudgeCA], by id.
func CAChecks() []Check {
	kinds := []inventory.Kind{inventory.ClusterAuthentications, inventory.Secrets}
	return []Check{
		{"KC033", finding.Warning, "something else writes the Secret with the CA", kinds},
		{"KC034", finding.Info, "certificate is in the CA more than once", kinds},
		{"KC035", finding.Info, "Secret with the CA holds a private key, too", kinds},
	}
}

// caIDs are the rules that are about certificates, of this package and of authn.
func caIDs() []string {
	return []string{
		"AU007", "AU060", "AU061", "AU062", "AU063", "AU064", "AU065", "AU066", "AU067",
		"KC013", "KC014", "KC015", "KC016", "KC028", "KC033", "KC034", "KC035",
	}
}

// CACheck returns what is wrong with the certificates that issuers are trusted through: what [JudgeAuthentication] says of
// them for the newest API server, and [JudgeCA]. It is sorted, and never nil.
func CACheck(s *State) []finding.Finding {
	out := []finding.Finding{}
	for _, a := range s.authentications {
		for _, f := range append(JudgeAuthentication(s, a, nil), JudgeCA(s, a)...) {
			same := func(o finding.Finding) bool { return o.ID == f.ID && o.Object == f.Object && o.Message == f.Message }
			if slices.Contains(caIDs(), f.ID) && !slices.ContainsFunc(out, same) {
				out = append(out, f)
			}
		}
	}
	finding.Sort(out)
	return out
}

// JudgeCA returns what is wrong with the Secret that holds the CA of a ClusterAuthentication, beside what any
// configuration is judged by. The findings are sorted; there are none when there is no Secret, or it was not read.
func JudgeCA(s *State, a Authentication) []finding.Finding {
	if a.CASecret == nil || a.Configuration == nil {
		return nil
	}
	secret := s.Secret(a.CASecret.Namespace, a.CASecret.Name)
	if secret == nil {
		return nil
	}
	at := "secret " + secret.Namespace + "/" + secret.Name
	report := func(id, message, why string) finding.Finding {
		f := finding.Finding{ID: id, Object: a.object(), Message: message, Why: why}
		for _, c := range CAChecks() {
			if c.ID == id {
				f.Severity = c.Severity
			}
		}
		return f
	}
	var out []finding.Finding
	if writer := writerOf(secret); writer != "" {
		out = append(out, report("KC033", writer+" writes "+at+", and may change it at any time",
			"KCM does not watch the Secret: control planes roll when it happens to look at them next, and nothing validates what it "+
				"then finds. Keep the CA in a Secret of its own that only people change."))
	}
	if list, _, err := certificates(a.CA); err == nil && len(list) < len(a.Certificates) {
		out = append(out, report("KC034", count(len(a.Certificates)-len(list), "certificate")+" of "+at+" "+
			"repeated: key "+a.CASecret.Key, "It does no harm. Taking it out changes the bytes, and so rolls control planes."))
	}
	var private []string
	for _, key := range slices.Sorted(maps.Keys(secret.Data)) {
		if key != a.CASecret.Key && holdsKey(secret.Data[key]) {
			private = append(private, key)
		}
	}
	if len(private) > 0 {
		out = append(out, report("KC035", at+" holds a private key, too: key "+join(private),
			"KCM copies "+a.CASecret.Key+" only. Whoever is to maintain the CA can read the private key; a Secret of its own is safer."))
	}
	finding.Sort(out)
	return out
}

// writers are what marks a Secret as one that a controller keeps, and the name of the controller.
func writers() [][2]string {
	return [][2]string{
		{"cert-manager.io/", "cert-manager"},
		{"controller.cert-manager.io/", "cert-manager"},
		{"trust.cert-manager.io/", "trust-manager"},
		{"external-secrets.io/", "External Secrets"},
		{"reconcile.external-secrets.io/", "External Secrets"},
		{"reflector.v1.k8s.emberstack.com/", "Reflector"},
		{"replicator.v1.mittwald.de/", "Replicator"},
		{"kubeseal.bitnami.com/", "Sealed Secrets"},
		{"sealedsecrets.bitnami.com/", "Sealed Secrets"},
	}
}

// writerOf says who keeps a Secret, empty when nothing tells that somebody does.
func writerOf(secret *corev1.Secret) string {
	for _, owner := range secret.OwnerReferences {
		if owner.Controller != nil && *owner.Controller {
			return strings.ToLower(owner.Kind) + " " + owner.Name
		}
	}
	for _, writer := range writers() {
		for _, marks := range []map[string]string{secret.Annotations, secret.Labels} {
			for name := range marks {
				if strings.HasPrefix(name, writer[0]) {
					return writer[1]
				}
			}
		}
	}
	return ""
}

// holdsKey reports whether a PEM text has a private key in it.
func holdsKey(data []byte) bool {
	_, others, _ := certificates(data)
	return slices.ContainsFunc(others, isPrivate)
}
