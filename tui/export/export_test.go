package export_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/tui/export"
	"github.com/kubegatehouse/gatehouse/tui/screen"
)

// pages are one of each kind, with texts that each format has to take care of.
func pages() map[string]*screen.Page {
	cells := [][]string{
		{"user:dana@acme.example", "team-vision", "50%"},
		{"=HYPERLINK(\"http://evil\")", "a,b\"c", ""},
		{"\x1b[31mred", "line\nbreak", "*bold* <b> | [x](y)"},
		{"東京", strings.Repeat("long-", 30), "-1"},
	}
	list := &screen.List{
		Columns: []screen.Column{{Name: "Subject"}, {Name: "Where"}, {Name: "Where"}},
		Rows:    len(cells),
		Cell:    func(row, column int) screen.Cell { return screen.Cell{Text: cells[row][column], Tone: screen.Bad} },
	}
	text := &screen.Text{Lines: []screen.Line{
		{Spans: []screen.Span{{Text: "yes: "}, {Text: "user:dana", Tone: screen.Strong}}},
		{},
		{Spans: []screen.Span{{Text: "  # rolebinding/x > *clusterrole*``` \a"}}},
	}}
	facts := []screen.Fact{{Name: "owner", Value: "dana@acme.example"}, {Value: "3 members,=1 <expired>"}}
	notes := []string{"secrets could not be read: forbidden", "31 built-in subjects folded"}
	return map[string]*screen.Page{
		"list":     {Title: "grants", List: list},
		"full":     {Title: "role team-vision/*deployer*", List: list, Text: text, Facts: facts, Notes: notes, Command: "kubectl whocan rules x"},
		"text":     {Title: "finding KF003", Text: text, Notes: notes},
		"no rows":  {Title: "grants", List: &screen.List{Columns: list.Columns}},
		"nothing":  {Title: "empty"},
		"no names": {Title: "x", List: &screen.List{Columns: make([]screen.Column, 2), Rows: 4, Cell: list.Cell}},
	}
}

func TestWrite(t *testing.T) {
	t.Parallel()
	for name, page := range pages() {
		for _, format := range []string{"yaml", "csv", "markdown"} {
			t.Run(name+" "+format, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "page")
				var rows []int32
				if page.List != nil && page.List.Rows > 0 {
					rows = []int32{3, 0, 1, 2}
				}
				if err := export.Write(path, format, page, rows); err != nil {
					t.Fatalf("Write: %v", err)
				}
				content, err := os.ReadFile(path)
				if err != nil {
					t.Fatal(err)
				}
				golden.Equal(t, string(content), strings.ReplaceAll(name, " ", "_")+"_"+format)
				if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
					t.Errorf("mode %v, %v, want that only the user may read it", info.Mode(), err)
				}
			})
		}
	}
}

