package source

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// readText reads manifests from a text as Load does.
func readText(t testing.TB, data []byte) (*rbac.Snapshot, error) {
	t.Helper()
	g := newGathering(func(string, ...any) {})
	m := &manifest{file: "f", namespace: "default", gathering: g, tally: &tally{skipped: map[string]int{}}}
	_, err := m.read(t.Context(), bytes.NewReader(data))
	return &g.snapshot, err
}

// parseText reads manifests with nothing but the YAML parser, as a whole.
func parseText(data []byte) (*rbac.Snapshot, error) {
	g := newGathering(func(string, ...any) {})
	m := &manifest{file: "f", namespace: "default", gathering: g, tally: &tally{skipped: map[string]int{}}}
	// Anchors hold within one document only, but the parser's decoder carries them on.
	line, text := 0, []byte(nil)
	document := func() error {
		var node yaml.Node
		err := yaml.Unmarshal(text, &node)
		if err == nil && len(node.Content) > 0 {
			shift(&node, line)
			err = m.node(node.Content[0], "", "", 0)
		}
		return err
	}
	for n, l := range bytes.SplitAfter(data, []byte("\n")) {
		if marker, rest := documentMarker(l); marker {
			if err := document(); err != nil {
				return nil, err
			}
			line, text = n+1, nil
			if rest {
				line, text = n, bytes.Clone(l)
			}
			continue
		}
		text = append(text, l...)
	}
	return &g.snapshot, document()
}

// sameAsParser fails when a text that the parser can read gives other objects, or other places, when it is cut first.
// It returns what the parser reads, if it does.
func sameAsParser(t *testing.T, data []byte) *rbac.Snapshot {
	t.Helper()
	want, err := parseText(data)
	if err != nil {
		return nil // what is broken may be found broken later, or not at all where it isn't looked at
	}
	got, err := readText(t, data)
	if err != nil {
		t.Fatalf("the parser reads it, but: %v\n%s", err, data)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("(-parser +ours):\n%s\n%s", diff, data)
	}
	return want
}

// yamlWriter writes random YAML in many styles, valid nearly always.
type yamlWriter struct {
	filler
	b strings.Builder
}

func (w *yamlWriter) pick(texts ...string) string { return texts[w.IntN(len(texts))] }

// scalar returns a text in a random style; indent is that of the key it is a value of.
func (w *yamlWriter) scalar(indent int) string {
	pad := strings.Repeat(" ", indent+1+w.IntN(3))
	if w.IntN(40) == 0 { // mostly broken
		return w.pick("*a", "- x", "@x", "`", "%x", "a: b", "|x", "\t tab", "x\u2028kind: Role", "\"a")
	}
	return w.pick(
		"Role", "'Role'", `"kind: Role"`, "it's", `"a\"b # c"`, "'don''t'", "a:b", "http://x/#y", "x # comment", "x#y",
		"{a: b, c: [d, 'e}', \"f]\"]}", "[]", "{}", "[a,\n"+pad+"b # ]\n"+pad+", 'c']", "{\n"+pad+"kind: Role,\n"+pad+"\"x\": \"y\"\n"+pad+"}",
		"|\n"+pad+"kind: Role\n"+pad+"  ---\n\n"+pad+"- x: y", ">-\n"+pad+"apiVersion: v1\n"+pad+"'quote", "|2\n"+strings.Repeat(" ", indent+2)+"kind: Role",
		"\"a\n"+pad+"kind: Role\n\n"+pad+"b\"", "'a\n"+pad+"- items:\n"+pad+"b'", "plain\n"+pad+"kind\n"+pad+"'more", "&a x", "!!str y", "null", "~", "", "é",
	)
}

func (w *yamlWriter) mapping(indent int, first string, depth int) {
	keys := []string{"name", "a", "b-c", "'q'", `"r"`, "x y", "items", "spec", "data", "k:l", "rules"}
	for i := range 1 + w.IntN(4) {
		lead := strings.Repeat(" ", indent)
		if i == 0 && first != "" {
			lead = first
		}
		key := strings.Replace(keys[w.IntN(len(keys))], "r", fmt.Sprint("r", i), 1) + w.pick("", "", "", " ")
		switch n := w.IntN(6); {
		case n == 0 && depth > 0:
			w.b.WriteString(lead + key + ":" + w.pick("", " # c", " ") + "\n")
			w.mapping(indent+1+w.IntN(3), "", depth-1)
		case n == 1 && depth > 0:
			w.b.WriteString(lead + key + ":\n")
			at := indent + w.IntN(3)
			for range 1 + w.IntN(2) {
				w.mapping(at+2, strings.Repeat(" ", at)+"- ", depth-1)
			}
		case n == 2:
			w.b.WriteString(lead + key + ":\n" + strings.Repeat(" ", indent+w.IntN(2)) + "- " + w.scalar(indent+2) + "\n")
		default:
			w.b.WriteString(lead + key + ": " + w.scalar(indent) + "\n")
		}
		if w.IntN(8) == 0 {
			w.b.WriteString(w.pick("\n", "# kind: Role\n", "   \n", "   # x\n"))
		}
	}
}

