package gatehouse

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

func TestDoctor(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		"doctor/all":       {},
		"doctor/one":       {"team-nlp"},
		"doctor/clusters":  {"-n", "edge-north", "-o", "text"},
		"doctor/text":      {"-o", "text", "--rule", "KF003", "--rule", "KC001"},
		"doctor/json":      {"-o", "json", "--rule", "KF006,KC020"},
		"doctor/junit":     {"-o", "junit", "--rule", "KF003"},
		"doctor/fix":       {"--fix", "--dry-run=client", "--preview=none", "--rule", "KF003,KC020"},
		"doctor/nowhere":   {"team-nowhere"},
		"doctor/mistyped":  {"-n", "team-visoin"},
		"doctor/bad-rule":  {"--rule", "XX001"},
		"doctor/both-ways": {"team-nlp", "-A"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, append([]string{"doctor", "--from", acme}, args...)...).String(), name)
		})
	}
}

// TestDoctorIsAllDoctors compares the findings with those of the doctors of single plugins.
func TestDoctorIsAllDoctors(t *testing.T) {
	t.Parallel()
	var want []string
	for _, doctor := range [][]string{{"profile", "doctor"}, {"clusterauth", "doctor"}, {"queueaccess", "check"}, {"accesstoken", "audit"}} {
		args := slices.Concat(doctor, []string{"--from", acme, "--severity", "info", "-o", "csv", "--no-headers"})
		want = append(want, strings.Split(strings.TrimSpace(execute(t, args...).Stdout), "\n")...)
	}
	got := map[string]int{}
	for line := range strings.Lines(execute(t, "doctor", "--from", acme, "--severity", "info", "-o", "csv", "--no-headers").Stdout) {
		_, finding, _ := strings.Cut(strings.TrimRight(line, "\n"), ",")
		got[finding]++
	}
	for _, line := range slices.DeleteFunc(want, func(line string) bool { return line == "" }) {
		got[line]--
	}
	if len(want) < 20 {
		t.Errorf("the single doctors find %d things only", len(want))
	}
	for line, n := range got {
		if n != 0 {
			t.Errorf("found %+d times as often: %s", n, line)
		}
	}
}

// The end of a grant of a queue is told once, by who knows its role, and by who judges members when nobody else was asked.
func TestDoctorEndedQueueGrant(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	granted := execute(t, "queueaccess", "grant", "bob@acme.example", "--queue", "team-a", "--can", "submit", "--expires", "1h",
		"--from", "../../../examples/queues/fine", "--dry-run=client", "-o", "yaml")
	ended := regexp.MustCompile(`(gatehouse.dev/expires: ).*`).ReplaceAllString(granted.Stdout, "${1}\"2020-01-31T00:00:00Z\"")
	if ended == granted.Stdout {
		t.Fatalf("nothing was granted:\n%s", granted)
	}
	if err := os.WriteFile(filepath.Join(dir, "ended.yaml"), []byte(ended), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		args          []string
		grants, binds bool
	}{
		"all":         {args: []string{"doctor"}, grants: true},
		"one rule":    {args: []string{"doctor", "--rule", "GH001"}, binds: true},
		"the other":   {args: []string{"doctor", "--rule", "QA108"}, grants: true},
		"the members": {args: []string{"contrib", "doctor", "-A"}, binds: true},
	} {
		got := execute(t, slices.Concat(tt.args, []string{"--from", "../../../examples/queues/fine", "--from", dir, "-o", "csv"})...)
		if strings.Contains(got.Stdout, "QA108") != tt.grants || strings.Contains(got.Stdout, "GH001") != tt.binds {
			t.Errorf("%s: want QA108 %t, GH001 %t:\n%s", name, tt.grants, tt.binds, got)
		}
	}
}

// TestDoctorStdin reads stdin once for all domains.
func TestDoctorStdin(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../contrib/testdata/workspace.yaml")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"doctor", "--from", "-", "-o", "csv"}
	piped := executeAs(t, "kubectl gatehouse", NewCommand, string(data), args...)
	args[2] = "../contrib/testdata/workspace.yaml"
	read := execute(t, args...)
	if diff := cmp.Diff(read.Stdout, piped.Stdout); diff != "" || piped.Code != 1 || strings.Count(piped.Stdout, "\n") < 2 {
		t.Errorf("exit %d: %s (-file +stdin):\n%s", piped.Code, piped.Stderr, diff)
	}
}
