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
		"why-no-namespace":  {"why", "bob@shop.example", "view", "pods", "-n", "shpo", "--kalm"},
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
		"manage-members":    {"--kalm", "manage", "rolebindings", "-n", "shop"},
		"manage-components": {"--kalm", "manage", "components", "-n", "shop", "-o", "name"},
		"manage-everything": {"--kalm", "manage", "*", "-o", "name"},
		"edit-anywhere":     {"--kalm", "edit", "components/web", "-o", "name"},
		"edit-in-cluster":   {"--kalm", "edit", "components/web", "--cluster-scope", "-o", "json"},
		"view-application":  {"--kalm", "view", "applications/shop", "-o", "name"},
		"why-manage":        {"why", "carol@shop.example", "manage", "rolebindings", "-n", "shop", "--kalm"},
		"why-create":        {"why", deployer, "create", "components/web", "-n", "shop", "--kalm", "-o", "json"},
		"why-create-text":   {"why", deployer, "create", "components/web", "-n", "shop", "--kalm"},
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
		"comma":        {shop + bob + token("pods, x"), []string{"--kalm", "view", "pods", "-n", "shop"}},
		"comma-why":    {shop + bob + token("pods, x"), []string{"why", "bob@x", "view", "pods", "-n", "shop", "--kalm"}},
		"line":         {shop + bob + token(`pods\nx`), []string{"--kalm", "view", "pods", "-n", "shop", "-o", "json"}},
		"line-quiet":   {shop + bob + token(`pods\nx`), []string{"--kalm", "view", "pods", "-n", "shop", "-q"}},
		"no-namespace": {bob, []string{"--kalm", "view", "pods", "-n", "shop"}},
		"no-system": {
			shop + strings.Replace(bob, "namespace: shop", "namespace: kalm-system", 1), []string{"why", "bob@x", "edit", "pods", "-n", "kalm-system", "--kalm"},
		},
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

// To delete a pod Kalm's API asks for more than for a shell in it.
func TestKalmDelete(t *testing.T) {
	t.Parallel()
	const world = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {kalm-enabled: "true"}}
---
apiVersion: core.kalm.dev/v1alpha1
kind: RoleBinding
metadata: {name: bob, namespace: shop}
spec: {subject: bob@x, subjectType: user, role: editor, creator: c}
---
apiVersion: core.kalm.dev/v1alpha1
kind: AccessToken
metadata: {name: t1}
spec: {memo: m, token: none, creator: c, rules: [{verb: edit, namespace: shop, kind: pods, name: "*"}]}
`
	tests := map[string][]string{
		"edit-pods":       {"--kalm", "edit", "pods", "-n", "shop"},
		"delete-pods":     {"--kalm", "delete", "pods", "-n", "shop"},
		"delete-pod":      {"--kalm", "delete", "pods/web-0", "-n", "shop", "-o", "json"},
		"delete-anywhere": {"--kalm", "delete", "pods"},
		"why-delete-pod":  {"why", "token:t1", "delete", "pods/web-0", "-n", "shop", "--kalm"},
		"why-edit-pod":    {"why", "token:t1", "edit", "pods/web-0", "-n", "shop", "--kalm"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, world, append(args, "--from", "-")...).String(), "kalm/"+name)
		})
	}
}

// What is not in a snapshot is not known, so that nobody in it is no answer.
func TestKalmPartial(t *testing.T) {
	t.Parallel()
	snapshot := execute(t, "", "snapshot", "--from", kalmShop).Stdout
	for name, args := range map[string][]string{
		"partial":       {"--kalm", "view", "pods", "-n", "shop"},
		"partial-quiet": {"--kalm", "view", "pods", "-n", "shop", "-q"},
		"partial-why":   {"why", "bob@shop.example", "view", "pods", "-n", "shop", "--kalm"},
		"partial-json":  {"why", "bob@shop.example", "view", "pods", "-n", "shop", "--kalm", "-o", "json"},
	} {
		golden.Equal(t, execute(t, snapshot, append(args, "--from", "-")...).String(), "kalm/"+name)
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

// A Tab offers Kalm's words, and whom its objects name; of a token nothing but the name.
func TestKalmCompletion(t *testing.T) {
	t.Parallel()
	const kinds = "applications\ncomponents\npods\n"
	why := func(args ...string) []string { return append([]string{"why", "--kalm", "--from", kalmShop}, args...) }
	tests := map[string]struct {
		args []string
		want string
		part bool // want is among what is offered
	}{
		"verbs":       {[]string{"--kalm", ""}, "view\nedit\nmanage\n", false},
		"kinds":       {[]string{"--kalm", "edit", ""}, kinds, true},
		"names":       {[]string{"--kalm", "edit", "components", ""}, "", false},
		"subjects":    {why(""), "group:auditors\ngroup:shop-team\nuser:Frank@shop.example\nuser:alice@shop.example\n", true},
		"subject":     {why("bo"), "bob@shop.example\n", false},
		"tokens":      {why("token:8"), "token:896d679c9e9da3d3d278ed85cfd8533deb57a60fc6c657103d5d132a2e207986\n", false},
		"why verbs":   {why("bob@shop.example", ""), "edit\nmanage\nview\n", false},
		"why kinds":   {why("bob@shop.example", "edit", "comp"), "components\n", false},
		"why no name": {why("bob@shop.example", "edit", "components", ""), "", false},
		"groups":      {why("bob@shop.example", "--group", ""), "auditors\nshop-team\n", false},
		"stdin":       {[]string{"why", "--kalm", "--from", "-", ""}, "", false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, _, _ := strings.Cut(execute(t, "", append([]string{"__complete"}, tc.args...)...).Stdout, ":4\n")
			if got != tc.want && (!tc.part || !strings.Contains(got, tc.want)) {
				t.Errorf("offered %q, want %q", got, tc.want)
			}
		})
	}
}
