package k0rdent_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// dexRendered is what KCM 1.10 writes of the example without its Secret.
const dexRendered = `apiVersion: apiserver.config.k8s.io/v1
jwt:
- claimMappings:
    groups:
      claim: groups
      prefix: ""
    uid: {}
    username:
      claim: email
      prefix: ""
  issuer:
    audiences:
    - example-app
    url: https://dex.example.com:5556
  userValidationRules:
  - expression: '!user.username.startsWith(''system:'')'
    message: 'username cannot use reserved system: prefix'
kind: AuthenticationConfiguration
`

// The numbers are those that KCM's own code gives for these inputs.
func TestRenderGolden(t *testing.T) {
	t.Parallel()
	const pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	older := strings.Replace(dexRendered, "k8s.io/v1\n", "k8s.io/v1beta1\n", 1)
	withCA := func(ca string) string {
		return strings.Replace(dexRendered, "    - example-app\n", "    - example-app\n    certificateAuthority: "+ca+"\n", 1)
	}
	tests := map[string]struct {
		manifest string
		ca       string
		era      k0rdent.Era
		size     int
		hash     string
		bytes    string
	}{
		"A": {dex, "", k0rdent.ForcedV1, 426, "455f6bf8", dexRendered},
		"A, of v1": {
			strings.Replace(dex, "k8s.io/v1beta1\n    kind", "k8s.io/v1\n    kind", 1), "", k0rdent.ForcedV1, 426, "455f6bf8",
			dexRendered,
		},
		"A, a Secret of nothing": {dex + dexSecret, "", k0rdent.ForcedV1, 426, "455f6bf8", dexRendered},
		"A, bytes of no Secret":  {dex, "stray", k0rdent.ForcedV1, 426, "455f6bf8", dexRendered},
		"B":                      {dex, "", k0rdent.AsWritten, 431, "3ce36c1c", older},
		"C": {
			dex + dexSecret, "test-cluster-auth-ca-cert-data", k0rdent.ForcedV1, 483, "268aad06",
			withCA("test-cluster-auth-ca-cert-data"),
		},
		"F": {
			dex + dexSecret, pem, k0rdent.ForcedV1, 531, "e134cdd9",
			withCA("|\n      -----BEGIN CERTIFICATE-----\n      AAAA\n      -----END CERTIFICATE-----"),
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := authentication(t, tt.manifest)
			before := a.Object.DeepCopy()
			got, err := k0rdent.Render(a, []byte(tt.ca), tt.era)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.bytes, string(got.Bytes)); diff != "" {
				t.Errorf("bytes (-want +got):\n%s", diff)
			}
			if len(got.Bytes) != tt.size || got.Hash != tt.hash || got.Off || got.Anonymous {
				t.Errorf("got %d bytes, hash %s, off %t, anonymous %t; want %d and %s", len(got.Bytes), got.Hash, got.Off,
					got.Anonymous, tt.size, tt.hash)
			}
			if diff := cmp.Diff(before, a.Object); diff != "" {
				t.Errorf("the object was changed (-before +after):\n%s", diff)
			}
			if diff := cmp.Diff(authentication(t, tt.manifest).Configuration, a.Configuration); diff != "" {
				t.Errorf("the configuration was changed (-before +after):\n%s", diff)
			}
		})
	}
}

