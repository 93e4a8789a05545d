package chart_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/chart"
)

// write makes a chart of files; one without Chart.yaml gets one.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if _, ok := files["Chart.yaml"]; !ok {
		put(t, dir, "Chart.yaml", "apiVersion: v2\nname: one\nversion: 1.2.3\n")
	}
	for name, text := range files {
		put(t, dir, name, text)
	}
	return dir
}

func put(t testing.TB, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRender(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"values.yaml":                 "a: {b: 1}\n",
		"templates/b.yaml":            "b: {{ .Values.a.b }}\n",
		"templates/a.yaml":            "a: {{ .Values.a.c }} {{ .Release.Name }} {{ .Release.Namespace }} {{ .Capabilities.KubeVersion.Minor }}",
		"templates/empty.yaml":        "{{/* nothing */}}\n",
		"templates/NOTES.txt":         "Thanks",
		"templates/_x.tpl":            "never",
		"charts/sub/Chart.yaml":       "apiVersion: v2\nname: sub\nversion: 0.1.0\n",
		"charts/sub/templates/c.yaml": "c: d\n",
	})
	values := map[string]any{"a": map[string]any{"c": "x"}}
	got, err := chart.Render(dir, chart.Options{Values: values, Release: chart.Release{Name: "r", Namespace: "n"}, KubeVersion: "1.34"})
	if err != nil {
		t.Fatal(err)
	}
	want := "---\n# Source: one/charts/sub/templates/c.yaml\nc: d\n---\n# Source: one/templates/a.yaml\na: x r n 34\n---\n# Source: one/templates/b.yaml\nb: 1\n"
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("rendered (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]any{"a": map[string]any{"c": "x"}}, values); diff != "" {
		t.Errorf("the values were changed:\n%s", diff)
	}
	if _, err := chart.Render(dir, chart.Options{KubeVersion: "new"}); err == nil {
		t.Error("a version that is none was taken")
	}
}

// TestRenderTwice renders a chart that changes its values.
func TestRenderTwice(t *testing.T) {
	t.Parallel()
	c, err := chart.Load(write(t, map[string]string{
		"values.yaml": "a: {b: [1]}\n", "templates/x": `{{ .Values.seen }}{{ $_ := set .Values "seen" 1 }}{{ $_ := set .Values.a "b" 2 }}{{ .Values.a.b }}`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := c.Render(chart.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]chart.File{{Name: "one/templates/x", Data: "2"}}, got); diff != "" {
			t.Errorf("rendered (-want +got):\n%s", diff)
		}
	}
	if diff := cmp.Diff(map[string]any{"a": map[string]any{"b": []any{1.0}}}, c.Values); diff != "" {
		t.Errorf("rendering changed the chart:\n%s", diff)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		files map[string]string
		want  string
	}{
		"nil": {
			map[string]string{"templates/x.yaml": "a: b\nc: {{ .Values.auth.name }}\n"},
			"one/templates/x.yaml:2: .Values.auth.name: nil pointer evaluating interface {}.name",
		},
		"in what is included": {
			map[string]string{"templates/x.yaml": "\n{{ include \"h\" . }}", "templates/_h.tpl": "{{ define \"h\" }}\n\n{{ .Values.a.b }}{{ end }}"},
			"one/templates/_h.tpl:3: .Values.a.b: nil pointer evaluating interface {}.b (rendering one/templates/x.yaml:2)",
		},
		"fail":     {map[string]string{"templates/x.yaml": "\n\n{{ fail \"not: this\" }}"}, "one/templates/x.yaml:3: not: this"},
		"required": {map[string]string{"templates/x.yaml": "{{ required \"give a\" .Values.a }}"}, "one/templates/x.yaml:1: give a"},
		"syntax":   {map[string]string{"templates/x.yaml": "a\n{{ if }}"}, "one/templates/x.yaml:2: missing value for if"},
		"function": {map[string]string{"templates/x.yaml": "{{ env \"HOME\" }}"}, `one/templates/x.yaml:1: function "env" not defined`},
		"tpl": {
			map[string]string{"templates/x.yaml": "\n{{ tpl \"{{ .a.b }}\" (dict \"a\" nil) }}"},
			"one/templates/x.yaml:2: tpl \"{{ .a.b }}\" (dict \"a\" nil): nil pointer evaluating interface {}.b",
		},
		"TOML":         {map[string]string{"templates/x.yaml": "{{ toToml .Values }}"}, "TOML is not supported here"},
		"schema":       {map[string]string{"values.schema.json": `{"required": ["a"], "properties": {"b": {"type": "string"}}}`, "values.yaml": "b: 1\n"}, "values.schema.json of one: a: missing; b: want string, not number"},
		"schema JSON":  {map[string]string{"values.schema.json": `{`}, "values.schema.json of one: read: "},
		"chart below":  {map[string]string{"charts/a/x": ""}, "charts/a: Chart.yaml: missing"},
		"packed below": {map[string]string{"charts/a-1.0.0.tgz": ""}, "charts/a-1.0.0.tgz: a packed chart: unpack it"},
		"alias":        {map[string]string{"Chart.yaml": "name: a\nversion: 1.0.0\ndependencies: [{name: b, alias: c}]\n"}, "Chart.yaml: dependencies[0].alias: not supported"},
		"import":       {map[string]string{"Chart.yaml": "name: a\nversion: 1.0.0\ndependencies: [{name: b, import-values: [x]}]\n"}, "dependencies[0].import-values: not supported"},
		"dependency":   {map[string]string{"Chart.yaml": "name: a\nversion: 1.0.0\ndependencies: [{name: b}]\n"}, "charts/b: missing, though Chart.yaml names it"},
		"values":       {map[string]string{"values.yaml": "a: ["}, "values.yaml: "},
		"ignore":       {map[string]string{".helmignore": "# x\n**/a\n"}, ".helmignore:2: "},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := chart.Render(write(t, tc.files), chart.Options{})
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("gave %q and error\n%v\nwant one with\n%s", got, err, tc.want)
			}
		})
	}
}

