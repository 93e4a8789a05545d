package clusterauth

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestNothingThere looks where there is nothing: that is told, and no error.
func TestNothingThere(t *testing.T) {
	t.Parallel()
	here := write(t, authentication("team-a", "sso", ""), deployment("team-a", "dev", "sso"))
	alone := write(t, authentication("team-a", "sso", ""))
	_, live := newFakeServer(t, authentication("team-a", "sso", ""), deployment("team-a", "dev", "sso"))
	tests := map[string]struct {
		args []string
		want string // empty for no warning
	}{
		"another namespace":      {[]string{"-n", "nosuch", "--from", here}, "warning: there is no ClusterAuthentication in namespace nosuch of what --from names"},
		"another live namespace": {append([]string{"-n", "nosuch"}, live...), "warning: there is no ClusterAuthentication in namespace nosuch"},
		"an empty directory":     {[]string{"--from", t.TempDir()}, "warning: there is no ClusterAuthentication in any namespace of what --from names"},
		"its namespace":          {[]string{"-n", "team-a", "--from", here}, ""},
		"without a cluster":      {[]string{"-n", "team-a", "--from", alone}, ""},
		"its live namespace":     {append([]string{"-n", "team-a"}, live...), ""},
	}
	for name, tt := range tests {
		for _, command := range []string{"doctor", "diff", "plan"} {
			t.Run(command+" "+name, func(t *testing.T) {
				t.Parallel()
				got := execute(t, "", append([]string{command}, tt.args...)...)
				if tt.want == "" && strings.Contains(got.Stderr, "there is no ClusterAuthentication") {
					t.Errorf("it warns: %s", got)
				}
				if tt.want != "" && (got.Code != 0 || !slices.Contains(strings.Split(got.Stderr, "\n"), tt.want)) {
					t.Errorf("want exit 0 and %q: %s", tt.want, got)
				}
			})
		}
	}
}

// TestNotTaken gives what has no effect, or two things of which one would be lost.
func TestNotTaken(t *testing.T) {
	t.Parallel()
	from := []string{"--from", acme}
	tests := map[string]struct {
		args []string
		code int
		want string
	}{
		"doctor, how to preview":       {[]string{"doctor", "--preview", "full"}, 2, "--preview is about what is written: it needs --fix"},
		"doctor, who writes":           {[]string{"doctor", "--field-manager", "ci"}, 2, "--field-manager is about what is written: it needs --fix"},
		"bind, two names":              {[]string{"bind", "edge-berlin", "--group", "dev", "--user", "ann", "--role", "viewer"}, 1, "give --group or --user: not both"},
		"bind, nobody":                 {[]string{"bind", "edge-berlin", "--role", "viewer"}, 1, "who? want --group GROUP or --user USER"},
		"bind, two namespaces":         {[]string{"bind", "edge-berlin", "--group", "dev", "--role", "viewer", "--in-namespace", "a", "--in-namespace", "b"}, 1, "in-namespace"},
		"bind, another controller":     {[]string{"bind", "edge-berlin", "--group", "dev", "--role", "viewer", "--kcm-version", "1.9"}, 1, "unknown flag: --kcm-version"},
		"kubeconfig, other controller": {[]string{"kubeconfig", "edge-berlin", "--kcm-version", "1.9"}, 1, "unknown flag: --kcm-version"},
		"kubeconfig, a file with a blank": {
			[]string{"kubeconfig", "edge-berlin", "--merge", "out.yaml"}, 1, "hint: the file to merge into comes after an equals sign: --merge=FILE",
		},
		"kubeconfig, no file":      {[]string{"kubeconfig", "edge-berlin", "--merge="}, 1, "want a file after the equals sign"},
		"kubeconfig, two clusters": {[]string{"kubeconfig", "edge-berlin", "edge-lab"}, 1, "want CLUSTER"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", slices.Concat(tt.args, from)...)
			if got.Code != tt.code || got.Stdout != "" || !strings.Contains(got.Stderr, tt.want) {
				t.Errorf("want exit %d and %q: %s", tt.code, tt.want, got)
			}
		})
	}
	if _, err := os.Stat("out.yaml"); err == nil {
		t.Error("a file was written")
	}
}

// TestMergeIntoCurrent merges into the kubeconfig in use when no file is given.
func TestMergeIntoCurrent(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(file, []byte("apiVersion: v1\nkind: Config\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := execute(t, "", "kubeconfig", "edge-berlin", "--merge", "--from", acme, "--kubeconfig", file)
	data, err := os.ReadFile(file)
	if err != nil || got.Code != 0 || !strings.Contains(string(data), "current-context: edge-berlin") {
		t.Errorf("%v: %s%s", err, data, got)
	}
}

// TestUnreadableCluster asks for a cluster of which only the ClusterAuthentication is known, or not even that.
func TestUnreadableCluster(t *testing.T) {
	t.Parallel()
	cluster := func(spec string) string {
		return write(t, authentication("team-a", "sso", ""), "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterDeployment\nmetadata: {namespace: team-a, name: dev}\nspec: "+spec+"\n")
	}
	args := []string{"bind", "dev", "--user", "ann", "--role", "viewer", "--from"}
	got := execute(t, "", append(args, cluster("{clusterAuth: sso}"))...)
	if got.Code != 0 || !strings.Contains(got.Stdout, "name: dex:ann") ||
		!strings.Contains(got.Stderr, "warning: no API server would store cluster dev as it is: read clusterdeployment team-a/dev: spec.template: it is missing") {
		t.Errorf("without a template: %s", got)
	}
	got = execute(t, "", append(args, cluster("{template: x, clusterAuth: 7}"))...)
	if got.Code != 1 || strings.Contains(got.Stderr, "uses no ClusterAuthentication") ||
		!strings.Contains(got.Stderr, "find the ClusterAuthentication of cluster team-a/dev: read clusterdeployment team-a/dev: spec.clusterAuth: it is a number") {
		t.Errorf("with a number: %s", got)
	}
}
