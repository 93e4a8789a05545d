package clusterauth

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestExplainForVersions names what the API server of a version does not start with, and tries no claims with it.
func TestExplainForVersions(t *testing.T) {
	t.Parallel()
	claims := file(t, "claims.json", `{"sub": "ann", "roles": ["dev"]}`)
	object := strings.Replace(authentication("team-a", "sso", ""), "username:", `groups: {expression: "claims.roles.distinct()"}, username:`, 1)
	versioned := strings.Replace(authentication("team-a", "sso", ""), "    jwt:", "    apiVersion: apiserver.config.k8s.io/v1beta1\n    kind: AuthenticationConfiguration\n    jwt:", 1)
	on := func(object, k0s string) string {
		return write(t, object, strings.Replace(deployment("team-a", "dev", "sso"), "clusterAuth:", "config: {k0s: {version: "+k0s+"}}, clusterAuth:", 1))
	}
	const (
		v1       = "AU030 apiserver.config.k8s.io/v1 exists since Kubernetes 1.34 only"
		distinct = "AU032 jwt[0].claimMappings.groups.expression: the expression needs Kubernetes 1.34"
		tried    = "the API server of Kubernetes 1.32, which a cluster that uses it runs, does not start with it: "
	)
	tests := map[string]struct {
		args    []string
		version string
		refused []string
		// claims is what comes of the claims: a part of stdout, or of stderr.
		claims string
	}{
		"newest":          {[]string{"sso", "--from", write(t, object)}, "1.36", nil, "yes: this is dex:ann"},
		"1.34":            {[]string{"sso", "--kubernetes-version", "1.34", "--from", write(t, object)}, "1.34", nil, "yes: this is dex:ann"},
		"1.33":            {[]string{"sso", "--kubernetes-version", "1.33", "--from", write(t, object)}, "1.33", []string{v1, distinct}, "Kubernetes 1.33 does not start with it: " + v1[6:] + " (and 1 more)"},
		"of a cluster":    {[]string{"sso", "--from", on(object, "v1.32.8+k0s.0")}, "1.32", []string{v1, distinct}, tried},
		"of a new one":    {[]string{"sso", "--from", on(object, "v1.35.4+k0s.0")}, "1.35", nil, "yes: this is dex:ann"},
		"as KCM 1.9 does": {[]string{"sso", "--kubernetes-version", "1.33", "--kcm-version", "1.9", "--from", write(t, versioned)}, "1.33", nil, "yes: this is dex:ann"},
		"as KCM 1.11 does": {
			[]string{"sso", "--kubernetes-version", "1.33", "--kcm-version", "1.11", "--from", write(t, versioned)}, "1.33", []string{v1}, v1[6:],
		},
		"of another kind": {
			[]string{"-f", file(t, "auth.yaml", strings.Replace(plainConfiguration, "https://", "http://", 1))},
			"1.36",
			[]string{`AU003 jwt[0].issuer.url: URL scheme must be https, not "http://dex.example.com"`},
			"kube-apiserver does not start with this configuration",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", slices.Concat([]string{"explain", "-o", "json"}, tt.args)...)
			var view explainView
			if err := json.Unmarshal([]byte(got.Stdout), &view); err != nil || got.Code != 0 {
				t.Fatalf("%v: %s", err, got)
			}
			if diff := cmp.Diff(tt.refused, view.Refused); diff != "" || view.KubernetesVersion != tt.version {
				t.Errorf("version %s, refused (-want +got):\n%s", view.KubernetesVersion, diff)
			}
			text := execute(t, "", slices.Concat([]string{"explain"}, tt.args)...)
			if first := "the API server of Kubernetes " + tt.version + " does not start with it\n"; strings.HasPrefix(text.Stdout, first) != (tt.refused != nil) {
				t.Errorf("in words: %s", text)
			}
			for command, code := range map[string]int{"explain": 1, "test-token": 2} {
				got := execute(t, "", slices.Concat([]string{command, "--claims", claims}, tt.args)...)
				if tt.refused == nil && (got.Code != 0 || !strings.Contains(got.Stdout, tt.claims)) {
					t.Errorf("%s: want %q: %s", command, tt.claims, got)
				}
				if tt.refused != nil && (got.Code != code || got.Stdout != "" || !strings.Contains(got.Stderr, tt.claims)) {
					t.Errorf("%s: want exit %d and %q: %s", command, code, tt.claims, got)
				}
			}
		})
	}
}

// plainConfiguration is the file of any API server.
const plainConfiguration = "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\njwt:\n" +
	"- issuer: {url: 'https://dex.example.com', audiences: [app]}\n  claimMappings: {username: {claim: sub, prefix: 'dex:'}}\n"

// file writes a file, and returns its name.
func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestUnknownVersion says how a version is judged that nobody knows yet.
func TestUnknownVersion(t *testing.T) {
	t.Parallel()
	config := file(t, "auth.yaml", plainConfiguration)
	for name, tt := range map[string]struct {
		args []string
		said bool
	}{
		"validate":        {[]string{"validate", "-f", config, "--kubernetes-version", "1.99"}, true},
		"explain":         {[]string{"explain", "-f", config, "--kubernetes-version", "1.99.2"}, true},
		"create":          {[]string{"create", "a", "-n", "b", "--config", config, "--dry-run=client", "--kubernetes-version", "1.99"}, true},
		"validate, known": {[]string{"validate", "-f", config, "--kubernetes-version", "1.36.9"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", tt.args...)
			if said := strings.Contains(got.Stderr, "note: Kubernetes 1.99 is judged like 1.36, the newest that is known\n"); said != tt.said || got.Code != 0 {
				t.Errorf("it says %v, want %v: %s", said, tt.said, got)
			}
		})
	}
}
