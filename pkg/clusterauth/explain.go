package clusterauth

import "github.com/kubegatehouse/gatehouse/pkg/authn"

// Explain says in words whom each issuer of a ClusterAuthentication lets in, for the clusters that use it. It needs no CA.
// The error is of an object that nothing can be made of; it is a [Refusal] when its authentication is off.
func (s *State) Explain(a Authentication) ([]authn.Issuer, error) {
	if a.Problem != nil {
		return nil, a.Problem
	}
	config, err := a.config()
	if err != nil {
		return nil, err
	}
	return authn.Explain(config, authn.Options{Kubernetes: s.OldestKubernetes(a), Now: s.Now}), nil
}
