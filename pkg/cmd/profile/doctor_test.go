package profile

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// sick is a workspace that every rule which manifests can show has something to say about.
const sick = "testdata/doctor/sick.yaml"

func TestDoctor(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"acme":          {"--from", acme},
		"acme-wide":     {"--from", acme, "-o", "wide", "--severity", "info"},
		"acme-text":     {"--from", acme, "-o", "text"},
		"acme-json":     {"--from", acme, "-o", "json"},
		"acme-sarif":    {"--from", acme, "-o", "sarif"},
		"acme-junit":    {"--from", acme, "-o", "junit"},
		"acme-csv":      {"--from", acme, "-o", "csv"},
		"acme-markdown": {"--from", acme, "-o", "markdown"},
		"acme-one":      {"team-vision", "--from", acme},
		"acme-two":      {"team-vision", "checkout", "-o", "junit", "--from", acme},
		"acme-place":    {"-n", "team-nlp", "--from", acme},
		"acme-rule":     {"--rule", "kf003", "--from", acme},
		"acme-error":    {"--severity", "error", "--from", acme},
		"acme-well":     {"checkout", "--from", acme},
		"acme-dry-run":  {"--fix", "--dry-run=client", "--from", acme},
		"acme-steps":    {"--fix", "--dry-run=client", "--preview=none", "--rule", "KF003,KF006", "--from", acme},
		"sick":          {"--severity", "info", "--from", sick},
		"sick-wide":     {"--severity", "info", "-o", "wide", "--from", sick},
		"sick-no-istio": {"--severity", "info", "--no-istio", "--from", sick},
		"sick-dry-run":  {"--severity", "info", "--fix", "--dry-run=client", "--from", sick},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, "", append([]string{"doctor"}, args...)...).String(), "doctor/"+name)
		})
	}
}

func TestDoctorHelp(t *testing.T) {
	t.Parallel()
	got := execute(t, "", "doctor", "--help")
	for _, rule := range doctorRules() {
		if !strings.Contains(got.Stdout, rule.ID+" ") {
			t.Errorf("help does not explain %s", rule.ID)
		}
	}
	golden.Equal(t, got.Stdout, "help/profile-doctor")
}

func TestDoctorBadInput(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args []string
		want string
	}{
		"severity":     {[]string{"--severity", "bad"}, `parse severity "bad"`},
		"rule":         {[]string{"--rule", "KF021"}, `unknown rule "KF021"`},
		"format":       {[]string{"-o", "xml"}, `unknown output format "xml"`},
		"yes alone":    {[]string{"--yes"}, "it needs --fix"},
		"dry run":      {[]string{"--dry-run=server"}, "it needs --fix"},
		"no dry run":   {[]string{"--fix", "--dry-run=maybe"}, `bad --dry-run "maybe"`},
		"files":        {[]string{"--fix", "--from", acme}, "nothing can be written to them"},
		"both":         {[]string{"team-nlp", "-n", "team-nlp", "--from", acme}, "name the workspaces, or give -n or -A"},
		"no workspace": {[]string{"team-vison", "checkout", "--from", acme}, "did you mean team-vision?"},
		"no such name": {[]string{"zzz", "--from", acme}, "hint: -A looks at all that there are"},
		"no such file": {[]string{"--from", "nowhere.yaml"}, "nowhere.yaml"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append([]string{"doctor"}, test.args...)...)
			if got.Code != 2 || !strings.Contains(got.Stderr, test.want) || got.Stdout != "" {
				t.Errorf("exit %d, want %q in:\n%s%s", got.Code, test.want, got.Stderr, got.Stdout)
			}
		})
	}
}

// Names of a cluster never reach a terminal as they are, whatever the form.
func TestDoctorForms(t *testing.T) {
	t.Parallel()
	doc := `apiVersion: kubeflow.org/v1
kind: Profile
metadata: {name: evil}
spec: {owner: {kind: Group, name: "\e[31m<red> & 'quoted'"}, plugins: [{kind: "\e[2J"}]}
`
	for form, valid := range map[string]func([]byte) error{
		"json":     func(b []byte) error { return json.Unmarshal(b, new(any)) },
		"sarif":    func(b []byte) error { return json.Unmarshal(b, new(any)) },
		"junit":    func(b []byte) error { return xml.Unmarshal(b, new(struct{ XMLName xml.Name })) },
		"table":    func([]byte) error { return nil },
		"wide":     func([]byte) error { return nil },
		"text":     func([]byte) error { return nil },
		"csv":      func([]byte) error { return nil },
		"markdown": func([]byte) error { return nil },
	} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			got := execute(t, doc, "doctor", "--severity", "info", "--from", "-", "-o", form)
			if err := valid([]byte(got.Stdout)); err != nil || got.Code != 1 || strings.Contains(got.Stdout+got.Stderr, "\x1b") ||
				!strings.Contains(got.Stdout, "KF015") || !strings.Contains(got.Stdout, "KF016") {
				t.Errorf("exit %d, %v:\n%q", got.Code, err, got.Stdout)
			}
		})
	}
}
