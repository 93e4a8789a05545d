package chart_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/chart"
)

// heavy is what the error says of values that are too much when they are written out.
const heavy = "when they are written out"

// double is a map that holds the same map twice, and so on: few values, but half a million when they are written out.
const double = `{{ $d := dict "a" 1 }}{{ range until 18 }}{{ $d = dict "a" $d "b" $d }}{{ end }}`

// TestWeight renders charts that make much of little. What is refused would take some hundred MiB if it were not.
func TestWeight(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"text shared":         {`{{ $a := repeat 1000000 "a" }}{{ toJson (list $a $a $a $a $a $a $a $a $a $a $a $a $a $a $a $a $a) }}`, heavy},
		"changed after":       {`{{ $l := dict }}{{ $d := $l }}{{ range until 9 }}{{ $d = dict "a" $d "b" $d }}{{ end }}{{ $_ := set $l "a" (until 2000) }}{{ $d }}`, heavy},
		"in a list of itself": {`{{ $a := dict }}{{ $_ := set $a "a" (chunk 1 (list $a)) }}{{ $a }}`, heavy},
		"printed in a loop":   {double + `{{ range list $d }}{{ . }}{{ end }}`, heavy},
		"printed in branches": {double + `{{ if true }}{{ with $d }}{{ . }}{{ end }}{{ end }}`, heavy},
		"printed in a define": {double + `{{ define "p" }}{{ . }}{{ end }}{{ template "p" $d }}`, heavy},
		"printed in tpl":      {double + `{{ tpl "{{ .d }}" (dict "d" $d) }}`, heavy},
		"printed else":        {double + `{{ if false }}{{ else }}{{ $d }}{{ end }}`, heavy},
		"as a key":            {double + `{{ dict $d 1 | keys | len }}`, heavy},
		"deep":                {`{{ $d := dict }}{{ range until 1200 }}{{ $d = dict "a" $d }}{{ end }}{{ toPrettyJson $d }}`, heavy},
		"wide printf":         {`{{ printf "%9999v" (until 5000) }}`, "a text of more than"},
		"wide printf by *":    {`{{ printf "%*v" 100000 (until 500) }}`, "a text of more than"},
		"long precision":      {`{{ printf "%.999999f" 1.0 }}{{ printf "%[1]*[2]d%[1]*[2]d%[1]*[2]d%[1]*[2]d%[1]*[2]d%[1]*[2]d%[1]*[2]d%[1]*[2]d%[1]*[2]d" -999999 (list 1 2) }}`, "a text of more than"},
		"text split":          {`{{ $a := repeat 2000000 "a" }}{{ len (split "" $a) }}`, "a list of more than"},
		"text of much YAML":   {`{{ $a := repeat 1100000 "1," }}{{ fromYamlArray (printf "[%s]" $a) | len }}`, "a list of more than"},
		"copies kept":         {`{{ $l := list }}{{ range until 1000 }}{{ $l = append $l (deepCopy (until 1000)) }}{{ end }}`, "does not end"},
		"read and kept":       {`{{ $a := printf "[%s1]" (repeat 1000 "1,") }}{{ $l := list }}{{ range until 1000 }}{{ $l = append $l (fromJsonArray $a) }}{{ end }}`, "does not end"},
		"merged into what holds it": {
			`{{ range until 20 }}{{ $s := dict }}{{ $d := dict "a" $s "b" $s }}{{ $_ := merge $d (dict "a" (dict "k" $s) "b" $s) (dict "a" $s) }}{{ $d }}{{ end }}{{ fail "it ended" }}`,
			"it ended",
		},
		"merged into itself twice": {
			`{{ $t := dict }}{{ $s := dict }}{{ range until 20 }}{{ $_ := mergeOverwrite (dict "a" $s "b" $s "c" $s) (dict "a" (dict "k" $t) "b" (dict "k" (dict "k" $t)) "c" (dict "k" $t)) }}{{ end }}{{ fail "it ended" }}`,
			"it ended",
		},
		"chunks kept":          {`{{ $a := until 1000 }}{{ $l := list }}{{ range until 1000 }}{{ $l = append $l (chunk 1000 $a) }}{{ end }}`, "does not end"},
		"unique of many":       {`{{ until 5000 | uniq | len }}`, "does not end"},
		"weighed again":        {`{{ $d := until 1000 }}{{ range until 1000 }}{{ $_ := toJson $d }}{{ end }}`, "does not end"},
		"set again":            {`{{ $d := list }}{{ range until 1000 }}{{ $d = append $d (dict) }}{{ end }}{{ range until 5000 }}{{ $_ := set (dict) "a" $d }}{{ end }}`, "does not end"},
		"many actions":         {strings.Repeat("{{.}}", 1_000_000), "too many actions"},
		"many actions in tpl":  {`{{ tpl (repeat 100000 "{{.}}") . }}`, "does not end"},
		"uncounted by a chart": {`{{ gatehouse_enter }}{{ range 1000000000000 }}{{ end }}`, "gatehouse_enter is no function for charts"},
		"uncounted by tpl":     {`{{ tpl (printf "{{ %s }}" "gatehouse_leave") . }}`, "gatehouse_leave is no function for charts"},
	}
	for _, call := range []string{
		`toYaml $d`, `toYamlPretty $d`, `toJson $d`, `toPrettyJson $d`, `toRawJson $d`, `mustToJson $d`, `$d`, `($d)`, `$d.a`, `printf "%v" $d`,
		`printf "%d" $d`, `print $d`, `println $d`, `html $d`, `js $d`, `urlquery $d`, `quote $d`, `squote $d`, `toString $d`, `cat $d`, `join "" (list $d)`,
		`toStrings (list $d)`, `sortAlpha (list $d)`, `deepCopy $d`, `mustDeepCopy $d`, `merge (dict) $d`, `mergeOverwrite $d (dict)`, `mustMerge (dict) $d`,
		`mustMergeOverwrite (dict) $d`, `deepEqual $d (deepCopy $d)`, `has $d (list 1)`, `without (list 1) $d`, `uniq (list $d)`, `int $d`, `add 1 $d`,
		`values $d`, `list $d`, `default $d nil`, `slice (list 1) $d`,
	} {
		tests[call] = struct{ text, want string }{double + `{{ ` + call + ` }}`, heavy}
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			dir := write(t, map[string]string{"templates/x.yaml": tc.text})
			o := chart.Options{}
			if tc.want == "does not end" {
				o = chart.WithSteps(o, 50_000)
			}
			_, err := chart.Render(dir, o)
			got, ok := errors.AsType[*chart.Error](err)
			if !ok || got.Name != "one/templates/x.yaml" || !strings.Contains(got.Reason, tc.want) {
				t.Errorf("error %.300v, want one with %q", err, tc.want)
			}
		})
	}
}

