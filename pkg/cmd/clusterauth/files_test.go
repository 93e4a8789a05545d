package clusterauth

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestValidateFiles checks all files that are given, each on its own.
func TestValidateFiles(t *testing.T) {
	t.Parallel()
	good := file(t, "good.yaml", plainConfiguration)
	bad := file(t, "bad.yaml", strings.Replace(plainConfiguration, "https://", "http://", 1))
	object := func(secret string) string { return write(t, authentication("team-a", "sso", secret)) }
	one, other := object(""), object("{name: sso-ca, key: ca.crt}")
	broken := write(t, strings.Replace(authentication("team-a", "sso", ""), "k0rdent.mirantis.com/v1beta1", "example.com/v1", 1))
	ca := write(t, "apiVersion: v1\nkind: Secret\nmetadata: {namespace: team-a, name: sso-ca}\ndata: {}\n")
	tests := map[string]struct {
		args []string
		code int
		has  []string
	}{
		"bad, good":         {[]string{"-f", bad, "-f", good}, 1, []string{"AU003", "bad.yaml:4", "2 configurations checked: 1 finding"}},
		"good, bad":         {[]string{"-f", good, "-f", bad}, 1, []string{"AU003", "bad.yaml:4", "2 configurations checked: 1 finding"}},
		"good":              {[]string{"-f", good}, 0, []string{"1 configuration checked: no findings"}},
		"both of one name":  {[]string{"-f", one, "-f", other}, 1, []string{"KC015", other + ":1", "2 configurations checked: 1 finding"}},
		"with objects":      {[]string{"-f", one, "-f", other, "--from", ca}, 1, []string{"KC015", other + ":1", `has no key "ca.crt"`}},
		"of several kinds":  {[]string{"-f", one, "-f", bad}, 1, []string{"AU003", "2 configurations checked: 1 finding"}},
		"from stdin, too":   {[]string{"-f", bad, "-f", "-"}, 1, []string{"AU003", "2 configurations checked: 1 finding"}},
		"one of no kind":    {[]string{"-f", one, "-f", broken}, 2, []string{`apiVersion "example.com/v1" is not known`}},
		"one that is gone":  {[]string{"-f", one, "-f", "gone.yaml"}, 2, []string{"read gone.yaml: no such file"}},
		"passed, for a CI":  {[]string{"-f", bad, "-f", good, "-o", "junit"}, 1, []string{"AU003", good}},
		"of stdin and file": {[]string{"-f", good, "-f", "-", "-o", "json"}, 0, []string{`"-"`, good}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, plainConfiguration, append([]string{"validate"}, tt.args...)...)
			if got.Code != tt.code {
				t.Errorf("exit %d, want %d: %s", got.Code, tt.code, got)
			}
			for _, text := range tt.has {
				if !strings.Contains(got.String(), text) {
					t.Errorf("it doesn't say %q: %s", text, got)
				}
			}
		})
	}
}

// TestNothingToCheck tells when nothing was checked: that is not all well.
func TestNothingToCheck(t *testing.T) {
	t.Parallel()
	sso := authentication("team-a", "sso", "")
	_, flags := newFakeServer(t, sso)
	forbidding, forbidden := newFakeServer(t, sso)
	forbidding.forbidden = func(path string) bool { return strings.HasSuffix(path, "clusterauthentications") }
	from := []string{"--from", write(t, sso)}
	empty := []string{"--from", write(t, deployment("team-b", "dev", ""))}
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"namespace":            {slices.Concat([]string{"-n", "nosuch"}, flags), "namespace nosuch\n"},
		"default namespace":    {flags, "namespace default\n"},
		"namespace, manifests": {slices.Concat([]string{"-n", "nosuch"}, from), "namespace nosuch of what --from names\n"},
		"manifests":            {empty, "any namespace of what --from names\n"},
		"there is one":         {slices.Concat([]string{"-n", "team-a"}, flags), ""},
		"all namespaces":       {slices.Concat([]string{"-A"}, flags), ""},
		"forbidden":            {slices.Concat([]string{"-n", "nosuch"}, forbidden), ""},
	} {
		for _, command := range []string{"validate", "ca check"} {
			t.Run(command+", "+name, func(t *testing.T) {
				t.Parallel()
				got := execute(t, "", slices.Concat(strings.Fields(command), tt.args)...)
				const start = "warning: there is no ClusterAuthentication in "
				if tt.want != "" && !strings.Contains(got.Stderr, start+tt.want) || tt.want == "" && strings.Contains(got.Stderr, start) {
					t.Errorf("want %q: %s", tt.want, got)
				}
				if tt.want != "" && got.Code != 0 {
					t.Errorf("exit %d: %s", got.Code, got)
				}
			})
		}
	}
}

// TestOneOfMany asks for the Secret of the one that is named: each other one may be refused.
func TestOneOfMany(t *testing.T) {
	t.Parallel()
	world := []string{
		authentication("team-a", "sso", "{namespace: shared, name: sso-ca, key: ca.crt}"), authentication("team-a", "other", "{name: other-ca, key: ca.crt}"),
		authentication("team-a", "plain", ""), deployment("team-a", "dev", "other"),
		"apiVersion: v1\nkind: Secret\nmetadata: {namespace: shared, name: sso-ca, resourceVersion: \"1\"}\ndata: {ca.crt: \"\"}\n",
	}
	claims := file(t, "claims.json", `{"sub": "ann"}`)
	tests := map[string]struct {
		args []string
		want []string
	}{
		"explain":    {[]string{"explain", "sso"}, []string{"shared/sso-ca"}},
		"validate":   {[]string{"validate", "sso", "--severity", "error"}, []string{"shared/sso-ca"}},
		"render":     {[]string{"render", "sso", "-o", "hash"}, []string{"shared/sso-ca"}},
		"test-token": {[]string{"test-token", "sso", "--claims", claims}, []string{"shared/sso-ca"}},
		"describe":   {[]string{"describe", "sso"}, []string{"shared/sso-ca"}},
		"without":    {[]string{"explain", "plain"}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, flags := newFakeServer(t, world...)
			server.forbidden = func(path string) bool { return strings.Contains(path, "other-ca") }
			got := execute(t, "", slices.Concat(tt.args, []string{"-n", "team-a", "--strict"}, flags)...)
			if diff := cmp.Diff(tt.want, server.secrets()); diff != "" || got.Code != 0 {
				t.Errorf("Secrets (-want +got):\n%s%s", diff, got)
			}
		})
	}
}

// TestUnreadableObject names the object once.
func TestUnreadableObject(t *testing.T) {
	t.Parallel()
	object := strings.Replace(authentication("b", "a", ""), "audiences: [app]", "audiences: app", 1)
	got := execute(t, "", "explain", "a", "--from", write(t, object))
	if n := strings.Count(got.Stderr, "read clusterauthentication b/a: "); got.Code != 1 || n != 1 {
		t.Errorf("it names the object %d times: %s", n, got)
	}
}
