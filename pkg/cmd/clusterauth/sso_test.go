package clusterauth

import (
	"os"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// kalmShop is the example of a shop that lives with Kalm, and clean a login in which nothing is wrong.
const (
	kalmShop = "../../../examples/kalm"
	clean    = "../../sso/testdata/check/clean.yaml"
	noLogin  = "../../sso/testdata/check/SS020.yaml"
)

func TestSSO(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"list":             {"sso", "--from", kalmShop},
		"list-wide":        {"sso", "--from", kalmShop, "-o", "wide"},
		"list-json":        {"sso", "--from", kalmShop, "-o", "json"},
		"list-names":       {"sso", "--from", kalmShop, "-o", "name"},
		"list-none":        {"sso", "--from", noLogin},
		"list-no-kalm":     {"sso", "--from", "../../../examples/acme/native"},
		"list-clean":       {"sso", "--from", clean},
		"describe":         {"sso", "describe", "--from", kalmShop},
		"describe-other":   {"sso", "describe", "sso-try", "-n", "shop", "--from", kalmShop},
		"describe-json":    {"sso", "describe", "sso", "-n", "kalm-system", "--from", kalmShop, "-o", "json"},
		"describe-slash":   {"sso", "describe", "shop/sso-try", "--from", kalmShop, "-o", "jsonpath={.config.namespace}/{.config.name}"},
		"describe-clash":   {"sso", "describe", "shop/sso-try", "-n", "kalm-system", "--from", kalmShop},
		"describe-none":    {"sso", "describe", "--from", noLogin},
		"describe-clean":   {"sso", "describe", "--from", clean},
		"describe-unknown": {"sso", "describe", "nope", "--from", kalmShop},
		"slip":             {"sso", "sso", "--from", kalmShop},
		"describe-tab":     {"__complete", "sso", "describe", "--from", kalmShop, ""},
		"describe-tab-in":  {"__complete", "sso", "describe", "--from", kalmShop, "-n", "shop", "s"},
		"doctor":           {"doctor", "--from", kalmShop},
		"doctor-text":      {"doctor", "--from", kalmShop, "-o", "text", "--rule", "SS015,SS017"},
		"doctor-fix":       {"doctor", "--from", kalmShop, "--rule", "SS010", "--fix", "--dry-run=client", "-o", "yaml"},
		"doctor-clean":     {"doctor", "--from", clean},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", args...).String()
			for _, secret := range []string{"not-a-secret", "not-a-hash"} {
				if strings.Contains(got, secret) {
					t.Errorf("%s is shown", secret)
				}
			}
			golden.Equal(t, got, "sso/"+name)
		})
	}
}

// What is empty in an object is said, and leaves no hole in a sentence.
func TestSSOEmpty(t *testing.T) {
	t.Parallel()
	const objects = `apiVersion: core.kalm.dev/v1alpha1
kind: SingleSignOnConfig
metadata: {name: sso, namespace: kalm-system}
spec: {temporaryUser: {}, connectors: [{type: github, config: {orgs: [{}]}}, {id: other}]}
---
apiVersion: core.kalm.dev/v1alpha1
kind: SingleSignOnConfig
metadata: {name: byoc, namespace: shop}
spec: {issuer: https://login.x}
---
apiVersion: core.kalm.dev/v1alpha1
kind: ProtectedEndpoint
metadata: {name: web, namespace: shop}
`
	for name, args := range map[string][]string{
		"empty-list": {"sso", "--from", "-"}, "empty": {"sso", "describe", "--from", "-"}, "empty-byoc": {"sso", "describe", "byoc", "--from", "-"},
	} {
		golden.Equal(t, execute(t, objects, args...).String(), "sso/"+name)
	}
}

// What may not be read is not said to be missing.
func TestSSOUnreadable(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		forbidden string // the plural of what may not be listed; "" for all of Kalm's
		args      []string
	}{
		"unreadable-list":          {"", []string{"sso"}},
		"unreadable-json":          {"", []string{"sso", "-o", "json"}},
		"unreadable-describe":      {"", []string{"sso", "describe"}},
		"unreadable-name":          {"singlesignonconfigs", []string{"sso", "describe", "sso", "-n", "kalm-system"}},
		"unreadable-configs":       {"singlesignonconfigs", []string{"sso", "describe"}},
		"unreadable-endpoints":     {"protectedendpoints", []string{"sso", "describe"}},
		"unreadable-bindings":      {"rolebindings", []string{"sso", "describe"}},
		"unreadable-strict":        {"singlesignonconfigs", []string{"sso", "--strict"}},
		"unreadable-other-command": {"protectedendpoints", []string{"sso"}},
	}
	data, err := os.ReadFile(clean)
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, flags := newFakeServer(t, string(data))
			server.forbidden = func(path string) bool {
				return strings.Contains(path, "core.kalm.dev") && strings.HasSuffix(path, tc.forbidden)
			}
			golden.Equal(t, execute(t, "", append(tc.args, flags...)...).String(), "sso/"+name)
		})
	}
}
