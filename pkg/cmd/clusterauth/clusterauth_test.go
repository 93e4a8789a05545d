package clusterauth

import (
	"strings"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli/clitest"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// The example company, and the example of a configuration of any API server.
const (
	acme   = "../../../examples/acme"
	logins = "../../../examples/logins"
	charts = "../../../examples/charts"
)

// outcome is all that a user sees of a command.
type outcome = clitest.Outcome

// execute runs the plugin as a function, with stdin as its input, on a day in November 2026.
func execute(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	return clitest.Plugin{Name: "kubectl clusterauth", New: NewCommand, Clock: clocktesting.NewFakePassiveClock(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))}.Run(t, stdin, args...)
}

// TestReading compares what commands answer about the example company.
func TestReading(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"list/bare":             {"--from", acme},
		"list/wide":             {"list", "-A", "-o", "wide", "--from", acme},
		"list/json":             {"list", "-o", "json", "--from", acme},
		"list/name":             {"list", "-n", "kcm-system", "-o", "name", "--from", acme},
		"list/none":             {"list", "-n", "shop", "--from", acme},
		"describe/lab":          {"describe", "acme-lab", "--from", acme},
		"describe/json":         {"describe", "acme-lab", "-o", "json", "--from", acme},
		"describe/broken":       {"describe", "partner-sso", "--from", acme},
		"describe/several":      {"describe", "acme-sso", "--from", acme},
		"describe/slip":         {"describe", "kcm-system/acme-sos", "--from", acme},
		"render/config":         {"render", "kcm-system/acme-sso", "-o", "config", "--from", acme},
		"render/secret":         {"render", "acme-lab", "--from", acme},
		"render/values":         {"render", "kcm-system/acme-sso", "-o", "values", "--from", acme},
		"render/hash":           {"render", "acme-lab", "-o", "hash", "--from", acme},
		"render/hash-1.9":       {"render", "acme-lab", "-o", "hash", "--kcm-version", "1.9", "--from", acme},
		"render/new-cluster":    {"render", "acme-lab", "--cluster", "edge-oslo", "-o", "values", "--from", acme},
		"validate/plain":        {"validate", "-f", logins + "/auth.yaml"},
		"validate/old":          {"validate", "-f", logins + "/auth.yaml", "--kubernetes-version", "1.33"},
		"validate/acme":         {"validate", "-n", "kcm-system", "--from", acme},
		"validate/text":         {"validate", "partner-sso", "-o", "text", "--from", acme},
		"validate/json":         {"validate", "partner-sso", "-o", "json", "--from", acme},
		"plan/table":            {"plan", "--from", acme},
		"plan/text":             {"plan", "edge-lab", "-o", "text", "--from", acme},
		"plan/json":             {"plan", "-n", "edge-north", "-o", "json", "--from", acme},
		"plan/upgrade":          {"plan", "edge-lab", "--kcm-version", "1.9", "--exit-code", "--from", acme},
		"plan/exit-code":        {"plan", "edge-lab", "--exit-code", "--from", acme},
		"diff/all":              {"diff", "--from", acme},
		"diff/wide":             {"diff", "edge-lab", "-o", "wide", "--from", acme},
		"diff/same":             {"diff", "edge-berlin", "--from", acme},
		"diff/json":             {"diff", "edge-lab", "-o", "json", "--from", acme},
		"usage/text":            {"usage", "kcm-system/acme-sso", "--from", acme},
		"usage/table":           {"usage", "kcm-system/acme-sso", "-o", "table", "--from", acme},
		"usage/json":            {"usage", "acme-lab", "-o", "json", "--from", acme},
		"doctor/table":          {"doctor", "--from", acme},
		"doctor/text":           {"doctor", "-n", "edge-north", "-o", "text", "--from", acme},
		"doctor/fix":            {"doctor", "--fix", "--dry-run=client", "--from", acme},
		"explain/lab":           {"explain", "acme-lab", "--from", acme},
		"explain/superuser":     {"explain", "kcm-system/acme-sso", "--from", acme},
		"explain/claims":        {"explain", "-f", logins + "/auth.yaml", "--claims", logins + "/claims.json"},
		"test-token/claims":     {"test-token", "-f", logins + "/auth.yaml", "--claims", logins + "/claims.json"},
		"test-token/json":       {"test-token", "-f", logins + "/auth.yaml", "--claims", logins + "/claims.json", "-o", "json"},
		"test-token/steps":      {"test-token", "acme-lab", "--claims", logins + "/claims.json", "--steps", "--kubernetes-version", "1.34", "--from", acme},
		"test-token/old":        {"test-token", "acme-lab", "--claims", logins + "/claims.json", "--from", acme},
		"test-token/cases":      {"test-token", "-f", logins + "/auth.yaml", "-f", logins + "/cases.yaml"},
		"test-token/wrong":      {"test-token", "acme-lab", "-f", logins + "/cases.yaml", "--kubernetes-version", "1.34", "--from", acme},
		"test-token/cases-wide": {"test-token", "acme-lab", "-f", logins + "/cases.yaml", "-o", "wide", "--kubernetes-version", "1.34", "--from", acme},
		"test-token/junit":      {"test-token", "-f", logins + "/auth.yaml", "-f", logins + "/cases.yaml", "-o", "junit"},
		"test-token/rights":     {"test-token", "-f", logins + "/auth.yaml", "--claims", logins + "/claims.json", "--then", "whocan", "--in", "testdata/child.yaml"},
		"ca/list":               {"ca", "--from", acme},
		"ca/json":               {"ca", "list", "-n", "kcm-system", "-o", "json", "--from", acme},
		"ca/check":              {"ca", "check", "--from", acme},
		"kubeconfig/berlin":     {"kubeconfig", "edge-berlin", "--from", acme},
		"kubeconfig/missing":    {"kubeconfig", "edge-lab", "--from", acme},
		"bind/group":            {"bind", "edge-berlin", "--group", "dev", "--role", "viewer", "--from", acme},
		"bind/prefixed":         {"bind", "edge-lab", "--user", "ann@acme.example", "--role", "owner", "--in-namespace", "shop", "--from", acme},
		"bind/deliver":          {"bind", "edge-lab", "--group", "dev", "--role", "editor", "--deliver", "dev-editors", "--from", acme},
		"bind/system":           {"bind", "edge-berlin", "--group", "system:masters", "--role", "owner", "--from", acme},
		"lint/hosted-good":      {"lint-template", charts + "/hosted-good"},
		"lint/standalone-good":  {"lint-template", charts + "/standalone-good"},
		"lint/seed-hosted":      {"lint-template", charts + "/seed-hosted", "-o", "text"},
		"lint/seed-standalone":  {"lint-template", charts + "/seed-standalone"},
		"attach/ignored":        {"attach", "edge-paris", "acme-lab", "--dry-run=client", "--from", acme},
		"attach/missing":        {"attach", "edge-berlin", "acme-sos", "--dry-run=client", "--from", acme},
		"attach/same":           {"attach", "edge-berlin", "acme-sso", "--dry-run=client", "--from", acme},
		"detach/berlin":         {"detach", "edge-berlin", "--dry-run=client", "--from", acme},
		"sync-copies/all":       {"sync-copies", "--dry-run=client", "--from", acme},
		"create/manifests":      {"create", "dex", "--issuer", "https://dex.example.com:5556", "--audience", "example-app", "-n", "kcm-system", "--dry-run=client", "-o", "yaml"},
		"create/config":         {"create", "dex", "--config", logins + "/auth.yaml", "-n", "kcm-system", "--dry-run=client", "-o", "yaml"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, "", args...).String(), name)
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, command := range []string{
		"", "list", "describe", "create", "attach", "detach", "render", "validate", "plan", "diff", "explain", "test-token", "usage",
		"ca", "ca list", "ca check", "ca rotate", "kubeconfig", "bind", "lint-template", "sync-copies", "doctor",
	} {
		t.Run("help "+command, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append(strings.Fields(command), "--help")...)
			if got.Code != 0 || got.Stderr != "" {
				t.Errorf("exit %d, stderr %q", got.Code, got.Stderr)
			}
			golden.Equal(t, got.Stdout, "help/"+strings.TrimSuffix("clusterauth-"+strings.ReplaceAll(command, " ", "-"), "-"))
		})
	}
}
