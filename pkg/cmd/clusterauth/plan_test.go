package clusterauth

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
)

// TestPlanOfEncrypted plans for manifests of which a Secret can't be read: what KCM will make of it is not known.
func TestPlanOfEncrypted(t *testing.T) {
	t.Parallel()
	sso := authentication("team-a", "sso", "{name: sso-ca, key: ca.crt}")
	secret := "apiVersion: v1\nkind: Secret\nmetadata: {namespace: team-a, name: sso-ca}\nstringData: {ca.crt: x}\n"
	encrypted := strings.Replace(secret, "{ca.crt: x}", `{ca.crt: "ENC[AES256_GCM,data:x]"}`+"\nsops: {version: 3.9.0}", 1)
	base := []string{sso, deployment("team-a", "dev", "sso"), secret}
	hash := strings.TrimSpace(execute(t, "", "render", "sso", "-o", "hash", "--from", write(t, base...)).Stdout)
	base = append(base, "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {namespace: team-a, name: dev}\n"+
		"spec: {values: {auth: {configSecret: {name: dev-auth-config, key: config, hash: \""+hash+"\"}}}}\n")
	from := write(t, base...)
	server, live := newFakeServer(t, slices.DeleteFunc(slices.Clone(base), func(document string) bool { return document == secret })...)
	tests := map[string]struct {
		files  []string
		flags  []string
		code   int
		effect clusterauth.Effect
	}{
		"plain":                   {[]string{sso, secret}, []string{"--from", from, "--exit-code", "--strict"}, 0, clusterauth.None},
		"encrypted":               {[]string{encrypted, sso}, []string{"--from", from}, 0, clusterauth.Unknown},
		"encrypted, strict":       {[]string{encrypted, sso}, []string{"--from", from, "--strict"}, 2, clusterauth.Unknown},
		"encrypted, exit code":    {[]string{encrypted, sso}, []string{"--from", from, "--exit-code"}, 1, clusterauth.Unknown},
		"encrypted alone":         {[]string{encrypted}, []string{"--from", from, "--strict", "--exit-code"}, 2, clusterauth.Unknown},
		"encrypted, for clusters": {[]string{encrypted, sso}, append([]string{"--strict"}, live...), 2, clusterauth.Unknown},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", slices.Concat([]string{"plan", "-f", write(t, tt.files...), "-o", "json"}, tt.flags)...)
			var view planView
			if err := json.Unmarshal([]byte(got.Stdout), &view); err != nil {
				t.Fatalf("%v: %s", err, got)
			}
			if got.Code != tt.code || len(view.Clusters) != 1 || view.Clusters[0].Effect != tt.effect {
				t.Errorf("want exit %d, effect %s, got: %s", tt.code, tt.effect, got)
			}
			whole := tt.effect == clusterauth.None
			if view.Complete != whole || whole == strings.Contains(got.Stderr, "cannot read secrets sso-ca in namespace team-a: the answer is partial") {
				t.Errorf("complete %v, want %v: %s", view.Complete, whole, got)
			}
		})
	}
	t.Cleanup(func() {
		if diff := cmp.Diff([]string{"team-a/sso-ca"}, server.secrets()); diff != "" {
			t.Errorf("Secrets (-want +got):\n%s", diff)
		}
	})
}
