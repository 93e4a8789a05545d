package k0rdent

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"
	"sigs.k8s.io/yaml"
)

// Rendered is what KCM makes of a ClusterAuthentication.
type Rendered struct {
	// Off says that there is no file: no Secret and no values. The rest is empty then.
	Off bool
	// Bytes are those of the file, to the last one.
	Bytes []byte
	// Hash is of 8 hexadecimal digits. The control plane rolls when it changes.
	Hash string
	// Anonymous says that the file speaks of anonymous requests, be it to refuse them.
	Anonymous bool
}

// Render returns the file that KCM of that era writes for the object, whose Secret of certificates, if it names one, holds
// ca. They take the place of those of every issuer; empty ones change nothing. Neither the object nor ca is changed.
// Source: internal/util/auth/util.go, and ensureAuthConfigSecret in internal/controller/clusterdeployment_controller.go.
func Render(a ClusterAuthentication, ca []byte, era Era) (Rendered, error) {
	if a.Configuration == nil {
		return Rendered{Off: true}, nil
	}
	c := a.Configuration.clone()
	if a.CASecret != nil && len(ca) > 0 {
		for i := range c.JWT {
			c.JWT[i].Issuer.CertificateAuthority = string(ca)
		}
	}
	var file any
	switch era {
	case AsWritten:
		file = asWritten{TypeMeta: metav1.TypeMeta{APIVersion: c.APIVersion, Kind: c.Kind}, JWT: c.JWT, Anonymous: c.Anonymous}
	case ForcedV1:
		file = apiserverv1.AuthenticationConfiguration{
			TypeMeta: metav1.TypeMeta{
				APIVersion: apiserverv1.SchemeGroupVersion.String(),
				Kind:       "AuthenticationConfiguration",
			},
			JWT:       c.JWT,
			Anonymous: c.Anonymous,
		}
	default:
		return Rendered{}, fmt.Errorf("render clusterauthentication %s/%s: era %q of KCM is not known", a.Namespace, a.Name, era)
	}
	// The hash is of the very bytes, and so the writer must be the one that KCM uses: another folds and quotes otherwise.
	data, err := yaml.Marshal(file)
	if err != nil {
		return Rendered{}, fmt.Errorf("render clusterauthentication %s/%s: %w", a.Namespace, a.Name, err)
	}
	return Rendered{Bytes: data, Hash: Hash(data), Anonymous: c.Anonymous != nil}, nil
}

// asWritten is the type that KCM had up to 1.9.
type asWritten struct {
	metav1.TypeMeta `json:",inline"`
	JWT             []apiserverv1.JWTAuthenticator   `json:"jwt"`
	Anonymous       *apiserverv1.AnonymousAuthConfig `json:"anonymous,omitempty"`
}

// Hash returns the hash that KCM puts into the Helm values for a file: the first 4 bytes of its SHA-256, in hexadecimal.
func Hash(file []byte) string {
	sum := sha256.Sum256(file)
	return hex.EncodeToString(sum[:4])
}

// Values are the Helm values that KCM sets for a ClusterDeployment, in place of all that the user wrote below "auth"; an
// empty map when authentication is off, since KCM then leaves alone what the user wrote. Source:
// fillClusterAuthenticationValues in internal/controller/clusterdeployment_controller.go.
func (r Rendered) Values(cluster string) map[string]any {
	if r.Off {
		return map[string]any{}
	}
	auth := map[string]any{"configSecret": map[string]any{
		"name": AuthSecretName(cluster),
		"key":  AuthSecretKey,
		"hash": r.Hash,
	}}
	if r.Anonymous {
		auth["configWithAnon"] = true
	}
	return map[string]any{"auth": auth}
}

// Secret is the Secret that KCM writes for a ClusterDeployment; nil when authentication is off. KCM puts no label and no
// annotation on it.
func (r Rendered) Secret(namespace, cluster string) *unstructured.Unstructured {
	if r.Off {
		return nil
	}
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1",
		"kind":       "Secret",
		"metadata":   map[string]any{"namespace": namespace, "name": AuthSecretName(cluster)},
		"type":       "Opaque",
		"data":       map[string]any{AuthSecretKey: base64.StdEncoding.EncodeToString(r.Bytes)},
	}}
}
