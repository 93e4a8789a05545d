package queueaccess

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

// The example company.
const acme = "../../../examples/acme"

// outcome is all that a user sees of a command.
type outcome struct {
	stdout, stderr string
	code           int
}

// String is the form of golden files.
func (o outcome) String() string {
	return o.stdout + "--- stderr\n" + o.stderr + "--- exit " + strconv.Itoa(o.code) + "\n"
}

// execute runs the plugin as a function, with stdin as its input, on a day in November 2026.
func execute(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	streams := genericiooptions.IOStreams{In: strings.NewReader(stdin), Out: &stdout, ErrOut: &stderr}
	now := clocktesting.NewFakePassiveClock(time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC))
	env := cli.NewEnv(streams, now, "kubectl queueaccess")
	env.Patience = time.Minute // for completions, however busy the machine is
	code := cli.Run(t.Context(), env, NewCommand, args)
	return outcome{stdout.String(), stderr.String(), code}
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
			if got.code != 0 || got.stderr != "" {
				t.Errorf("exit %d, stderr %q", got.code, got.stderr)
			}
			golden.Equal(t, got.stdout, "help/"+strings.TrimSuffix("queueaccess-"+command, "-"))
		})
	}
}
