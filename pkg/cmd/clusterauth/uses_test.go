package clusterauth

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
)

// A chart of KCM's whose values don't know of authentication is one that takes no notice, whichever command is asked.
func TestTemplateBeforeItsTime(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "world.yaml")
	world := strings.Join([]string{
		authentication("team-a", "sso", "null"), deployment("team-a", "dev", "sso"),
		`apiVersion: k0rdent.mirantis.com/v1beta1
kind: ClusterTemplate
metadata: {name: openstack-hosted-cp-1-0-40, namespace: team-a}
spec: {helm: {chartSpec: {chart: openstack-hosted-cp, version: 1.0.40}}}
status: {config: {controlPlaneNumber: 3}}
`,
	}, "\n---\n")
	if err := os.WriteFile(file, []byte(world), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		args []string
		want string
	}{
		"list":         {[]string{"list"}, "1 (1 ignores it)"},
		"list as JSON": {[]string{"list", "-o", "json"}, `"supported": false`},
		"usage":        {[]string{"usage", "sso"}, "takes no notice of authentication"},
		"bind":         {[]string{"bind", "dev", "--user", "ann", "--role", "viewer"}, "the template of dev takes no notice of authentication"},
		"plan":         {[]string{"plan"}, "ignored"},
		"doctor":       {[]string{"doctor"}, "KC004"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append(tt.args, "-n", "team-a", "--from", file)...)
			if !strings.Contains(got.String(), tt.want) {
				t.Errorf("it doesn't say %q: %s", tt.want, got)
			}
		})
	}
}

// What nobody asks for any more may have a source all the same.
func TestCopyDifferences(t *testing.T) {
	t.Parallel()
	copied := clusterauth.Copy{Namespace: "team-a", Name: "sso", State: clusterauth.Orphan}
	want := []difference{{Difference: clusterauth.Difference{
		Object: "clusterauthentication team-a/sso", Message: "no rule asks for it any more, or its source is gone",
	}}}
	if diff := cmp.Diff(want, copyDifferences(copied)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
