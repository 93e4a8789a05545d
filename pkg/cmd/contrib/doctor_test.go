package contrib

import (
	"bytes"
	"strconv"
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// examine runs doctor as a function and returns its output and exit code in the form of golden files.
func examine(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	streams := genericiooptions.IOStreams{In: strings.NewReader(""), Out: &stdout, ErrOut: &stderr}
	clock := clocktesting.NewFakePassiveClock(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	code := cli.Run(t.Context(), cli.NewEnv(streams, clock, "kubectl contrib"), NewCommand, append([]string{"doctor"}, args...))
	return stdout.String() + "--- stderr\n" + stderr.String() + "--- exit " + strconv.Itoa(code) + "\n"
}

func TestDoctor(t *testing.T) {
	t.Parallel()
	const (
		acme = "../../../examples/acme"
		sick = "../profile/testdata/doctor/sick.yaml"
	)
	tests := map[string][]string{
		"acme":         {"--from", acme},
		"acme-one":     {"team-nlp", "-o", "wide", "--from", acme},
		"acme-dry-run": {"--fix", "--dry-run=client", "-o", "csv", "--no-headers", "--from", acme},
		"sick":         {"--severity", "info", "-n", "ill", "--from", sick},
		"sick-dry-run": {"--severity", "info", "--fix", "--dry-run=client", "--preview", "none", "--from", sick},
		"bad-rule":     {"--rule", "KF001", "--from", acme},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, examine(t, args...), "doctor/"+name)
		})
	}
}

func TestDoctorHelp(t *testing.T) {
	t.Parallel()
	got := examine(t, "--help")
	for _, rule := range doctorRules() {
		if !strings.Contains(got, rule.ID+" ") {
			t.Errorf("help does not explain %s", rule.ID)
		}
	}
	golden.Equal(t, got, "help/contrib-doctor")
}
