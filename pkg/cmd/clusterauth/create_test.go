package clusterauth

import (
	"strings"
	"testing"
)

// TestCreateForOldKCM writes apiVersion and kind for a KCM that writes them as they are in the object: those of the file.
func TestCreateForOldKCM(t *testing.T) {
	t.Parallel()
	const config = "apiVersion: apiserver.config.k8s.io/v1alpha1\nkind: AuthenticationConfiguration\njwt:\n" +
		"- issuer: {url: 'https://dex.example.com', audiences: [app]}\n  claimMappings: {username: {claim: sub, prefix: 'dex:'}}\n"
	flags := []string{"--issuer", "https://dex.example.com", "--audience", "app"}
	tests := map[string]struct {
		version string
		args    []string
		want    []string
	}{
		"1.9, file":   {"1.9", []string{"--config", "-"}, []string{"apiserver.config.k8s.io/v1alpha1", "AuthenticationConfiguration"}},
		"1.9, flags":  {"1.9", flags, []string{"apiserver.config.k8s.io/v1beta1", "AuthenticationConfiguration"}},
		"1.10, file":  {"1.10", []string{"--config", "-"}, nil},
		"1.10, flags": {"1.10", flags, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, config, append([]string{"create", "dex", "-n", "team-a", "--dry-run=client", "-o", "yaml", "--kcm-version", tt.version}, tt.args...)...)
			_, spec, _ := strings.Cut(got.Stdout, "\nspec:\n")
			if got.Code != 0 || tt.want == nil && (strings.Contains(spec, "apiVersion:") || strings.Contains(spec, "kind:")) {
				t.Errorf("exit %d: %s", got.Code, got)
			}
			for i, field := range []string{"apiVersion", "kind"} {
				if tt.want != nil && !strings.Contains(spec, "    "+field+": "+tt.want[i]+"\n") {
					t.Errorf("want %s %s: %s", field, tt.want[i], got)
				}
			}
		})
	}
}
