package authn_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
)

func TestReadBundle(t *testing.T) {
	t.Parallel()
	from, to := now.Add(-time.Hour), now.Add(time.Hour)
	root, leaf := certificate(t, "Root", from, to, true), certificate(t, "Leaf", from, to, false)
	isRoot := authn.Certificate{Subject: "CN=Root", Issuer: "CN=Root", NotBefore: from, NotAfter: to, IsCA: true}
	isLeaf := authn.Certificate{Subject: "CN=Leaf", Issuer: "CN=Leaf", NotBefore: from, NotAfter: to}
	broken := "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
	// Only the types of blocks are real, and no key is.
	marker := "-----BEGIN RSA " + "PRIVATE KEY-----\n"
	end := strings.Replace(marker, "BEGIN", "END", 1)
	withKey := authn.Bundle{Certificates: []authn.Certificate{isRoot}, Others: []string{"PRIVATE " + "KEY"}}
	tests := map[string]struct {
		text    string
		want    authn.Bundle
		wantErr string
	}{
		"one":            {root, authn.Bundle{Certificates: []authn.Certificate{isRoot}}, ""},
		"two and text":   {"a\n" + root + "b\n" + leaf, authn.Bundle{Certificates: []authn.Certificate{isRoot, isLeaf}}, ""},
		"CRLF":           {strings.ReplaceAll(root, "\n", "\r\n"), authn.Bundle{Certificates: []authn.Certificate{isRoot}}, ""},
		"no newline":     {strings.TrimSpace(root), authn.Bundle{Certificates: []authn.Certificate{isRoot}}, ""},
		"other blocks":   {strings.ReplaceAll(broken, "CERTIFICATE", "EC PRIVATE KEY") + root, authn.Bundle{Certificates: []authn.Certificate{isRoot}, Others: []string{"EC PRIVATE KEY"}}, ""},
		"indented key":   {"  " + marker + "  AAAA\n  " + end + root, withKey, ""},
		"begin of key":   {root + marker[1:] + "AAAA\n" + end, withKey, ""},
		"cut-off key":    {root + marker + "AAAA\n", withKey, ""},
		"key alone":      {"  " + marker, authn.Bundle{Others: withKey.Others}, "read certificates: no certificate in PEM form"},
		"broken, key":    {broken + "  " + marker, authn.Bundle{Others: withKey.Others}, "read certificates: certificate 1 cannot be parsed"},
		"key, told once": {marker + "AAAA\n" + end + "  " + marker + root, authn.Bundle{Certificates: []authn.Certificate{isRoot}, Others: []string{"RSA PRIVATE " + "KEY"}}, ""},
		"with headers":   {root + strings.Replace(leaf, "-----\n", "-----\na: b\n\n", 1), authn.Bundle{Certificates: []authn.Certificate{isRoot}, Others: []string{"CERTIFICATE"}}, ""},
		"empty":          {" \n", authn.Bundle{}, "read certificates: the bundle is empty"},
		"text":           {"test-cluster-auth-ca-cert-data", authn.Bundle{}, "read certificates: no certificate in PEM form"},
		"broken":         {broken, authn.Bundle{}, "read certificates: certificate 1 cannot be parsed"},
		"broken second":  {root + broken, authn.Bundle{Certificates: []authn.Certificate{isRoot}}, "read certificates: certificate 2 cannot be parsed"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := authn.ReadBundle([]byte(tc.text))
			text := ""
			if err != nil {
				text = err.Error()
			}
			if text != tc.wantErr {
				t.Errorf("error %q, want %q", text, tc.wantErr)
			}
			if diff := cmp.Diff(tc.want, got, cmpopts.IgnoreFields(authn.Certificate{}, "Fingerprint")); diff != "" {
				t.Errorf("bundle (-want +got):\n%s", diff)
			}
			for _, c := range got.Certificates {
				if len(c.Fingerprint) != 64 {
					t.Errorf("fingerprint %q of %s", c.Fingerprint, c.Subject)
				}
			}
			certificates, again := authn.Certificates(tc.text)
			if diff := cmp.Diff(got.Certificates, certificates); diff != "" || (again == nil) != (err == nil) {
				t.Errorf("certificates differ from those of the bundle: %v\n%s", again, diff)
			}
		})
	}
}
