package kubeflow

import (
	"cmp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Config is how a Kubeflow installation recognises its users, and what its components are called in the mesh.
type Config struct {
	// UserIDHeader and UserIDPrefix are those of the request header that carries the user's name.
	UserIDHeader, UserIDPrefix string
	// GatewayPrincipals are the mesh identities that may pass on requests of users, in the order in which policies name
	// them: the ingress gateway's, then that of the pipelines UI. Nil means that they are not known; empty means that
	// policies name none, as up to 1.7.
	GatewayPrincipals []string
	// NotebookPrincipal is the mesh identity of the notebook controller, which culls idle notebooks.
	NotebookPrincipal string
	// NamespaceLabels are those of the controller's labels file; nil when it is not known. An empty value means that the
	// label is removed.
	NamespaceLabels map[string]string
	// Admins are the users whom kfam takes for cluster administrators.
	Admins []string
	// Source says where it was found: "deployment kubeflow/profiles-deployment", "authorizationpolicy
	// team-a/ns-owner-access-istio", "defaults", "flags".
	Source string
}

// Values that Kubeflow's manifests ship. Source: kubeflow/manifests 1.3 to 1.11, kubeflow/dashboard 2.0.
const (
	ShippedHeader     = "kubeflow-userid"
	GatewayPrincipal  = "cluster.local/ns/istio-system/sa/istio-ingressgateway-service-account"
	PipelinePrincipal = "cluster.local/ns/kubeflow/sa/ml-pipeline-ui"
	NotebookPrincipal = "cluster.local/ns/kubeflow/sa/notebook-controller-service-account"
)

// Values that the components fall back to when their environment names none.
const (
	codeHeader = "x-goog-authenticated-user-email"
	codePrefix = "accounts.google.com:"
)

// DefaultConfig returns the configuration that Kubeflow's manifests ship. The labels file is not part of it: what a
// cluster puts there is not known from its release. See [DefaultNamespaceLabels].
func DefaultConfig() Config {
	return Config{
		UserIDHeader:      ShippedHeader,
		GatewayPrincipals: []string{GatewayPrincipal, PipelinePrincipal},
		NotebookPrincipal: NotebookPrincipal,
		Source:            "defaults",
	}
}

// WithDefaults returns the configuration with what is not known of it taken from [DefaultConfig]. A prefix is only
// taken together with a header.
func (c Config) WithDefaults() Config {
	def := DefaultConfig()
	c.UserIDHeader = cmp.Or(c.UserIDHeader, def.UserIDHeader)
	c.NotebookPrincipal = cmp.Or(c.NotebookPrincipal, def.NotebookPrincipal)
	c.Source = cmp.Or(c.Source, def.Source)
	if c.GatewayPrincipals == nil {
		c.GatewayPrincipals = def.GatewayPrincipals
	} else {
		c.GatewayPrincipals = slices.Clone(c.GatewayPrincipals)
	}
	return c
}

// WithoutPrincipals returns the configuration of the releases up to 1.7, whose policies name no gateway.
func (c Config) WithoutPrincipals() Config {
	c.GatewayPrincipals = []string{}
	return c
}

// ConfigFromOwnerPolicy reads the configuration that the profile controller had when it last wrote the owner's policy of
// a namespace: header, prefix and principals. The result is false when the policy is not of the controller's shape.
//
// The prefix is what stands before the name of the annotation "user", if it ends as a prefix does, and not as a name may.
// After a transfer of ownership that annotation may still name the old owner, whose name may even be the end of the new
// one's; then the prefix is the one that the components fall back to, if the value has it, else empty.
func ConfigFromOwnerPolicy(policy *unstructured.Unstructured) (Config, bool) {
	rules := policyRules(policy)
	if len(rules) == 0 || policy.GetName() != OwnerPolicy {
		return Config{}, false
	}
	header, c, found := rules[0].header()
	if !found || len(c.values) != 1 {
		return Config{}, false
	}
	out := Config{
		UserIDHeader:      header,
		GatewayPrincipals: append([]string{}, rules[0].principals()...),
		Source:            "authorizationpolicy " + policy.GetNamespace() + "/" + policy.GetName(),
	}
	user := policy.GetAnnotations()[UserAnnotation]
	switch prefix, named := strings.CutSuffix(c.values[0], user); {
	case named && user != "" && isPrefix(prefix):
		out.UserIDPrefix = prefix
	case strings.HasPrefix(c.values[0], codePrefix):
		out.UserIDPrefix = codePrefix
	}
	for _, rule := range rules[1:] {
		if rule.isCulling() {
			out.NotebookPrincipal = rule.principals()[0]
		}
	}
	return out, true
}

// isPrefix reports whether a text can stand before all user names: there is none, or it ends with what separates it from
// a name.
func isPrefix(text string) bool {
	return text == "" || strings.ContainsRune(":/|#", rune(text[len(text)-1]))
}