func TestErrorIsTyped(t *testing.T) {
	t.Parallel()
	_, err := chart.Render(write(t, map[string]string{"templates/x": "\n{{ .Values.a.b }}"}), chart.Options{})
	got, ok := errors.AsType[*chart.Error](err)
	if !ok || got.Name != "one/templates/x" || got.Line != 2 || got.Expression != ".Values.a.b" {
		t.Errorf("error %#v", got)
	}
}

// TestBounds renders charts that ask for too much. Each ends soon, with an error.
func TestBounds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"include":            {`{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}`, `template "a" includes itself without end`},
		"include of two":     {`{{ define "a" }}{{ include "b" . }}{{ end }}{{ define "b" }}{{ include "a" . }}{{ end }}{{ include "a" . }}`, "includes itself without end"},
		"template":           {`{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}`, "include each other without end"},
		"tpl":                {`{{ tpl .Values.self . }}`, "tpl renders what renders itself"},
		"a tree of includes": {`{{ define "a" }}{{ if lt . 40 }}{{ include "a" (add1 .) }}{{ include "a" (add1 .) }}{{ end }}{{ end }}{{ include "a" 0 }}`, "does not end"},
		"empty loops":        {`{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}`, "does not end"},
		"loop over a number": {`{{ range 1000000000000 }}{{ end }}`, "does not end"},
		"loop in branches":   {`{{ if true }}{{ with 1 }}{{ range 1000000000000 }}{{ end }}{{ end }}{{ end }}`, "does not end"},
		"until":              {`{{ until 1000000000 }}`, "a list or text of 1000000000"},
		"untilStep":          {`{{ untilStep 0 1000000000 1 }}`, "a list of more than"},
		"untilStep down":     {`{{ untilStep 0 -1000000000 -1 }}`, "a list of more than"},
		"seq":                {`{{ seq 1000000000 }}`, "a list of more than"},
		"seq of three":       {`{{ seq 0 2 1000000000 }}`, "a list of more than"},
		"repeat":             {`{{ repeat 1000000000 "abc" }}`, "a text of more than"},
		"indent":             {`{{ indent 1000000000 "abc" }}`, "a text of more than"},
		"printf":             {`{{ printf "%999999999d" 1 }}`, "a text of more than"},
		"random":             {`{{ randAlphaNum 1000000000 }}`, "a list or text of"},
		"replace":            {`{{ $a := repeat 1000000 "a" }}{{ replace "a" $a $a }}`, "a text of more than"},
		"doubling":           {`{{ $a := "ab" }}{{ range until 60 }}{{ $a = printf "%s%s" $a $a }}{{ end }}`, "a text of more than"},
		"doubling by cat":    {`{{ $a := "ab" }}{{ range until 60 }}{{ $a = cat $a $a }}{{ end }}`, "when they are written out"},
		"doubling of a list": {`{{ $a := list 1 }}{{ range until 60 }}{{ $a = concat $a $a }}{{ end }}`, "a list of more than"},
		"much output":        {`{{ $a := repeat 1000000 "a" }}{{ range until 100 }}{{ $a }}{{ end }}`, "gives more than"},
		"contains itself":    {`{{ $a := dict }}{{ $_ := set $a "a" (dict "b" (list $a)) }}{{ $a }}`, "a map that contains itself"},
		"merged into itself": {`{{ $a := dict }}{{ $_ := merge $a (dict "b" $a) }}{{ $a }}`, "a map that contains itself"},
		"keys":               {`{{ range until 100 }}{{ $_ := genPrivateKey "ed25519" }}{{ end }}`, "does not end"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := write(t, map[string]string{"values.yaml": "self: '{{ tpl .Values.self . }}'\n", "templates/x.yaml": tc.text})
			done := make(chan error, 1)
			go func() {
				o := chart.Options{}
				if tc.want == "does not end" {
					o = chart.WithSteps(o, 50_000)
				}
				_, err := chart.Render(dir, o)
				done <- err
			}()
			select {
			case err := <-done:
				if err == nil || !strings.Contains(err.Error(), "one/templates/x.yaml:") || !strings.Contains(err.Error(), tc.want) {
					t.Errorf("error %.300v, want one with %q", err, tc.want)
				}
			case <-time.After(2 * time.Minute):
				t.Error("it does not end")
			}
		})
	}
}

