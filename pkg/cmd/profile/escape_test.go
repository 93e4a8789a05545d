package profile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
)

// TestEscape shows objects with names that would clear a screen, colour what follows, begin a line of their own and turn
// the reading direction round, if they ever got to a terminal as they are.
func TestEscape(t *testing.T) {
	t.Parallel()
	hostile := "x\x1b[2J\x1b[31m\a\r\nfake line\u202egnp\u2066\u0085\u200b\x7f"
	quoted := `"x\u001b[2J\u001b[31m\u0007\r\nfake line\u202egnp\u2066\u0085\u200b\u007f"`
	text := strings.ReplaceAll(`
apiVersion: v1
kind: Namespace
metadata: {name: odd, labels: {gatehouse.dev/profile: "true", team: HOSTILE}, annotations: {gatehouse.dev/owner: HOSTILE, note: HOSTILE}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: HOSTILE, namespace: odd, annotations: {gatehouse.dev/role: editor}}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: HOSTILE}
---
apiVersion: v1
kind: ResourceQuota
metadata: {name: HOSTILE, namespace: odd}
spec: {hard: {cpu: "1"}}
---
apiVersion: v1
kind: Event
metadata: {name: e, namespace: odd}
involvedObject: {kind: HOSTILE, name: HOSTILE, namespace: odd}
type: HOSTILE
reason: HOSTILE
message: HOSTILE
---
apiVersion: v1
kind: Pod
metadata: {name: HOSTILE, namespace: odd}
`, "HOSTILE", quoted)
	file := filepath.Join(t.TempDir(), "odd.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		args  string
		forms string
	}{
		"list":     {"list", "table wide json yaml csv markdown name jsonpath={..owner}"},
		"user":     {"list --user HOSTILE", "table json"},
		"describe": {"describe odd", "text json yaml jsonpath={..message}"},
		"quota":    {"quota show", "table wide json yaml csv markdown"},
		"export":   {"export", "yaml json"},
		"short":    {"export --short", "yaml json"},
		"transfer": {"transfer odd --owner HOSTILE --dry-run=client", "yaml json name"},
		"delete":   {"delete odd --dry-run=client", "name"},
		"wait":     {"wait HOSTILE", ""},
		"unknown":  {"describe HOSTILE", "text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			words := strings.Fields(test.args)
			for i := range words {
				words[i] = strings.Replace(words[i], "HOSTILE", hostile, 1)
			}
			for form := range strings.FieldsSeq(test.forms + " -") {
				args := append(append([]string{}, words...), "--from", file)
				if form != "-" {
					args = append(args, "-o", form)
				}
				got := execute(t, "", args...)
				if got.Stdout+got.Stderr == "" {
					t.Errorf("%v: nothing is said", args)
				}
				for stream, text := range map[string]string{"stdout": got.Stdout, "stderr": got.Stderr} {
					for _, r := range text {
						if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
							t.Fatalf("-o %s: %s has a raw %U:\n%q", form, stream, r, text)
						}
					}
					for line := range strings.Lines(text) {
						if strings.HasPrefix(line, "fake line") {
							t.Errorf("-o %s: %s has a line of a name:\n%s", form, stream, text)
						}
					}
				}
			}
		})
	}
}
