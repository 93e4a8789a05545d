package sso_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/sso"
)

const shop = `apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {kalm-enabled: "true"}}
---
apiVersion: v1
kind: Namespace
metadata: {name: plain}
---
apiVersion: v1
kind: Namespace
metadata: {name: kalm-system}
`

// world reads manifests that a test has written.
func world(t *testing.T, manifests string) *sso.State {
	t.Helper()
	path := filepath.Join(t.TempDir(), "world.yaml")
	if err := os.WriteFile(path, []byte(shop+manifests), 0o600); err != nil {
		t.Fatal(err)
	}
	s, _ := read(t, path)
	return s
}

func binding(ns, name, spec string) string {
	return "---\napiVersion: core.kalm.dev/v1alpha1\nkind: RoleBinding\nmetadata: {name: " + name + ", namespace: " + ns + "}\nspec: {creator: c, " + spec + "}\n"
}

// Whoever may do nothing in Kalm by the bindings that name him is told from the others, and why.
func TestPassers(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		bindings string
		want     map[string]string // why the person may do nothing, "-" for who may do something
	}{
		"editor": {binding("shop", "a", "subject: a@x, subjectType: user, role: editor"), map[string]string{"a@x": "-"}},
		"capitals": {
			binding("shop", "a", "subject: A@x, subjectType: user, role: owner"), map[string]string{"a@x": "capital letters"},
		},
		"capitals and a good one": {
			binding("shop", "a", "subject: A@x, subjectType: user, role: owner") + binding("shop", "b", "subject: a@x, subjectType: user, role: viewer"),
			map[string]string{"a@x": "-"},
		},
		"capitals, run out": {
			binding("shop", "a", "subject: A@x, subjectType: user, role: owner, expiredAt: '2025-01-01T00:00:00Z'"), map[string]string{"a@x": "capital letters"},
		},
		"capitals, suspended": {
			binding("shop", "a", "subject: A@x, subjectType: user, role: owner") + binding("kalm-system", "b", "subject: A@x, subjectType: user, role: suspended"),
			map[string]string{"a@x": "suspended"},
		},
		"quotation mark": {binding("shop", "a", `subject: 'a"@x', subjectType: user, role: owner`), map[string]string{`a"@x`: "quotation mark"}},
		"run out":        {binding("shop", "a", "subject: a@x, subjectType: user, role: owner, expiredAt: '2025-01-01T00:00:00Z'"), map[string]string{"a@x": "expired"}},
		"no application": {binding("plain", "a", "subject: a@x, subjectType: user, role: owner"), map[string]string{"a@x": "no application"}},
		"placeholder":    {binding("kalm-system", "a", "subject: a@x, subjectType: user, role: placeholder"), map[string]string{"a@x": "placeholder"}},
		"no such role":   {binding("shop", "a", "subject: a@x, subjectType: user, role: admin"), map[string]string{"a@x": "unknown role"}},
		"no role":        {binding("shop", "a", "subject: a@x, subjectType: user"), map[string]string{"a@x": "unknown role"}},
		"group":          {binding("shop", "a", "subject: team, subjectType: group, role: owner"), map[string]string{}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := map[string]string{}
			for _, p := range world(t, tc.bindings).Passers() {
				got[p.Email] = p.Why
				if !p.Nothing {
					got[p.Email] += "-"
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("who gets through (-want +got):\n%s", diff)
			}
		})
	}
}

// Kalm's API shows one configuration, so that nobody sees the secrets of another one by it.
func TestShown(t *testing.T) {
	t.Parallel()
	const auditors = "subject: auditors, subjectType: group, role: clusterViewer"
	config := func(ns, name string) string {
		return "---\napiVersion: core.kalm.dev/v1alpha1\nkind: SingleSignOnConfig\nmetadata: {name: " + name + ", namespace: " + ns + "}\n" +
			"spec: {domain: sso.x, issuer: https://login.x, issuerClientId: kalm, issuerClientSecret: not-a-secret}\n"
	}
	var got []string
	for _, f := range sso.Judge(world(t, binding("kalm-system", "a", auditors)+config("kalm-system", "sso")+config("kalm-system", "other")+config("shop", "sso"))) {
		if f.ID == "SS013" || f.ID == "SS002" {
			got = append(got, f.ID+" "+f.Object)
		}
	}
	want := []string{
		"SS002 singlesignonconfig kalm-system/other", "SS002 singlesignonconfig shop/sso", "SS013 singlesignonconfig kalm-system/sso",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// A message about what is empty says so, and has no hole in it.
func TestEmpty(t *testing.T) {
	t.Parallel()
	s := world(t, `---
apiVersion: core.kalm.dev/v1alpha1
kind: SingleSignOnConfig
metadata: {name: sso, namespace: kalm-system}
spec: {temporaryUser: {}, connectors: [{type: github, config: {orgs: [{name: o}, {}]}}, {config: {baseURL: "http://x"}}]}
---
apiVersion: core.kalm.dev/v1alpha1
kind: ProtectedEndpoint
metadata: {name: web, namespace: shop}
spec: {allowToPassIfHasBearerToken: true}
---
apiVersion: core.kalm.dev/v1alpha1
kind: Component
metadata: {name: web, namespace: shop}
`+binding("shop", "a", "subjectType: group, role: viewer"))
	found := map[string]bool{}
	for _, f := range sso.Judge(s) {
		found[f.ID] = true
		if text := " " + f.Message + " "; strings.Contains(text, "  ") {
			t.Errorf("%s: %q has a hole", f.ID, f.Message)
		}
	}
	for _, id := range []string{"SS004", "SS005", "SS010", "SS011", "SS021", "SS023"} {
		if !found[id] {
			t.Errorf("%s is not found", id)
		}
	}
	if found["SS022"] {
		t.Error("a group without a name is waited for")
	}
}

// What Kalm's controller asks for its own dex is nobody's mistake.
func TestOwnDex(t *testing.T) {
	t.Parallel()
	dex := func(ns string) string {
		return "---\napiVersion: core.kalm.dev/v1alpha1\nkind: Component\nmetadata: {name: dex, namespace: " + ns + "}\n" +
			"spec: {image: dex, runnerPermission: {roleType: clusterRole, rules: [{apiGroups: [dex.coreos.com], resources: ['*'], verbs: ['*']}]}}\n"
	}
	var got []string
	for _, f := range sso.Judge(world(t, dex("kalm-system")+dex("shop"))) {
		if f.ID == "SS018" {
			got = append(got, f.Object)
		}
	}
	if diff := cmp.Diff([]string{"component.core.kalm.dev shop/dex"}, got); diff != "" {
		t.Errorf("given rights in the whole cluster (-want +got):\n%s", diff)
	}
}