// TestOutside makes charts that lead out of their directory.
func TestOutside(t *testing.T) {
	t.Parallel()
	outside := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct{ link, to, want string }{
		"file":                 {"templates/x", outside, "escapes"},
		"relative":             {"x", "../../../../../../etc/passwd", "escapes"},
		"values":               {"values.yaml", outside, "escapes"},
		"ignore":               {".helmignore", outside, "escapes"},
		"directory":            {"templates/d", filepath.Dir(outside), "escapes"},
		"directory inside":     {"more", "templates", "more: links to a directory"},
		"loop":                 {"loop", "loop", "loop"},
		"nowhere":              {"gone", "not-there", "gone"},
		"file inside is read":  {"templates/linked", "x.yaml", ""},
		"below a chart's own ": {"charts", "templates", "charts: links to a directory"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := write(t, map[string]string{"templates/x.yaml": "a: b"})
			if err := os.Symlink(tc.to, filepath.Join(dir, tc.link)); err != nil {
				t.Fatal(err)
			}
			c, err := chart.Load(dir)
			if tc.want == "" {
				if err != nil || string(c.Files[tc.link]) != "a: b" {
					t.Errorf("error %v, want the file that the link leads to", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one with %q", err, tc.want)
			}
		})
	}
}

func TestLoadRefused(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"big": strings.Repeat("x", 6<<20)})
	packed := filepath.Join(t.TempDir(), "a-1.0.0.tgz")
	put(t, filepath.Dir(packed), "a-1.0.0.tgz", "x")
	for name, want := range map[string]string{dir: "big: larger than 5 MiB", packed: "a packed chart: unpack it", filepath.Join(dir, "none"): "no such file", filepath.Join(dir, "big"): "not a directory"} {
		if _, err := chart.Load(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("load %s: error %v, want one with %q", name, err, want)
		}
	}
}

// FuzzRender looks for templates that end the program, or never end.
func FuzzRender(f *testing.F) {
	for _, text := range []string{
		`{{ include "h" . }}{{ tpl .Values.t . }}`, `{{ range $i, $e := .Values.l }}{{ $i }}{{ toYaml $e | nindent 2 }}{{ end }}`,
		`{{ with .Values.m }}{{ .k | quote }}{{ end }}{{ define "x" }}{{ . }}{{ end }}{{ template "x" 1 }}`, `{{ .Files.Get "Chart.yaml" }}{{ range 5 }}{{ break }}{{ end }}`,
		`{{ $d := dict "a" 1 }}{{ $_ := set $d "b" $d }}{{ $d }}`, `{{ printf "%*d" 1000000 1 }}`, `{{ seq 1 1 100 | splitList " " }}`, `{{ (.Files.Glob "**{a,[!b]}").AsConfig }}`,
		`{{ semverCompare ">1" .Capabilities.KubeVersion.Version }}{{ regexFind "(a+)+" "aaaa" }}`, `{{ merge .Values (dict "m" .Values.m) | toJson }}{{ slice .Values.l 1 }}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		dir := write(t, map[string]string{"values.yaml": "t: '{{ .Values.l }}'\nl: [1, a]\nm: {k: v}\n", "templates/x": text, "templates/_h": `{{ define "h" }}h{{ end }}`})
		rendered, err := chart.Render(dir, chart.Options{})
		if err != nil && rendered != nil {
			t.Errorf("it gave something, and an error: %v", err)
		}
	})
}
