package cli_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/golden"
)

func TestRunOutcome(t *testing.T) {
	kubeconfig(t, "https://dev.invalid")
	roles := schema.GroupResource{Group: "rbac.authorization.k8s.io", Resource: "roles"}
	forbidden := apierrors.NewForbidden(roles, "", errors.New("no"))
	refused := &url.Error{Op: "Get", URL: "https://dev.invalid/api", Err: errors.New("dial tcp: connection refused")}

	tests := map[string]struct {
		args []string
		err  error
		want outcome
	}{
		"success":     {args: []string{"ask"}},
		"plain error": {args: []string{"one"}, err: errors.New("read x: gone"), want: outcome{1, "", "error: read x: gone\n"}},
		"error of a predicate": {
			args: []string{"ask"}, err: errors.New("read x: gone"), want: outcome{2, "", "error: read x: gone\n"},
		},
		"no":          {args: []string{"ask"}, err: cli.Silent(cli.ExitNo), want: outcome{Code: 1}},
		"silent zero": {args: []string{"ask"}, err: cli.Silent(cli.ExitOK)},
		"code and message": {
			args: []string{"one"}, err: cli.ExitWith(2, errors.New("the answer is partial")),
			want: outcome{2, "", "error: the answer is partial\n"},
		},
		"wrapped silent": {args: []string{"one"}, err: fmt.Errorf("x: %w", cli.Silent(1)), want: outcome{Code: 1}},
		"usage error": {
			args: []string{"one"}, err: cli.UsageError(errors.New("want a name")),
			want: outcome{1, "", "error: want a name\nSee 'kubectl test one -h' for help.\n"},
		},
		"hints": {
			args: []string{"one"},
			err:  fmt.Errorf("a: %w", cli.Hint(cli.Hint(errors.New("b"), "first"), "second")),
			want: outcome{1, "", "error: a: b\nhint: second\nhint: first\n"},
		},
		"wrapped forbidden": {
			args: []string{"one"}, err: fmt.Errorf("list roles: %w", forbidden),
			want: outcome{1, "", "Error from server (Forbidden): list roles: roles.rbac.authorization.k8s.io is forbidden: no\n"},
		},
		"status without reason": {
			args: []string{"one"}, err: &apierrors.StatusError{}, want: outcome{1, "", "Error from server:\n"},
		},
		"unauthorized": {
			args: []string{"one"}, err: fmt.Errorf("list roles: %w", apierrors.NewUnauthorized("Unauthorized")),
			want: outcome{1, "", "error: You must be logged in to the server (list roles: Unauthorized)\n" +
				"hint: the credentials of context \"dev\" in KUBECONFIG are wrong or have expired: log in again\n"},
		},
		"joined": {
			args: []string{"one"}, err: errors.Join(fmt.Errorf("list roles: %w", forbidden), cli.Hint(errors.New("b"), "c")),
			want: outcome{1, "", "Error from server (Forbidden): list roles: roles.rbac.authorization.k8s.io is forbidden: no\n" +
				"error: b\nhint: c\n"},
		},
		"joined inside": {
			args: []string{"one"}, err: fmt.Errorf("check plan: %w", errors.Join(errors.New("a"), errors.New("b"))),
			want: outcome{1, "", "error: check plan: a\n  b\n"},
		},
		"refused": {
			args: []string{"one"}, err: refused,
			want: outcome{1, "", "The connection to the server dev.invalid was refused - did you specify the right host or port?\n" +
				"hint: nothing listens at dev.invalid (context \"dev\" in KUBECONFIG): is the cluster running, and reachable from here?\n" +
				"hint: --from FILE reads manifests or a snapshot instead of a cluster\n"},
		},
		"wrapped refused, of another context": {
			args: []string{"ask"},
			err: fmt.Errorf("read prod: %w",
				&url.Error{Op: "Get", URL: "https://prod.invalid:6443/api", Err: errors.New("connection refused")}),
			want: outcome{2, "", "error: read prod: The connection to the server prod.invalid:6443 was refused - did you specify " +
				"the right host or port?\n" +
				"hint: nothing listens at prod.invalid:6443 (context \"prod\" in KUBECONFIG): is the cluster running, and " +
				"reachable from here?\n"},
		},
		"no client configuration": {
			args: []string{"ask"}, err: fmt.Errorf("load: %w", errors.New(`exec: executable get-token not found`)),
			want: outcome{2, "", "error: load: exec: executable get-token not found\n" +
				"hint: the kubeconfig's user gets its credentials from that program: is it installed, and on PATH? (KUBECONFIG)\n"},
		},
		"escapes": {
			args: []string{"one"}, err: errors.New("user \x1b[31m\u202ebob\x00\r is bad\n\n   line\ttwo"),
			want: outcome{1, "", "error: user ^[[31m\\u202ebob^@\\r is bad\n  line\ttwo\n"},
		},
		"credentials": {
			args: []string{"one", "--token", "hush-hush"},
			err:  errors.New(`bad header "Authorization: Bearer abcdefgh12345", hush-hush, eyJhbGciOiJIUzI1.eyJzdWIi.c2ln`),
			want: outcome{1, "", "error: bad header \"Authorization: Bearer <redacted>\", <redacted>, <redacted>\n"},
		},
		"unknown command": {
			args: []string{"aks"},
			want: outcome{1, "", "error: unknown command \"aks\" for \"kubectl test\"\nhint: did you mean kubectl test ask?\n" +
				"See 'kubectl test -h' for help.\n"},
		},
		"unknown command, far off": {
			args: []string{"completion", "tcsh-like"},
			want: outcome{1, "", "error: unknown command \"tcsh-like\" for \"kubectl test completion\"\n" +
				"See 'kubectl test completion -h' for help.\n"},
		},
		"unknown flag": {
			args: []string{"ask", "--quite"},
			want: outcome{2, "", "error: unknown flag: --quite\nhint: did you mean --quiet?\nSee 'kubectl test ask -h' for help.\n"},
		},
		"unknown short flag": {
			args: []string{"ask", "-Z"},
			want: outcome{2, "", "error: unknown shorthand flag: 'Z' in -Z\nSee 'kubectl test ask -h' for help.\n"},
		},
		"too many arguments": {
			args: []string{"ask", "a", "b"},
			want: outcome{2, "", "error: want [NAME]: accepts at most 1 arg(s), received 2\nSee 'kubectl test ask -h' for help.\n"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := run(t, command(func(*cli.Env, *cobra.Command) error { return tc.err }), tc.args...)
			got.ErrOut = hideKubeconfig(got.ErrOut)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

// hideKubeconfig replaces the path of a test's kubeconfig, which differs from run to run.
func hideKubeconfig(text string) string {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \n():;,", r) })
	for _, word := range words {
		if strings.HasPrefix(word, "/") && strings.HasSuffix(word, "/config") {
			text = strings.ReplaceAll(text, word, "KUBECONFIG")
		}
	}
	return text
}

func TestRunInterrupted(t *testing.T) {
	tests := map[string]struct {
		err  error
		want outcome
	}{
		"finished all the same": {},
		"cancelled":             {fmt.Errorf("list roles: %w", context.Canceled), outcome{130, "", "interrupted\n"}},
		"with something to say": {errors.New("half of it is done"), outcome{130, "", "error: half of it is done\n"}},
		"with a code":           {cli.ExitWith(2, errors.New("x")), outcome{130, "", "error: x\n"}},
		"silent":                {cli.Silent(1), outcome{Code: 130}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			env, out, errOut := newEnv()
			code := cli.Run(ctx, env, command(func(_ *cli.Env, cmd *cobra.Command) error {
				cancel()
				<-cmd.Context().Done()
				return tc.err
			}), []string{"one"})
			if diff := cmp.Diff(tc.want, outcome{code, out.String(), errOut.String()}); diff != "" {
				t.Errorf("outcome (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRunRealErrors asks real, broken servers through client-go: its errors change from release to release.
func TestRunRealErrors(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	slow := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	tests := map[string]struct {
		server func(t *testing.T) string
		args   []string
		want   []string // lines of the error stream; SERVER stands for the server's host and port
	}{
		"refused": {
			server: func(*testing.T) string {
				s := httptest.NewServer(status(200))
				s.Close()
				return s.URL
			},
			want: []string{
				"error: get version: The connection to the server SERVER was refused - did you specify the right host or port?",
				`hint: nothing listens at SERVER (context "dev" in KUBECONFIG): is the cluster running, and reachable from here?`,
				"hint: --from FILE reads manifests or a snapshot instead of a cluster",
			},
		},
		"too slow": {
			server: func(t *testing.T) string {
				s := httptest.NewServer(http.HandlerFunc(slow))
				t.Cleanup(s.Close)
				return s.URL
			},
			args: []string{"--request-timeout=100ms"},
			want: []string{
				"error: get version: Unable to connect to the server: TIMEOUT",
				`hint: SERVER (context "dev" in KUBECONFIG) did not answer in time: check the network (VPN?), or allow more with ` +
					"--request-timeout",
				"hint: --from FILE reads manifests or a snapshot instead of a cluster",
			},
		},
		"certificate of nobody": {
			server: func(t *testing.T) string {
				s := httptest.NewUnstartedServer(status(200))
				s.Config.ErrorLog = discard()
				s.StartTLS()
				t.Cleanup(s.Close)
				return s.URL
			},
			want: []string{
				"error: get version: Unable to connect to the server: tls: failed to verify certificate: x509: certificate " +
					"signed by unknown authority",
				`hint: the certificate of SERVER (context "dev" in KUBECONFIG) is not trusted: check the certificate authority of ` +
					"the kubeconfig",
			},
		},
		"token not accepted": {
			server: func(t *testing.T) string {
				s := httptest.NewServer(status(401))
				t.Cleanup(s.Close)
				return s.URL
			},
			want: []string{
				"error: You must be logged in to the server (get version: the server has asked for the client to provide credentials)",
				`hint: the credentials of context "dev" in KUBECONFIG are wrong or have expired: log in again`,
			},
		},
		"not allowed": {
			server: func(t *testing.T) string {
				s := httptest.NewServer(status(403))
				t.Cleanup(s.Close)
				return s.URL
			},
			want: []string{"Error from server (Forbidden): get version:"},
		},
		"unknown context": {
			server: func(*testing.T) string { return "https://dev.invalid" },
			args:   []string{"--context=prd"},
			want:   []string{`error: context "prd" does not exist`, "hint: did you mean prod?", "hint: --from FILE reads manifests or a snapshot instead of a cluster"},
		},
		"no kubeconfig": {
			server: func(*testing.T) string { return "https://dev.invalid" },
			args:   []string{"--kubeconfig=/dev/null"},
			want: []string{
				"error: get version: The connection to the server localhost:8080 was refused - did you specify the right host or port?",
				"hint: looked for a kubeconfig in /dev/null; set KUBECONFIG or --kubeconfig",
				"hint: --from FILE reads manifests or a snapshot instead of a cluster",
			},
		},
		"kubeconfig that is no file": {
			server: func(*testing.T) string { return "https://dev.invalid" },
			args:   []string{"--kubeconfig=/nowhere/at/all"},
			want:   []string{"error: stat /nowhere/at/all: no such file or directory"},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			server := tc.server(t)
			kubeconfig(t, server)
			t.Setenv("KUBECACHEDIR", t.TempDir())

			got := run(t, command(func(env *cli.Env, _ *cobra.Command) error {
				config, err := env.Config.ToRESTConfig()
				if err != nil {
					return err
				}
				client, err := discovery.NewDiscoveryClientForConfig(config)
				if err != nil {
					return err
				}
				if _, err := client.ServerVersion(); err != nil {
					return fmt.Errorf("get version: %w", err)
				}
				return nil
			}), append([]string{"one"}, tc.args...)...)

			_, address, _ := strings.Cut(server, "://")
			text := strings.ReplaceAll(hideKubeconfig(got.ErrOut), address, "SERVER")
			// net/http words it as it happens.
			text = regexp.MustCompile(`(context deadline exceeded|net/http: request canceled).*`).ReplaceAllString(text, "TIMEOUT")
			if diff := cmp.Diff(strings.Join(tc.want, "\n")+"\n", text); diff != "" {
				t.Errorf("error stream (-want +got):\n%s", diff)
			}
			if got.Code != cli.ExitError || got.Out != "" {
				t.Errorf("code %d, stdout %q; want %d and nothing", got.Code, got.Out, cli.ExitError)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	tests := map[string][]string{
		"help_root":       {"--help"},
		"help_bare":       {},
		"help_ask":        {"ask", "-h"},
		"help_one":        {"help", "one"},
		"help_options":    {"options"},
		"help_completion": {"completion"},
		"help_version":    {"version", "-h"},
	}
	for name, args := range tests {
		t.Run(name, func(t *testing.T) {
			// Neither a kubeconfig nor a cluster is there to be read.
			t.Setenv("KUBECONFIG", "/nowhere")
			got := run(t, command(func(*cli.Env, *cobra.Command) error { return errors.New("it ran") }), args...)
			if got.Code != 0 || got.ErrOut != "" {
				t.Errorf("code %d, stderr %q; want 0 and nothing", got.Code, got.ErrOut)
			}
			golden.Equal(t, got.Out, name)
		})
	}
}
