package cli_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"k8s.io/utils/clock"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

func TestCompletion(t *testing.T) {
	many := make([]string, 0, 150)
	for i := range 150 {
		many = append(many, fmt.Sprintf("ns-%03d", 149-i))
	}
	never := func(ctx context.Context, _ string) ([]string, error) {
		<-ctx.Done()
		return []string{"late"}, nil
	}
	list := func(names ...string) cli.Lister {
		return func(context.Context, string) ([]string, error) { return names, nil }
	}
	tests := map[string]struct {
		args       []string
		namespaces cli.Lister
		want       string
		wantCount  int
		took       time.Duration // at most; 0 means that it does not matter
	}{
		"commands":           {args: []string{"o"}, want: "one\tAsk one cluster\noptions\tList the flags that every command has\n:4\n"},
		"contexts":           {args: []string{"one", "--context", ""}, want: "dev\nprod\n:4\n"},
		"contexts by prefix": {args: []string{"one", "--context=p"}, want: "prod\n:4\n"},
		"clusters":           {args: []string{"one", "--cluster", ""}, want: "dev-cluster\nprod-cluster\n:4\n"},
		"users":              {args: []string{"one", "--user", ""}, want: "me\nops\n:4\n"},
		"broken kubeconfig":  {args: []string{"one", "--kubeconfig", "/nowhere", "--context", ""}, want: ":4\n"},
		"kubeconfig files":   {args: []string{"one", "--kubeconfig", ""}, want: ":0\n"},
		"output":             {args: []string{"version", "-o", ""}, want: "table\njson\nyaml\njsonpath\ngo-template\n:4\n"},
		"no namespaces":      {args: []string{"one", "-n", ""}, want: ":4\n"},
		"namespaces": {
			args: []string{"one", "-n", "a"}, namespaces: list("b", "ac", "ab", "ac", ""), want: "ab\nac\n:4\n",
		},
		"described": {
			args: []string{"one", "-n", ""}, namespaces: list("a\tthe \x1bfirst"), want: "a\tthe ^[first\n:4\n",
		},
		"what a shell would run": {
			args: []string{"one", "-n", ""}, want: "fine:x@y/z\n:4\n",
			namespaces: list("$(reboot)", "`reboot`", "a b", "a;b", "\x1b[2J", "fine:x@y/z", "~", "a\\b", "'", "*"),
		},
		"an error": {
			args: []string{"one", "-n", ""}, want: ":4\n",
			namespaces: func(context.Context, string) ([]string, error) { return []string{"x"}, errors.New("no") },
		},
		"a hundred": {args: []string{"one", "-n", ""}, namespaces: list(many...), wantCount: 100},
		"too slow":  {args: []string{"one", "-n", ""}, namespaces: never, want: ":4\n", took: 10 * time.Second},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			kubeconfig(t, "https://dev.invalid")
			now := clock.RealClock{}
			started := now.Now()
			got := run(t, func(env *cli.Env) *cobra.Command {
				env.Namespaces = tc.namespaces
				env.Warnf("not told during completion")
				return command(nil)(env)
			}, append([]string{"__complete"}, tc.args...)...)

			if took := now.Since(started); tc.took > 0 && took > tc.took {
				t.Errorf("took %v, want at most %v", took, tc.took)
			}
			if got.Code != 0 || got.ErrOut != "" {
				t.Errorf("code %d, stderr %q; want 0 and nothing", got.Code, got.ErrOut)
			}
			if tc.wantCount > 0 {
				lines := strings.Split(got.Out, "\n")
				if len(lines)-2 != tc.wantCount || lines[0] != "ns-000" {
					t.Errorf("%d items from %s on, want %d from ns-000 on", len(lines)-2, lines[0], tc.wantCount)
				}
				return
			}
			if diff := cmp.Diff(tc.want, got.Out); diff != "" {
				t.Errorf("completions (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCompletionScripts(t *testing.T) {
	t.Parallel()
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		t.Run(shell, func(t *testing.T) {
			t.Parallel()
			got := run(t, command(nil), "completion", shell)
			if got.Code != 0 || got.ErrOut != "" {
				t.Errorf("code %d, stderr %q; want 0 and nothing", got.Code, got.ErrOut)
			}
			if !strings.Contains(got.Out, "kubectl-test") {
				t.Errorf("the script does not complete kubectl-test:\n%.500s", got.Out)
			}
		})
	}
}
