package k0rdent

import (
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"
)

// Configuration is what a ClusterAuthentication says about authentication, in the form in which KCM reads it.
type Configuration struct {
	// APIVersion and Kind are as the user wrote them, mostly empty. KCM 1.10 and later ignore them.
	APIVersion string
	Kind       string
	// JWT is never nil in what was read, since the schema demands it; it may be empty.
	JWT []apiserverv1.JWTAuthenticator
	// Anonymous is nil when the object does not mention it.
	Anonymous *apiserverv1.AnonymousAuthConfig
}

// pathConfiguration is where a ClusterAuthentication has its configuration.
const pathConfiguration = "spec.authenticationConfiguration"

// Ignored returns the fields that the object keeps and KCM of that era does not render, as sorted paths: its apiVersion
// and kind. Their values don't matter then, and may mislead.
func (c *Configuration) Ignored(era Era) []string {
	if c == nil || era == AsWritten {
		return nil
	}
	var out []string
	if c.APIVersion != "" {
		out = append(out, pathConfiguration+".apiVersion")
	}
	if c.Kind != "" {
		out = append(out, pathConfiguration+".kind")
	}
	return out
}

// clone returns a deep copy.
func (c *Configuration) clone() *Configuration {
	out := &Configuration{APIVersion: c.APIVersion, Kind: c.Kind, Anonymous: c.Anonymous.DeepCopy()}
	if c.JWT == nil {
		return out
	}
	out.JWT = make([]apiserverv1.JWTAuthenticator, len(c.JWT))
	for i := range c.JWT {
		c.JWT[i].DeepCopyInto(&out.JWT[i])
	}
	return out
}

// specShape is that of a ClusterAuthentication's spec. Source: the schema in
// templates/provider/kcm/templates/crds/k0rdent.mirantis.com_clusterauthentications.yaml.
func specShape() shape {
	mapping := shape{fields: map[string]shape{"claim": anyText, "expression": anyText}}
	prefixed := shape{fields: map[string]shape{"claim": anyText, "expression": anyText, "prefix": anyText}}
	jwt := shape{
		required: []string{"claimMappings", "issuer"},
		fields: map[string]shape{
			"issuer": {
				required: []string{"audiences", "url"},
				fields: map[string]shape{
					"audienceMatchPolicy": anyText, "audiences": list(anyText), "certificateAuthority": anyText,
					"discoveryURL": anyText, "egressSelectorType": anyText, "url": anyText,
				},
			},
			"claimValidationRules": list(shape{fields: map[string]shape{
				"claim": anyText, "requiredValue": anyText, "expression": anyText, "message": anyText,
			}}),
			"claimMappings": {
				required: []string{"username"},
				fields: map[string]shape{
					"username": prefixed, "groups": prefixed, "uid": mapping,
					"extra": list(shape{
						required: []string{"key", "valueExpression"},
						fields:   map[string]shape{"key": anyText, "valueExpression": anyText},
					}),
				},
			},
			"userValidationRules": list(shape{
				required: []string{"expression"},
				fields:   map[string]shape{"expression": anyText, "message": anyText},
			}),
		},
	}
	return shape{fields: map[string]shape{
		"authenticationConfiguration": {
			required: []string{"jwt"},
			fields: map[string]shape{
				"apiVersion": anyText,
				"kind":       anyText,
				"jwt":        list(jwt),
				"anonymous": {
					required: []string{"enabled"},
					fields: map[string]shape{
						"enabled": {boolean: true},
						"conditions": list(shape{
							required: []string{"path"},
							fields:   map[string]shape{"path": anyText},
						}),
					},
				},
			},
		},
		"caSecret": {
			required: []string{"key"},
			fields:   map[string]shape{"name": anyText, "namespace": anyText, "key": {filled: true}},
		},
	}}
}

// content is a configuration as it is in JSON.
type content struct {
	JWT       []apiserverv1.JWTAuthenticator   `json:"jwt"`
	Anonymous *apiserverv1.AnonymousAuthConfig `json:"anonymous,omitempty"`
}

// toConfiguration converts what has the right shape.
func toConfiguration(value map[string]any) (*Configuration, error) {
	var in content
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(value, &in); err != nil {
		return nil, fmt.Errorf("%s: %w", pathConfiguration, err)
	}
	apiVersion, _ := value["apiVersion"].(string)
	kind, _ := value["kind"].(string)
	return &Configuration{APIVersion: apiVersion, Kind: kind, JWT: in.JWT, Anonymous: in.Anonymous}, nil
}
