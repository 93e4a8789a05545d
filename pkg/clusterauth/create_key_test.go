package clusterauth

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"

	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// A private key is neither shown nor passed on, wherever it is.
func TestCreateWithPrivateKey(t *testing.T) {
	t.Parallel()
	authority := newAuthority(t, "dex", 400)
	const (
		at   = "create clusterauthentication team-a/new: AU060 a private key is in "
		hint = "take it out, and have the key replaced: whoever can read the configuration has it, and so has every control plane"
	)
	with := func(ca string) *k0rdent.Configuration {
		prefix := "dex:"
		jwt := apiserverv1.JWTAuthenticator{
			Issuer: apiserverv1.Issuer{URL: "https://dex.example.com", Audiences: []string{"app"}, CertificateAuthority: ca},
		}
		jwt.ClaimMappings.Username = apiserverv1.PrefixedClaimOrExpression{Claim: "sub", Prefix: &prefix}
		return &k0rdent.Configuration{JWT: []apiserverv1.JWTAuthenticator{jwt}}
	}
	plain := Spec{Namespace: "team-a", Name: "new", Issuer: "https://dex.example.com", Audiences: []string{"app"}}
	configured := func(ca string) Spec { return Spec{Namespace: "team-a", Name: "new", Configuration: with(ca)} }
	fromSecret := plain
	fromSecret.CASecret = &k0rdent.SecretKey{Name: "dex-ca", Key: "ca.crt"}
	broken := strings.Replace(authority.key, "\n", "\n!", 1)
	const field = "spec.authenticationConfiguration.jwt[0].issuer.certificateAuthority"
	tests := map[string]struct {
		spec Spec
		err  string
	}{
		"none":                 {configured(authority.pem), ""},
		"in the configuration": {configured(authority.pem + authority.key), at + field},
		"a broken one":         {configured(authority.pem + broken), at + field},
		"alone":                {configured(authority.key), at + field},
		"in the Secret":        {fromSecret, at + "secret team-a/dex-ca, key ca.crt"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := state(t, kcm, caSecret("", map[string]string{"ca.crt": authority.pem + authority.key}))
			p, notes, err := Create(s, tt.spec)
			checkRefusal(t, err, tt.err, hint)
			if err != nil && (len(p.Steps) > 0 || len(notes) > 0) {
				t.Errorf("there is a plan: %v, %q", p.Strings(), notes)
			}
		})
	}
}

func TestPrivateKeyIn(t *testing.T) {
	t.Parallel()
	with := func(kind, ca string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"kind": kind,
			"spec": map[string]any{"authenticationConfiguration": map[string]any{"jwt": []any{
				map[string]any{"issuer": map[string]any{}},
				map[string]any{"issuer": map[string]any{"certificateAuthority": ca}},
			}}},
		}}
	}
	for name, tt := range map[string]struct {
		object *unstructured.Unstructured
		want   string
	}{
		"nothing":      {nil, ""},
		"none":         {with("ClusterAuthentication", "-----BEGIN CERTIFICATE-----"), ""},
		"a key":        {with("ClusterAuthentication", "-----BEGIN RSA PRIVATE KEY-----"), "spec.authenticationConfiguration.jwt[1].issuer.certificateAuthority"},
		"another kind": {with("Other", "-----BEGIN PRIVATE KEY-----"), ""},
		"no list":      {&unstructured.Unstructured{Object: map[string]any{"kind": "ClusterAuthentication", "spec": "none"}}, ""},
	} {
		if got := PrivateKeyIn(tt.object); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}
