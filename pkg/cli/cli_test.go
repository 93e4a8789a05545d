package cli_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

// outcome is what a user sees of a run.
type outcome struct {
	Code        int
	Out, ErrOut string
}

// run runs a command named "kubectl test" that holds what build makes.
func run(t *testing.T, build func(*cli.Env) *cobra.Command, args ...string) outcome {
	t.Helper()

	env, out, errOut := newEnv()
	code := cli.Run(t.Context(), env, build, args)
	return outcome{code, out.String(), errOut.String()}
}

func newEnv() (env *cli.Env, out, errOut *bytes.Buffer) {
	out, errOut = &bytes.Buffer{}, &bytes.Buffer{}
	streams := genericiooptions.IOStreams{In: strings.NewReader(""), Out: out, ErrOut: errOut}
	return cli.NewEnv(streams, clocktesting.NewFakePassiveClock(time.Unix(0, 0)), "kubectl test"), out, errOut
}

// command returns a plugin of two commands: "ask", which runs ask and may ask several clusters, and "one", which runs
// it for one cluster only.
func command(ask func(env *cli.Env, cmd *cobra.Command) error) func(*cli.Env) *cobra.Command {
	return func(env *cli.Env) *cobra.Command {
		root := &cobra.Command{Use: "test", Short: "Test the edge of a process"}
		several := &cobra.Command{
			Use:     "ask [NAME]",
			Short:   "Ask clusters",
			Long:    "Ask clusters.\n\nExit codes: 0 yes, 1 no, 2 error.",
			Args:    cobra.MaximumNArgs(1),
			Example: env.Examples("# as somebody else\n{cmd} ask --as bob"),
			RunE:    func(cmd *cobra.Command, _ []string) error { return ask(env, cmd) },
		}
		several.Flags().Bool("quiet", false, "Print nothing.")
		env.SupportContexts(several)
		cli.Predicate(several)
		one := &cobra.Command{
			Use:   "one",
			Short: "Ask one cluster",
			Args:  cobra.NoArgs,
			RunE:  func(cmd *cobra.Command, _ []string) error { return ask(env, cmd) },
		}
		one.Flags().StringArray("from", nil, "`FILE` to read.")
		root.AddCommand(several, one)
		return root
	}
}

// kubeconfig writes a kubeconfig with the contexts dev (the current one, at server) and prod,
// and makes it the one in use. It returns its path.
func kubeconfig(t *testing.T, server string) string {
	t.Helper()

	path := filepath.Join(t.TempDir(), "config")
	content := strings.ReplaceAll(`apiVersion: v1
kind: Config
current-context: dev
clusters:
- {name: dev-cluster, cluster: {server: SERVER}}
- {name: prod-cluster, cluster: {server: "https://prod.invalid:6443"}}
contexts:
- {name: prod, context: {cluster: prod-cluster, user: ops}}
- {name: dev, context: {cluster: dev-cluster, user: me, namespace: team-vision}}
users:
- {name: me, user: {token: secret-of-the-kubeconfig}}
- {name: ops, user: {}}
`, "SERVER", server)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBECONFIG", path)
	return path
}
