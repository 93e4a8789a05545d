// Package clitest runs plugins as functions, for tests.
package clitest

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

// Plugin is a plugin to run.
type Plugin struct {
	// Name is how it is called: "kubectl whocan".
	Name string
	New  func(*cli.Env) *cobra.Command
	// Clock tells the time.
	Clock clock.PassiveClock
	// KubeConfig is the file of contexts; empty for what the environment says. Help is asked for without it: its text says
	// what flags are set to.
	KubeConfig string
}

// Outcome is all that a user sees of a command.
type Outcome struct {
	Stdout, Stderr string
	// Code is the exit code.
	Code int
}

// String is the form of golden files.
func (o Outcome) String() string {
	return o.Stdout + "--- stderr\n" + o.Stderr + "--- exit " + strconv.Itoa(o.Code) + "\n"
}

// Run runs the plugin with arguments, and with stdin as its input. Completions have a minute, however busy the machine is.
func (p Plugin) Run(t *testing.T, stdin string, args ...string) Outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	streams := genericiooptions.IOStreams{In: strings.NewReader(stdin), Out: &stdout, ErrOut: &stderr}
	env := cli.NewEnv(streams, p.Clock, p.Name)
	env.Patience = time.Minute
	if p.KubeConfig != "" && !slices.Contains(args, "--help") {
		*env.Config.KubeConfig = p.KubeConfig
	}
	code := cli.Run(t.Context(), env, p.New, args)
	return Outcome{stdout.String(), stderr.String(), code}
}