// What a program reads is what the page has, byte for byte.
func TestWriteIsRead(t *testing.T) {
	t.Parallel()
	page := pages()["full"]
	read := func(format string) string {
		path := filepath.Join(t.TempDir(), "page")
		if err := export.Write(path, format, page, []int32{2}); err != nil {
			t.Fatalf("Write: %v", err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return string(content)
	}

	var got struct{ Rows []map[string]string }
	if err := yaml.Unmarshal([]byte(read("yaml")), &got); err != nil {
		t.Fatalf("read yaml: %v", err)
	}
	want := []map[string]string{{"Subject": "\x1b[31mred", "Where": "line\nbreak", "Where 3": "*bold* <b> | [x](y)"}}
	if diff := cmp.Diff(want, got.Rows); diff != "" {
		t.Errorf("rows of yaml (-want +got):\n%s", diff)
	}

	all, err := csv.NewReader(strings.NewReader(read("csv"))).ReadAll()
	if err != nil {
		t.Fatalf("read csv: %v", err)
	}
	if diff := cmp.Diff([][]string{{"SUBJECT", "WHERE", "WHERE 3"}, {"^[[31mred", `line\nbreak`, "*bold* <b> | [x](y)"}}, all); diff != "" {
		t.Errorf("records of csv (-want +got):\n%s", diff)
	}
}

// In YAML a number is one, unless its text says more or the column is of texts.
func TestWriteNumbers(t *testing.T) {
	t.Parallel()
	cells := []screen.Cell{{Text: "3", Number: 3}, {Text: "4Gi", Number: 4 << 30}, {Text: "2.5", Number: 2.5}, {Text: "-", Number: -1}, {Text: "0123", Number: 123}, {}}
	page := &screen.Page{Title: "numbers", List: &screen.List{
		Columns: []screen.Column{{Name: "Number", Numeric: true}, {Name: "Text"}},
		Rows:    len(cells),
		Cell:    func(row, _ int) screen.Cell { return cells[row] },
	}}
	path := filepath.Join(t.TempDir(), "page.yaml")
	if err := export.Write(path, "yaml", page, []int32{0, 1, 2, 3, 4, 5}); err != nil {
		t.Fatalf("Write: %v", err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Rows []map[string]any }
	if err := yaml.Unmarshal(content, &got); err != nil {
		t.Fatalf("read yaml: %v", err)
	}
	want := []map[string]any{
		{"Number": 3.0, "Text": "3"},
		{"Number": "4Gi", "Text": "4Gi"},
		{"Number": 2.5, "Text": "2.5"},
		{"Number": "-", "Text": "-"},
		{"Number": "0123", "Text": "0123"},
		{"Number": "", "Text": ""},
	}
	if diff := cmp.Diff(want, got.Rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	there := filepath.Join(dir, "there")
	if err := os.WriteFile(there, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ path, format, want string }{
		"no name":      {"", "csv", `write file "": want the name of a file`},
		"stdout":       {"-", "csv", `write file "-": want the name of a file`},
		"there":        {there, "csv", "write " + there + ": it is there already: choose another name"},
		"folder":       {dir, "csv", "write " + dir + ": it is there already: choose another name"},
		"no folder":    {filepath.Join(dir, "no", "x"), "csv", "write " + filepath.Join(dir, "no", "x") + ": no such file or directory"},
		"other format": {filepath.Join(dir, "x"), "sarif", "write " + filepath.Join(dir, "x") + `: unknown output format "sarif": want one of yaml, csv, markdown`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := export.Write(tc.path, tc.format, pages()["list"], []int32{0})
			if err == nil || err.Error() != tc.want {
				t.Errorf("Write(%q) = %v, want %s", tc.path, err, tc.want)
			}
		})
	}
	t.Cleanup(func() {
		entries, err := os.ReadDir(dir)
		if content, _ := os.ReadFile(there); err != nil || len(entries) != 1 || string(content) != "old" {
			t.Errorf("the folder has %v, %v, and the file %q, want them as they were", entries, err, content)
		}
	})
}

func TestName(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ title, want string }{
		"words":           {"role team-vision/deployer", "role-team-vision-deployer"},
		"address":         {"subject user:dana@acme.example", "subject-user-dana@acme.example"},
		"no title":        {"", "grants"},
		"path":            {"../../etc/passwd", "etc-passwd"},
		"hidden":          {".ssh", "ssh"},
		"option":          {"--rm -rf", "rm-rf"},
		"control":         {"a\x1b]0;b\a\nc", "a-0-b-c"},
		"not a letter":    {"/\\:*?\"<>|", "page"},
		"other scripts":   {"東京 שלום e\u0301", "東京-שלום-e\u0301"},
		"device":          {"con", "page-con"},
		"device, ending":  {"Nul.yaml", "page-Nul.yaml"},
		"port":            {"lpt1", "page-lpt1"},
		"no device":       {"com", "com"},
		"no device twice": {"console", "console"},
		"long":            {strings.Repeat("a", 300), strings.Repeat("a", 100)},
		"long and wide":   {strings.Repeat("東", 300), strings.Repeat("東", 33)},
		"dots":            {"a...", "a"},
		"direction":       {"a\u202eb", "a-b"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := &screen.Page{Title: tc.title, Place: screen.Place{Kind: screen.Grants}}
			if got := export.Name(page); got != tc.want {
				t.Errorf("Name(%q) = %q, want %q", tc.title, got, tc.want)
			}
		})
	}
}

func TestSnapshotName(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for context, want := range map[string]string{
		"prod":                              "prod-20260304-0506.ghs",
		"arn:aws:eks:eu-1:123:cluster/prod": "arn-aws-eks-eu-1-123-cluster-prod-20260304-0506.ghs",
		"":                                  "snapshot-20260304-0506.ghs",
		"aux":                               "snapshot-aux-20260304-0506.ghs",
	} {
		if got := export.SnapshotName(context, at); got != want {
			t.Errorf("SnapshotName(%q) = %q, want %q", context, got, want)
		}
	}
}

func FuzzName(f *testing.F) {
	for _, seed := range []string{"", "con.txt", "a/b", "\xff", "..", "e\u0301", strings.Repeat("東", 99)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, title string) {
		got := export.Name(&screen.Page{Title: title})
		if got == "" || len(got) > 110 || !utf8.ValidString(got) || filepath.Base(got) != got || !filepath.IsLocal(got) ||
			strings.ContainsAny(got, "/\\:*?\"<>| \x00\n\x1b") || strings.ContainsAny(got[:1], "-.") {
			t.Errorf("Name(%q) = %q", title, got)
		}
	})
}
