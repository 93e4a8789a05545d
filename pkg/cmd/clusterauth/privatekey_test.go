package clusterauth

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// someKey is a private key, as far as anybody can tell who must not show it.
const someKey = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIHVubm90aWNlZGtleXVubm90aWNlZGtleXVu\n-----END PRIVATE KEY-----\n"

// TestPrivateKeys shows no private key, wherever it is by mistake.
func TestPrivateKeys(t *testing.T) {
	t.Parallel()
	certificate, err := os.ReadFile(newCAFile(t))
	if err != nil {
		t.Fatal(err)
	}
	indented := strings.ReplaceAll(string(certificate)+someKey, "\n", "\n          ")
	issuer := "issuer:\n        url: https://dex.example.com\n        audiences: [app]\n        certificateAuthority: |\n          " + indented + "\n"
	inline := func(object string) string {
		return strings.Replace(object, `issuer: {url: "https://dex.example.com", audiences: [app]}`+"\n", issuer, 1)
	}
	secret := "apiVersion: v1\nkind: Secret\nmetadata: {namespace: team-a, name: sso-ca}\nstringData:\n  ca.crt: |\n    " +
		strings.ReplaceAll(string(certificate)+someKey, "\n", "\n    ") + "\n"
	inSecret := write(t, authentication("team-a", "sso", "{name: sso-ca, key: ca.crt}"), deployment("team-a", "dev", "sso"), secret)
	inObject := write(t, inline(authentication("team-a", "sso", "")), deployment("team-a", "dev", "sso"))
	copies := write(t, inline(authentication("kcm-system", "sso", "")),
		strings.Replace(authentication("team-a", "sso", ""), "resourceVersion:", `labels: {k0rdent.mirantis.com/managed: "true"}, resourceVersion:`, 1))
	old := write(t, authentication("kcm-system", "sso", ""),
		strings.Replace(inline(authentication("team-a", "sso", "")), "resourceVersion:", `labels: {k0rdent.mirantis.com/managed: "true"}, resourceVersion:`, 1))
	config := filepath.Join(t.TempDir(), "auth.yaml")
	text := "apiVersion: apiserver.config.k8s.io/v1\nkind: AuthenticationConfiguration\njwt:\n- " +
		strings.ReplaceAll(issuer, "\n      ", "\n  ") + "\n  claimMappings: {username: {claim: sub, prefix: 'dex:'}}\n"
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	const (
		what  = "a private key is in what jwt[0].issuer.certificateAuthority gets"
		field = "spec.authenticationConfiguration.jwt[0].issuer.certificateAuthority"
		next  = "hint: take it out, and have the key replaced"
	)
	render := []string{"render", "sso", "--from", inSecret, "-o"}
	refused := "error: render clusterauthentication team-a/sso: AU060 " + what
	tests := map[string]struct {
		args []string
		code int
		want string
	}{
		"render":         {append(render, "yaml"), 1, refused},
		"render config":  {append(render, "config"), 1, refused},
		"render hash":    {append(render, "hash"), 0, "warning: AU060 " + what},
		"render values":  {append(render, "values"), 0, "warning: AU060 " + what},
		"render, inline": {[]string{"render", "sso", "--from", inObject}, 1, refused},
		"create": {
			[]string{"create", "new", "-n", "team-a", "--config", config, "--dry-run=client", "-o", "yaml"},
			1,
			"error: create clusterauthentication team-a/new: AU060 a private key is in " + field,
		},
		"sync-copies": {
			[]string{"sync-copies", "--dry-run=client", "-o", "yaml", "--from", copies}, 1, "AU060 a private key is in " + field + " of clusterauthentication ",
		},
		"sync-copies, of the copy": {
			[]string{"sync-copies", "--dry-run=client", "--from", old}, 1, "AU060 a private key is in " + field + " of clusterauthentication team-a/sso",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", slices.Clone(tt.args)...)
			if got.Code != tt.code || !strings.Contains(got.Stderr, tt.want) {
				t.Errorf("want exit %d and %q: %s", tt.code, tt.want, got)
			}
			if tt.code != 0 && (got.Stdout != "" || !strings.Contains(got.Stderr, next)) {
				t.Errorf("something is shown, or no way out: %s", got)
			}
			if strings.Contains(got.String(), "MC4CAQAw") || strings.Contains(got.String(), "PRIVATE KEY-----") {
				t.Errorf("the key is shown: %s", got)
			}
		})
	}
}
