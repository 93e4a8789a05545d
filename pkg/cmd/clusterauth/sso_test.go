package clusterauth

import (
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
		"describe-none":    {"sso", "describe", "--from", noLogin},
		"describe-clean":   {"sso", "describe", "--from", clean},
		"describe-unknown": {"sso", "describe", "nope", "--from", kalmShop},
		"slip":             {"sso", "sso", "--from", kalmShop},
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
