package whocan

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// kalmShop is the example of a shop that lives with Kalm.
const kalmShop = "../../../examples/kalm"

func TestKalm(t *testing.T) {
	t.Parallel()
	const deployer = "token:896d679c9e9da3d3d278ed85cfd8533deb57a60fc6c657103d5d132a2e207986"
	tests := map[string][]string{
		"edit-component":    {"--kalm", "edit", "components/web", "-n", "shop"},
		"view-components":   {"--kalm", "view", "components"},
		"view-wide":         {"--kalm", "view", "pods", "web-0", "-n", "shop", "-o", "wide"},
		"edit-routes":       {"--kalm", "edit", "routes", "-n", "shop"},
		"everything":        {"--kalm", "manage", "*", "--cluster-scope"},
		"json":              {"--kalm", "edit", "components/web", "-n", "shop", "-o", "json"},
		"names":             {"--kalm", "get", "pods", "-n", "shop", "-o", "name"},
		"csv":               {"--kalm", "manage", "members", "-n", "shop", "-o", "csv"},
		"unasked":           {"--kalm", "view", "domains"},
		"unknown-kind":      {"--kalm", "view", "widgets", "-n", "shop"},
		"unknown-namespace": {"--kalm", "view", "pods", "-n", "shpo"},
		"inert":             {"--kalm", "view", "pods", "-n", "plain"},
		"quiet-yes":         {"--kalm", "view", "pods", "-n", "shop", "-q"},
		"bad-verb":          {"--kalm", "grant", "pods"},
		"bad-words":         {"--kalm", "view"},
		"two-names":         {"--kalm", "view", "pods/a", "b"},
		"verify":            {"--kalm", "view", "pods", "--verify"},
		"why-yes":           {"why", "bob@shop.example", "edit", "components/web", "-n", "shop", "--kalm"},
		"why-by-group":      {"why", "erin@shop.example", "edit", "components/web", "-n", "shop", "--kalm", "--group", "shop-team"},
		"why-group":         {"why", "group:auditors", "view", "nodes", "--kalm"},
		"why-suspended":     {"why", "erin@shop.example", "edit", "components/web", "-n", "shop", "--kalm"},
		"why-injected":      {"why", "mallory@shop.example", "manage", "*", "--kalm"},
		"why-injected-kind": {"why", "trudy@shop.example", "manage", "*", "--kalm", "-o", "json"},
		"why-letters":       {"why", "frank@shop.example", "view", "pods", "-n", "shop", "--kalm"},
		"why-run-out":       {"why", "dave@shop.example", "view", "pods", "-n", "shop", "--kalm"},
		"why-inert":         {"why", "grace@shop.example", "view", "components", "-n", "plain", "--kalm"},
		"why-trap":          {"why", "heidi@shop.example", "manage", "*", "-n", "shop", "--kalm"},
		"why-placeholder":   {"why", "judy@shop.example", "view", "*", "-n", "shop", "--kalm", "-o", "json"},
		"why-action":        {"why", "alice@shop.example", "edit", "pods", "-n", "shop", "--kalm"},
		"why-place":         {"why", "bob@shop.example", "edit", "components", "-n", "cluster", "--kalm"},
		"why-cluster":       {"why", "bob@shop.example", "edit", "routes", "-n", "shop", "--kalm"},
		"why-token":         {"why", deployer, "edit", "components/web", "-n", "shop", "--kalm"},
		"why-token-view":    {"why", deployer, "view", "components/web", "-n", "shop", "--kalm"},
		"why-short-token":   {"why", "token:896d679c9e9d", "edit", "components/web", "-n", "shop", "--kalm"},
		"why-no-token":      {"why", "token:none", "view", "components/web", "-n", "shop", "--kalm"},
		"why-account":       {"why", "sa:shop/web", "view", "pods", "--kalm"},
		"why-me":            {"why", "me", "view", "pods", "--kalm"},
		"why-unasked":       {"why", "anybody@shop.example", "view", "domains", "--kalm"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, "", append(args, "--from", kalmShop)...).String(), "kalm/"+name)
		})
	}
}

// What spoils the policy for all is said; so is what can't be known.
func TestKalmOdd(t *testing.T) {
	t.Parallel()
	const shop = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {kalm-enabled: "true"}}
---
`
	const bob = `apiVersion: core.kalm.dev/v1alpha1
kind: RoleBinding
metadata: {name: bob, namespace: shop}
spec: {subject: bob@x, subjectType: user, role: editor, creator: c}
---
`
	token := func(kind string) string {
		return `apiVersion: core.kalm.dev/v1alpha1
kind: AccessToken
metadata: {name: t1}
spec: {memo: m, token: none, creator: c, rules: [{verb: view, namespace: shop, kind: "` + kind + `", name: "*"}]}
`
	}
	tests := map[string]struct {
		stdin string
		args  []string
	}{
		"comma":          {shop + bob + token("pods, x"), []string{"--kalm", "view", "pods", "-n", "shop"}},
		"comma-why":      {shop + bob + token("pods, x"), []string{"why", "bob@x", "view", "pods", "-n", "shop", "--kalm"}},
		"line":           {shop + bob + token(`pods\nx`), []string{"--kalm", "view", "pods", "-n", "shop", "-o", "json"}},
		"line-quiet":     {shop + bob + token(`pods\nx`), []string{"--kalm", "view", "pods", "-n", "shop", "-q"}},
		"no-namespace":   {bob, []string{"--kalm", "view", "pods", "-n", "shop"}},
		"no-kalm":        {shop, []string{"--kalm", "view", "pods", "-n", "shop"}},
		"escape-injects": {shop + bob + token(`pods\u001b[2J`), []string{"--kalm", "view", "*", "-n", "shop"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, tc.stdin, append(tc.args, "--from", "-")...).String()
			if strings.ContainsRune(got, '\x1b') {
				t.Errorf("a control character gets through: %q", got)
			}
			golden.Equal(t, got, "kalm/odd-"+name)
		})
	}
}

// No answer has anything of a token but its name.
func TestKalmHidesTokens(t *testing.T) {
	t.Parallel()
	for _, o := range []string{"table", "wide", "json", "yaml"} {
		got := execute(t, "", "--kalm", "view", "*", "--from", kalmShop, "-o", o).String()
		if strings.Contains(got, "not-a-secret") {
			t.Errorf("-o %s shows a token", o)
		}
	}
	if data, err := os.ReadFile(filepath.Join(kalmShop, "tokens.yaml")); err != nil || !strings.Contains(string(data), "not-a-secret") {
		t.Errorf("the example has no tokens any more: %v", err)
	}
}

// A Tab offers Kalm's words.
func TestKalmCompletion(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want string
	}{
		"verbs": {[]string{"--kalm", ""}, "view\nedit\nmanage\n"},
		"kinds": {[]string{"--kalm", "edit", "comp"}, "components\n"},
		"names": {[]string{"--kalm", "edit", "components", ""}, ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _, _ := strings.Cut(execute(t, "", append([]string{"__complete"}, tc.args...)...).stdout, ":")
			if name == "kinds" {
				if !strings.Contains(got, tc.want) {
					t.Errorf("offered %q, want %q among them", got, tc.want)
				}
				return
			}
			if got != tc.want {
				t.Errorf("offered %q, want %q", got, tc.want)
			}
		})
	}
}
