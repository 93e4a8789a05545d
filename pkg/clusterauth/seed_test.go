package clusterauth

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// The example of k0rdent's documentation, word for word, and a cluster as it shows one.
const documented = `apiVersion: k0rdent.mirantis.com/v1beta1
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
  caSecret:
    name: dex-ca-secret
    namespace: kcm-system
    key: ca.crt
`

const documentedCluster = `apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterDeployment
metadata:
  name: cluster-name
  namespace: kcm-system
spec:
  template: openstack-hosted-cp-1-0-12
  credential: openstack-cluster-identity-cred
`

// documentedCA is that of the golden vector F.
const documentedCA = `apiVersion: v1
kind: Secret
metadata: {name: dex-ca-secret, namespace: kcm-system}
stringData:
  ca.crt: |
    -----BEGIN CERTIFICATE-----
    AAAA
    -----END CERTIFICATE-----
`

// From the file to the verdict: read, rendered, attached, planned, judged.
func TestDocumentedExample(t *testing.T) {
	t.Parallel()
	helm := strings.Replace(release("cluster-name", ""), "team-a", "kcm-system", 1)
	s := state(t, kcm, documented, documentedCA, documentedCluster, helm)
	a, err := s.Authentication("kcm-system", "dex-cluster-auth")
	checkRefusal(t, err, "", "")
	rendered, err := s.Rendered(a)
	checkRefusal(t, err, "", "")
	if len(rendered.Bytes) != 531 || rendered.Hash != "e134cdd9" {
		t.Errorf("it is rendered as %d bytes with hash %s, want 531 and e134cdd9", len(rendered.Bytes), rendered.Hash)
	}
	// The certificate is one in name only, with which no API server starts.
	const noCertificate = "clusterauthentication kcm-system/dex-cluster-auth: jwt[0].issuer.certificateAuthority: x509: malformed certificate"
	_, _, err = Attach(s, "kcm-system", "cluster-name", "dex-cluster-auth")
	if err == nil {
		t.Fatal("it is attached")
	}
	checkRefusal(t, err, "attach dex-cluster-auth to clusterdeployment kcm-system/cluster-name: AU007 "+noCertificate,
		"kubectl clusterauth validate dex-cluster-auth -n kcm-system says more")
	// Nothing keeps people from attaching it by hand.
	cluster, err := s.Cluster("kcm-system", "cluster-name")
	checkRefusal(t, err, "", "")
	byHand := cluster.Object.DeepCopy()
	if err := unstructured.SetNestedField(byHand.Object, "dex-cluster-auth", "spec", "clusterAuth"); err != nil {
		t.Fatal(err)
	}
	after := s.With(byHand)
	wantNotes := []string{
		"cluster kcm-system/cluster-name: the pods of its control plane will be replaced (hash none to e134cdd9)",
		"warning: clusterdeployment kcm-system/cluster-name (AU007): " + noCertificate,
	}
	if diff := cmp.Diff(wantNotes, RolloutNotes(s, after)); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	want := []Rollout{{
		Namespace: "kcm-system", Cluster: "cluster-name", Authentication: "dex-cluster-auth", Effect: Pods, NewHash: "e134cdd9",
		Why: "a configuration comes: the pods of its control plane are replaced",
	}}
	ignoreWarnings := cmpopts.IgnoreFields(Rollout{}, "Warnings")
	if diff := cmp.Diff(want, Rollouts(s, after), ignoreWarnings); diff != "" {
		t.Errorf("rollouts (-want +got):\n%s", diff)
	}
	var serious []string
	for _, f := range Judge(after) {
		if f.ID != "KC017" {
			serious = append(serious, f.ID+" "+string(f.Severity))
		}
	}
	// The CA is none, everybody of a group system:masters is in it, no backup has it, and its apiVersion has no effect.
	wantFindings := []string{"AU007 error", "AU050 error", "KC018 warning", "KC023 warning", "KC011 info"}
	if diff := cmp.Diff(wantFindings, serious); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// The same out of a file, as people have it.
func TestDocumentedExampleFromFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "auth.yaml")
	text := strings.Join([]string{kcm, documented, documentedCA, documentedCluster + "  clusterAuth: dex-cluster-auth\n"}, "---\n")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	want := inventory.Want{Kinds: []inventory.Kind{
		inventory.ClusterAuthentications, inventory.ClusterDeployments, inventory.HelmReleases, inventory.Managements,
		inventory.Releases, inventory.Secrets,
	}}
	inv, err := source.FileInventory(t.Context(), []string{file}, source.FilesOptions{}, want)
	if err != nil {
		t.Fatal(err)
	}
	s := NewState(inv, Options{Now: now()})
	c, err := s.Cluster("kcm-system", "cluster-name")
	checkRefusal(t, err, "", "")
	rendered, err := s.Expected(c)
	checkRefusal(t, err, "", "")
	if rendered.Hash != "e134cdd9" || s.KCM.Version != "1.11.4" {
		t.Errorf("KCM %s renders hash %s, want 1.11.4 and e134cdd9", s.KCM.Version, rendered.Hash)
	}
	if r := Rollouts(s, s)[0]; r.Effect != Unknown || r.NewHash != "e134cdd9" {
		t.Errorf("effect %s to %s: %s", r.Effect, r.NewHash, r.Why)
	}
}

// A KCM of the first era writes another file, which the same children may be able to read.
func TestDocumentedExampleOfOldKCM(t *testing.T) {
	t.Parallel()
	withoutCA, _, _ := strings.Cut(documented, "  caSecret:")
	attached := documentedCluster + "  clusterAuth: dex-cluster-auth\n"
	helm := strings.Replace(release("cluster-name", "3ce36c1c"), "team-a", "kcm-system", 1)
	old := state(t, oldKCM, withoutCA, attached, helm)
	upgraded := state(t, kcm, withoutCA, attached, helm)
	if r := Rollouts(old, old)[0]; r.Effect != None || r.NewHash != "3ce36c1c" {
		t.Errorf("KCM 1.9: %s to hash %s: %s", r.Effect, r.NewHash, r.Why)
	}
	r := Rollouts(old, upgraded)[0]
	if r.Effect != Pods || r.NewHash != hashA {
		t.Errorf("after the upgrade: %s to hash %s: %s", r.Effect, r.NewHash, r.Why)
	}
	if diff := cmp.Diff([]string{"KC044", "KC045"}, ids(r.Warnings)); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}
