package clusterauth

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

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// authority is a certificate that was made for a test.
type authority struct {
	pem, key string
}

// newAuthority makes one that is good for so many days from a month ago on, fewer than 30 mean that it has expired.
func newAuthority(t *testing.T, name string, days int, change ...func(*x509.Certificate)) authority {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: now().AddDate(0, 0, -30), NotAfter: now().AddDate(0, 0, days-30), KeyUsage: x509.KeyUsageCertSign,
	}
	for _, f := range change {
		f(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return authority{
		pem: string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		key: string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})),
	}
}

// renew makes another certificate of the same name and key, that is good for longer.
func renew(t *testing.T, old authority) string {
	t.Helper()
	template, private := old.parse(t)
	template.SerialNumber, template.NotAfter = big.NewInt(2), template.NotAfter.AddDate(1, 0, 0)
	der, err := x509.CreateCertificate(rand.Reader, template, template, template.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// signedBy makes a CA below another one.
func signedBy(t *testing.T, above authority, name string) string {
	t.Helper()
	var der []byte
	newAuthority(t, name, 400, func(c *x509.Certificate) {
		parent, key := above.parse(t)
		var err error
		if der, err = x509.CreateCertificate(rand.Reader, c, parent, parent.PublicKey, key); err != nil {
			t.Fatal(err)
		}
	})
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// parse takes an authority apart.
func (a authority) parse(t *testing.T) (*x509.Certificate, any) {
	t.Helper()
	block, _ := pem.Decode([]byte(a.key))
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	block, _ = pem.Decode([]byte(a.pem))
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return certificate, key
}

// caSecret is the Secret of withCA with other keys; values are texts.
func caSecret(metadata string, data map[string]string) string {
	out := "apiVersion: v1\nkind: Secret\nmetadata: {name: dex-ca, namespace: team-a, resourceVersion: \"9\", uid: u-9" + metadata +
		"}\nstringData:\n"
	for key, value := range data {
		out += fmt.Sprintf("  %s: %q\n", key, value)
	}
	return out
}

// inlined is the example with an issuer's own certificates, and a second issuer with others.
func inlined(first, second string) string {
	out := dex
	for i, ca := range []string{first, second} {
		if i == 1 {
			out += "    - issuer: {url: https://b.example.com, audiences: [b]}\n" +
				"      claimMappings: {username: {claim: sub, prefix: \"b:\"}}\n"
		}
		if ca != "" {
			url := []string{"url: https://dex.example.com:5556\n", "url: https://b.example.com,"}[i]
			replacement := []string{
				fmt.Sprintf("certificateAuthority: %q\n        %s", ca, url), fmt.Sprintf("certificateAuthority: %q, %s", ca, url),
			}[i]
			out = strings.Replace(out, url, replacement, 1)
		}
	}
	return out
}

// bundleLine is a bundle in short.
func bundleLine(b CABundle) string {
	out := fmt.Sprintf("%s/%s %s %v", b.Namespace, b.Name, b.Source, b.Issuers)
	for _, c := range b.Certificates {
		out += fmt.Sprintf(" %s:%d", c.Subject, c.DaysLeft)
	}
	if b.PrivateKey {
		out += " key"
	}
	if len(b.Unneeded) > 0 {
		out += fmt.Sprintf(" unneeded %v", b.Unneeded)
	}
	if len(b.UsedBy) > 0 {
		out += fmt.Sprintf(" used by %v", b.UsedBy)
	}
	if b.Problem != "" {
		out += " problem " + b.Problem
	}
	return out
}

func TestCAList(t *testing.T) {
	t.Parallel()
	good, ended := newAuthority(t, "good", 130), newAuthority(t, "ended", 20)
	const (
		dexURL = "[https://dex.example.com:5556]"
		secret = "team-a/dex secret team-a/dex-ca, key ca.crt " + dexURL
	)
	tests := map[string]struct {
		documents []string
		gaps      []rbac.Gap
		want      []string
	}{
		"nothing":       {documents: []string{kcm}},
		"turns nothing": {documents: []string{strings.Split(dex, "spec:")[0] + "spec: {caSecret: {name: a, key: b}}\n"}},
		"system":        {documents: []string{dex}, want: []string{"team-a/dex system " + dexURL}},
		"secret": {
			documents: []string{withCA, caSecret("", map[string]string{"ca.crt": good.pem + ended.pem}), deployment("c1", "{template: "+hosted+", clusterAuth: dex}")},
			want:      []string{secret + " CN=good:100 CN=ended:-10 used by [c1]"},
		},
		"key and others inside": {
			documents: []string{withCA, caSecret("", map[string]string{
				"ca.crt": good.key + good.pem + "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n",
			})},
			want: []string{secret + " CN=good:100 key unneeded [X509 CRL]"},
		},
		"key that is no proper block": {
			documents: []string{withCA, caSecret("", map[string]string{"ca.crt": good.pem + strings.Replace(good.key, "-----BEGIN", "----BEGIN", 1)})},
			want:      []string{secret + " CN=good:100 key"},
		},
		"no certificate": {
			documents: []string{withCA, ca}, want: []string{secret + " problem read certificates: no certificate in PEM form"},
		},
		"missing": {documents: []string{withCA}, want: []string{
			secret + " problem read the CA of clusterauthentication team-a/dex: secret team-a/dex-ca is not there",
		}},
		"empty, and own": {
			documents: []string{inlined(good.pem, "") + "  caSecret: {name: dex-ca, key: ca.crt}\n", caSecret("", map[string]string{"ca.crt": ""})},
			want:      []string{"team-a/dex inline " + dexURL + " CN=good:100", "team-a/dex system [https://b.example.com]"},
		},
		"each its own": {
			documents: []string{inlined(good.pem, ended.pem)},
			want:      []string{"team-a/dex inline " + dexURL + " CN=good:100", "team-a/dex inline [https://b.example.com] CN=ended:-10"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, b := range CAList(state(t, tt.documents...)) {
				got = append(got, bundleLine(b))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDaysLeft(t *testing.T) {
	t.Parallel()
	for left, want := range map[time.Duration]int{
		23 * time.Hour: 0, 24 * time.Hour: 1, -time.Hour: -1, -25 * time.Hour: -2, 0: 0,
	} {
		c := CACertificate{}
		c.NotAfter = now().Add(left)
		if got := daysLeft(c.Certificate, now()); got != want {
			t.Errorf("%v: %d, want %d", left, got, want)
		}
	}
}

func TestCACheck(t *testing.T) {
	t.Parallel()
	good := newAuthority(t, "good", 330)
	tests := map[string]struct {
		documents []string
		want      []string
	}{
		"good": {documents: []string{withCA, caSecret("", map[string]string{"ca.crt": good.pem})}},
		"kept by another": {
			documents: []string{withCA, caSecret(", annotations: {cert-manager.io/certificate-name: dex}", map[string]string{
				"ca.crt": good.pem, "tls.key": good.key,
			})},
			want: []string{
				"KC033 cert-manager writes secret team-a/dex-ca, and may change it at any time",
				"KC035 secret team-a/dex-ca holds a private key, too: key tls.key",
			},
		},
		"owned": {
			documents: []string{withCA, caSecret(", ownerReferences: [{apiVersion: a/v1, kind: Bundle, name: x, uid: u1, controller: true}]",
				map[string]string{"ca.crt": good.pem})},
			want: []string{"KC033 bundle x writes secret team-a/dex-ca, and may change it at any time"},
		},
		"repeated": {
			documents: []string{withCA, caSecret("", map[string]string{"ca.crt": good.pem + good.pem})},
			want:      []string{"KC034 1 certificate of secret team-a/dex-ca repeated: key ca.crt"},
		},
		"key inside": {
			documents: []string{withCA, caSecret("", map[string]string{"ca.crt": good.pem + good.key})},
			want:      []string{"AU060 jwt[0].issuer.certificateAuthority: a private key is in it"},
		},
		"no Secret": {
			documents: []string{withCA},
			want:      []string{"KC015 read the CA of clusterauthentication team-a/dex: secret team-a/dex-ca is not there"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, f := range CACheck(state(t, tt.documents...)) {
				got = append(got, f.ID+" "+f.Message)
				if f.Severity == "" || strings.Contains(f.Message+f.Why, "PRIVATE KEY---") {
					t.Errorf("finding %+v", f)
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// What was not asked for is not missing.
func TestCAListUnread(t *testing.T) {
	t.Parallel()
	inv := read(t, withCA)
	inv.Served[inventory.Secrets] = false
	var got []string
	for _, b := range CAList(NewState(inv, Options{Now: now()})) {
		got = append(got, bundleLine(b))
	}
	want := []string{
		"team-a/dex secret team-a/dex-ca, key ca.crt [https://dex.example.com:5556] problem " +
			"read the CA of clusterauthentication team-a/dex: secret team-a/dex-ca was not read",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What is more than certificates is told from what is only written otherwise.
func TestOnlyCertificates(t *testing.T) {
	t.Parallel()
	a, b := newAuthority(t, "a", 100), newAuthority(t, "b", 100)
	body := strings.Split(a.pem, "\n")[1]
	tests := map[string]struct {
		text string
		want bool
	}{
		"nothing":               {"", true},
		"white space":           {" \r\n", true},
		"one":                   {a.pem, true},
		"no newline":            {strings.TrimSpace(a.pem), true},
		"CRLF, twice":           {strings.ReplaceAll("\n"+a.pem+"\n\n"+b.pem+a.pem, "\n", "\r\n"), true},
		"text before":           {"x\n" + a.pem, false},
		"text between":          {a.pem + "x\n" + b.pem, false},
		"text behind":           {a.pem + "x", false},
		"text":                  {"hunter2", false},
		"private key":           {a.pem + a.key, false},
		"headers":               {strings.Replace(a.pem, "-----\n", "-----\na: b\n\n", 1), false},
		"no certificate inside": {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", false},
		"another type":          {strings.ReplaceAll(a.pem, "CERTIFICATE", "X509 CRL"), false},
		"cut off":               {a.pem + strings.TrimSuffix(b.pem, "-----END CERTIFICATE-----\n"), false},
		"broken one around":     {"-----BEGIN CERTIFICATE-----\n" + body + "\n" + a.pem, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := onlyCertificates([]byte(tt.text)); got != tt.want {
				t.Errorf("%v, want %v", got, tt.want)
			}
		})
	}
}
