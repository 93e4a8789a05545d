package clusterauth

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// now is the time of all tests.
func now() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// allKinds are the kinds that a management cluster of k0rdent serves.
func allKinds() map[string]inventory.Kind {
	return map[string]inventory.Kind{
		"ClusterAuthentication": inventory.ClusterAuthentications, "ClusterDeployment": inventory.ClusterDeployments,
		"ClusterTemplate": inventory.ClusterTemplates, "Credential": inventory.Credentials,
		"AccessManagement": inventory.AccessManagements, "Management": inventory.Managements, "Release": inventory.Releases,
		"Region": inventory.Regions, "HelmRelease": inventory.HelmReleases, "K0sControlPlane": inventory.K0sControlPlanes,
		"K0smotronControlPlane": inventory.K0smotronControlPlanes, "Machine": inventory.Machines,
	}
}

// read returns an inventory of YAML documents in which every kind was read in full.
func read(t testing.TB, documents ...string) *inventory.Inventory {
	t.Helper()
	inv := &inventory.Inventory{
		Live:   true,
		Served: map[inventory.Kind]bool{inventory.Secrets: true, inventory.Namespaces: true},
		Custom: map[inventory.Kind][]*unstructured.Unstructured{},
	}
	kinds := allKinds()
	for _, kind := range kinds {
		inv.Served[kind] = true
	}
	for text := range strings.SplitSeq(strings.Join(documents, "\n---\n"), "\n---\n") {
		u := &unstructured.Unstructured{}
		data, err := yaml.YAMLToJSON([]byte(text))
		if err != nil {
			t.Fatalf("read %s: %v", text, err)
		}
		if err := u.UnmarshalJSON(data); err != nil {
			t.Fatalf("read %s: %v", text, err)
		}
		switch kind := u.GetKind(); kind {
		case "Namespace":
			ns := &corev1.Namespace{}
			convert(t, u, ns)
			inv.Namespaces = append(inv.Namespaces, ns)
		case "Secret":
			secret := &corev1.Secret{}
			convert(t, u, secret)
			for key, value := range secret.StringData {
				if secret.Data == nil {
					secret.Data = map[string][]byte{}
				}
				secret.Data[key] = []byte(value)
			}
			secret.StringData = nil
			inv.Secrets = append(inv.Secrets, secret)
		default:
			if kinds[kind] == "" {
				t.Fatalf("kind %q is not one of k0rdent's world", kind)
			}
			inv.Custom[kinds[kind]] = append(inv.Custom[kinds[kind]], u)
		}
	}
	return inv
}

func convert(t testing.TB, u *unstructured.Unstructured, into any) {
	t.Helper()
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, into); err != nil {
		t.Fatal(err)
	}
}

// state returns the state of YAML documents.
func state(t testing.TB, documents ...string) *State {
	t.Helper()
	return NewState(read(t, documents...), Options{Now: now()})
}

// The example of k0rdent's documentation, in a namespace of a team.
const dexSpec = `spec:
  authenticationConfiguration:
    jwt:
    - issuer:
        url: https://dex.example.com:5556
        audiences: [example-app]
      claimMappings:
        username: {claim: email, prefix: ""}
        groups: {claim: groups, prefix: ""}
      userValidationRules:
      - expression: "!user.username.startsWith('system:')"
        message: "username cannot use reserved system: prefix"
`

const dex = `apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuthentication
metadata: {name: dex, namespace: team-a, resourceVersion: "7"}
` + dexSpec

const withCA = dex + `  caSecret: {name: dex-ca, key: ca.crt}
`

// ca is the CA of the golden vector C: it is no certificate, which KCM does not mind.
const ca = `apiVersion: v1
kind: Secret
metadata: {name: dex-ca, namespace: team-a}
stringData: {ca.crt: test-cluster-auth-ca-cert-data}
`

const kcm = `apiVersion: k0rdent.mirantis.com/v1beta1
kind: Management
metadata: {name: kcm}
spec: {release: kcm-1-11-4}
---
apiVersion: k0rdent.mirantis.com/v1beta1
kind: Release
metadata: {name: kcm-1-11-4}
spec: {version: 1.11.4}
`

const oldKCM = `apiVersion: k0rdent.mirantis.com/v1beta1
kind: Management
metadata: {name: kcm}
spec: {release: kcm-1-9-0}
---
apiVersion: k0rdent.mirantis.com/v1beta1
kind: Release
metadata: {name: kcm-1-9-0}
spec: {version: 1.9.0}
`

// deployment returns a ClusterDeployment; spec is in the flow style of YAML.
func deployment(name, spec string) string {
	return "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterDeployment\nmetadata: {name: " + name +
		", namespace: team-a, resourceVersion: \"3\"}\nspec: " + spec + "\n"
}

const (
	standalone = "openstack-standalone-cp-1-0-46"
	hosted     = "openstack-hosted-cp-1-0-40"
)

// release returns the HelmRelease of a cluster whose values have a hash.
func release(name, hash string) string {
	auth := ""
	if hash != "" {
		auth = "auth: {configSecret: {name: " + name + "-auth-config, key: config, hash: " + hash + "}}"
	}
	return "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: " + name +
		", namespace: team-a}\nspec: {values: {" + auth + "}}\n"
}

// authReady is added to a ClusterDeployment of which KCM knows that it has written the Secret.
const authReady = "status: {conditions: [{type: ClusterAuthenticationReady, status: \"True\", reason: Succeeded}]}\n"

// hash A and hash C are the golden vectors: without a CA, and with the one above.
const (
	hashA = "455f6bf8"
	hashC = "268aad06"
)
