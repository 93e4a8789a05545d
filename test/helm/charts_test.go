package helm

import (
	"testing"
)

// TestCharts renders charts of more than one template.
func TestCharts(t *testing.T) {
	t.Parallel()
	const parent = "apiVersion: v2\nname: top\nversion: 1.0.0\n"
	tests := map[string]struct {
		files   map[string]string
		values  string
		refused bool
	}{
		"values win over defaults": {
			files:  map[string]string{"values.yaml": "a: {b: 1, c: 2, d: {e: 3}}\nl: [1]\n", "templates/x": "{{ toYaml .Values }}"},
			values: "{a: {b: 5, d: {f: 1}}, l: [2], n: new}",
		},
		"null takes a default away": {
			files:  map[string]string{"values.yaml": "a: {b: 1, c: {d: 2}}\nz: 1\nk: null\n", "templates/x": "{{ toYaml .Values }}"},
			values: "{a: {b: null, c: null, q: null}, z: null, y: null, k: 1}",
		},
		"table and text": {
			files:  map[string]string{"values.yaml": "a: {b: 1}\nc: text\n", "templates/x": "{{ toYaml .Values }}"},
			values: "{a: text, c: {d: 1}}",
		},
		"charts below": {
			files: map[string]string{
				"Chart.yaml": parent, "values.yaml": "global: {g: {x: 1}, s: top}\nsub: {v: from-top}\n", "templates/x.yaml": "{{ toYaml .Values }}{{ .Chart.Name }}{{ keys .Subcharts }}{{ include \"sub.name\" .Subcharts.sub }}",
				"charts/sub/Chart.yaml": "apiVersion: v2\nname: sub\nversion: 0.1.0\n", "charts/sub/values.yaml": "v: own\nw: own\nglobal: {g: {y: 2}, t: sub}\n",
				"charts/sub/templates/x.yaml": "{{ toYaml .Values }}{{ .Chart.Name }} {{ .Chart.IsRoot }} {{ .Template.Name }} {{ .Template.BasePath }} {{ .Files.Get \"f\" }}",
				"charts/sub/templates/_h.tpl": `{{ define "sub.name" }}{{ .Chart.Name }} {{ .Values.v }}{{ end }}`, "charts/sub/f": "file of sub",
				"charts/sub/charts/deep/Chart.yaml": "apiVersion: v2\nname: deep\nversion: 0.1.0\n", "charts/sub/charts/deep/values.yaml": "n: null\no: 1\n",
				"charts/sub/charts/deep/templates/d.yaml": "{{ toYaml .Values }}{{ .Template.Name }}",
			},
			values: "{sub: {w: null, deep: {z: 9, o: null}}, global: {g: {z: 3}}}",
		},
		"library": {
			files: map[string]string{
				"Chart.yaml": parent, "templates/x.yaml": `{{ include "lib.x" . }}`,
				"charts/lib/Chart.yaml": "apiVersion: v2\nname: lib\nversion: 0.1.0\ntype: library\n", "charts/lib/templates/_x.tpl": `{{ define "lib.x" }}lib {{ .Chart.Name }}{{ end }}`,
				"charts/lib/templates/not.yaml": "{{ fail \"not rendered\" }}",
			},
		},
		"conditions and tags": {
			files: map[string]string{
				"Chart.yaml":          parent + "dependencies:\n- {name: a, version: \"*\", condition: \"a.on,other\"}\n- {name: b, version: \"*\", tags: [t]}\n- {name: c, version: \"*\", condition: none.on}\n",
				"values.yaml":         "tags: {t: false}\na: {on: true}\nn: null\n",
				"templates/x.yaml":    "{{ toYaml .Values }}{{ toYaml .Chart.Dependencies }}",
				"charts/a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 0.1.0\n", "charts/a/templates/x": "a {{ toYaml .Values }}", "charts/a/values.yaml": "p: null\nq: 1\n",
				"charts/b/Chart.yaml": "apiVersion: v2\nname: b\nversion: 0.1.0\n", "charts/b/templates/x": "b",
				"charts/c/Chart.yaml": "apiVersion: v2\nname: c\nversion: 0.1.0\n", "charts/c/templates/x": "c",
			},
		},
		"condition off": {
			files: map[string]string{
				"Chart.yaml":          parent + "dependencies:\n- {name: a, version: \"*\", condition: a.on}\n",
				"templates/x.yaml":    "{{ toYaml .Values }}{{ toYaml .Chart }}",
				"charts/a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 0.1.0\n", "charts/a/templates/x": "a {{ toYaml .Values }}",
			},
			values: "{a: {on: false}}",
		},
		"value of a chart below is no table": {
			files: map[string]string{
				"Chart.yaml": parent, "charts/a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 0.1.0\n", "templates/x": "x",
			},
			values: "{a: text}", refused: true,
		},
		"order of definitions and of changes": {
			files: map[string]string{
				"templates/a.yaml":      `{{ define "d" }}a{{ end }}{{ include "d" . }}{{ .Values.seen }}{{ $_ := set .Values "seen" "a" }}`,
				"templates/b.yaml":      `{{ define "d" }}b{{ end }}{{ include "d" . }}{{ .Values.seen }}{{ $_ := set .Values "seen" "b" }}`,
				"templates/deep/c.yaml": `{{ define "d" }}c{{ end }}{{ include "d" . }}{{ .Values.seen }}{{ $_ := set .Values "seen" "c" }}`,
			},
		},
		"ignored": {
			files: map[string]string{
				".helmignore": "# no\n*.bak\n/top.txt\nsecret/\ntemplates/not.yaml\n", "top.txt": "t", "sub/top.txt": "t", "a.bak": "x", "secret/a": "x", "templates/.hidden": "{{ fail \"x\" }}",
				"templates/not.yaml": "{{ fail \"x\" }}", "templates/x": "{{ range $n, $_ := .Files }}{{ $n }} {{ end }}",
			},
		},
		"byte order mark": {files: map[string]string{"values.yaml": "\uFEFFa: 1\n", "templates/x": "\uFEFFa: {{ .Values.a }}"}},
		"chart of old": {files: map[string]string{
			"Chart.yaml": "name: old\nversion: 1.0.0\nkeywords: [\"a\\tb\"]\nmaintainers: [{name: x}]\nannotations: {a: b}\n", "requirements.yaml": "dependencies: []\n",
			"templates/x": "{{ toYaml .Chart }}{{ .Files.Get \"requirements.yaml\" }}",
		}},
		"schema satisfied": {files: map[string]string{"values.schema.json": schema, "values.yaml": "a: {b: text}\n", "templates/x": "{{ .Values.a.b }}"}},
		"schema violated":  {files: map[string]string{"values.schema.json": schema, "values.yaml": "a: {b: 5}\n", "templates/x": "{{ .Values.a.b }}"}, refused: true},
		"schema forbids":   {files: map[string]string{"values.schema.json": schema, "values.yaml": "a: {b: x, c: y}\n", "templates/x": "{{ .Values.a.b }}"}, refused: true},
		"schema of a chart below": {
			files: map[string]string{
				"Chart.yaml": parent, "charts/a/Chart.yaml": "apiVersion: v2\nname: a\nversion: 0.1.0\n", "charts/a/values.schema.json": schema, "charts/a/templates/x": "x", "templates/x": "x",
			},
			values: "{a: {a: {b: 1}}}", refused: true,
		},
		"no Chart.yaml of a chart below": {files: map[string]string{"charts/a/values.yaml": "a: 1\n", "templates/x": "x"}, refused: true},
		"no name":                        {files: map[string]string{"Chart.yaml": "apiVersion: v2\nversion: 1.0.0\n", "templates/x": "x"}, refused: true},
		"no version":                     {files: map[string]string{"Chart.yaml": "apiVersion: v2\nname: x\n", "templates/x": "x"}, refused: true},
		"bad version":                    {files: map[string]string{"Chart.yaml": "apiVersion: v2\nname: x\nversion: one\n", "templates/x": "x"}, refused: true},
		"bad type":                       {files: map[string]string{"Chart.yaml": "apiVersion: v2\nname: x\nversion: 1.0.0\ntype: other\n", "templates/x": "x"}, refused: true},
		"bad name":                       {files: map[string]string{"Chart.yaml": "apiVersion: v2\nname: ../x\nversion: 1.0.0\n", "templates/x": "x"}, refused: true},
		"bad values":                     {files: map[string]string{"values.yaml": "a: [", "templates/x": "x"}, refused: true},
		"error in a partial that nobody includes": {files: map[string]string{"templates/_x.tpl": "{{ if }}", "templates/x": "x"}, refused: true},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if tc.values == "" {
				tc.values = "{}"
			}
			same(t, write(t, tc.files), tc.values, tc.refused)
		})
	}
}

const schema = `{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "properties": {"a": {"$ref": "#/definitions/a"}},
 "definitions": {"a": {"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}}, "additionalProperties": false}}}`
