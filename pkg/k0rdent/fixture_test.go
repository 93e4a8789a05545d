package k0rdent_test

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// object reads a manifest.
func object(t *testing.T, manifest string) *unstructured.Unstructured {
	t.Helper()
	u := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(manifest), &u.Object); err != nil {
		t.Fatalf("read manifest: %v", err)
	}
	return u
}

// authentication reads a manifest of a ClusterAuthentication.
func authentication(t *testing.T, manifest string) k0rdent.ClusterAuthentication {
	t.Helper()
	a, err := k0rdent.ReadClusterAuthentication(object(t, manifest))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// text is what an error says; empty for none.
func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// dex is the example of k0rdent's documentation.
const dex = `
apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuthentication
metadata:
  name: dex-cluster-auth
  namespace: kcm-system
spec:
  authenticationConfiguration:
    apiVersion: apiserver.config.k8s.io/v1beta1
    kind: AuthenticationConfiguration
    jwt:
      - issuer:
          url: https://dex.example.com:5556
          audiences:
            - example-app
        claimMappings:
          username:
            claim: email
            prefix: ""
          groups:
            claim: groups
            prefix: ""
        userValidationRules:
          - expression: "!user.username.startsWith('system:')"
            message: "username cannot use reserved system: prefix"
`

// dexSecret is the rest of that example.
const dexSecret = `
  caSecret:
    name: dex-ca-secret
    namespace: kcm-system
    key: ca.crt
`
