package authn

import (
	"fmt"

	"k8s.io/apiserver/pkg/apis/apiserver"
)

// The minor version of Kubernetes that brought each version of the configuration.
const (
	sinceV1alpha1 = 29
	sinceV1beta1  = 30
	sinceV1       = 34
)

const group = apiserver.GroupName + "/"

// versions judges what exists in the version of Kubernetes that the configuration is for.
func (j *judge) versions() {
	served := map[string]int{group + "v1alpha1": sinceV1alpha1, group + "v1beta1": sinceV1beta1, group + "v1": sinceV1}
	since, known := served[j.config.APIVersion]
	switch {
	case !known:
		j.report(notStable, "apiVersion", fmt.Sprintf("apiVersion %s is accepted, but for nobody to write", quoted(j.config.APIVersion)),
			"it is the API server's own; write "+group+"v1")
	case before(j.options.Kubernetes, since):
		j.report("AU030", "apiVersion", fmt.Sprintf("%s exists since Kubernetes 1.%d only", j.config.APIVersion, since), j.insteadOf())
	case since != sinceV1 && !before(j.options.Kubernetes, sinceV1):
		j.report(notStable, "apiVersion", fmt.Sprintf("%s is not the stable version: write %sv1", j.config.APIVersion, group),
			"the fields are the same; a later Kubernetes may stop reading the older versions")
	case before(j.options.Kubernetes, 30):
		j.report(needsGate, "apiVersion", "Kubernetes 1.29 reads authentication configurations with a feature gate only",
			"start the API server with --feature-gates=StructuredAuthenticationConfiguration=true")
	}
	j.fields()
}

// insteadOf says what to write for a version of Kubernetes that does not have the written one.
func (j *judge) insteadOf() string {
	const fails = "an API server of that version does not start with this file"
	switch {
	case before(j.options.Kubernetes, sinceV1alpha1):
		return fails + ": it knows --oidc-* flags only"
	case before(j.options.Kubernetes, sinceV1beta1):
		return fails + ": write " + group + "v1alpha1"
	}
	return fails + ": write " + group + "v1beta1"
}

// fields judges fields and values that came later than the configuration itself.
func (j *judge) fields() {
	late := func(path string, since int, used bool) {
		if used && before(j.options.Kubernetes, since) {
			j.report("AU031", path, fmt.Sprintf("%s exists since Kubernetes 1.%d only", path, since),
				"an API server of an older version does not start with this file")
		}
	}
	spec := j.config.Spec
	late("jwt[1]", 30, len(spec.JWT) > 1)
	if len(spec.JWT) == 0 && before(j.options.Kubernetes, 30) {
		j.report("AU031", "jwt", "jwt may be empty since Kubernetes 1.30 only", "an API server of an older version does not start with this file")
	}
	for i, a := range spec.JWT {
		path := fmt.Sprintf("jwt[%d].issuer.", i)
		late(path+"discoveryURL", 30, a.Issuer.DiscoveryURL != "")
		late(path+"audienceMatchPolicy", 30, a.Issuer.AudienceMatchPolicy != "")
		late(path+"audiences[1]", 30, len(a.Issuer.Audiences) > 1)
		late(path+"egressSelectorType", 34, a.Issuer.EgressSelectorType != "")
	}
	late("anonymous", 31, spec.Anonymous != nil)
	if spec.Anonymous != nil && before(j.options.Kubernetes, 32) && !before(j.options.Kubernetes, 31) {
		j.report(needsGate, "anonymous", "Kubernetes 1.31 takes anonymous with a feature gate only",
			"start the API server with --feature-gates=AnonymousAuthConfigurableEndpoints=true")
	}
}
