package clusterauth

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// Usage is what a change of one ClusterAuthentication would reach.
type Usage struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// CASecret is the Secret that it takes CAs from, nil for none.
	CASecret *k0rdent.SecretKey `json:"caSecret,omitempty"`
	// Source is what it is a copy of, as NAMESPACE/NAME; empty when it is none. k0rdent never updates a copy.
	Source string `json:"source,omitempty"`
	// Clusters are those that refer to it, by name.
	Clusters []ClusterUse `json:"clusters,omitempty"`
	// Rules are those of AccessManagement that distribute it; none when it is not in the system namespace.
	Rules []RuleUse `json:"rules,omitempty"`
	// Copies are those of it, by namespace.
	Copies []Copy `json:"copies,omitempty"`
	// SharedCA are the other ClusterAuthentications that take their CA from the same Secret, as NAMESPACE/NAME.
	SharedCA []string `json:"sharedCA,omitempty"`
}

// ClusterUse is one cluster that uses it.
type ClusterUse struct {
	Namespace    string               `json:"namespace"`
	Name         string               `json:"name"`
	Template     string               `json:"template"`
	ControlPlane k0rdent.ControlPlane `json:"controlPlane,omitempty"`
	// Uses says whether the template uses authentication.
	Uses Use    `json:"uses"`
	K0s  string `json:"k0s,omitempty"`
	// Replicas is 0 when it is not known.
	Replicas int    `json:"replicas,omitempty"`
	Region   string `json:"region,omitempty"`
	Hash     string `json:"hash,omitempty"`
}

// RuleUse is a rule of AccessManagement.
type RuleUse struct {
	// Rule is its place: "accessmanagement kcm: accessRules[0]".
	Rule string `json:"rule"`
	// Namespaces are those that it distributes to, sorted.
	Namespaces []string `json:"namespaces,omitempty"`
}

// UsageOf returns what a change of a ClusterAuthentication would reach. The error is a [Refusal].
func UsageOf(s *State, namespace, name string) (Usage, error) {
	a, err := s.Authentication(namespace, name)
	if err != nil {
		return Usage{}, err
	}
	u := Usage{Namespace: namespace, Name: name, CASecret: a.CASecret}
	for _, cluster := range a.UsedBy {
		if c := s.cluster(namespace, cluster); c != nil {
			u.Clusters = append(u.Clusters, c.use())
		}
	}
	for _, other := range s.authentications {
		same := other.Namespace == namespace && other.Name == name
		if !same && a.CASecret != nil && other.CASecret != nil && *other.CASecret == *a.CASecret {
			u.SharedCA = append(u.SharedCA, other.Namespace+"/"+other.Name)
		}
	}
	if namespace != s.SystemNamespace {
		if a.Managed {
			u.Source = s.SystemNamespace + "/" + name
		}
		return u, nil
	}
	for _, c := range s.copies {
		if c.Name == name {
			u.Copies = append(u.Copies, c)
		}
	}
	for _, object := range s.Inventory.Objects(inventory.AccessManagements) {
		u.Rules = append(u.Rules, s.rulesFor(object, name)...)
	}
	return u, nil
}

// rulesFor returns the rules of an AccessManagement that distribute a ClusterAuthentication.
func (s *State) rulesFor(object *unstructured.Unstructured, name string) []RuleUse {
	am, err := k0rdent.ReadAccessManagement(object)
	if err != nil {
		return nil // a finding says so
	}
	var out []RuleUse
	for i, rule := range am.Rules {
		if !slices.Contains(rule.Authentications(s.sources()), name) {
			continue
		}
		out = append(out, RuleUse{
			Rule:       fmt.Sprintf("accessmanagement %s: accessRules[%d]", object.GetName(), i),
			Namespaces: slices.DeleteFunc(rule.Targets(s.namespaces()), func(ns string) bool { return ns == s.SystemNamespace }),
		})
	}
	return out
}

// use returns what matters of a cluster for a table.
func (c *Cluster) use() ClusterUse {
	return ClusterUse{
		Namespace: c.Namespace, Name: c.Name, Template: c.Template, ControlPlane: c.ControlPlane, Uses: c.Uses(), K0s: c.K0s,
		Replicas: c.Replicas, Region: c.Region, Hash: c.Hash,
	}
}
