package printer_test

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// all are the formats there are.
var all = []string{
	printer.Table, printer.Wide, printer.JSON, printer.YAML, printer.Name, printer.JSONPath, printer.GoTemplate,
	printer.CSV, printer.Markdown, printer.Tree, printer.DOT, printer.Mermaid, printer.SARIF, printer.JUnit,
}

type answer struct {
	Kind     string    `json:"kind"`
	Subjects []subject `json:"subjects"`
}

type subject struct {
	Name  string `json:"name"`
	Count int64  `json:"count"`
}

// plain is a report of ordinary names.
func plain() printer.Report {
	return report(
		answer{"Answer", []subject{{"alice@x.com", 12345678}, {"<bob> & co", 2}}},
		[]any{"user:alice@x.com", "everywhere", 12345678, "a note"},
		[]any{"group:ml-platform", "dev, qa", 2, nil},
		[]any{"sa:ns/name", nil, nil, nil},
	)
}

// hostile is a report of names that somebody chose to harm whoever reads them.
func hostile() printer.Report {
	esc := "\x1b[31mred\x07"
	return report(
		answer{"Answer", []subject{{esc + "\u202e\u009b\x7f\U000e0041", 1}}},
		[]any{esc, "a|b\nc", "=HYPERLINK(\"x\")", `*x* [y](z) <script> & ` + "`q` \\"},
		[]any{"bad\xffutf8", "\u202eback", "-", "@sum,1"},
	)
}

func report(object any, rows ...[]any) printer.Report {
	table := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{
		{Name: "Subject"}, {Name: "Where"}, {Name: "Count"}, {Name: "Note", Priority: 1},
	}}
	var names []string
	var tree []printer.Node
	graph := printer.Graph{}
	var findings []finding.Finding
	for i, row := range rows {
		table.Rows = append(table.Rows, metav1.TableRow{Cells: row})
		name, _ := row[0].(string)
		where, _ := row[1].(string)
		names = append(names, name)
		tree = append(tree, printer.Node{Text: name, Children: []printer.Node{
			{Text: "first", Children: []printer.Node{{Text: where}, {Text: "deep", Children: []printer.Node{{Text: "deeper"}}}}},
			{Text: "last", Children: []printer.Node{{Text: "leaf"}}},
		}})
		graph.Nodes = append(graph.Nodes, printer.GraphNode{ID: name, Label: where, Kind: "Subject-1"})
		graph.Edges = append(graph.Edges,
			printer.GraphEdge{From: name, To: `role "x\N"`, Label: where}, printer.GraphEdge{From: name, To: "end"})
		findings = append(findings, finding.Finding{
			ID:       []string{"QA002", "QA001", "QA002"}[i],
			Severity: []finding.Severity{finding.Error, finding.Warning, finding.Info}[i],
			Object:   name,
			Message:  "it holds " + where,
			Why:      []string{"", "because\nof that", "so what"}[i],
			Location: []finding.Location{{File: "a dir/roles.yaml", Line: 12}, {}, {File: "/abs/x.yaml"}}[i],
		})
	}
	return printer.Report{
		Object:   func() any { return object },
		Table:    func() *metav1.Table { return table },
		Names:    func() []string { return names },
		Tree:     func() []printer.Node { return tree },
		Graph:    func() printer.Graph { return graph },
		Findings: func() []finding.Finding { return findings },
		Passed:   func() []string { return []string{"nobody may read secrets"} },
	}
}

// flags returns the flags of a command with all formats, after args were parsed.
func flags(t *testing.T, args ...string) *printer.Flags {
	t.Helper()

	f := printer.NewFlags(all...)
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	f.AddFlags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatalf("parse %q: %v", args, err)
	}
	return f
}

func render(t *testing.T, r printer.Report, args ...string) (string, error) {
	t.Helper()

	p, err := flags(t, args...).ToPrinter()
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = p.Print(&out, r)
	return out.String(), err
}

