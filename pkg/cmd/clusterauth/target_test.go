package clusterauth

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// write puts documents into a file, and returns its name.
func write(t *testing.T, documents ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "objects.yaml")
	if err := os.WriteFile(file, []byte(strings.Join(documents, "---\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestValidateForClustersInUse counts each object with the version of the clusters that use it, unless another is given.
func TestValidateForClustersInUse(t *testing.T) {
	t.Parallel()
	with := func(name string) string {
		return strings.Replace(authentication("team-a", name, ""), "username:", `groups: {expression: "claims.roles.distinct()"}, username:`, 1)
	}
	on := func(name, k0s string) string {
		return strings.Replace(deployment("team-a", name, name), "clusterAuth:", "config: {k0s: {version: "+k0s+"}}, clusterAuth:", 1)
	}
	file := write(t, with("old"), on("old", "v1.32.8+k0s.0"), with("new"), on("new", "v1.35.4+k0s.0"), with("unused"))
	const old = "clusterauthentication team-a/old"
	tests := map[string]struct {
		flags []string
		want  []string
	}{
		"of the clusters": {nil, []string{"AU030 " + old, "AU032 " + old}},
		"of a flag":       {[]string{"--kubernetes-version", "1.35"}, nil},
		"of an old one": {[]string{"--kubernetes-version", "1.33"}, []string{
			"AU030 clusterauthentication team-a/new", "AU030 " + old, "AU030 clusterauthentication team-a/unused",
			"AU032 clusterauthentication team-a/new", "AU032 " + old, "AU032 clusterauthentication team-a/unused",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", slices.Concat([]string{"validate", "--from", file, "-o", "json"}, tt.flags)...)
			var view struct{ Findings []finding.Finding }
			if err := json.Unmarshal([]byte(got.Stdout), &view); err != nil {
				t.Fatalf("%v: %s", err, got)
			}
			var ids []string
			for _, f := range view.Findings {
				if f.ID == "AU030" || f.ID == "AU032" {
					ids = append(ids, f.ID+" "+f.Object)
				}
			}
			slices.Sort(ids)
			if diff := cmp.Diff(tt.want, ids); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestFileOfOthers gives files of which nothing, or not all, would be checked: they are not right for that.
func TestFileOfOthers(t *testing.T) {
	t.Parallel()
	good := authentication("team-a", "sso", "")
	foreign := "apiVersion: example.com/v1\nkind: ClusterAuthentication\nmetadata: {name: sso, namespace: team-a}\n"
	const unknown = `: ClusterAuthentication "sso": apiVersion "example.com/v1" is not known, want k0rdent.mirantis.com/v1beta1`
	tests := map[string]struct {
		file, want string
	}{
		"of another API":       {foreign, "objects.yaml:1" + unknown},
		"of another API, more": {strings.Replace(good, "name: sso", "name: other", 1) + "---\n" + foreign, "objects.yaml:10" + unknown},
		"twice":                {good + "---\n" + good, `objects.yaml:10: ClusterAuthentication "sso": it is there twice`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", "validate", "-f", write(t, tt.file))
			if got.Code != 2 || got.Stdout != "" || !strings.Contains(got.Stderr, tt.want) {
				t.Errorf("want exit 2 and %q, got: %s", tt.want, got)
			}
		})
	}
}

// TestWithoutCA goes without a CA where nobody is asked through it, and says so.
func TestWithoutCA(t *testing.T) {
	t.Parallel()
	sso := authentication("team-a", "sso", "{name: sso-ca, key: ca.crt}")
	file := write(t, sso)
	claims := filepath.Join(t.TempDir(), "claims.json")
	if err := os.WriteFile(claims, []byte(`{"sub": "ann"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	_, flags := newFakeServer(t, sso)
	refusing, refused := newFakeServer(t, sso)
	refusing.forbidden = func(path string) bool { return strings.Contains(path, "/secrets/") }
	const (
		lacks   = "secret team-a/sso-ca is not there: it makes no difference here, since no issuer is asked"
		unread  = "secret team-a/sso-ca was not read: it makes no difference here, since no issuer is asked"
		stopped = "read the CA of clusterauthentication team-a/sso: secret team-a/sso-ca is not there"
	)
	tests := map[string]struct {
		args   []string
		code   int
		stdout string
		stderr string
	}{
		"explain, manifests":  {[]string{"explain", "sso", "--from", file}, 0, "trusted through a CA that was not read", lacks},
		"explain":             {append([]string{"explain", "team-a/sso"}, flags...), 0, "trusted through a CA that was not read", lacks},
		"explain, refused":    {append([]string{"explain", "team-a/sso", "--strict"}, refused...), 0, "issuer https://dex.example.com", unread},
		"test-token":          {append([]string{"test-token", "team-a/sso", "--claims", claims}, flags...), 0, "yes: this is dex:ann", lacks},
		"test-token, refused": {append([]string{"test-token", "team-a/sso", "--strict", "--claims", claims}, refused...), 0, "yes: this is dex:ann", unread},
		"test-token, asking":  {append([]string{"test-token", "team-a/sso", "--discover", "--claims", claims}, flags...), 2, "", stopped},
		"render":              {append([]string{"render", "team-a/sso", "-o", "hash"}, flags...), 1, "", stopped},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", tt.args...)
			if got.Code != tt.code || !strings.Contains(got.Stdout, tt.stdout) || tt.stdout == "" && got.Stdout != "" || !strings.Contains(got.Stderr, tt.stderr) {
				t.Errorf("want exit %d, %q and %q, got: %s", tt.code, tt.stdout, tt.stderr, got)
			}
			if tt.code == 0 && strings.Contains(got.Stderr, "partial") {
				t.Errorf("the answer is whole: %s", got)
			}
		})
	}
}
