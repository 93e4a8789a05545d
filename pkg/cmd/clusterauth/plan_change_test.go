package clusterauth

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
)

// rolledOut is the HelmRelease of a cluster to which a hash was rolled out.
func rolledOut(namespace, name, hash string) string {
	return "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {namespace: " + namespace + ", name: " + name + "}\n" +
		"spec: {values: {auth: {configSecret: {name: " + name + "-auth-config, key: config, hash: \"" + hash + "\"}}}}\n"
}

// TestPlanOfChange plans for manifests that are not taken, that say less than they seem to, and that change nothing.
func TestPlanOfChange(t *testing.T) {
	t.Parallel()
	sso, dev := authentication("team-a", "sso", ""), deployment("team-a", "dev", "sso")
	hash := strings.TrimSpace(execute(t, "", "render", "sso", "-o", "hash", "--from", write(t, sso, dev)).Stdout)
	from := write(t, sso, dev, rolledOut("team-a", "dev", hash))
	blocked := write(t, sso, deployment("team-a", "dev", "sos"), rolledOut("team-a", "dev", hash))
	unreadable := write(t, sso, "apiVersion: k0rdent.mirantis.com/v1beta1\nkind: ClusterDeployment\nmetadata: {namespace: team-a, name: dev}\nspec: {clusterAuth: sso}\n")
	with := func(was, is string) string { return write(t, strings.Replace(sso, was, is, 1)) }
	tests := map[string]struct {
		args   []string
		code   int
		effect clusterauth.Effect
		row    string // of the table
	}{
		"nothing": {[]string{"--from", from, "--exit-code"}, 0, clusterauth.None, "nothing"},
		"the schema of the kind": {
			[]string{"--from", from, "--exit-code", "-f", with("audiences: [app]", "audiences: app")},
			1, clusterauth.Refused,
			"KC028 read clusterauthentication team-a/sso: spec.authenticationConfiguration.jwt[0].issuer.audiences: it is a string, not of type array",
		},
		"the webhook": {
			[]string{"--from", from, "-f", with("https:", "http:")},
			0, clusterauth.Refused,
			`AU003 clusterauthentication team-a/sso: jwt[0].issuer.url: URL scheme must be https, not "http://dex.example.com"`,
		},
		"a misspelt field": {
			[]string{"--from", from, "-f", with("authenticationConfiguration:", "authenticationConfig:")},
			0, clusterauth.Pods,
			"KC003 clusterauthentication team-a/sso: it has no authenticationConfiguration, so that authentication is off; used by dev (and 2 more)",
		},
		"a misspelt field further down": {
			[]string{"--from", from, "-f", with("prefix:", "prefixx:")}, 0, clusterauth.Refused, "AU010",
		},
		"blocked":                  {[]string{"--from", blocked, "--exit-code"}, 0, clusterauth.Blocked, "KC001 clusterAuth sos is not there"},
		"blocked before and after": {[]string{"--from", blocked, "--exit-code", "-f", write(t, sso)}, 0, clusterauth.Blocked, "KC001"},
		"blocked for want of the CA": {
			[]string{"--from", from, "--exit-code", "-f", write(t, authentication("team-a", "sso", "{name: sso-ca, key: ca.crt}"))},
			1, clusterauth.Blocked,
			"KCM stops, and changes nothing more of the cluster: read the CA of clusterauthentication team-a/sso: secret team-a/sso-ca is not there",
		},
		"blocked from now on":            {[]string{"--from", from, "--exit-code", "-f", write(t, deployment("team-a", "dev", "sos"))}, 1, clusterauth.Blocked, "KC001"},
		"its HelmRelease is not known":   {[]string{"--from", write(t, sso, dev), "--exit-code"}, 1, clusterauth.Unknown, "its HelmRelease was not read, so nothing tells what it runs"},
		"the cluster itself is not read": {[]string{"--from", unreadable}, 0, clusterauth.Unknown, "KC028 read clusterdeployment team-a/dev: spec.template: it is missing"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := append([]string{"plan", "-n", "team-a"}, tt.args...)
			got := execute(t, "", append(slices.Clone(args), "-o", "json")...)
			var view planView
			if err := json.Unmarshal([]byte(got.Stdout), &view); err != nil {
				t.Fatalf("%v: %s", err, got)
			}
			if len(view.Clusters) != 1 || view.Clusters[0].Effect != tt.effect || got.Code != tt.code {
				t.Fatalf("want %s and exit %d, got: %s", tt.effect, tt.code, got)
			}
			table := execute(t, "", args...)
			want := effectText(view.Clusters[0])
			if c := view.Clusters[0]; !strings.Contains(table.Stdout, want) || !strings.Contains(table.Stdout, tt.row) || c.Authentication == "" {
				t.Errorf("want %q, %q and an authentication in the table: %s", want, tt.row, table)
			}
			text := execute(t, "", append(slices.Clone(args), "-o", "text")...)
			still := tt.effect == clusterauth.Blocked || tt.effect == clusterauth.Refused
			if head, _, _ := strings.Cut(text.Stdout, "\n"); still && head != "team-a/dev: "+want {
				t.Errorf("the text begins with %q", head)
			}
			if tt.effect == clusterauth.Refused && !strings.Contains(table.Stderr, "1 cluster in team-a, none will roll, 1 refused") &&
				!strings.Contains(table.Stderr, "1 cluster, none will roll, 1 refused") {
				t.Errorf("the summary is %q", table.Stderr)
			}
		})
	}
}
