package e2e

import (
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// hostile is a name that would clear a screen, colour what follows, ring a bell, end its line, go back to the line's
// start, and turn the reading direction round, if it ever got to a terminal as it is.
const hostile = "x\x1b[2J\x1b[31m\a\r\nfake line\u202egnp\u2066\u0085\u200b\x7f"

// hostileManifests names everything like that.
func hostileManifests(t *testing.T, name string) string {
	t.Helper()
	text := strings.NewReplacer("NAME", ascii(name)).Replace(`
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: NAME, namespace: NAME}
rules:
- {apiGroups: ["", NAME], resources: [pods, NAME], verbs: [get, NAME]}
- {apiGroups: [""], resources: [secrets], resourceNames: [NAME], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: NAME, namespace: NAME}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: NAME}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: NAME}
- {apiGroup: rbac.authorization.k8s.io, kind: Group, name: NAME}
- {kind: ServiceAccount, namespace: NAME, name: NAME}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: NAME}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: NAME}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: NAME}
---
apiVersion: gatehouse.dev/v1
kind: NAME
metadata: {name: NAME}
`)
	return folder(t, map[string]string{"hostile.yaml": text})
}

// ascii quotes a text as JSON and YAML do, and leaves no character in it that is not plain ASCII.
func ascii(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r < ' ' || r > '~' || r == '"' || r == '\\' {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return `"` + b.String() + `"`
}

// raw returns the first character of a text that must not reach a terminal as it is, and whether there is one.
func raw(text string) (rune, bool) {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size <= 1 {
				return r, true
			}
		}
		if r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			return r, true
		}
	}
	return 0, false
}

// TestHostileNames asks every command, in all its forms of output, about objects with hostile names.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	from := hostileManifests(t, hostile)
	checks := filepath.Join(from, "checks.txt")
	quoted := ascii(hostile)
	expectations := fmt.Sprintf(`{"apiVersion": "gatehouse.dev/v1alpha1", "kind": "AccessExpectations", "expectations": [
{"name": %[1]s, "subjects": [%[2]s], "cannot": {"verbs": ["get"], "resources": ["pods"], "namespaces": [%[1]s]}}]}`,
		quoted, strings.Replace(quoted, `"`, `"user:`, 1))
	if err := os.WriteFile(checks, []byte(expectations), 0o600); err != nil {
		t.Fatal(err)
	}
	user := "user:" + hostile
	for name, test := range map[string]struct {
		args  []string
		forms string
		code  int
	}{
		"who":           {args: []string{"get", "pods"}, forms: "table wide name json yaml csv markdown jsonpath={..id}"},
		"named":         {args: []string{"get", "secrets", "--names"}, forms: "table wide name json yaml csv markdown jsonpath={..names}"},
		"why":           {args: []string{"why", user, "get", "pods", "-A"}, forms: "text json yaml tree dot mermaid jsonpath={..id}", code: 1},
		"why verb":      {args: []string{"why", "bob", hostile, hostile, hostile}, forms: "text json yaml tree dot mermaid", code: 1},
		"rules":         {args: []string{"rules", user, "--void"}, forms: "table wide json yaml csv markdown jsonpath={..id}"},
		"matrix":        {args: []string{"matrix", "pods"}, forms: "table wide json yaml csv markdown"},
		"matrix of one": {args: []string{"matrix", "--subject", user}, forms: "table wide json yaml csv markdown"},
		"graph":         {args: []string{"graph", "get", "pods"}, forms: "dot mermaid json"},
		"diff":          {args: []string{"diff", "--to", from}, forms: "table wide json yaml csv markdown", code: 1},
		"check":         {args: []string{"check", "-f", checks}, forms: "table wide json yaml junit sarif", code: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := nowhere(t)
			for form := range strings.FieldsSeq(test.forms) {
				args := append(append([]string{}, test.args...), "-o", form)
				if test.args[0] == "diff" {
					args = append(args, "--from", folder(t, map[string]string{"a.yaml": someRole}))
				} else {
					args = append(args, "--from", from)
				}
				out := h.whocan(t, args...)
				out.want(t, test.code)
				for stream, text := range map[string]string{"stdout": out.stdout, "stderr": out.stderr} {
					if r, found := raw(text); found {
						t.Errorf("-o %s: %s has a raw %U:\n%q", form, stream, r, text)
					}
					for line := range strings.Lines(text) {
						if strings.HasPrefix(line, "fake line") {
							t.Errorf("-o %s: %s has a line that a name made:\n%s", form, stream, text)
						}
					}
				}
				if form == "json" && !json.Valid([]byte(out.stdout)) {
					t.Errorf("not JSON:\n%s", out.stdout)
				}
			}
		})
	}
}

// TestHostileMistakes puts hostile texts where messages repeat them.
func TestHostileMistakes(t *testing.T) {
	t.Parallel()
	h := nowhere(t)
	from := folder(t, map[string]string{
		"a.yaml": someRole,
		"b.yaml": "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: \"\\e[31m\", \"\\e[2J\": 1}\nrules: {\"\\e[2J\": 1}\n",
	})
	for _, args := range [][]string{
		{"get", "pods", "--from", from},
		{"get", "pods", "--from", hostile},
		{"get", "pods", "-o", hostile},
		{"get", "pods", "-n", hostile},
		{"get", "pods", "--context", hostile},
		{"get", "pods", "--" + hostile},
		{hostile, "pods", "a", "b", "c"},
		{"why", "sa:" + hostile, "get", "pods"},
		{"check", "-f", hostile},
		{"diff", "--from", from, "--without", hostile},
		{"matrix", hostile, hostile, hostile},
		{"completion", hostile},
		{"snapshot", hostile + "/x", "--from", folder(t, map[string]string{"a.yaml": someRole})},
		{"get", "pods", "--server", "http://" + hostile},
	} {
		out := h.whocan(t, args...)
		if out.code == 0 || out.stdout != "" || out.stderr == "" {
			t.Errorf("%q: exit code %d, stdout %q, stderr %q", args, out.code, out.stdout, out.stderr)
		}
		if r, found := raw(out.stderr); found {
			t.Errorf("%q: stderr has a raw %U: %q", args, r, out.stderr)
		}
	}
}

// TestHugeNames reads names of a megabyte: they are data as well.
func TestHugeNames(t *testing.T) {
	t.Parallel()
	h := nowhere(t)
	huge := strings.Repeat("n", 1<<20)
	from := hostileManifests(t, huge)
	out := h.whocan(t, "get", "pods", "--from", from, "-o", "json")
	out.want(t, 0)
	if !json.Valid([]byte(out.stdout)) || !strings.Contains(out.stdout, huge) {
		t.Errorf("the name is not in the answer: %d bytes", len(out.stdout))
	}
	h.whocan(t, "get", "pods", "--from", from).want(t, 0)
}

// TestSnapshotOfTheFuture reads a snapshot of a version that is not known yet.
func TestSnapshotOfTheFuture(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "future.snap")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	zipped := gzip.NewWriter(file)
	_, err = zipped.Write([]byte(`{"apiVersion":"gatehouse.dev/v7","kind":"Snapshot","everything":[]}` + "\n"))
	if err == nil {
		err = zipped.Close()
	}
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	nowhere(t).whocan(t, "get", "pods", "--from", path).says(t, 1, "future.snap", "gatehouse.dev/v7")
}
