package source

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube"
)

// boundTokenType is the type of the Secrets that tokens made by us are bound to: with the Secret goes the token.
const boundTokenType = "gatehouse.dev/token"

// tokenResources returns the Secrets that stand for tokens, one entry for each type. A live cluster gives their metadata
// alone, which doesn't say the type; so it is asked for one type at a time.
func tokenResources() []shelved {
	var out []shelved
	for _, kind := range []string{string(corev1.SecretTypeServiceAccountToken), boundTokenType} {
		s := document(inventory.TokenSecrets, corev1.GroupName, kindSecret, true, corev1.SchemeGroupVersion.Version)
		s.resource, s.custom, s.hides = string(inventory.Secrets), false, true
		s.part = kube.Part{Fields: map[string]string{"type": kind}, Metadata: true}
		s.only = func(content map[string]any) bool { return content["type"] == kind }
		s.shelf = func() shelf {
			return &customShelf{into: filed(inventory.TokenSecrets), customDecoder: customDecoder{hide: bare(kind)}}
		}
		out = append(out, s)
	}
	return out
}