func TestPrint(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"table":           nil,
		"table_nohead":    {"--no-headers"},
		"wide":            {"-o", "wide"},
		"json":            {"-o", "json"},
		"yaml":            {"-o", "yaml"},
		"name":            {"-o", "name"},
		"jsonpath":        {"-o", `jsonpath={range .subjects[*]}{.name}{"\t"}{.count}{"\n"}{end}`},
		"jsonpath_filter": {"-o", `jsonpath={.subjects[?(@.count>5)].name}{.none}`},
		"gotemplate":      {"-o", `go-template={{range .subjects}}{{.name}} {{.count}}{{"\n"}}{{end}}`},
		"csv":             {"-o", "csv"},
		"csv_nohead":      {"-o", "csv", "--no-headers"},
		"markdown":        {"-o", "markdown"},
		"markdown_nohead": {"-o", "markdown", "--no-headers"},
		"tree":            {"-o", "tree"},
		"dot":             {"-o", "dot"},
		"mermaid":         {"-o", "mermaid"},
		"sarif":           {"-o", "sarif"},
		"junit":           {"-o", "junit"},
	}
	for name, args := range tests {
		for kind, r := range map[string]printer.Report{"plain": plain(), "hostile": hostile()} {
			t.Run(kind+"/"+name, func(t *testing.T) {
				t.Parallel()
				got, err := render(t, r, args...)
				if err != nil {
					t.Fatalf("print: %v", err)
				}
				if shown := printer.EscapeLines(got); shown != got {
					t.Errorf("control characters reach the terminal: %q", got)
				}
				golden.Equal(t, got, kind+"/"+name)
			})
		}
	}
}

func TestPrintNothing(t *testing.T) {
	t.Parallel()
	empty := report(answer{Kind: "Answer", Subjects: []subject{}})
	empty.Passed = nil
	none := empty
	none.Table = func() *metav1.Table { return &metav1.Table{} }
	tests := map[string]struct {
		report printer.Report
		format string
		want   string
	}{
		"table":            {empty, "table", ""},
		"wide":             {empty, "wide", ""},
		"name":             {empty, "name", ""},
		"tree":             {empty, "tree", ""},
		"csv":              {empty, "csv", "SUBJECT,WHERE,COUNT,NOTE\n"},
		"markdown":         {empty, "markdown", "| SUBJECT | WHERE | COUNT | NOTE |\n|---|---|---|---|\n"},
		"no columns":       {none, "markdown", ""},
		"table of nothing": {none, "table", ""},
		"json":             {empty, "json", "{\n    \"kind\": \"Answer\",\n    \"subjects\": []\n}\n"},
		"mermaid":          {empty, "mermaid", "flowchart LR\n"},
		"jsonpath":         {empty, "jsonpath={.subjects[*].name}", ""},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := render(t, tc.report, "-o", tc.format)
			if err != nil {
				t.Fatalf("print: %v", err)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPrintErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		report printer.Report
		format string
		want   string
	}{
		"unknown format": {plain(), "tabel", `unknown output format "tabel": want one of table, wide, json, yaml, name, ` +
			"jsonpath=TEMPLATE, go-template=TEMPLATE, csv, markdown, tree, dot, mermaid, sarif, junit"},
		"argument":           {plain(), "json=x", `output format "json=x" takes no argument: want -o json`},
		"jsonpath, bare":     {plain(), "jsonpath", "output format jsonpath needs a template: -o jsonpath='{.kind}'"},
		"template, bare":     {plain(), "go-template=", "output format go-template needs a template: -o go-template='{{.kind}}'"},
		"jsonpath, broken":   {plain(), "jsonpath={.a", "parse jsonpath template: unclosed action"},
		"template, broken":   {plain(), "go-template={{.a", `parse go-template: template: output:1: unclosed action`},
		"template, failing":  {plain(), "go-template={{index .subjects 9}}", "execute go-template: template: output:1:2: executing \"output\" at <index .subjects 9>: error calling index: index out of range: 9"},
		"jsonpath, failing":  {plain(), "jsonpath={.subjects[9]}", "execute jsonpath template: array index out of bounds: index 9, length 2"},
		"json of nothing":    {printer.Report{}, "json", "print json: the command has no such output"},
		"yaml of nothing":    {printer.Report{}, "yaml", "print yaml: the command has no such output"},
		"path of nothing":    {printer.Report{}, "jsonpath={.a}", "print jsonpath: the command has no such output"},
		"table of nothing":   {printer.Report{}, "table", "print table: the command has no such output"},
		"csv of nothing":     {printer.Report{}, "csv", "print csv: the command has no such output"},
		"md of nothing":      {printer.Report{}, "markdown", "print markdown: the command has no such output"},
		"name of nothing":    {printer.Report{}, "name", "print name: the command has no such output"},
		"tree of nothing":    {printer.Report{}, "tree", "print tree: the command has no such output"},
		"dot of nothing":     {printer.Report{}, "dot", "print dot: the command has no such output"},
		"mermaid of nothing": {printer.Report{}, "mermaid", "print mermaid: the command has no such output"},
		"sarif of nothing":   {printer.Report{}, "sarif", "print sarif: the command has no such output"},
		"junit of nothing":   {printer.Report{}, "junit", "print junit: the command has no such output"},
		"not json":           {printer.Report{Object: func() any { return func() {} }}, "json", "print json: json: unsupported type: func()"},
		"not yaml":           {printer.Report{Object: func() any { return func() {} }}, "yaml", "print yaml: json: unsupported type: func()"},
		"not a document":     {printer.Report{Object: func() any { return func() {} }}, "go-template=x", "print go-template: json: unsupported type: func()"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := render(t, tc.report, "-o", tc.format)
			if err == nil || err.Error() != tc.want || got != "" {
				t.Errorf("output %q, error %v; want nothing and %q", got, err, tc.want)
			}
		})
	}
}

