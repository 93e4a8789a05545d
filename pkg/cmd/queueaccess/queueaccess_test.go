package queueaccess

import (
	"strings"
	"testing"
	"time"

	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli/clitest"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

// The example company.
const acme = "../../../examples/acme"

// outcome is all that a user sees of a command.
type outcome = clitest.Outcome

// execute runs the plugin as a function, with stdin as its input, on a day in November 2026.
func execute(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	return clitest.Plugin{Name: "kubectl queueaccess", New: NewCommand, Clock: clocktesting.NewFakePassiveClock(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))}.Run(t, stdin, args...)
}

// compare runs commands, each under the name of its golden file.
func compare(t *testing.T, tests map[string][]string) {
	t.Helper()
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden.Equal(t, execute(t, "", args...).String(), name)
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, command := range []string{"", "list", "describe", "who", "check", "grant", "revoke", "role", "why", "guard"} {
		t.Run("help "+command, func(t *testing.T) {
			t.Parallel()
			got := execute(t, "", append(strings.Fields(command), "--help")...)
			if got.Code != 0 || got.Stderr != "" {
				t.Errorf("exit %d, stderr %q", got.Code, got.Stderr)
			}
			golden.Equal(t, got.Stdout, "help/"+strings.TrimSuffix("queueaccess-"+command, "-"))
		})
	}
}
