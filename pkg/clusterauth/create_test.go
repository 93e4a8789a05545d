package clusterauth

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/version"
	apiserverv1 "k8s.io/apiserver/pkg/apis/apiserver/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/k0rdent"
)

// newCA returns a certificate of a CA, and its key, in PEM.
func newCA(t *testing.T, name string) (certificate, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now().Add(-time.Hour), NotAfter: now().AddDate(5, 0, 0), KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
}

func TestCreate(t *testing.T) {
	t.Parallel()
	certificate, _ := newCA(t, "dex")
	s := state(t, kcm)
	p, notes, err := Create(s, Spec{
		Namespace: "team-a", Name: "dex", Issuer: "https://dex.example.com:5556", Audiences: []string{"example-app", "cli"},
		Username: Mapping{Claim: "email"}, Groups: Mapping{Claim: "groups", Prefix: "dex:"}, UID: "sub", GuardSystem: true,
		CA: certificate, CASecret: &k0rdent.SecretKey{Name: "dex-ca"},
	})
	checkRefusal(t, err, "", "")
	if diff := cmp.Diff([]string{"create secret team-a/dex-ca", "create clusterauthentication team-a/dex"}, p.Strings()); diff != "" {
		t.Fatalf("steps (-want +got):\n%s", diff)
	}
	wantNotes := []string{"it has the label k0rdent.mirantis.com/component=kcm, so that backups of k0rdent take it in"}
	if diff := cmp.Diff(wantNotes, notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	got, err := yaml.Marshal(p.Steps[1].Object.Object)
	if err != nil {
		t.Fatal(err)
	}
	want := `apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterAuthentication
metadata:
  labels:
    k0rdent.mirantis.com/component: kcm
  name: dex
  namespace: team-a
spec:
  authenticationConfiguration:
    jwt:
    - claimMappings:
        groups:
          claim: groups
          prefix: 'dex:'
        uid:
          claim: sub
        username:
          claim: email
          prefix: ""
      issuer:
        audienceMatchPolicy: MatchAny
        audiences:
        - example-app
        - cli
        url: https://dex.example.com:5556
      userValidationRules:
      - expression: '!user.username.startsWith(''system:'')'
        message: 'names that begin with system: are reserved'
      - expression: user.groups.all(group, !group.startsWith('system:'))
        message: 'groups that begin with system: are reserved'
  caSecret:
    key: ca.crt
    name: dex-ca
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("object (-want +got):\n%s", diff)
	}
	a, err := s.After(p).Authentication("team-a", "dex")
	checkRefusal(t, err, "", "")
	if len(a.Certificates) != 1 || a.CAProblem != nil {
		t.Errorf("the CA that was made has %d certificates: %v", len(a.Certificates), a.CAProblem)
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	certificate, key := newCA(t, "dex")
	good := Spec{Namespace: "team-a", Name: "new", Issuer: "https://dex.example.com", Audiences: []string{"app"}}
	tests := map[string]struct {
		change func(*Spec)
		err    string // what it contains
	}{
		"a name that can't be":      {func(s *Spec) { s.Name = "New Auth" }, `name "New Auth"`},
		"a namespace that can't be": {func(s *Spec) { s.Namespace = "" }, `namespace ""`},
		"one that is there":         {func(s *Spec) { s.Name = "dex" }, "it is there already"},
		"no issuer":                 {func(s *Spec) { s.Issuer = "" }, "there is no issuer"},
		"http":                      {func(s *Spec) { s.Issuer = "http://dex.example.com" }, "jwt[0].issuer.url"},
		"no audience":               {func(s *Spec) { s.Audiences = nil }, "jwt[0].issuer.audiences"},
		"that of service accounts":  {func(s *Spec) { s.Issuer = k0rdent.ServiceAccountIssuer }, "jwt[0].issuer.url"},
		"claim and expression": {
			func(s *Spec) { s.Username = Mapping{Claim: "sub", Expression: "claims.sub"} }, "jwt[0].claimMappings.username",
		},
		"an expression that does not compile": {
			func(s *Spec) { s.Username = Mapping{Expression: "claims.sub +"} }, "jwt[0].claimMappings.username.expression",
		},
		"an expression for later versions": {
			func(s *Spec) {
				s.Groups = Mapping{Expression: "claims.groups.distinct()"}
				s.Kubernetes = version.MustParseGeneric("1.33")
			}, "jwt[0].claimMappings.groups.expression",
		},
		"a Secret that is not there": {
			func(s *Spec) { s.CASecret = &k0rdent.SecretKey{Name: "none"} }, "secret team-a/none is not there",
		},
		"a key that is not there": {
			func(s *Spec) { s.CASecret = &k0rdent.SecretKey{Name: "dex-ca", Key: "tls.crt"} }, `secret team-a/dex-ca has no key "tls.crt"`,
		},
		"a Secret without a name": {func(s *Spec) { s.CASecret = &k0rdent.SecretKey{Key: "x"} }, "has no name"},
		"a CA that is none":       {func(s *Spec) { s.CA = []byte("no") }, "jwt[0].issuer.certificateAuthority"},
		"a private key": {func(s *Spec) {
			s.CA, s.CASecret = slices.Concat(key, certificate), &k0rdent.SecretKey{Name: "own"}
		}, "PRIVATE KEY"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			spec := good
			test.change(&spec)
			p, _, err := Create(state(t, kcm, dex, ca), spec)
			if err == nil || !strings.Contains(err.Error(), test.err) || len(p.Steps) > 0 {
				t.Fatalf("error %v, want one with %q, and no steps but %v", err, test.err, p.Strings())
			}
			if strings.Contains(err.Error(), "BEGIN") || !strings.HasPrefix(err.Error(), "create clusterauthentication ") {
				t.Errorf("error %q tells too much, or does not say of what it is", err)
			}
		})
	}
}

// A whole configuration is taken as it is, and a CA without a Secret goes into every issuer.
func TestCreateFromConfiguration(t *testing.T) {
	t.Parallel()
	certificate, _ := newCA(t, "dex")
	s := state(t, kcm, dex, ca)
	a, err := s.Authentication("team-a", "dex")
	checkRefusal(t, err, "", "")
	p, _, err := Create(s, Spec{Namespace: "team-a", Name: "new", Configuration: a.Configuration, CA: certificate})
	checkRefusal(t, err, "", "")
	made, err := s.After(p).Authentication("team-a", "new")
	checkRefusal(t, err, "", "")
	if got := made.Configuration.JWT[0].Issuer.CertificateAuthority; got != string(certificate) || made.CASecret != nil {
		t.Errorf("the issuer has a CA of %d bytes, want %d", len(got), len(certificate))
	}
	if a.Configuration.JWT[0].Issuer.CertificateAuthority != "" {
		t.Error("what was given has changed")
	}
}

// A KCM up to 1.9 writes apiVersion and kind as the object has them, and later ones pay no heed to them.
func TestCreateForEras(t *testing.T) {
	t.Parallel()
	dexed, err := state(t, kcm, dex).Authentication("team-a", "dex")
	checkRefusal(t, err, "", "")
	whole := func(apiVersion, kind string) *k0rdent.Configuration {
		return &k0rdent.Configuration{APIVersion: apiVersion, Kind: kind, JWT: dexed.Configuration.JWT}
	}
	const at = "create clusterauthentication team-a/new: "
	tests := map[string]struct {
		kcm           string
		configuration *k0rdent.Configuration
		apiVersion    string
		kind          string
		err           string
	}{
		"old, flags":       {oldKCM, nil, "apiserver.config.k8s.io/v1beta1", "AuthenticationConfiguration", ""},
		"old, a bare file": {oldKCM, whole("", ""), "apiserver.config.k8s.io/v1beta1", "AuthenticationConfiguration", ""},
		"old, a file": {
			oldKCM, whole("apiserver.config.k8s.io/v1", "AuthenticationConfiguration"),
			"apiserver.config.k8s.io/v1", "AuthenticationConfiguration", "",
		},
		"old, another version": {
			oldKCM, whole("apiserver.config.k8s.io/v2", ""), "", "",
			at + `KCM 1.9.0 writes apiVersion "apiserver.config.k8s.io/v2" and kind "AuthenticationConfiguration" as the object has them`,
		},
		"old, another kind": {
			oldKCM, whole("", "Authentication"), "", "",
			at + `KCM 1.9.0 writes apiVersion "apiserver.config.k8s.io/v1beta1" and kind "Authentication" as the object has them`,
		},
		"new, flags":  {kcm, nil, "", "", ""},
		"new, a file": {kcm, whole("apiserver.config.k8s.io/v1beta1", "AuthenticationConfiguration"), "", "", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := state(t, tt.kcm)
			p, _, err := Create(s, Spec{
				Namespace: "team-a", Name: "new", Issuer: "https://dex.example.com", Audiences: []string{"app"}, Configuration: tt.configuration,
			})
			if tt.err != "" {
				checkRefusal(t, err, tt.err, "No API server reads such a file, so that the roll leaves clusters without a control plane. "+
					"Set apiVersion: apiserver.config.k8s.io/v1beta1 and kind: AuthenticationConfiguration.")
				return
			}
			checkRefusal(t, err, "", "")
			after := s.After(p)
			made, err := after.Authentication("team-a", "new")
			checkRefusal(t, err, "", "")
			if c := made.Configuration; c.APIVersion != tt.apiVersion || c.Kind != tt.kind {
				t.Errorf("apiVersion %q and kind %q, want %q and %q", c.APIVersion, c.Kind, tt.apiVersion, tt.kind)
			}
			rendered, err := after.Rendered(made)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := authn.Parse(rendered.Bytes); err != nil {
				t.Errorf("no API server reads what KCM makes of it: %v", err)
			}
		})
	}
}

// What is accepted and yet doubtful is told.
func TestCreateWarns(t *testing.T) {
	t.Parallel()
	_, notes, err := Create(state(t, kcm), Spec{
		Namespace: "team-a", Name: "new", Issuer: "https://dex.example.com", Audiences: []string{"app"},
		Groups: Mapping{Claim: "groups"},
	})
	checkRefusal(t, err, "", "")
	if !slices.ContainsFunc(notes, func(note string) bool { return strings.HasPrefix(note, WarningNote+"AU050 ") }) {
		t.Errorf("whoever can name a group is an administrator, and nothing says so: %q", notes)
	}
}

// What the API servers of a version do not start with is refused, whether it is an expression, a field or the whole file.
func TestCreateForVersions(t *testing.T) {
	t.Parallel()
	const (
		at    = "create clusterauthentication team-a/new: no API server of Kubernetes "
		rules = "kubectl clusterauth validate explains each rule"
	)
	tests := map[string]struct {
		kcm, kubernetes string
		egress          apiserverv1.EgressSelectorType
		err, hint       string
	}{
		"1.34":      {kcm, "1.34", "cluster", "", ""},
		"1.33":      {kcm, "1.33", "", at + "1.33 would take it: AU030 apiserver.config.k8s.io/v1 exists since Kubernetes 1.34 only", "KCM 1.10 and later write that version for every cluster: upgrade those that are older first"},
		"1.33, old": {oldKCM, "1.33", "", "", ""},
		"1.33, old, with a field of 1.34": {
			oldKCM, "1.33", "cluster", at + "1.33 would take it: AU031 jwt[0].issuer.egressSelectorType exists since Kubernetes 1.34 only", rules,
		},
		"1.29, old": {oldKCM, "1.29", "", at + "1.29 would take it: AU030 apiserver.config.k8s.io/v1beta1 exists since Kubernetes 1.30 only", rules},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			prefix := "dex:"
			jwt := apiserverv1.JWTAuthenticator{
				Issuer: apiserverv1.Issuer{URL: "https://dex.example.com", Audiences: []string{"app"}, EgressSelectorType: tt.egress},
			}
			jwt.ClaimMappings.Username = apiserverv1.PrefixedClaimOrExpression{Claim: "sub", Prefix: &prefix}
			p, _, err := Create(state(t, tt.kcm), Spec{
				Namespace: "team-a", Name: "new", Kubernetes: version.MustParseGeneric(tt.kubernetes),
				Configuration: &k0rdent.Configuration{JWT: []apiserverv1.JWTAuthenticator{jwt}},
			})
			checkRefusal(t, err, tt.err, tt.hint)
			if (err == nil) != (len(p.Steps) == 1) {
				t.Errorf("steps %v", p.Strings())
			}
		})
	}
}
