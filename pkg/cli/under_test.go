package cli_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

// roof returns a program that has the one of command under the word "part", beside a command of its own.
func roof(ask func(env *cli.Env, cmd *cobra.Command) error) func(*cli.Env) *cobra.Command {
	return func(env *cli.Env) *cobra.Command {
		root := &cobra.Command{Use: "kubectl-roof", Short: "Hold commands of others"}
		own := &cobra.Command{Use: "own", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return ask(env, cmd) }}
		list := func(names ...string) cli.Lister {
			return func(context.Context, string) ([]string, error) { return names, nil }
		}
		env.Namespaces = list("of-the-roof")
		part := env.Under("part", func(env *cli.Env) *cobra.Command {
			env.Namespaces = list("of-the-part")
			cmd := command(ask)(env)
			cmd.Use = "kubectl-part VERB"
			return cmd
		})
		root.AddCommand(own, part)
		return root
	}
}

// TestUnder calls commands under a roof: they are called by the whole name, and share what there is once.
func TestUnder(t *testing.T) {
	t.Setenv("KUBECONFIG", "/none")
	tests := map[string]struct {
		args []string
		code int
		out  string
		err  string
	}{
		"help":                   {args: []string{"part", "ask", "-h"}, out: "  kubectl test part ask --as bob\n"},
		"usage":                  {args: []string{"part", "-h"}, out: "  kubectl test part COMMAND\n"},
		"options of the program": {args: []string{"part", "one", "-h"}, out: "Use \"kubectl test options\""},
		"name":                   {args: []string{"part", "one"}, code: 1, err: "error: kubectl test part, as kubectl-test-part"},
		"own name":               {args: []string{"own"}, code: 1, err: "error: kubectl test, as kubectl-test"},
		"exit codes":             {args: []string{"part", "ask"}, code: 2, err: "error: kubectl test part"},
		"several contexts":       {args: []string{"part", "one", "--context", "a", "--context", "b"}, code: 1, err: `"kubectl test part one" asks one cluster`},
		"contexts are shared":    {args: []string{"part", "ask", "--context", "a", "--context", "b"}, code: 2, err: "error: kubectl test part"},
		"namespaces of the part": {args: []string{cobra.ShellCompRequestCmd, "part", "one", "-n", ""}, out: "of-the-part\n"},
		"namespaces of the roof": {args: []string{cobra.ShellCompRequestCmd, "own", "-n", ""}, out: "of-the-roof\n"},
		"version":                {args: []string{"part", "--version"}, out: "kubectl test part devel\n"},
		"version command":        {args: []string{"part", "version", "-o", "jsonpath={.name}"}, out: "kubectl test part"},
		"options":                {args: []string{"part", "options"}, out: "--as-group GROUP"},
		"completion of the roof": {args: []string{"part", "completion"}, out: "kubectl test completion install-kubectl"},
		"script of the roof":     {args: []string{"part", "completion", "fish"}, out: "complete -c kubectl-test"},
		"help about":             {args: []string{"part", "help", "one"}, out: "Ask one cluster\n"},
		"help about nothing":     {args: []string{"part", "help", "three"}, out: "Test the edge of a process\n"},
		"words for help":         {args: []string{cobra.ShellCompRequestCmd, "part", "help", "o"}, out: "one\tAsk one cluster\n"},
		"wrong word":             {args: []string{"part", "on"}, code: 1, err: "did you mean kubectl test part one?"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := run(t, roof(func(env *cli.Env, _ *cobra.Command) error {
				agent, _, _ := strings.Cut(env.UserAgent(), "/")
				return errors.New(env.Name + ", as " + agent)
			}), tt.args...)
			if got.Code != tt.code || !strings.Contains(got.Out, tt.out) || !strings.Contains(got.ErrOut, tt.err) {
				t.Errorf("exit %d, want %d with %q and %q\n%s--- stderr\n%s", got.Code, tt.code, tt.out, tt.err, got.Out, got.ErrOut)
			}
		})
	}
}
