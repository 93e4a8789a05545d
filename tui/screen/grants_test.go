package screen_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// granted are the grants of examples beside a few of many systems in one namespace: bob has a role of Kubernetes and one of
// Kalm's, ada may use a queue, and a token of Kalm's was given a name.
const granted = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {kalm-enabled: "true"}}
---
apiVersion: v1
kind: Namespace
metadata: {name: kalm-system}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: by-hand, namespace: shop}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: bob@shop.example}]
---
apiVersion: core.kalm.dev/v1alpha1
kind: RoleBinding
metadata: {name: bob, namespace: shop}
spec: {subject: bob@shop.example, subjectType: user, role: editor}
---
apiVersion: core.kalm.dev/v1alpha1
kind: RoleBinding
metadata: {name: everywhere, namespace: kalm-system}
spec: {subject: ivan@shop.example, subjectType: user, role: clusterViewer}
---
apiVersion: core.kalm.dev/v1alpha1
kind: AccessToken
metadata: {name: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08, labels: {gatehouse.dev/token: deploy}}
spec:
  token: sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08:128
  creator: ann@shop.example
  rules: [{verb: edit, namespace: shop, kind: components, name: web}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: gatehouse-queue-submit-logs, namespace: shop}
rules: []
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata:
  name: queue-science
  namespace: shop
  annotations: {gatehouse.dev/queue: science, gatehouse.dev/can: "submit,logs", gatehouse.dev/expires: "2027-01-01T00:00:00Z"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: gatehouse-queue-submit-logs}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: ada@shop.example}]
`

// grantsOf is the page of grants of examples or of a text.
func grantsOf(t *testing.T, text string, change func(*inventory.Inventory), examples ...string) (*world.World, *screen.Page) {
	t.Helper()
	var paths []string
	for _, name := range examples {
		paths = append(paths, "../../examples/"+name)
	}
	if text != "" {
		paths = append(paths, filepath.Join(t.TempDir(), "grants.yaml"))
		if err := os.WriteFile(paths[len(paths)-1], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w, err := readWorld(paths...)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		inv := *w.Inventory
		change(&inv)
		m := w.Moment
		m.Inventory = &inv
		w = world.New(m, w.Frame, w.Now)
	}
	page, err := screen.Build(w, screen.Place{Kind: screen.Grants})
	if err != nil {
		t.Fatal(err)
	}
	return w, page
}

// rowsOf are the cells of a list by the first of each row.
func rowsOf(page *screen.Page, columns ...string) map[string][]string {
	out := map[string][]string{}
	for row := range page.List.Rows {
		var cells []string
		for i := range page.List.Columns {
			if slices.Contains(columns, page.List.Columns[i].Name) {
				cells = append(cells, page.List.Cell(row, i).Text)
			}
		}
		name := page.List.Cell(row, 0).Text
		out[name] = append(out[name], strings.Join(cells, " | "))
	}
	return out
}

// rowWith is the number of the first row whose cells have all the words.
func rowWith(t *testing.T, page *screen.Page, words ...string) int {
	t.Helper()
	for row := range page.List.Rows {
		var text strings.Builder
		for i := range page.List.Columns {
			text.WriteString(page.List.Cell(row, i).Text + " ")
		}
		if !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(text.String(), word) }) {
			return row
		}
	}
	t.Fatalf("no row has %q", words)
	return -1
}

// TestGrantsOfSystems checks that a grant says of which system it is, what it gives, and where it counts.
func TestGrantsOfSystems(t *testing.T) {
	t.Parallel()
	_, page := grantsOf(t, granted, nil)
	want := map[string][]string{
		"user:bob@shop.example":  {"editor | shop | kalm | bob | kalm", "editor | shop | manual | by-hand | native"},
		"user:ivan@shop.example": {"clusterViewer | everywhere | kalm-cluster | everywhere | kalm"},
		"user:ada@shop.example":  {"submit,logs | shop | queue science | queue-science | native"},
		"accesstoken/deploy":     {"edit components/web in shop | shop | token | accesstoken/9f86d081884c | kalm"},
	}
	if diff := cmp.Diff(want, rowsOf(page, "Role", "Workspace", "How", "Through", "System")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestGrantedToken opens a token of Kalm's from its row, and says why it leads to no subject.
func TestGrantedToken(t *testing.T) {
	t.Parallel()
	w, page := grantsOf(t, granted, nil)
	row := rowWith(t, page, "accesstoken/deploy")
	if p := page.List.Jump(row, screen.Subject); !p.Zero() || !strings.Contains(page.List.Nowhere(row, screen.Subject), "nobody's") {
		t.Errorf("its subject is at %v: %q", p, page.List.Nowhere(row, screen.Subject))
	}
	if p := page.List.Jump(row, screen.Workspace); p.Name != "shop" {
		t.Errorf("its namespace is at %v", p)
	}
	opened, err := screen.Build(w, page.List.Open(row))
	if err != nil {
		t.Fatal(err)
	}
	text := dump(opened)
	for _, want := range []string{"token accesstoken/deploy", "edit components/web in shop", "ann@shop.example", "never"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, typed := range []string{"deploy", "token dep", "9f86d0818"} {
		hits := screen.Search(w, typed, 10)
		if !slices.ContainsFunc(hits, func(h screen.Hit) bool { return h.Place == page.List.Open(row) }) {
			t.Errorf("%q finds %v", typed, hits)
		}
	}
	if _, err := screen.Build(w, screen.Place{Kind: screen.Token, Name: "accesstoken/gone"}); err == nil {
		t.Error("a token has a page that is not there")
	}
}

// TestTokenByGroups says what a token has by the groups of its account, on its page and beside its row: also when it has
// nothing else.
func TestTokenByGroups(t *testing.T) {
	t.Parallel()
	const shared = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: look}
rules: [{apiGroups: [""], resources: [nodes], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: look}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: look}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:serviceaccounts:shop"}]
`
	w, page := grantsOf(t, shared, nil, "tokens")
	for _, account := range []string{"sa:shop/good", "sa:shop/roleless"} {
		row := rowWith(t, page, account)
		opened, err := screen.Build(w, page.List.Open(row))
		if err != nil {
			t.Fatal(err)
		}
		text := dump(opened)
		for _, line := range page.List.Detail(row).Lines {
			for _, span := range line.Spans {
				text += "\nbeside: " + span.Text
			}
		}
		if strings.Count(text, "get nodes everywhere") != 2 || strings.Contains(text, "nothing but") {
			t.Errorf("%s:\n%s", account, text)
		}
	}
}

