package cli_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/spf13/pflag"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
)

// flagSource is what both kubectl's own connection flags and ours are.
type flagSource interface {
	AddFlags(*pflag.FlagSet)
	ToRESTConfig() (*rest.Config, error)
	ToRawKubeConfigLoader() clientcmd.ClientConfig
}

const (
	mainConfig = `apiVersion: v1
kind: Config
current-context: dev
clusters:
- {name: plain, cluster: {server: "http://plain.invalid:8001/path"}}
- {name: tls, cluster: {server: "https://tls.invalid", certificate-authority-data: Q0E=, tls-server-name: other.invalid}}
- {name: proxied, cluster: {server: "https://proxied.invalid", proxy-url: "socks5://proxy.invalid:1080", disable-compression: true}}
- {name: loose, cluster: {server: "https://loose.invalid", insecure-skip-tls-verify: true}}
- {name: nowhere, cluster: {}}
- {name: two-ways, cluster: {server: "https://x.invalid", insecure-skip-tls-verify: true, certificate-authority: ca.crt}}
users:
- {name: token, user: {token: from-the-file}}
- {name: token-file, user: {tokenFile: token.txt}}
- {name: basic, user: {username: alice, password: wonder}}
- {name: cert, user: {client-certificate: a.crt, client-key: a.key}}
- {name: cert-data, user: {client-certificate-data: QQ==, client-key-data: Qg==}}
- {name: exec, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login, args: [a], env: [{name: HOW, value: "x"}], interactiveMode: IfAvailable, provideClusterInfo: true}}}
- {name: bad-exec, user: {exec: {apiVersion: client.authentication.k8s.io/v1}}}
- {name: provider, user: {auth-provider: {name: oidc, config: {idp-issuer-url: "https://idp.invalid"}}}}
- {name: acting, user: {token: t, as: bob, as-uid: "7", as-groups: [g1, g2], as-user-extra: {scope: [read]}}}
- {name: several, user: {token: t, username: u, password: p}}
contexts:
- {name: dev, context: {cluster: plain, user: token, namespace: team}}
- {name: tls, context: {cluster: tls, user: token-file}}
- {name: proxied, context: {cluster: proxied, user: basic}}
- {name: loose, context: {cluster: loose, user: cert}}
- {name: cert-data, context: {cluster: tls, user: cert-data}}
- {name: exec, context: {cluster: tls, user: exec, namespace: a}}
- {name: bad-exec, context: {cluster: tls, user: bad-exec}}
- {name: provider, context: {cluster: tls, user: provider}}
- {name: acting, context: {cluster: tls, user: acting}}
- {name: several, context: {cluster: tls, user: several}}
- {name: nowhere, context: {cluster: nowhere, user: token}}
- {name: two-ways, context: {cluster: two-ways, user: token}}
- {name: no-cluster, context: {cluster: missing, user: token}}
- {name: no-user, context: {cluster: tls, user: missing}}
- {name: empty, context: {}}
`
	secondConfig = `apiVersion: v1
kind: Config
current-context: second
clusters:
- {name: second, cluster: {server: "https://second.invalid:6443"}}
- {name: plain, cluster: {server: "https://loses.invalid"}}
contexts:
- {name: second, context: {cluster: second, user: token, namespace: other}}
`
)

