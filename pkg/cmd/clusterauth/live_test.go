package clusterauth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// authentication is a ClusterAuthentication with its CA in a Secret, or with none.
func authentication(namespace, name, secret string) string {
	if secret != "" {
		secret = "  caSecret: " + secret + "\n"
	}
	return "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterAuthentication\nmetadata: {namespace: " + namespace + ", name: " + name +
		", resourceVersion: \"1\"}\n" + `spec:
  authenticationConfiguration:
    jwt:
    - issuer: {url: "https://dex.example.com", audiences: [app]}
      claimMappings: {username: {claim: sub, prefix: "dex:"}}
` + secret
}

// deployment is a ClusterDeployment that uses a ClusterAuthentication.
func deployment(namespace, name, authentication string) string {
	return "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterDeployment\nmetadata: {namespace: " + namespace + ", name: " + name +
		", resourceVersion: \"1\"}\nspec: {template: openstack-hosted-cp-1-0-40, clusterAuth: " + authentication + "}\n"
}

// newCAFile writes the certificate of a new CA, and returns the name of the file.
func newCAFile(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "new"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "ca.crt")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestSecretsAskedFor holds the commands to the Secrets that their answer needs: each that is refused makes it partial.
func TestSecretsAskedFor(t *testing.T) {
	t.Parallel()
	world := []string{
		authentication("team-a", "sso", "{name: sso-ca, key: ca.crt}"), deployment("team-a", "dev", "sso"), deployment("team-a", "prod", "sso"),
	}
	tests := map[string]struct {
		args []string
		want []string
	}{
		"plan":     {[]string{"plan", "-n", "team-a"}, []string{"team-a/sso-ca"}},
		"describe": {[]string{"describe", "sso", "-n", "team-a"}, []string{"team-a/sso-ca"}},
		"attach":   {[]string{"attach", "dev", "sso", "-n", "team-a"}, []string{"team-a/sso-ca"}},
		"detach":   {[]string{"detach", "dev", "-n", "team-a"}, []string{"team-a/dev-auth-config", "team-a/sso-ca"}},
		"rotate":   {[]string{"ca", "rotate", "sso", "-n", "team-a", "--ca-file", newCAFile(t)}, []string{"team-a/sso-ca"}},
		"test-token": {
			[]string{
				"test-token", "-f", logins + "/auth.yaml", "--claims", logins + "/claims.json", "--then", "whocan", "--cluster", "dev", "-n", "team-a",
			},
			[]string{"team-a/dev-kubeconfig"},
		},
		"create": {
			[]string{"create", "new", "--issuer", "https://a.example", "--audience", "app", "--ca-secret", "sso-ca:ca.crt", "-n", "team-a"},
			[]string{"team-a/sso-ca"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, flags := newFakeServer(t, world...)
			got := execute(t, "", slices.Concat(tt.args, flags)...)
			if diff := cmp.Diff(tt.want, server.secrets()); diff != "" {
				t.Errorf("Secrets (-want +got):\n%s%s", diff, got)
			}
		})
	}
}

// TestCreateInSharedSecret tells of whoever takes his CA from the Secret that changes, wherever he is.
func TestCreateInSharedSecret(t *testing.T) {
	t.Parallel()
	_, flags := newFakeServer(t,
		"apiVersion: v1\nkind: Secret\nmetadata: {namespace: shared, name: ca, resourceVersion: \"1\", uid: u}\nstringData: {}\ndata: {}\n",
		authentication("team-b", "sso", "{namespace: shared, name: ca, key: ca.crt}"))
	got := execute(t, "", slices.Concat([]string{
		"create", "new", "--issuer", "https://a.example", "--audience", "app", "--ca-secret", "shared/ca:ca.crt", "--ca-file", newCAFile(t), "-n", "team-a",
	}, flags)...)
	const want = "clusterauthentication team-b/sso takes its CA from secret shared/ca, too, and changes with it"
	if !strings.Contains(got.Stderr, want) {
		t.Errorf("it doesn't say %q: %s", want, got)
	}
}