// TestRevokedTokens tells revoked tokens and those that Secrets hold, unless the Secrets of tokens can't be read: then that
// is said.
func TestRevokedTokens(t *testing.T) {
	t.Parallel()
	_, page := grantsOf(t, "", nil, "tokens")
	rows := rowsOf(page, "Expires", "Through")
	for name, want := range map[string]string{
		"sa:shop/revoked":     "revoked | serviceaccount/revoked",
		"sa:legacy/forgotten": "invalid since 2024-02-01 | secret/invalid-token",
		"sa:legacy/builder":   "never | secret/builder-token",
		"sa:shop/good":        "in 190d (2027-06-01) | serviceaccount/good",
	} {
		if !slices.Contains(rows[name], want) {
			t.Errorf("%s: %q, want %q", name, rows[name], want)
		}
	}
	_, page = grantsOf(t, "", func(inv *inventory.Inventory) {
		inv.Gaps = append(slices.Clone(inv.Gaps), rbac.Gap{What: "token secrets", Cause: "forbidden"})
		inv.Custom = maps.Clone(inv.Custom)
		delete(inv.Custom, inventory.TokenSecrets)
	}, "tokens")
	if notes := strings.Join(page.Notes, "\n"); !strings.Contains(notes, "which others are revoked is not known") {
		t.Errorf("notes %q", notes)
	}
	if got := rowsOf(page, "Expires")["sa:shop/revoked"]; len(got) != 1 || strings.Contains(got[0], "revoked") {
		t.Errorf("a token of which that is not known: %q", got)
	}
}

// TestGrantWishes are the changes that the rows ask for: of what a row shows, and of nothing else.
func TestGrantWishes(t *testing.T) {
	t.Parallel()
	_, page := grantsOf(t, granted, nil)
	removal := func(words ...string) change.Wish {
		wishes := page.List.Wishes(rowWith(t, page, words...))
		i := slices.IndexFunc(wishes, func(w change.Wish) bool { return w.Verb == change.Remove })
		if i < 0 {
			t.Fatalf("%q can't be removed", words)
		}
		return wishes[i]
	}
	for name, system := range map[string]string{"by-hand": "native", "kalm": "kalm"} {
		if wish := removal("bob@shop.example", name, system); string(wish.System) != system || wish.Queue != "" {
			t.Errorf("%s: %+v", name, wish)
		}
	}
	if wish := removal("ada@shop.example"); wish.Queue != "science" || wish.Workspace != "shop" || wish.Subject != rbac.User("ada@shop.example") {
		t.Errorf("a grant of a queue: %+v", wish)
	}
	const again = "kubectl queueaccess grant ada@shop.example --queue science --can submit,logs --namespaces shop --expires"
	for _, wish := range page.List.Wishes(rowWith(t, page, "ada@shop.example")) {
		if wish.Verb != change.Remove && !strings.Contains(wish.Refusal, again) {
			t.Errorf("%s of a grant of one namespace: %q", wish.Verb, wish.Refusal)
		}
	}
}
