package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// folder writes files into a new directory.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const someRole = `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: reader
rules:
- apiGroups: [""]
  resources: [secrets]
  verbs: [get]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: readers
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects:
- {apiGroup: rbac.authorization.k8s.io, kind: User, name: bob}
`

// TestBrokenFiles reads what is no manifest: the message names the file, and the line where there is one.
func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	h := nowhere(t)
	snapshot := filepath.Join(t.TempDir(), "whole.snap")
	h.whocan(t, "snapshot", snapshot, "--from", folder(t, map[string]string{"a.yaml": someRole})).want(t, 0)
	whole, err := os.ReadFile(snapshot)
	if err != nil {
		t.Fatal(err)
	}
	corrupt := bytes.Clone(whole)
	corrupt[len(corrupt)/2] ^= 0xff
	for name, test := range map[string]struct {
		file, text string
		says       []string
	}{
		"syntax":      {"bad.yaml", someRole + "---\nkind: Role\n  metadata: x\n", []string{"bad.yaml:19:", "broken YAML"}},
		"json":        {"bad.json", "{\"kind\": \"Role\",\n\"metadata\": }\n", []string{"bad.json:2:", "broken JSON"}},
		"wrong type":  {"bad.yaml", strings.Replace(someRole, "verbs: [get]", "verbs: get", 1), []string{"bad.yaml:8:", "rules[0].verbs"}},
		"no name":     {"bad.yaml", strings.Replace(someRole, "  name: reader\n", "  labels: {}\n", 1), []string{"bad.yaml:", "metadata.name"}},
		"tabs":        {"bad.yaml", "kind: Role\n\tmetadata: x\n", []string{"bad.yaml:2:"}},
		"binary":      {"bad.yaml", "\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\xff\xfe\x00\x00", []string{"bad.yaml"}},
		"truncated":   {"bad.snap", string(whole[:len(whole)/2]), []string{"bad.snap"}},
		"two thirds":  {"bad.snap", string(whole[:len(whole)*2/3]), []string{"bad.snap"}},
		"first bytes": {"bad.snap", string(whole[:12]), []string{"bad.snap"}},
		"corrupt":     {"bad.snap", string(corrupt), []string{"bad.snap"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(folder(t, map[string]string{test.file: test.text}), test.file)
			h.whocan(t, "get", "secrets", "--from", path).says(t, 1, test.says...)
			h.whocan(t, "why", "bob", "get", "secrets", "--from", path).says(t, 2, test.says...)
		})
	}
}

// TestInputsThatAreNone reads nothing, twice the same, or what is not there.
func TestInputsThatAreNone(t *testing.T) {
	t.Parallel()
	h := nowhere(t)
	dir := folder(t, map[string]string{"a.yaml": someRole})
	without := folder(t, map[string]string{
		"pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n", "notes.txt": "hello",
	})
	h.whocan(t, "get", "secrets", "--from", "nowhere.yaml").says(t, 1, "read nowhere.yaml: no such file or directory")
	h.whocan(t, "get", "secrets", "--from", dir, "--from", "nowhere").says(t, 1, "read nowhere: no such file or directory")
	h.piped(t, strings.NewReader(someRole), "get", "secrets", "--from", "-", "--from", "-").says(t, 1, "stdin")
	h.whocan(t, "get", "secrets", "--from", "https://example.com/rbac.yaml").says(t, 1, "URLs are not fetched")
	for name, from := range map[string]string{"no RBAC": without, "nothing": t.TempDir(), "empty stdin": "-"} {
		out := h.piped(t, strings.NewReader(""), "get", "secrets", "--from", from)
		out.want(t, 0)
		if !strings.Contains(out.stderr, "no ") || strings.Contains(out.stdout, "user:") {
			t.Errorf("%s: not a word about it\nstdout: %s\nstderr: %s", name, out.stdout, out.stderr)
		}
	}
	unreadable := filepath.Join(dir, "a.yaml")
	if err := os.Chmod(unreadable, 0); err != nil {
		t.Fatal(err)
	}
	if _, err := os.ReadFile(unreadable); err != nil { // root reads all
		h.whocan(t, "get", "secrets", "--from", dir).says(t, 1, "a.yaml: permission denied")
	}
}

// TestHundredMegabytes reads 100 MB of objects that say nothing about access, with one role and binding at the end.
func TestHundredMegabytes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "big.yaml")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := bufio.NewWriter(file)
	const size = 100 << 20
	written := 0
	for i := 0; written < size; i++ {
		n, err := fmt.Fprintf(w, "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: config-%d\n  namespace: default\n"+
			"  labels:\n    app: app-%d\ndata:\n  text: |\n%s---\n", i, i, strings.Repeat("    some line of text: {with, brackets}\n", 40))
		if err != nil {
			t.Fatal(err)
		}
		written += n
	}
	if _, err := w.WriteString(someRole); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	h := nowhere(t)
	// Not through kubectl, whose memory would count too.
	out := h.run(t, nil, shared.plugin(), "get", "secrets", "--from", path, "-o", "name")
	out.want(t, 0)
	if want := "group:system:masters\nuser:bob\n"; out.stdout != want {
		t.Errorf("stdout %q, want %q", out.stdout, want)
	}
	t.Logf("100 MB in %s, at most %d MiB of memory", out.wall.Round(time.Millisecond), out.peak>>20)
	if out.wall > 20*time.Second || out.peak > 100<<20 {
		t.Errorf("took %s and %d MiB", out.wall, out.peak>>20)
	}
	piped, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer piped.Close() //nolint:errcheck // it was only read
	out = h.run(t, piped, shared.plugin(), "get", "secrets", "--from", "-", "-o", "name")
	out.want(t, 0)
	t.Logf("from stdin in %s, at most %d MiB of memory", out.wall.Round(time.Millisecond), out.peak>>20)
	if out.peak > 100<<20 {
		t.Errorf("took %d MiB", out.peak>>20)
	}
}
