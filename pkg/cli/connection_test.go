package cli_test

import (
	"fmt"
	"io"
	"log"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

func discard() *log.Logger { return log.New(io.Discard, "", 0) }

func TestContexts(t *testing.T) {
	path := kubeconfig(t, "https://dev.invalid")
	const usage = "\nSee 'kubectl test one -h' for help.\n"

	tests := map[string]struct {
		args []string
		want outcome
	}{
		"none":         {args: []string{"ask"}, want: outcome{Out: "[\"\"] config \"\"\n"}},
		"one":          {args: []string{"one", "--context", "prod"}, want: outcome{Out: "[\"prod\"] config \"prod\"\n"}},
		"several":      {args: []string{"ask", "--context=prod", "--context=dev", "--context=prod"}, want: outcome{Out: "[\"prod\" \"dev\"] config \"\"\n"}},
		"all":          {args: []string{"ask", "--all-contexts"}, want: outcome{Out: "[\"dev\" \"prod\"] config \"\"\n"}},
		"as somebody":  {args: []string{"one", "--as=bob", "--as-group=a", "--as-uid=1", "--as-user-extra=scopes=x=y"}, want: outcome{Out: "[\"\"] config \"\"\n"}},
		"near miss":    {args: []string{"ask", "--context=prdo"}, want: outcome{2, "", "error: context \"prdo\" does not exist\nhint: did you mean prod?\n"}},
		"unknown":      {args: []string{"ask", "--context=zzzzzz", "--context=dev"}, want: outcome{2, "", "error: context \"zzzzzz\" does not exist\nhint: the contexts there are: dev, prod\n"}},
		"all of none":  {args: []string{"ask", "--all-contexts", "--kubeconfig=/dev/null"}, want: outcome{2, "", "error: list contexts: the kubeconfig has none\nhint: looked for a kubeconfig in /dev/null; set KUBECONFIG or --kubeconfig\n"}},
		"all and some": {args: []string{"ask", "--all-contexts", "--context=dev"}, want: outcome{2, "", "error: --context and --all-contexts exclude each other\nSee 'kubectl test ask -h' for help.\n"}},
		"one too many": {args: []string{"one", "--context=dev", "--context=prod"}, want: outcome{1, "", "error: \"kubectl test one\" asks one cluster: give --context only once" + usage}},
		"all where one": {
			args: []string{"one", "--all-contexts"}, want: outcome{1, "", "error: unknown flag: --all-contexts" + usage},
		},
		"token for all": {
			args: []string{"ask", "--all-contexts", "--token=x"},
			want: outcome{2, "", "error: --token is for one cluster: it cannot be used with several contexts\nSee 'kubectl test ask -h' for help.\n"},
		},
		"bad namespace":     {args: []string{"one", "-n", "Team\x1b"}, want: outcome{1, "", "error: bad --namespace \"Team\\x1b\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')" + usage}},
		"extra without =":   {args: []string{"one", "--as=bob", "--as-user-extra=scopes"}, want: outcome{1, "", "error: bad --as-user-extra \"scopes\": want KEY=VALUE" + usage}},
		"extra without key": {args: []string{"one", "--as=bob", "--as-user-extra==x"}, want: outcome{1, "", "error: bad --as-user-extra \"=x\": want KEY=VALUE" + usage}},
		"group of nobody":   {args: []string{"one", "--as-group=ops"}, want: outcome{1, "", "error: --as-group needs --as" + usage}},
		"bad timeout":       {args: []string{"one", "--request-timeout=soon"}, want: outcome{1, "", "error: bad --request-timeout \"soon\": want a time such as 5s or 2m" + usage}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("KUBECONFIG", path)
			got := run(t, command(func(env *cli.Env, _ *cobra.Command) error {
				contexts, err := env.Contexts()
				if err != nil {
					return err
				}
				_, err = fmt.Fprintf(env.Out, "%q config %q\n", contexts, *env.Config.Context)
				return err
			}), tc.args...)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConnectionFor(t *testing.T) {
	path := kubeconfig(t, "https://dev.invalid")
	type connection struct {
		Host, User, Namespace string
		Groups                []string
	}
	tests := map[string]struct {
		args    []string
		context string
		want    connection
	}{
		"current": {want: connection{Host: "https://dev.invalid", Namespace: "team-vision"}},
		"of --context": {
			args: []string{"--context=prod"}, want: connection{Host: "https://prod.invalid:6443", Namespace: "default"},
		},
		"another": {
			args: []string{"--as=bob", "--as-group=a", "-n", "x"}, context: "prod",
			want: connection{"https://prod.invalid:6443", "bob", "x", []string{"a"}},
		},
		"other server": {args: []string{"-s", "https://x"}, want: connection{Host: "https://x", Namespace: "team-vision"}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("KUBECONFIG", path)
			var got connection
			result := run(t, command(func(env *cli.Env, _ *cobra.Command) error {
				config, err := env.ConnectionFor(tc.context).ToRESTConfig()
				if err != nil {
					return err
				}
				namespace, err := env.NamespaceOf(tc.context)
				if err != nil {
					return err
				}
				if current, err := env.Namespace(); tc.context == "" && (err != nil || current != namespace) {
					return fmt.Errorf("namespace %q, %w; want %q", current, err, namespace)
				}
				got = connection{config.Host, config.Impersonate.UserName, namespace, config.Impersonate.Groups}
				return nil
			}), append([]string{"ask"}, tc.args...)...)
			if diff := cmp.Diff(outcome{}, result); diff != "" {
				t.Fatalf("outcome (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("connection (-want +got):\n%s", diff)
			}
		})
	}
}

// TestConnectionForCopies gives every flag a value: each has to be in the copy, and a change to the copy to stay there.
func TestConnectionForCopies(t *testing.T) {
	t.Parallel()
	env, _, _ := newEnv()
	values := func(c *cli.Connection) map[string]string {
		fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
		c.AddFlags(fs)
		all := map[string]string{}
		fs.VisitAll(func(f *pflag.Flag) { all[f.Name] = f.DefValue })
		return all
	}
	set := func(c *cli.Connection, value, boolean string) {
		fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
		c.AddFlags(fs)
		fs.VisitAll(func(f *pflag.Flag) {
			text := value + "-" + f.Name
			if f.Value.Type() == "bool" {
				text = boolean
			}
			if err := f.Value.Set(text); err != nil {
				t.Fatal(err)
			}
		})
	}
	set(env.Config, "given", "true")
	want := values(env.Config)
	copied := env.ConnectionFor("")
	if diff := cmp.Diff(want, values(copied)); diff != "" {
		t.Errorf("copy (-want +got):\n%s", diff)
	}
	set(copied, "changed", "false")
	if diff := cmp.Diff(want, values(env.Config)); diff != "" {
		t.Errorf("original after a change of the copy (-want +got):\n%s", diff)
	}
	for name, value := range values(copied) {
		if value == want[name] {
			t.Errorf("--%s was not changed", name)
		}
	}
}

func TestConnectionIntroducesItself(t *testing.T) {
	path := kubeconfig(t, "https://dev.invalid")
	env, _, _ := newEnv()
	*env.Config.KubeConfig = path
	var order []string
	env.Config.Wrap(func(c *rest.Config) *rest.Config {
		order = append(order, "first "+c.UserAgent)
		return c
	})
	connection := env.ConnectionFor("prod")
	connection.Wrap(func(c *rest.Config) *rest.Config {
		order = append(order, "last "+c.UserAgent)
		return c
	})
	if _, err := connection.ToRESTConfig(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"first ", "last " + env.UserAgent()}, order); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(env.UserAgent(), "kubectl-test/") {
		t.Errorf("user agent %q", env.UserAgent())
	}
}
