package authn_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
)

// certificate returns a self-signed certificate in PEM form.
func certificate(t *testing.T, name string, from, to time.Time, authority bool) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: from, NotAfter: to, IsCA: authority, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func TestJudgeAuthority(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	good := certificate(t, "Root", now.Add(-day), now.Add(365*day), true)
	next := certificate(t, "Next", now.Add(day), now.Add(365*day), true)
	old := certificate(t, "Old", now.Add(-9*day), now.Add(-day), true)
	ending := certificate(t, "Ending", now.Add(-9*day), now.Add(29*day), true)
	leaf := certificate(t, "Leaf", now.Add(-day), now.Add(365*day), false)
	public := certificate(t, "DigiCert Global Root", now.Add(-day), now.Add(365*day), true)
	// The content is no key: only the type of a block is looked at.
	key := strings.ReplaceAll("-----BEGIN RSA * KEY-----\nAAAA\n-----END RSA * KEY-----\n", "*", "PRIVATE")
	tests := map[string]struct {
		url, bundle string
		want        []string
	}{
		"good":                {"", good, []string{}},
		"no newline at end":   {"", strings.TrimSpace(good), []string{}},
		"expired":             {"", old, []string{"AU061", "AU062"}},
		"expired and good":    {"", old + good, []string{"AU062"}},
		"ends soon":           {"", ending, []string{"AU062"}},
		"not yet":             {"", next, []string{"AU061", "AU063"}},
		"not yet and good":    {"", good + next, []string{"AU063"}},
		"leaf":                {"", leaf, []string{"AU066"}},
		"private key":         {"", good + key, []string{"AU060"}},
		"indented key":        {"", good + " " + strings.ReplaceAll(key, "\n", "\n "), []string{"AU060"}},
		"cut-off key":         {"", good + strings.SplitAfter(key, "AAAA")[0], []string{"AU060"}},
		"another block":       {"", good + strings.ReplaceAll(key, "RSA PRIVATE", "PUBLIC"), []string{"AU065"}},
		"private key only":    {"", key, []string{"AU007", "AU060"}},
		"CRLF":                {"", strings.ReplaceAll(good, "\n", "\r\n"), []string{"AU064"}},
		"text":                {"", "text", []string{"AU007"}},
		"Google":              {"https://accounts.google.com", good, []string{"AU067"}},
		"Google, public root": {"https://accounts.google.com", good + public, []string{}},
		"Entra":               {"https://login.microsoftonline.com/t/v2.0", good, []string{"AU067"}},
		"Okta":                {"https://acme.okta.com", good, []string{"AU067"}},
		"not Okta":            {"https://acme-okta.com", good, []string{}},
		"GitHub":              {"https://token.actions.githubusercontent.com", good, []string{"AU067"}},
		"GitHub without a CA": {"https://token.actions.githubusercontent.com", "", []string{}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := parse(t, authenticator(safe, ""))
			c.Spec.JWT[0].Issuer.CertificateAuthority = tc.bundle
			if tc.url != "" {
				c.Spec.JWT[0].Issuer.URL = tc.url
			}
			got := authn.Judge(c, authn.Options{Now: now})
			if diff := cmp.Diff(tc.want, ids(got)); diff != "" {
				t.Errorf("ids (-want +got):\n%s\n%v", diff, got)
			}
			if strings.Contains(fmt.Sprint(got), "AAAA") {
				t.Errorf("content of a key in %v", got)
			}
			c.Spec.JWT[0].Issuer.CertificateAuthority = ""
			if again := authn.Judge(c, authn.Options{}); len(again) != 0 {
				t.Errorf("without a bundle: %v", again)
			}
		})
	}
}
