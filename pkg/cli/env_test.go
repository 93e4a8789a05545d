package cli_test

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

func TestMessagesOfEnv(t *testing.T) {
	t.Parallel()
	env, out, errOut := newEnv()
	env.Warnf("role %q is missing", "a")
	env.Warnf("role %q is missing", "a")
	env.Warnf("role %s is missing", "b\x1b[0m")
	env.Notef("4 subjects\n")
	env.Notef("4 subjects")
	want := "warning: role \"a\" is missing\nwarning: role b^[[0m is missing\n4 subjects\n4 subjects\n"
	if diff := cmp.Diff(want, errOut.String()); diff != "" {
		t.Errorf("error stream (-want +got):\n%s", diff)
	}
	if out.Len() > 0 {
		t.Errorf("stdout = %q, want nothing", out)
	}
}

func TestExamples(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ text, want string }{
		"empty":    {"", ""},
		"one line": {"{cmd} get pods", "  kubectl test get pods"},
		"block": {
			"\n\t\t# who\n\t\t{cmd} get pods 100%\n\n\t\t# why\n\t\t  {cmd} why \n\t",
			"  # who\n  kubectl test get pods 100%\n\n  # why\n    kubectl test why",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, _, _ := newEnv()
			if diff := cmp.Diff(tc.want, env.Examples(tc.text)); diff != "" {
				t.Errorf("examples (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSimilar(t *testing.T) {
	t.Parallel()
	known := []string{"configmaps", "deployments", "get", "pods", "podtemplates", "prod", "secrets", "pods"}
	tests := map[string][]string{
		"pod":         {"pods", "prod", "podtemplates"},
		"Secret":      {"secrets"},
		"deployemnts": {"deployments"},
		"gte":         {"get"},
		"conf":        {"configmaps"},
		"widgets":     nil,
		"":            nil,
	}
	for word, want := range tests {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, cli.Similar(word, known)); diff != "" {
				t.Errorf("similar (-want +got):\n%s", diff)
			}
		})
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	const build = `devel|v\S+`
	tests := map[string]struct {
		args []string
		want string
	}{
		"flag":     {[]string{"--version"}, `^kubectl test (` + build + `)\n$`},
		"table":    {[]string{"version"}, `^NAME +VERSION +COMMIT +GO +PLATFORM +CLIENT-GO\nkubectl test +(` + build + `) .*go1\.`},
		"json":     {[]string{"version", "-o", "json"}, `(?s)^\{\n    "apiVersion": "gatehouse.dev/v1alpha1",\n    "kind": "Version",\n    "name": "kubectl test",\n    "version": "(` + build + `)",.*"goVersion": "go1\.`},
		"yaml":     {[]string{"version", "-o", "yaml"}, `(?m)^kind: Version$`},
		"jsonpath": {[]string{"version", "-o", "jsonpath={.platform}"}, `^\w+/\w+$`},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := run(t, command(nil), tc.args...)
			if got.Code != 0 || got.ErrOut != "" {
				t.Errorf("code %d, stderr %q; want 0 and nothing", got.Code, got.ErrOut)
			}
			if !regexp.MustCompile(tc.want).MatchString(got.Out) {
				t.Errorf("stdout = %q, want it to match %s", got.Out, tc.want)
			}
		})
	}
	env, _, _ := newEnv()
	if agent := env.UserAgent(); !regexp.MustCompile(`^kubectl-test/(` + build + `) \(\w+/\w+\)$`).MatchString(agent) {
		t.Errorf("user agent = %q", agent)
	}
}

// TestHostCommand checks that a command of its own wins over one that Run would add, and keeps its arguments in help.
func TestHostCommand(t *testing.T) {
	t.Parallel()
	got := run(t, func(env *cli.Env) *cobra.Command {
		root := &cobra.Command{
			Use:  "test VERB",
			Args: cobra.ExactArgs(1),
			RunE: func(_ *cobra.Command, args []string) error {
				_, err := fmt.Fprintln(env.Out, args[0])
				return err
			},
		}
		env.AddConnectionFlags(root)
		root.AddCommand(&cobra.Command{Use: "version", RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(env.Out, cmd.Parent().UseLine())
			return err
		}})
		return root
	}, "version")
	if diff := cmp.Diff(outcome{Out: "kubectl test VERB [flags]\n"}, got); diff != "" {
		t.Errorf("outcome (-want +got):\n%s", diff)
	}
}