// TestWeightAllows renders what shares values, but is small.
func TestWeightAllows(t *testing.T) {
	t.Parallel()
	got, err := chart.Render(write(t, map[string]string{
		"values.yaml": "a: &a {b: [1, c]}\nd: *a\n",
		"templates/x": `{{ $_ := dict "all" $ }}{{ .Values.d }} {{ .Values.none }}{{ .Values.none | quote }} {{ .Capabilities.KubeVersion }} {{ printf "%5d|%-4s|%*d" 1 "x" 3 7 }} {{ list 1 nil | toJson }}`,
	}), chart.Options{KubeVersion: "1.34"})
	if err != nil {
		t.Fatal(err)
	}
	if want := "map[b:[1 c]]  v1.34     1|x   |  7 [1,null]"; !strings.Contains(string(got), want) {
		t.Errorf("rendered %q, want %q", got, want)
	}
}

// TestAliases loads charts whose YAML makes much of little.
func TestAliases(t *testing.T) {
	t.Parallel()
	laughs := strings.Builder{}
	laughs.WriteString("a0: &a0 [x, x]\n")
	for i := range 20 {
		fmt.Fprintf(&laughs, "a%d: &a%d [*a%d, *a%d]\n", i+1, i+1, i, i)
	}
	long := "a: &a " + strings.Repeat("x", 1<<20) + "\nb: [" + strings.Repeat("*a, ", 40) + "]\n"
	itself := "a: &a\n  b: *a\n"
	head := "apiVersion: v2\nname: one\nversion: 1.2.3\n"
	below := func(name string) string { return strings.Replace(head, "one", name, 1) }
	for name, files := range map[string]map[string]string{
		"billion laughs": {"values.yaml": laughs.String()},
		"a long text":    {"values.yaml": long},
		"itself":         {"values.yaml": itself},
		"Chart.yaml":     {"Chart.yaml": head + long},
		"below":          {"charts/b/Chart.yaml": head, "charts/b/values.yaml": long},
		"schema of all":  {"values.yaml": "global: {g: " + strings.Repeat("x", 3<<20) + "}\n", "values.schema.json": "{}", "charts/a/Chart.yaml": below("a"), "charts/b/Chart.yaml": below("b"), "charts/c/Chart.yaml": below("c"), "charts/d/Chart.yaml": below("d"), "charts/e/Chart.yaml": below("e")},
		"fromYaml":       {"a.yaml": long, "templates/x": `{{ with (.Files.Get "a.yaml" | fromYaml).Error }}{{ fail . }}{{ end }}`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := chart.Render(write(t, files), chart.Options{}); err == nil || !strings.Contains(err.Error(), heavy) {
				t.Errorf("error %.300v, want one with %q", err, heavy)
			}
		})
	}
}

// TestManyCharts loads charts below others that make much of few values.
func TestManyCharts(t *testing.T) {
	t.Parallel()
	const head = "apiVersion: v2\nname: one\nversion: 1.2.3\n"
	files := map[string]string{"values.yaml": "global: {g: " + strings.Repeat("x", 3<<20) + "}\n"}
	for i := range 30 {
		files[fmt.Sprintf("charts/c%d/Chart.yaml", i)] = strings.Replace(head, "one", fmt.Sprintf("c%d", i), 1)
	}
	if _, err := chart.Render(write(t, files), chart.Options{}); err == nil || !strings.Contains(err.Error(), "global: too much for 30 charts below") {
		t.Errorf("error %.300v, want one of globals", err)
	}
	nested := map[string]string{strings.Repeat("charts/one/", 21) + "Chart.yaml": head}
	if _, err := chart.Load(write(t, nested)); err == nil || !strings.Contains(err.Error(), "charts more than 20 deep") {
		t.Errorf("error %.300v, want one of depth", err)
	}
}