// object writes an object at an indent, its keys in any order.
func (w *yamlWriter) object(indent int, first string) {
	lead := strings.Repeat(" ", indent)
	kind := w.pick("Role", "Role", "ClusterRole", "Pod", "Secret", "List", "Namespace", "ServiceAccount")
	version := "rbac.authorization.k8s.io/v1"
	switch kind {
	case "Pod", "Secret", "List", "Namespace", "ServiceAccount":
		version = "v1"
	}
	lines := []string{
		w.pick("kind", "kind", "'kind'", `"kind"`) + ": " + w.pick(kind, kind, kind, "'"+kind+"'", `"`+kind+`"`, kind+" # c", "!!str "+kind, "\n"+lead+" "+kind) + "\n",
		"apiVersion: " + w.pick(version, version, `"`+version+`"`) + "\n",
		fmt.Sprintf("metadata: {name: n%d, namespace: ns}\n", w.IntN(5)),
	}
	w.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	if w.IntN(10) == 0 {
		lines = lines[1:]
	}
	for i, line := range lines {
		if i == 0 && first != "" {
			w.b.WriteString(first + line)
		} else {
			w.b.WriteString(lead + line)
		}
		if w.IntN(2) == 0 {
			fmt.Fprintf(&w.b, "%sx%d:\n", lead, i)
			w.mapping(indent+1+w.IntN(2), "", 2)
		}
		if w.IntN(3) == 0 {
			fmt.Fprintf(&w.b, "%sy%d: %s\n", lead, i, w.scalar(indent))
		}
	}
}

func (w *yamlWriter) list() {
	head := []string{"kind: " + w.pick("List", "RoleList", "Foo") + "\n", "apiVersion: " + w.pick("v1", "rbac.authorization.k8s.io/v1") + "\n", ""}
	w.Shuffle(len(head), func(i, j int) { head[i], head[j] = head[j], head[i] })
	for _, line := range head {
		if line != "" {
			w.b.WriteString(line)
			continue
		}
		w.b.WriteString("items:" + w.pick("", " ", " # c") + "\n")
		at := w.IntN(3)
		gap := 1 + w.IntN(3)
		for range w.IntN(4) {
			first := strings.Repeat(" ", at) + "-" + strings.Repeat(" ", gap)
			if w.IntN(8) == 0 {
				w.b.WriteString(first + w.pick("{kind: Role, apiVersion: rbac.authorization.k8s.io/v1, metadata: {name: f, namespace: ns}}", "null", "", "x") + "\n")
				continue
			}
			w.object(at+1+gap, first)
		}
	}
}