var errFull = errors.New("disk is full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestPrintToFullDisk(t *testing.T) {
	t.Parallel()
	for _, format := range all {
		t.Run(format, func(t *testing.T) {
			t.Parallel()
			if format == printer.JSONPath || format == printer.GoTemplate {
				format += "=x"
			}
			p, err := flags(t, "-o", format).ToPrinter()
			if err != nil {
				t.Fatal(err)
			}
			if err := p.Print(full{}, plain()); !errors.Is(err, errFull) {
				t.Errorf("error = %v, want %v", err, errFull)
			}
			if err := p.Print(io.Discard, plain()); err != nil {
				t.Errorf("a printer works once only: %v", err)
			}
		})
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	type kind struct {
		Format     string
		Structured bool
	}
	tests := map[string]struct {
		args []string
		want kind
	}{
		"default":   {nil, kind{"table", false}},
		"wide":      {[]string{"-o", "wide"}, kind{"wide", false}},
		"tree":      {[]string{"-otree"}, kind{"tree", false}},
		"name":      {[]string{"--output=name"}, kind{"name", false}},
		"markdown":  {[]string{"-o=markdown"}, kind{"markdown", false}},
		"json":      {[]string{"-o", "json"}, kind{"json", true}},
		"jsonpath":  {[]string{"-o", "jsonpath={.a}={.b}"}, kind{"jsonpath", true}},
		"csv":       {[]string{"-o", "csv"}, kind{"csv", true}},
		"sarif":     {[]string{"-o", "sarif"}, kind{"sarif", true}},
		"something": {[]string{"-o", "x"}, kind{"x", true}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := flags(t, tc.args...)
			if diff := cmp.Diff(tc.want, kind{f.Format(), f.Structured()}); diff != "" {
				t.Errorf("flags (-want +got):\n%s", diff)
			}
		})
	}
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	printer.NewFlags(printer.JSON, printer.YAML).AddFlags(fs)
	if fs.Lookup("no-headers") != nil {
		t.Error("--no-headers is there, but no table is")
	}
	want := map[string][]string{printer.FormatsAnnotation: {"json", "yaml"}}
	if diff := cmp.Diff(want, fs.Lookup("output").Annotations); diff != "" {
		t.Errorf("annotations (-want +got):\n%s", diff)
	}
	if _, err := printer.NewFlags("html").ToPrinter(); err == nil || err.Error() != `output format "html" is not implemented` {
		t.Errorf("error = %v", err)
	}
}
