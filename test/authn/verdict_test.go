package authn_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/kubegatehouse/gatehouse/pkg/authn"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// ours returns what Parse and Validate say, in the API server's own words where they are the same, and the findings.
func ours(data []byte) (refusal string, words field.ErrorList, findings []finding.Finding) {
	o := authn.Options{DisallowedIssuers: []string{serviceAccountIssuer}, Now: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)}
	c, err := authn.Parse(data)
	if err != nil {
		return err.Error(), nil, authn.JudgeUnreadable(err, o)
	}
	words = authn.Validate(c, o)
	if err := words.ToAggregate(); err != nil {
		refusal = err.Error()
	}
	return refusal, words, authn.Judge(c, o)
}

// TestVerdict holds our verdict on many files against that of kube-apiserver, and its words where it uses the same.
func TestVerdict(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s, err := newServer(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := newCertificate("Test Root", nil)
	if err != nil {
		t.Fatal(err)
	}
	all := attempts(string(certificate), newKey(t))
	if len(all) < 80 {
		t.Fatalf("only %d files", len(all))
	}
	for name, a := range all {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "auth.yaml")
			if err := os.WriteFile(path, []byte(a.file), 0o600); err != nil {
				t.Fatal(err)
			}
			theirs, err := s.verdict(t.Context(), path)
			if err != nil {
				t.Fatal(err)
			}
			refusal, words, findings := ours([]byte(a.file))
			if (theirs == "") != (refusal == "") {
				t.Fatalf("kube-apiserver says %q, we say %q, of\n%s", theirs, refusal, a.file)
			}
			if (theirs == "") != (a.ids == "") {
				t.Errorf("kube-apiserver says %q, want finding %q, of\n%s", theirs, a.ids, a.file)
			}
			if same, found := strings.CutPrefix(theirs, "invalid authentication configuration: "); found && !hasURL(words) && same != refusal {
				t.Errorf("kube-apiserver says\n%s\nwe say\n%s", same, refusal)
			}
			if got := refusals(findings); got != a.ids {
				t.Errorf("findings %q, want %q: %v", got, a.ids, findings)
			}
		})
	}
}

// hasURL reports whether there is an error about a password in a URL, whose words are ours.
func hasURL(errs field.ErrorList) bool {
	for _, e := range errs {
		if strings.Contains(e.Error(), "username or password") || e.Detail == "the URL cannot be parsed" {
			return true
		}
	}
	return false
}

// refusals returns the ids of the findings that are reasons of an API server's refusal, each once.
func refusals(findings []finding.Finding) string {
	ids := map[string]bool{}
	for _, f := range findings {
		if f.ID <= "AU016" || f.ID == "AU019" || f.ID == "AU020" || f.ID == "AU021" {
			ids[f.ID] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(ids)), " ")
}

func newKey(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