func randomYAML(seed uint64) []byte {
	w := &yamlWriter{filler: newFiller(seed)}
	for range 1 + w.IntN(3) {
		w.b.WriteString(w.pick("---\n", "---\n", "--- # x\n", "# c\n---\n"))
		switch w.IntN(4) {
		case 0:
			w.list()
		case 1:
			w.mapping(0, "", 3)
		default:
			w.object(0, "")
		}
	}
	text := w.b.String()
	if w.IntN(5) == 0 {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return []byte(text)
}

// TestSameAsParser compares cutting and skipping with parsing all, on random texts.
func TestSameAsParser(t *testing.T) {
	t.Parallel()
	valid, found := 0, 0
	for seed := range uint64(4000) {
		if s := sameAsParser(t, randomYAML(seed)); s != nil {
			valid++
			found += len(s.Roles)
		}
	}
	if valid < 2000 || found < 1000 {
		t.Errorf("only %d texts are valid, with %d roles: the test says little", valid, found)
	}
}

// TestSameAsParserChanged does the same with texts in which single bytes were changed.
func TestSameAsParserChanged(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for seed := range uint64(4000) {
		data := randomYAML(seed)
		for range 1 + random.IntN(3) {
			at := random.IntN(len(data))
			change := "\n -:#'\"{}[]|>&*!%@,?\tab"
			switch c := change[random.IntN(len(change))]; random.IntN(3) {
			case 0:
				data[at] = c
			case 1:
				data = slices.Insert(data, at, c)
			default:
				data = slices.Delete(data, at, at+1)
			}
			if len(data) == 0 {
				break
			}
		}
		sameAsParser(t, data)
	}
}

func FuzzSameAsParser(f *testing.F) {
	for seed := range uint64(50) {
		f.Add(randomYAML(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		// After a bracket at the start, the parser ignores what follows its partner; we don't. Nor do we read UTF-16.
		if len(data) > 1<<16 || bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) || bytes.ContainsAny(data, "\xff\xfe") {
			return
		}
		sameAsParser(t, data)
	})
}

// large writes about that many bytes of manifests that nobody asks for, with one role after them.
func large(t *testing.T, name string, size int, document, between, role string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	block := []byte(strings.Repeat(document+between, 1000))
	for written := 0; written < size; written += len(block) {
		if _, err := file.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := file.WriteString(role); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestLarge reads much that is unrelated, and one role at its end.
func TestLarge(t *testing.T) {
	t.Parallel()
	const (
		role = "kind: Role\napiVersion: rbac.authorization.k8s.io/v1\nmetadata: {name: last, namespace: dev}\n"
		pod  = "kind: Pod\napiVersion: v1\nspec:\n  containers:\n  - name: x\n    args: [\"a\", 'b']\n    env:\n    - {name: Role, value: \"1\"}\n"
	)
	item := func(text string) string {
		return "- " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
	}
	size := 8 << 20
	tests := map[string]struct {
		name, document, between, role string
		want                          int
	}{
		"documents": {name: "a.yaml", document: pod, between: "---\n", role: role, want: 1},
		"list":      {name: "a.yaml", document: item(pod), role: item(role) + "kind: List\n", want: 1},
		"JSON": {
			name: "a.json", document: `{"kind":"Pod","apiVersion":"v1","spec":{"x":["Role","}"]}}`, between: "\n",
			role: `{"kind":"Role","apiVersion":"rbac.authorization.k8s.io/v1","metadata":{"name":"last","namespace":"dev"}}`, want: 1,
		},
		"one long document": {name: "a.yaml", document: "a: b\n", role: "c: d\n"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			document := tc.document
			path := large(t, tc.name, size, document, tc.between, tc.role)
			if name == "list" {
				data, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, append([]byte("items:\n"), data...), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			file, err := os.Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close() //nolint:errcheck // it was only read
			g := newGathering(func(string, ...any) {})
			m := &manifest{file: "f", namespace: "default", gathering: g, tally: &tally{skipped: map[string]int{}}}
			if _, err := m.read(t.Context(), file); err != nil {
				t.Fatal(err)
			}
			if got := len(g.snapshot.Roles); got != tc.want {
				t.Errorf("want %d roles, got %d", tc.want, got)
			}
		})
	}
}

// TestTooLarge gives one object that is longer than any real one.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	filler := strings.Repeat("  a: bcdefgh\n", maxChunk/10)
	for name, text := range map[string]string{
		"role":    "x: y\n---\nkind: Role\napiVersion: rbac.authorization.k8s.io/v1\nx:\n" + filler,
		"unclear": "x: y\n---\n{kind: Role,\n" + strings.ReplaceAll(filler, "\n", ",\n") + "}\n",
		"JSON":    "\n\n{\"kind\": \"Role\",\"x\":[" + strings.Repeat(`"Role",`, maxChunk/6) + "1]}",
	} {
		_, err := readText(t, []byte(text))
		if want := "line 3: an object of more than 8 MiB"; err == nil || err.Error() != want {
			t.Errorf("%s: want %q, got %v", name, want, err)
		}
	}
}

func TestSnapshotTooLarge(t *testing.T) {
	t.Parallel()
	var zipped bytes.Buffer
	if err := WriteSnapshot(&zipped, &rbac.Snapshot{Cluster: strings.Repeat("x", 3<<20)}); err != nil {
		t.Fatal(err)
	}
	_, err := readSnapshot(bufio.NewReader(&zipped), 2<<20)
	if want := "the snapshot is larger than 2 MiB"; err == nil || err.Error() != want {
		t.Errorf("want %q, got %v", want, err)
	}
}
