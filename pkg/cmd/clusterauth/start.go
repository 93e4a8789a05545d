package clusterauth

import (
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// refusals says why API servers of a version of Kubernetes do not start with the configuration; nil is the newest.
func (t target) refusals(kubernetes *version.Version) []finding.Finding {
	return authn.Refusals(t.config, authn.Options{Kubernetes: kubernetes, DisallowedIssuers: t.disallowed()})
}

// starts refuses to try a login with a version of Kubernetes whose API server does not start with the configuration: the
// given one, or without one the oldest of the clusters in use. What no version starts with is for the tester to tell.
func (t target) starts(kubernetes *version.Version) error {
	const which = "kubectl clusterauth validate says what is wrong, and for which version it is right"
	of, next := "", which
	if kubernetes == nil {
		if kubernetes = t.oldest(); kubernetes == nil {
			return nil
		}
		of, next = ", which a cluster that uses it runs,", which+"; --kubernetes-version tries it with another one"
	}
	var reasons []string
	for _, found := range t.refusals(kubernetes) {
		switch found.ID {
		case "AU030", "AU031", "AU032":
			reasons = append(reasons, found.Message)
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	more := ""
	if n := len(reasons) - 1; n > 0 {
		more = fmt.Sprintf(" (and %d more)", n)
	}
	return cli.Hint(errors.New("the API server of "+kubernetesText(kubernetes)+of+" does not start with it: "+reasons[0]+more), next)
}

// kubernetesText names a version of Kubernetes; nil is the newest that is known.
func kubernetesText(v *version.Version) string {
	if v == nil {
		v = authn.Newest()
	}
	return fmt.Sprintf("Kubernetes %d.%d", v.Major(), v.Minor())
}
