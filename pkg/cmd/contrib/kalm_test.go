package contrib

import (
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// shop is the example that lives with Kalm.
const shop = "../../../examples/kalm/people.yaml"

func TestKalm(t *testing.T) {
	t.Parallel()
	dry := func(args ...string) []string {
		return append(args, "--dry-run=client", "--creator", "root@shop.example")
	}
	tests := map[string][]string{
		"kalm/list":              {"list", "-A"},
		"kalm/list-one":          {"list", "-n", "shop", "-o", "wide"},
		"kalm/list-json":         {"list", "-n", "shop", "-o", "json", "--subject", "ivan@shop.example"},
		"kalm/list-native":       {"list", "-A", "--flavor", "native"},
		"kalm/doctor":            {"doctor", "-A", "-o", "text", "--severity", "info"},
		"kalm/doctor-one":        {"doctor", "-n", "shop"},
		"kalm/add":               dry("add", "judy@shop.example", "group:judy@shop.example", "--role", "editor", "--expires", "7d", "-n", "shop"),
		"kalm/add-again":         dry("add", "bob@shop.example", "--role", "editor", "-n", "shop"),
		"kalm/add-other":         dry("add", "bob@shop.example", "--role", "viewer", "-n", "shop"),
		"kalm/add-upper":         dry("add", "Bob@shop.example", "--role", "viewer", "-n", "shop", "--preview=none"),
		"kalm/add-suspended":     dry("add", "erin@shop.example", "--role", "clusterViewer", "--preview=none"),
		"kalm/add-comma":         dry("add", "a,b", "--role", "viewer", "-n", "shop"),
		"kalm/add-account":       dry("add", "sa:shop/default", "--role", "viewer", "-n", "shop"),
		"kalm/add-trap":          dry("add", "bob@shop.example", "--role", "viewer", "-n", "cluster"),
		"kalm/add-own-role":      dry("add", "bob@shop.example", "--role", "clusterrole/view", "-n", "shop"),
		"kalm/add-native":        {"add", "bob@shop.example", "--role", "viewer", "-n", "shop", "--flavor", "native", "--dry-run=client"},
		"kalm/add-nobody":        {"add", "zed@shop.example", "--role", "viewer", "-n", "shop", "--dry-run=client"},
		"kalm/set-role":          dry("set-role", "bob@shop.example", "--role", "owner", "-n", "shop"),
		"kalm/set-role-expired":  dry("set-role", "dave@shop.example", "--role", "viewer", "-n", "shop"),
		"kalm/set-role-cluster":  dry("set-role", "ivan@shop.example", "--role", "viewer", "--cluster-wide"),
		"kalm/remove":            dry("remove", "bob@shop.example", "erin@shop.example", "-n", "shop"),
		"kalm/remove-absent":     dry("remove", "nobody@shop.example", "-n", "shop"),
		"kalm/remove-elsewhere":  dry("remove", "ivan@shop.example", "-n", "shop"),
		"kalm/remove-cluster":    dry("remove", "ivan@shop.example", "--cluster-wide"),
		"kalm/offboard":          dry("offboard", "erin@shop.example"),
		"kalm/rename":            dry("rename", "erin@shop.example", "erin.b@shop.example"),
		"kalm/expire":            dry("expire"),
		"kalm/suspend":           dry("suspend", "bob@shop.example"),
		"kalm/suspend-twice":     dry("suspend", "erin@shop.example"),
		"kalm/unsuspend":         dry("suspend", "erin@shop.example", "--unsuspend"),
		"kalm/export":            {"export"},
		"kalm/export-manifests":  {"export", "-n", "plain", "-o", "manifests"},
		"kalm/migrate":           {"migrate", "-A", "--report", "table"},
		"kalm/migrate-json":      {"migrate", "-A", "--report", "json"},
		"kalm/migrate-one":       {"migrate", "--from", "kalm", "--to", "native", "-n", "shop", "--report", "wide"},
		"kalm/migrate-manifests": {"migrate", "-A", "--dry-run=client", "--prune", "-o", "name"},
		"kalm/migrate-back":      {"migrate", "--to", "kalm", "--report", "table"},
		"kalm/migrate-format":    {"migrate", "--report", "text"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, "", append(args, "--from", shop)...).String(), name)
		})
	}
}

// TestKalmEmpty makes what an empty cluster with Kalm would get.
func TestKalmEmpty(t *testing.T) {
	t.Parallel()
	golden.Equal(t, execute(t, "", "add", "bob@x.com", "--role", "editor", "-n", "team-a", "--flavor", "kalm", "--creator", "me@x.com",
		"--dry-run=client", "-o", "yaml").String(), "kalm/empty")
	golden.Equal(t, execute(t, "", "expire", "--cronjob", "--image", "registry.example.com/gatehouse:v1", "--flavor", "kalm").String(), "kalm/empty-cronjob")
	golden.Equal(t, execute(t, "", "add", "bob@x.com", "--role", "clusterOwner", "--flavor", "native", "--dry-run=client").String(), "kalm/empty-native")
}

func TestRoles(t *testing.T) {
	t.Parallel()
	for name, args := range map[string][]string{
		"roles/table":    {"roles"},
		"roles/wide":     {"roles", "--cluster-wide", "-o", "wide"},
		"roles/markdown": {"roles", "--cluster-wide", "-o", "markdown"},
		"roles/json":     {"roles", "-o", "json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, "", append(args, "--from", acme)...).String(), name)
		})
	}
}

// TestMigrateApplied applies the manifests that a migration makes to the shop: then everybody is bound already.
func TestMigrateApplied(t *testing.T) {
	t.Parallel()
	made := execute(t, "", "migrate", "-A", "--dry-run=client", "-o", "yaml", "--from", shop)
	if made.Code != 0 {
		t.Fatal(made)
	}
	again := execute(t, made.Stdout, "migrate", "-A", "--dry-run=client", "--from", shop, "--from", "-")
	if again.Code != 0 || !strings.Contains(again.Stderr, "no member of Kalm's is left to migrate") {
		t.Error(again)
	}
}