func TestRenderForms(t *testing.T) {
	t.Parallel()
	prefix := "a:"
	issuer := func(ca string) apiserverv1.JWTAuthenticator {
		return apiserverv1.JWTAuthenticator{Issuer: apiserverv1.Issuer{URL: "https://" + ca, CertificateAuthority: ca}}
	}
	secret := &k0rdent.SecretKey{Namespace: "a", Name: "b", Key: "c"}
	tests := map[string]struct {
		a    k0rdent.ClusterAuthentication
		ca   string
		era  k0rdent.Era
		want string
	}{
		"nothing as written": {
			k0rdent.ClusterAuthentication{Configuration: &k0rdent.Configuration{}}, "", k0rdent.AsWritten, "jwt: null\n",
		},
		"no issuers": {
			k0rdent.ClusterAuthentication{
				Configuration: &k0rdent.Configuration{
					JWT:       []apiserverv1.JWTAuthenticator{},
					Anonymous: &apiserverv1.AnonymousAuthConfig{},
				},
				CASecret: secret,
			},
			"x", k0rdent.ForcedV1,
			"anonymous:\n  enabled: false\napiVersion: apiserver.config.k8s.io/v1\njwt: []\nkind: AuthenticationConfiguration\n",
		},
		"certificates of all issuers": {
			k0rdent.ClusterAuthentication{
				Configuration: &k0rdent.Configuration{JWT: []apiserverv1.JWTAuthenticator{issuer("x"), issuer("")}},
				CASecret:      secret,
			},
			"\nline\r\n", k0rdent.AsWritten,
			"jwt:\n- claimMappings:\n    groups: {}\n    uid: {}\n    username: {}\n  issuer:\n    audiences: null\n" +
				"    certificateAuthority: \"\\nline\\r\\n\"\n    url: https://x\n" +
				"- claimMappings:\n    groups: {}\n    uid: {}\n    username: {}\n  issuer:\n    audiences: null\n" +
				"    certificateAuthority: \"\\nline\\r\\n\"\n    url: https://\n",
		},
		"own certificates stay": {
			k0rdent.ClusterAuthentication{
				Configuration: &k0rdent.Configuration{Kind: "K", JWT: []apiserverv1.JWTAuthenticator{{
					Issuer:        apiserverv1.Issuer{CertificateAuthority: "\nx\n", Audiences: []string{"0123", "yes"}},
					ClaimMappings: apiserverv1.ClaimMappings{Username: apiserverv1.PrefixedClaimOrExpression{Prefix: &prefix}},
				}}},
				CASecret: secret,
			},
			"", k0rdent.AsWritten,
			"jwt:\n- claimMappings:\n    groups: {}\n    uid: {}\n    username:\n      prefix: 'a:'\n  issuer:\n" +
				"    audiences:\n    - \"0123\"\n    - \"yes\"\n    certificateAuthority: |2\n\n      x\n    url: \"\"\nkind: K\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := k0rdent.Render(tt.a, []byte(tt.ca), tt.era)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got.Bytes)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if want := k0rdent.Hash([]byte(tt.want)); got.Hash != want {
				t.Errorf("hash %s, want %s", got.Hash, want)
			}
		})
	}
}

func TestRenderOff(t *testing.T) {
	t.Parallel()
	a := authentication(t, "metadata: {name: a, namespace: b}\nspec:\n  caSecret: {name: c, key: d}\n")
	got, err := k0rdent.Render(a, []byte("ca"), k0rdent.ForcedV1)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(k0rdent.Rendered{Off: true}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{}, got.Values("c")); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if got.Secret("a", "b") != nil {
		t.Error("there is a Secret")
	}
}

func TestRenderUnknownEra(t *testing.T) {
	t.Parallel()
	_, err := k0rdent.Render(authentication(t, dex), nil, "2.0")
	want := `render clusterauthentication kcm-system/dex-cluster-auth: era "2.0" of KCM is not known`
	if diff := cmp.Diff(want, text(err)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestValuesAndSecret(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		manifest string
		want     map[string]any
	}{
		"without anonymous": {dex, map[string]any{"auth": map[string]any{
			"configSecret": map[string]any{"name": "c1-auth-config", "key": "config", "hash": "455f6bf8"},
		}}},
		"with anonymous, though refused": {
			"metadata: {name: a}\nspec: {authenticationConfiguration: {jwt: [], anonymous: {enabled: false}}}",
			map[string]any{"auth": map[string]any{
				"configSecret":   map[string]any{"name": "c1-auth-config", "key": "config", "hash": "7d3cc620"},
				"configWithAnon": true,
			}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r, err := k0rdent.Render(authentication(t, tt.manifest), nil, k0rdent.ForcedV1)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, r.Values("c1")); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			want := &unstructured.Unstructured{Object: map[string]any{
				"apiVersion": "v1", "kind": "Secret", "type": "Opaque",
				"metadata": map[string]any{"namespace": "ns", "name": "c1-auth-config"},
				"data":     map[string]any{"config": base64.StdEncoding.EncodeToString(r.Bytes)},
			}}
			if diff := cmp.Diff(want, r.Secret("ns", "c1")); diff != "" {
				t.Errorf("secret (-want +got):\n%s", diff)
			}
		})
	}
}
