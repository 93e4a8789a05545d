package helm

import (
	"io"
	"log"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	helmengine "helm.sh/helm/v3/pkg/engine"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/pkg/chart"
)

// TestMain keeps the log of the SDK, which warns of what tests do on purpose, out of what they print.
func TestMain(m *testing.M) {
	log.SetOutput(io.Discard)
	m.Run()
}

const kubernetes = "v1.35.2"

// byHelm renders a chart as "helm template" does.
func byHelm(dir string, values map[string]any) (map[string]string, error) {
	c, err := loader.Load(dir)
	if err != nil {
		return nil, err
	}
	if err := chartutil.ProcessDependencies(c, values); err != nil {
		return nil, err
	}
	version, err := chartutil.ParseKubeVersion(kubernetes)
	if err != nil {
		return nil, err
	}
	known := chartutil.DefaultCapabilities.Copy()
	known.KubeVersion = *version
	known.APIVersions = append(chartutil.VersionSet{}, chartutil.DefaultVersionSet...)
	known.APIVersions = append(known.APIVersions, "extra.example/v1")
	release := chartutil.ReleaseOptions{Name: "rel", Namespace: "space", Revision: 1, IsInstall: true}
	all, err := chartutil.ToRenderValues(c, values, release, known)
	if err != nil {
		return nil, err
	}
	return helmengine.Render(c, all)
}

// byUs renders a chart as the product does.
func byUs(dir string, values map[string]any) (map[string]string, error) {
	c, err := chart.Load(dir)
	if err != nil {
		return nil, err
	}
	rendered, err := c.Render(chart.Options{
		Values: values, Release: chart.Release{Name: "rel", Namespace: "space"}, KubeVersion: kubernetes,
		APIVersions: []string{"extra.example/v1"},
	})
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, file := range rendered {
		out[file.Name] = file.Data
	}
	return out, nil
}

// read reads values as Helm reads a file of them.
func read(t *testing.T, text string) map[string]any {
	t.Helper()
	out := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// write makes a chart of files; one without Chart.yaml gets one.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	if _, ok := files["Chart.yaml"]; !ok {
		put(t, dir, "Chart.yaml", "apiVersion: v2\nname: one\nversion: 1.2.3\nappVersion: \"4.5\"\n")
	}
	for name, text := range files {
		put(t, dir, name, text)
	}
	return dir
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// same renders a chart both ways and compares.
func same(t *testing.T, dir, values string, refused bool) {
	t.Helper()
	want, helmErr := byHelm(dir, read(t, values))
	got, err := byUs(dir, read(t, values))
	if (err != nil) != refused || (helmErr != nil) != refused {
		t.Fatalf("refused should be %t\nHelm: %v\n  we: %v", refused, helmErr, err)
	}
	if refused {
		return
	}
	if len(want) == 0 {
		t.Error("Helm rendered nothing: there is nothing to compare")
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rendered (-Helm +we):\n%s", diff)
	}
}

func TestExpressions(t *testing.T) {
	t.Parallel()
	tests := expressions()
	values := `{name: x, empty: "", zero: 0, one: 1, big: 12345678901, ratio: 1.5, exp: 1e30, list: [a, 2, {k: v}, null], no: null, sure: true,
 map: {b: [1, 2], a: {deep: "x: y"}, "c d": "multi\nline"}, text: "line one\nline two\n", tplText: "{{ .Values.name }}-{{ include \"helper\" . }}"}`
	for name, text := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			refused := strings.HasPrefix(name, "refused")
			dir := write(t, map[string]string{
				"templates/out.yaml":     text,
				"templates/_helpers.tpl": `{{- define "helper" -}}helped {{ .Release.Name }}{{- end -}}{{ define "ctx" }}{{ .a }}{{ end }}`,
				"templates/NOTES.txt":    "Release {{ .Release.Name }}",
				"files/a.txt":            "A\n", "files/b/c.txt": "C\nD", "files/b.json": `{"x": [1]}`, "empty.txt": "",
				"crds/x.yaml": "kind: {{ not rendered", "README.md": "# Read", "values.yaml": values,
			})
			same(t, dir, "{}", refused)
		})
	}
}