// TestConnectionIsKubectls compares with the flags that kubectl itself has, for many kubeconfigs, flags and environments.
func TestConnectionIsKubectls(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{
		"main": mainConfig, "second": secondConfig, "empty": "", "broken": "clusters: {", "no-current": strings.Replace(mainConfig, "current-context: dev", "", 1),
		"wrong-current": strings.Replace(mainConfig, "current-context: dev", "current-context: gone", 1),
		"token.txt":     "token-of-the-file", "ca.crt": "CA", "a.crt": "A", "a.key": "B", "c.crt": "C", "c.key": "D",
		"other-version": "apiVersion: v9\nkind: Config\n", "unknown-field": mainConfig + "extra: {a: b}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	files := func(names ...string) string {
		for i, name := range names {
			names[i] = filepath.Join(dir, name)
		}
		return strings.Join(names, string(filepath.ListSeparator))
	}
	kubeconfigs := map[string]string{
		"one file": files("main"), "two files": files("main", "second"), "two files turned": files("second", "main"),
		"a file that is missing": files("missing", "second"), "all missing": files("missing"), "empty file": files("empty"),
		"broken file": files("broken"), "no current context": files("no-current"), "current context gone": files("wrong-current"),
		"unknown version": files("other-version"), "unknown field": files("unknown-field"), "a directory": dir,
	}
	for _, context := range []string{
		"tls", "proxied", "loose", "cert-data", "exec", "bad-exec", "provider", "acting", "several", "nowhere", "two-ways",
		"no-cluster", "no-user", "empty", "unknown", "second",
	} {
		kubeconfigs["two files --context="+context] = files("main", "second")
	}
	flags := map[string][]string{
		"none":            {},
		"namespace":       {"-n", "x"},
		"server":          {"-s", "https://given.invalid:1"},
		"server no tls":   {"--server=given.invalid:8080"},
		"token":           {"--token=given"},
		"certificates":    {"--client-certificate=" + files("c.crt"), "--client-key=" + files("c.key"), "--certificate-authority=" + files("ca.crt")},
		"no certificate":  {"--client-certificate=" + files("missing")},
		"insecure":        {"--insecure-skip-tls-verify"},
		"insecure and ca": {"--insecure-skip-tls-verify", "--certificate-authority=" + files("ca.crt")},
		"tls name":        {"--tls-server-name=given.invalid"},
		"compression":     {"--disable-compression"},
		"as":              {"--as=eve", "--as-uid=9", "--as-group=a", "--as-group=b,c", "--as-user-extra=k=v=w", "--as-user-extra=k=x", "--as-user-extra=bad"},
		"as alone":        {"--as=eve"},
		"cluster":         {"--cluster=loose"},
		"unknown cluster": {"--cluster=gone"},
		"user":            {"--user=cert"},
		"unknown user":    {"--user=gone"},
		"timeout":         {"--request-timeout=7s"},
		"timeout seconds": {"--request-timeout=7"},
		"bad timeout":     {"--request-timeout=soon"},
		"kubeconfig":      {"--kubeconfig=" + files("second")},
		"no kubeconfig":   {"--kubeconfig=" + files("missing")},
		"all of them":     {"--context=exec", "--user=token", "--token=given", "--as=eve", "-s", "https://given.invalid", "-n", "y"},
	}
	var connected, refused int
	for configName, kubeconfig := range kubeconfigs {
		for flagName, args := range flags {
			t.Run(configName+"/"+flagName, func(t *testing.T) {
				t.Setenv("KUBECONFIG", kubeconfig)
				if _, context, ok := strings.Cut(configName, " --context="); ok {
					args = append([]string{"--context=" + context}, args...)
				}
				ours, theirs := cli.NewConnection(), genericclioptions.NewConfigFlags(true)
				want, got := found(t, theirs, args), found(t, ours, args)
				// Where a token is written back to is no part of a connection, and has nothing that compares.
				persister := cmpopts.IgnoreFields(rest.Config{}, "AuthConfigPersister")
				if diff := cmp.Diff(want, got, persister); diff != "" {
					t.Errorf("(-kubectl's +ours):\n%s", diff)
				}
				if want.Err == "" {
					connected++
				} else {
					refused++
				}
			})
		}
	}
	if connected < 100 || refused < 100 {
		t.Errorf("%d connections and %d errors: the table is one-sided", connected, refused)
	}
}

// finding is all that a command may learn of a connection.
type finding struct {
	Config                    *rest.Config
	Err                       string
	Proxy                     string
	Namespace                 string
	Overridden                bool
	NamespaceErr              string
	Raw                       api.Config
	RawErr                    string
	Files                     []string
	ExplicitFile, DefaultFile string
}

func found(t *testing.T, flags flagSource, args []string) finding {
	t.Helper()
	fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
	flags.AddFlags(fs)
	if err := fs.Parse(args); err != nil {
		t.Fatal(err)
	}
	var (
		out finding
		err error
	)
	out.Config, err = flags.ToRESTConfig()
	out.Err = errorText(err)
	if out.Config != nil && out.Config.Proxy != nil {
		proxy, err := out.Config.Proxy(&http.Request{URL: &url.URL{Scheme: "https", Host: "x"}})
		out.Proxy = fmt.Sprint(proxy, err)
		out.Config.Proxy = nil // functions don't compare
	}
	loader := flags.ToRawKubeConfigLoader()
	out.Namespace, out.Overridden, err = loader.Namespace()
	out.NamespaceErr = errorText(err)
	out.Raw, err = loader.RawConfig()
	out.RawErr = errorText(err)
	access := loader.ConfigAccess()
	out.Files, out.ExplicitFile, out.DefaultFile = access.GetLoadingPrecedence(), access.GetExplicitFile(), access.GetDefaultFilename()
	return out
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// TestFlagsAreKubectls compares what the flags are named, what help says of them, and what they are without being given.
func TestFlagsAreKubectls(t *testing.T) {
	for name, cache := range map[string]string{"usual cache": "", "another cache": "/somewhere"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("KUBECACHEDIR", cache)
			all := func(flags flagSource) (out []string) {
				fs := pflag.NewFlagSet("test", pflag.ContinueOnError)
				flags.AddFlags(fs)
				fs.VisitAll(func(f *pflag.Flag) {
					out = append(out, fmt.Sprintf("%s %q %s %q %q %q", f.Name, f.Shorthand, f.Value.Type(), f.DefValue, f.NoOptDefVal, f.Usage))
				})
				return out
			}
			want := all(genericclioptions.NewConfigFlags(true))
			if diff := cmp.Diff(want, all(cli.NewConnection())); diff != "" || len(want) < 19 {
				t.Errorf("%d flags (-kubectl's +ours):\n%s", len(want), diff)
			}
		})
	}
}
