package clusterauth_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/chart"
	"github.com/kubegatehouse/gatehouse/pkg/clusterauth"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

const lintCharts = "../../examples/charts"

// edit is a change of a file of a chart: from, which must be there, becomes to. An empty from replaces the file.
type edit struct{ file, from, to string }

const (
	planeFile  = "templates/controlplane.yaml"
	helperFile = "templates/_helpers.tpl"
)

// edited copies a chart and changes it.
func edited(t *testing.T, name string, edits ...edit) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(lintCharts, name))); err != nil {
		t.Fatal(err)
	}
	for _, e := range edits {
		file := filepath.Join(dir, filepath.FromSlash(e.file))
		data, err := os.ReadFile(file)
		if err != nil && e.from != "" {
			t.Fatal(err)
		}
		text := e.to
		if e.from != "" {
			if !strings.Contains(string(data), e.from) {
				t.Fatalf("%s does not contain %q", e.file, e.from)
			}
			text = strings.ReplaceAll(string(data), e.from, e.to)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// shown returns findings as "CT001 error templates/x.yaml:3 k0scontrolplane x: message", with paths below dir.
func shown(t *testing.T, dir string, findings []finding.Finding) []string {
	t.Helper()
	var out []string
	for _, f := range findings {
		if f.Why == "" {
			t.Errorf("%s does not say why: %s", f.ID, f.Message)
		}
		at := strings.TrimPrefix(strings.TrimPrefix(f.Location.String(), dir), string(filepath.Separator))
		out = append(out, strings.Join([]string{f.ID, string(f.Severity), at, f.Object}, " ")+": "+f.Message)
	}
	return out
}

func TestLintChart(t *testing.T) {
	t.Parallel()
	const hosted, standalone = "hosted-good", "standalone-good"
	tests := map[string]struct {
		chart string
		edits []edit
		o     clusterauth.LintOptions
		want  []string
	}{
		"hosted":                            {chart: hosted},
		"standalone":                        {chart: standalone},
		"hosted, with all that may be used": {chart: hosted, o: clusterauth.LintOptions{Anonymous: true, Egress: true, K0s: "v1.36.3+k0s.1"}},
		"standalone, with anonymous":        {chart: standalone, o: clusterauth.LintOptions{Anonymous: true}},
		"hosted example of the documentation": {chart: "seed-hosted", want: []string{
			`CT002 error templates/controlplane.yaml:15 k0smotroncontrolplane cluster-name-cp: the Secret (auth.configSecret.name) is in spec.k0sConfig.spec.mounts[].secret.secretName, not in spec.mounts`,
			`CT008 error templates/controlplane.yaml:15 : can't be rendered without auth values: .Values.auth.configSecret.name: nil pointer evaluating interface {}.configSecret`,
			`CT003 warning README.md:6 : the text names a flag that does not exist: --authentication-configuration`,
			`CT010 warning values.yaml : values.yaml does not declare as text: auth.configSecret.name, auth.configSecret.key, auth.configSecret.hash`,
		}},
		"standalone example of the documentation": {chart: "seed-standalone", want: []string{
			`CT008 error templates/controlplane.yaml:9 : can't be rendered without auth values: .Values.auth.configSecret.name: nil pointer evaluating interface {}.configSecret`,
			`CT003 warning README.md:6 : the text names a flag that does not exist: --authentication-configuration`,
			`CT010 warning values.yaml : values.yaml does not declare as text: auth.configSecret.name, auth.configSecret.key, auth.configSecret.hash`,
		}},
		"CT001 nothing uses the Secret": {chart: hosted, edits: []edit{{helperFile, "-}}true{{-", "-}}{{-"}}, want: []string{
			`CT001 error templates/controlplane.yaml:25 k0smotroncontrolplane cluster-name-cp: Secret gatehouse-lint-auth-config is not used`,
		}},
		"CT001 nothing uses it, standalone": {chart: standalone, edits: []edit{{helperFile, "-}}true{{-", "-}}{{-"}}, want: []string{
			`CT001 error templates/controlplane.yaml:39 k0scontrolplane cluster-name-cp: Secret gatehouse-lint-auth-config is not used`,
		}},
		"CT001 fails with auth values": {chart: hosted, edits: []edit{{planeFile, "key: {{ .Values.auth.configSecret.key }}", "key: {{ .Values.auth.configSecret.key.name }}"}}, want: []string{
			`CT001 error templates/controlplane.yaml:14 : can't be rendered with auth values: .Values.auth.configSecret.key.name: can't evaluate field name in type interface {}`,
		}},
		"CT001 gives no YAML with auth values": {chart: hosted, edits: []edit{{planeFile, "          authentication-config:", "         authentication-config:"}}, want: []string{
			`CT001 error templates/controlplane.yaml : can't be rendered with auth values: what it gives is no YAML: line 22: did not find expected key`,
		}},
		"CT002 mounts below k0sConfig": {chart: hosted, edits: []edit{{planeFile, "  mounts:", "  other:"}}, want: []string{
			`CT002 error templates/controlplane.yaml:16 k0smotroncontrolplane cluster-name-cp: the Secret (auth.configSecret.name) is in spec.other[].secret.secretName, not in spec.mounts`,
		}},
		"CT002 in another object": {chart: standalone, edits: []edit{{planeFile, "secretRef:", "otherRef:"}}, want: []string{
			`CT002 error templates/controlplane.yaml:20 k0scontrolplane cluster-name-cp: the Secret (auth.configSecret.name) is in spec.k0sConfigSpec.files[].contentFrom.otherRef.name, not in spec.k0sConfigSpec.files`,
		}},
		"CT003 another path": {chart: hosted, edits: []edit{{planeFile, "authentication-config: {{ include \"authentication-config.fullpath\" . }}", "authentication-config: /var/lib/k0s/other.yaml"}}, want: []string{
			`CT003 error templates/controlplane.yaml:28 k0smotroncontrolplane cluster-name-cp: authentication-config is "/var/lib/k0s/other.yaml", but the file is /var/lib/k0s/auth/config-9a7e4005.yaml`,
		}},
		"CT003 not set": {chart: standalone, edits: []edit{{planeFile, "authentication-config: {{ include", "audit-log-path: {{ include"}}, want: []string{
			`CT003 error templates/controlplane.yaml:39 k0scontrolplane cluster-name-cp: authentication-config is not set`,
		}},
		"CT003 flag of the documentation's prose": {chart: standalone, edits: []edit{{planeFile, "authentication-config: {{ include", "authentication-configuration: {{ include"}}, want: []string{
			`CT003 error templates/controlplane.yaml:44 k0scontrolplane cluster-name-cp: authentication-config is not set: authentication-configuration is another word`,
		}},
		"CT003 dashes": {chart: standalone, edits: []edit{{planeFile, "authentication-config: {{ include", "--authentication-config: {{ include"}}, want: []string{
			`CT003 error templates/controlplane.yaml:44 k0scontrolplane cluster-name-cp: flag is written --authentication-config: names of extraArgs have no dashes before them`,
		}},
		"CT003 prose": {chart: hosted, edits: []edit{{"README.md", "", "# x\n\nSets `--authentication-configuration`.\n"}}, want: []string{
			`CT003 warning README.md:3 : the text names a flag that does not exist: --authentication-configuration`,
		}},
		"CT004 no hash": {chart: standalone, edits: []edit{{helperFile, "config-{{ .Values.auth.configSecret.hash }}.yaml", "config-file.yaml"}}, want: []string{
			`CT004 error templates/controlplane.yaml:16 k0scontrolplane cluster-name-cp: name of the file /var/lib/k0s/auth/config-file.yaml does not contain auth.configSecret.hash`,
		}},
		"CT004 no hash, hosted": {chart: hosted, edits: []edit{{helperFile, "config-{{ .Values.auth.configSecret.hash }}.yaml", "config-file.yaml"}}, want: []string{
			`CT004 warning templates/controlplane.yaml:10 k0smotroncontrolplane cluster-name-cp: name of the file /var/lib/k0s/auth/config-file.yaml does not contain auth.configSecret.hash`,
		}},
		"CT005 key of one's own": {chart: hosted, edits: []edit{{planeFile, "key: {{ .Values.auth.configSecret.key }}", "key: config"}}, want: []string{
			`CT005 warning templates/controlplane.yaml:14 k0smotroncontrolplane cluster-name-cp: key of the Secret is "config", not auth.configSecret.key`,
		}},
		"CT006 always anonymous-auth": {chart: standalone, edits: []edit{{planeFile, "if not .Values.auth.configWithAnon", "if true"}}, want: []string{
			`CT006 error templates/controlplane.yaml:41 k0scontrolplane cluster-name-cp: anonymous-auth is "true" though the configuration has anonymous`,
		}},
		"CT006 fails with anonymous": {chart: hosted, edits: []edit{{planeFile, "profiling: \"false\"", "{{- if .Values.auth.configWithAnon }}{{ fail \"no\" }}{{ end }}"}}, want: []string{
			`CT006 error templates/controlplane.yaml:26 : can't be rendered with auth.configWithAnon: no`,
		}},
		"CT007 oidc flag": {chart: standalone, edits: []edit{{planeFile, "anonymous-auth: \"true\"", "oidc-issuer-url: https://issuer.example"}}, want: []string{
			`CT007 error templates/controlplane.yaml:41 k0scontrolplane cluster-name-cp: flag oidc-issuer-url is set next to authentication-config`,
		}},
		"CT008 nil map": {chart: hosted, edits: []edit{{planeFile, "profiling: \"false\"", "profiling: {{ required \"auth is missing\" .Values.auth.configSecret.name }}"}}, want: []string{
			`CT008 error templates/controlplane.yaml:26 : can't be rendered without auth values: auth is missing`,
		}},
		"CT008 flag without a file": {chart: standalone, edits: []edit{{planeFile, "            {{- if include \"authentication-config.enabled\" . }}\n            authentication-config: {{ include \"authentication-config.fullpath\" . }}\n            {{- end }}", "            authentication-config: {{ include \"authentication-config.fullpath\" . }}"}}, want: []string{
			`CT008 error templates/controlplane.yaml:43 k0scontrolplane cluster-name-cp: authentication-config is "/var/lib/k0s/auth/config.yaml" without auth values`,
		}},
		"CT008 mount without a Secret": {chart: hosted, edits: []edit{{planeFile, "  {{- if include \"authentication-config.enabled\" . }}\n  mounts:", "  {{- if true }}\n  mounts:"}}, want: []string{
			`CT008 error templates/controlplane.yaml:16 k0smotroncontrolplane cluster-name-cp: file /var/lib/k0s/auth/config.yaml is taken from Secret "" without auth values`,
		}},
		"CT009 below /etc/k0s": {chart: hosted, edits: []edit{{helperFile, "/var/lib/k0s/auth", "/etc/k0s/auth"}}, want: []string{
			`CT009 error templates/controlplane.yaml:10 k0smotroncontrolplane cluster-name-cp: file /etc/k0s/auth/config-9a7e4005.yaml is below /etc/k0s`,
		}},
		"CT009 below /etc/k0s, standalone": {chart: standalone, edits: []edit{{helperFile, "/var/lib/k0s/auth", "/var/lib/../../etc/k0s"}}, want: []string{
			`CT009 warning templates/controlplane.yaml:16 k0scontrolplane cluster-name-cp: file /etc/k0s/config-9a7e4005.yaml is below /etc/k0s`,
		}},
		"CT010 values": {chart: hosted, edits: []edit{{"values.yaml", "    hash: \"\"\n", "    hash: 0\n"}}, want: []string{
			`CT010 warning values.yaml : values.yaml does not declare as text: auth.configSecret.hash`,
		}},
		"CT010 schema says nothing": {chart: hosted, edits: []edit{{"values.schema.json", `"auth"`, `"other"`}}, want: []string{
			`CT010 warning values.schema.json : values.schema.json does not declare as text: auth.configSecret.name, auth.configSecret.key, auth.configSecret.hash`,
		}},
		"CT010 schema of another type": {chart: hosted, edits: []edit{{"values.schema.json", `"hash": {"type": "string"}`, `"hash": {"type": ["string", "null"], "maxLength": 4}`}}, want: []string{
			`CT010 error values.schema.json : values.schema.json forbids auth.configSecret: auth.configSecret.hash: maxLength is 4, not 8`,
			`CT010 warning values.schema.json : values.schema.json does not declare as text: auth.configSecret.hash`,
		}},
		"CT010 schema forbids configWithAnon": {chart: hosted, edits: []edit{{"values.schema.json", `"configWithAnon"`, `"other"`}, {"values.schema.json", `"auth": {`, `"auth": {"additionalProperties": false,`}}, want: []string{
			`CT010 error values.schema.json : values.schema.json forbids auth.configWithAnon: auth.configWithAnon: not allowed`,
		}},
		"CT014 permissions are a number": {chart: standalone, edits: []edit{{planeFile, "permissions: \"0644\"", "permissions: 0644"}}, want: []string{
			`CT014 error templates/controlplane.yaml:17 k0scontrolplane cluster-name-cp: permissions 0644 of /var/lib/k0s/auth/config-9a7e4005.yaml are a number, where the API wants a text`,
		}},
		"CT011 old k0s": {chart: hosted, edits: []edit{{"values.yaml", "v1.36.3-k0s.2", "v1.32.8-k0s.0"}}, want: []string{
			`CT011 error templates/controlplane.yaml:7 k0smotroncontrolplane cluster-name-cp: k0s is v1.32.8-k0s.0, older than 1.34`,
		}},
		"CT011 old k0s, said by the user": {chart: standalone, o: clusterauth.LintOptions{K0s: "v1.33.0+k0s.0"}, want: []string{
			`CT011 error templates/controlplane.yaml:7 k0scontrolplane cluster-name-cp: k0s will be v1.33.0+k0s.0, older than 1.34`,
		}},
		"CT011 k0s that contradicts anonymous": {chart: standalone, o: clusterauth.LintOptions{Anonymous: true, K0s: "v1.36.3+k0s.0"}, want: []string{
			`CT011 error templates/controlplane.yaml:7 k0scontrolplane cluster-name-cp: k0s will be v1.36.3+k0s.0, which contradicts anonymous`,
		}},
		"CT012 no konnectivity": {chart: standalone, o: clusterauth.LintOptions{Egress: true}, want: []string{
			`CT012 error templates/controlplane.yaml:12 k0scontrolplane cluster-name-cp: konnectivity is disabled, so that egressSelectorType can't be used`,
		}},
		"CT013 managed": {chart: hosted, edits: []edit{{planeFile, "", "apiVersion: controlplane.cluster.x-k8s.io/v1beta2\nkind: AWSManagedControlPlane\nmetadata:\n  name: x\n"}}, want: []string{
			`CT013 error templates/controlplane.yaml:2 : control plane is of kind AWSManagedControlPlane, not K0sControlPlane or K0smotronControlPlane: clusterAuth is ignored`,
		}},
		"CT013 nothing": {chart: hosted, edits: []edit{{planeFile, "", ""}}, want: []string{
			`CT013 error  : template has no control plane: clusterAuth is ignored`,
		}},
		"CT014 permissions": {chart: standalone, edits: []edit{{planeFile, "permissions: \"0644\"\n        contentFrom:\n          secretRef", "permissions: \"0600\"\n        contentFrom:\n          secretRef"}}, want: []string{
			`CT014 error templates/controlplane.yaml:17 k0scontrolplane cluster-name-cp: permissions 0600 of /var/lib/k0s/auth/config-9a7e4005.yaml do not let the user kube-apiserver read it`,
		}},
		"CT014 decimal": {chart: hosted, edits: []edit{{planeFile, "defaultMode: 420", "defaultMode: 644"}}, want: []string{
			`CT014 error templates/controlplane.yaml:12 k0smotroncontrolplane cluster-name-cp: permissions 644 of /var/lib/k0s/auth/config-9a7e4005.yaml are no permissions: 0644 is 420 in decimal`,
		}},
		"CT014 writable": {chart: hosted, edits: []edit{{planeFile, "defaultMode: 420", "defaultMode: 0666"}}, want: []string{
			`CT014 error templates/controlplane.yaml:12 k0smotroncontrolplane cluster-name-cp: permissions 0666 of /var/lib/k0s/auth/config-9a7e4005.yaml let others change who may log in`,
		}},
		"CT015 twice": {chart: standalone, edits: []edit{{planeFile, "anonymous-auth: \"true\"", "anonymous-auth: \"true\"\n            anonymous-auth: \"true\""}}, want: []string{
			`CT015 error templates/controlplane.yaml:41 k0scontrolplane cluster-name-cp: flag anonymous-auth is set twice`,
		}},
		"CT015 by what users add": {chart: hosted, o: clusterauth.LintOptions{Values: map[string]any{"k0s": map[string]any{"api": map[string]any{"extraArgs": map[string]any{"profiling": "true"}}}}}, want: []string{
			`CT015 error templates/controlplane.yaml:26 k0smotroncontrolplane cluster-name-cp: flag profiling is set twice`,
		}},
		"the whole Secret in a directory is no CT003": {chart: hosted, edits: []edit{{planeFile, "        items:\n          - key: {{ .Values.auth.configSecret.key }}\n            path: {{ include \"authentication-config.file\" . }}\n", ""}, {planeFile, "{{ include \"authentication-config.fullpath\" . }}", "/var/lib/k0s/auth/{{ .Values.auth.configSecret.key }}"}}, want: []string{
			`CT004 warning templates/controlplane.yaml:10 k0smotroncontrolplane cluster-name-cp: name of the file /var/lib/k0s/auth/gatehouse-lint-key does not contain auth.configSecret.hash`,
		}},
	}
	alone := map[string]bool{}
	for name, tc := range tests {
		if len(tc.want) == 1 {
			alone[tc.want[0][:len("CT001")]] = true
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := edited(t, tc.chart, tc.edits...)
			got, err := clusterauth.LintChart(dir, tc.o)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, shown(t, dir, got)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
	for _, rule := range clusterauth.LintRules() {
		if !alone[rule.ID] {
			t.Errorf("no chart breaks only %s: %s", rule.ID, rule.Title)
		}
	}
}

func TestLintChartRefused(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		dir  string
		o    clusterauth.LintOptions
		want string
	}{
		"no directory":           {"nowhere", clusterauth.LintOptions{}, "no such file"},
		"no chart":               {lintCharts, clusterauth.LintOptions{}, "Chart.yaml: missing"},
		"version that is none":   {lintCharts + "/hosted-good", clusterauth.LintOptions{K0s: "new"}, `parse k0s version "new"`},
		"values that break it":   {lintCharts + "/hosted-good", clusterauth.LintOptions{Values: map[string]any{"k0s": "x"}}, "controlplane.yaml:7"},
		"hosted is no directory": {lintCharts + "/hosted-good/Chart.yaml", clusterauth.LintOptions{}, "not a directory"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := clusterauth.LintChart(tc.dir, tc.o); err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("findings %v, error %v, want one with %q", got, err, tc.want)
			}
		})
	}
}

func TestLintManifests(t *testing.T) {
	t.Parallel()
	rendered := func(name string, edits ...edit) string {
		values := map[string]any{"auth": map[string]any{"configWithAnon": true, "configSecret": map[string]any{"name": "x-auth-config", "key": "config", "hash": "3f7b8627"}}}
		out, err := chart.Render(edited(t, name, edits...), chart.Options{Values: values, Release: chart.Release{Name: "x"}})
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	told := clusterauth.LintOptions{Name: "x-auth-config", Key: "config", Hash: "3f7b8627", File: "out.yaml"}
	anonymous := told
	anonymous.Anonymous = true
	tests := map[string]struct {
		manifests string
		o         clusterauth.LintOptions
		want      []string
		wantErr   string
	}{
		"hosted":     {manifests: rendered("hosted-good"), o: told},
		"standalone": {manifests: rendered("standalone-good"), o: anonymous},
		"names not told": {manifests: rendered("hosted-good"), want: []string{
			`CT001 error -:14 k0smotroncontrolplane x-cp: Secret gatehouse-lint-auth-config is not used`,
		}},
		"example of the documentation": {manifests: rendered("seed-hosted"), o: told, want: []string{
			`CT002 error out.yaml:23 k0smotroncontrolplane x-cp: the Secret (auth.configSecret.name) is in spec.k0sConfig.spec.mounts[].secret.secretName, not in spec.mounts`,
		}},
		"anonymous": {manifests: rendered("standalone-good", edit{planeFile, "if not .Values.auth.configWithAnon", "if true"}), o: anonymous, want: []string{
			`CT006 error out.yaml:41 k0scontrolplane x-cp: anonymous-auth is "true" though the configuration has anonymous`,
		}},
		"no control plane": {manifests: "kind: ConfigMap\n", o: told, want: []string{
			`CT013 error out.yaml : template has no control plane: clusterAuth is ignored`,
		}},
		"nothing": {wantErr: "read manifests: nothing is there"},
		"no YAML": {manifests: "a: [\n", o: told, wantErr: "read manifests: out.yaml:"},
		"k0s":     {manifests: "a: b", o: clusterauth.LintOptions{K0s: "x"}, wantErr: "parse k0s version"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := clusterauth.LintManifests([]byte(tc.manifests), tc.o)
			if tc.wantErr != "" {
				if err == nil || !strings.Contains(err.Error(), tc.wantErr) {
					t.Fatalf("error %v, want one with %q", err, tc.wantErr)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, shown(t, "", got)); diff != "" {
				t.Errorf("findings (-want +got):\n%s\n%s", diff, tc.manifests)
			}
		})
	}
}

// FuzzLintManifests looks for manifests that end the program.
func FuzzLintManifests(f *testing.F) {
	f.Add("apiVersion: controlplane.cluster.x-k8s.io/v1beta2\nkind: K0sControlPlane\nspec: {k0sConfigSpec: {files: [{contentFrom: {secretRef: {name: gatehouse-lint-auth-config}}}], k0s: {spec: {api: {extraArgs: {a: b}}}}}}\n")
	f.Add("apiVersion: controlplane.cluster.x-k8s.io/v1\nkind: K0smotronControlPlane\nspec: &a {mounts: [*a, {secret: {items: [{}]}}]}\n---\n- x\n")
	f.Fuzz(func(t *testing.T, text string) {
		findings, err := clusterauth.LintManifests([]byte(text), clusterauth.LintOptions{Anonymous: true, Egress: true})
		if err != nil && findings != nil {
			t.Errorf("findings and an error: %v", err)
		}
	})
}
