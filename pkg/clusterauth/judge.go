package clusterauth

import (
	"slices"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// Judge returns what is wrong with the authentication of clusters: what concerns each ClusterDeployment, each
// ClusterAuthentication (see [JudgeAuthentication]), and their copies. They are sorted, and some have the plan that would
// repair it. Rules that need a kind that was not read are silent.
//
// The Secrets of all [Purpose]s but Kubeconfigs should have been read, or none: one that was not asked for counts as not
// there when others were.
func Judge(s *State) []finding.Finding {
	var out []finding.Finding
	for i := range s.clusters {
		c := &s.clusters[i]
		if c.Problem != nil {
			out = append(out, judgeObject(c))
			continue
		}
		out = append(out, judgeReference(s, c)...)
		out = append(out, judgeStart(s, c)...)
		out = append(out, judgeReady(s, c)...)
		out = append(out, judgeDrift(s, c)...)
	}
	for _, a := range s.authentications {
		if a.Managed && len(a.UsedBy) == 0 && s.copyState(a.Namespace, a.Name) == Current {
			continue // its source has the same findings
		}
		out = append(out, slices.DeleteFunc(JudgeAuthentication(s, a, s.OldestKubernetes(a)), func(f finding.Finding) bool {
			return f.ID == "AU030" // KC005 says it of each cluster
		})...)
	}
	out = append(out, judgeBackups(s)...)
	out = append(out, judgeCopies(s)...)
	finding.Sort(out)
	return slices.CompactFunc(out, func(a, b finding.Finding) bool {
		return a.ID == b.ID && a.Object == b.Object && a.Message == b.Message && a.Location == b.Location
	})
}

// OldestKubernetes returns the oldest version of Kubernetes among the clusters that use a ClusterAuthentication, nil when
// none is known. It is what [JudgeAuthentication] is to be given for them. Versions that are only assumed
// ([Cluster.K0sAssumed]) don't count.
func (s *State) OldestKubernetes(a Authentication) *version.Version {
	var oldest *version.Version
	for _, name := range a.UsedBy {
		c := s.cluster(a.Namespace, name)
		if c == nil || c.Kubernetes == nil || c.K0sAssumed {
			continue
		}
		if oldest == nil || c.Kubernetes.LessThan(oldest) {
			oldest = c.Kubernetes
		}
	}
	return oldest
}

// copyState returns how a copy compares to its source, empty for what is no copy.
func (s *State) copyState(namespace, name string) CopyState {
	i := slices.IndexFunc(s.copies, func(c Copy) bool { return c.Namespace == namespace && c.Name == name })
	if i < 0 {
		return ""
	}
	return s.copies[i].State
}

// found returns a finding with the severity of its rule.
func found(id, object, message, why string) finding.Finding {
	return finding.Finding{ID: id, Severity: severityOf(id), Object: object, Message: message, Why: why}
}

// severityOf returns the severity of a rule.
func severityOf(id string) finding.Severity {
	for _, c := range Checks() {
		if c.ID == id {
			return c.Severity
		}
	}
	return finding.Warning
}

// Check is one rule that k0rdent's objects are judged by.
type Check struct {
	ID       string           `json:"id"`
	Severity finding.Severity `json:"severity"`
	Title    string           `json:"title"`
	// Needs are the kinds without which it can't be judged.
	Needs []inventory.Kind `json:"needs,omitempty"`
}

// Rules returns the rules that [Judge] and [JudgeEditors] judge by, those of configurations among them, and what each is
// silent without.
func Rules() []finding.Rule {
	var out []finding.Rule
	for _, check := range Checks() {
		out = append(out, finding.Rule{ID: check.ID, Needs: check.Needs})
	}
	for _, rule := range authn.Rules() {
		out = append(out, finding.Rule{ID: rule.ID, Needs: []inventory.Kind{inventory.ClusterAuthentications}})
	}
	return out
}

// Checks returns the rules by id. Those from KC040 on are only told by [Rollouts].
func Checks() []Check {
	const (
		authentications = inventory.ClusterAuthentications
		clusters        = inventory.ClusterDeployments
		secrets         = inventory.Secrets
	)
	kinds := func(k ...inventory.Kind) []inventory.Kind { return k }
	return []Check{
		{"KC001", finding.Error, "ClusterDeployment refers to a ClusterAuthentication that is not there", kinds(authentications, clusters)},
		{"KC002", finding.Error, "ClusterDeployment can't be deleted, since its ClusterAuthentication is not there", kinds(authentications, clusters)},
		{"KC003", finding.Warning, "ClusterAuthentication in use turns nothing on", kinds(authentications)},
		{"KC004", finding.Warning, "template of the ClusterDeployment ignores clusterAuth", kinds(clusters)},
		{"KC005", finding.Error, "API server of the cluster does not know the apiVersion that KCM writes", kinds(authentications, clusters)},
		{"KC006", finding.Error, "k0s of the cluster contradicts anonymous", kinds(authentications, clusters)},
		{"KC007", finding.Error, "egressSelectorType does not fit the cluster", kinds(authentications, clusters)},
		{"KC008", finding.Error, "issuer is that of the cluster's service accounts", kinds(authentications)},
		{"KC009", finding.Error, "flags oidc-* exclude a configuration file", kinds(authentications, clusters)},
		{"KC010", finding.Error, "extraArgs repeat a flag that the template sets", kinds(authentications, clusters)},
		{"KC011", finding.Info, "apiVersion and kind of the configuration are ignored", kinds(authentications)},
		{"KC012", finding.Warning, "fields of the ClusterAuthentication get lost", kinds(authentications)},
		{"KC013", finding.Warning, "several issuers share the CA of caSecret", kinds(authentications)},
		{"KC014", finding.Warning, "CA is taken from another namespace", kinds(authentications)},
		{"KC015", finding.Error, "CA can't be read", kinds(authentications, secrets)},
		{"KC016", finding.Warning, "CA is empty, and not used", kinds(authentications, secrets)},
		{"KC017", finding.Warning, "Secret for the API server is not what KCM writes", kinds(authentications, clusters, secrets)},
		{"KC018", finding.Warning, "a roll of the control plane is due without a change", kinds(authentications, clusters, inventory.HelmReleases, secrets)},
		{"KC019", finding.Warning, "control plane does not have the configuration of its HelmRelease", kinds(clusters, inventory.HelmReleases)},
		{"KC020", finding.Warning, "copy differs from its source", kinds(authentications)},
		{"KC021", finding.Warning, "object that is not k0rdent's keeps a copy from being made", kinds(authentications, inventory.AccessManagements)},
		{"KC022", finding.Warning, "AccessManagement can't distribute what it names", kinds(authentications, inventory.AccessManagements)},
		{"KC023", finding.Warning, "object is in no backup", kinds(authentications)},
		{"KC024", finding.Warning, "Secret of an authentication that was taken off is left", kinds(clusters, secrets)},
		{"KC025", finding.Info, "nobody but administrators may work with ClusterAuthentications", nil},
		{"KC026", finding.Info, "Secret is to be written in a region whose namespace KCM does not make", kinds(clusters, inventory.Credentials)},
		{"KC027", finding.Warning, "KCM reports that authentication is not ready", kinds(clusters)},
		{"KC028", finding.Error, "object is not what its kind demands", nil},
		{"KC029", finding.Warning, "copy has no source or rule any more", kinds(authentications, inventory.AccessManagements)},
		{"KC030", finding.Warning, "clusterAuth overrides spec.config.auth", kinds(clusters)},
		{"KC031", finding.Info, "spec.config.auth brings a Secret that nothing validates", kinds(clusters)},
		{"KC032", finding.Warning, "who may write the Secret with the CA may not write the ClusterAuthentication", nil},
		{"KC040", finding.Warning, "control plane that rolls has a single member", nil},
		{"KC041", finding.Warning, "control plane that rolls has two members", nil},
		{"KC042", finding.Warning, "control plane is rolling already", nil},
		{"KC043", finding.Warning, "order in which an authentication is taken off", nil},
		{"KC044", finding.Warning, "another KCM writes other bytes", nil},
		{"KC045", finding.Info, "hosted control plane may take up a configuration before it rolls", nil},
	}
}
