package cli

import (
	"context"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	"k8s.io/utils/clock"
)

// Main runs the command of a plugin with the arguments, streams and signals of the process, and returns the exit code.
// The first Ctrl-C, SIGTERM or SIGHUP ends the command's context, a second one the process. A SIGHUP that the process was
// started to ignore, as by nohup, is ignored.
func Main(newCommand func(*Env) *cobra.Command) int {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) {
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	defer stop()
	context.AfterFunc(ctx, stop)

	name, args := invocation(os.Args)
	streams := genericiooptions.IOStreams{In: os.Stdin, Out: os.Stdout, ErrOut: os.Stderr}
	env := NewEnv(streams, clock.RealClock{}, name)
	env.onStart = silenceLogs
	return Run(ctx, env, newCommand, args)
}

// invocation returns how the user calls the program, and the arguments for its command, from the arguments of the
// process. kubectl runs kubectl-a_b-c for "kubectl a-b c", and kubectl_complete-a_b-c to complete it.
func invocation(argv []string) (name string, args []string) {
	if len(argv) == 0 {
		return "gatehouse", []string{}
	}
	base := argv[0]
	if i := strings.LastIndexAny(base, `/\`); i >= 0 {
		base = base[i+1:]
	}
	if strings.HasSuffix(strings.ToLower(base), ".exe") {
		base = base[:len(base)-len(".exe")]
	}
	args = argv[1:]
	if plugin, ok := strings.CutPrefix(base, completePrefix); ok {
		base = "kubectl-" + plugin
		args = append([]string{cobra.ShellCompRequestCmd}, args...)
	}
	if plugin, ok := strings.CutPrefix(base, "kubectl-"); ok {
		base = "kubectl " + strings.ReplaceAll(strings.ReplaceAll(plugin, "-", " "), "_", "-")
	}
	return base, args
}
