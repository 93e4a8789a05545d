package kube_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/kubegatehouse/gatehouse/pkg/kube"
)

const execConfig = `apiVersion: v1
kind: Config
current-context: prod
clusters:
- {name: c, cluster: {server: "https://prod.example:6443"}}
users:
- {name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: login, interactiveMode: Never}}}
contexts:
- {name: prod, context: {cluster: c, user: u}}
`

func TestLimitPlugins(t *testing.T) { // sets the environment, so it is not parallel
	tests := map[string]struct {
		kuberc string
		want   clientcmdapi.PluginPolicy
		warns  bool
	}{
		"no file": {},
		"deny all": {
			kuberc: "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: DenyAll\n",
			want:   clientcmdapi.PluginPolicy{PolicyType: clientcmdapi.PluginPolicyDenyAll},
		},
		"allow one": {
			kuberc: "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: Allowlist\n" +
				"credentialPluginAllowlist:\n- command: login\n",
			want: clientcmdapi.PluginPolicy{
				PolicyType: clientcmdapi.PluginPolicyAllowlist, Allowlist: []clientcmdapi.AllowlistEntry{{Command: "login"}},
			},
		},
		"wrong policy": {
			kuberc: "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: Sometimes\n",
			want:   clientcmdapi.PluginPolicy{PolicyType: clientcmdapi.PluginPolicyDenyAll}, warns: true,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "kuberc")
			if tc.kuberc != "" {
				if err := os.WriteFile(path, []byte(tc.kuberc), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("HOME", t.TempDir())
			if tc.kuberc != "" {
				t.Setenv("KUBERC", path)
			}
			flags := flagsFor(t, execConfig)
			var errOut bytes.Buffer
			kube.LimitPlugins(flags, &errOut)
			config, err := flags.ToRESTConfig()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, config.ExecProvider.PluginPolicy); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := errOut.String(); strings.Contains(got, "credential plugins are refused") != tc.warns {
				t.Errorf("warnings: %q", got)
			}
		})
	}
}

// TestLimitPluginsByDefaultFile has nobody name a file: the one in the home folder counts, unless it can't be read.
func TestLimitPluginsByDefaultFile(t *testing.T) { // sets the environment, so it is not parallel
	const good = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\ncredentialPluginPolicy: DenyAll\n"
	tests := map[string]struct {
		kuberc, tells string
		want          clientcmdapi.PluginPolicy
	}{
		"good":   {kuberc: good, want: clientcmdapi.PluginPolicy{PolicyType: clientcmdapi.PluginPolicyDenyAll}},
		"broken": {kuberc: "{", tells: "kuberc: no preferences loaded from "},
		"a field too many": {
			kuberc: good + "more: \"\\e\"\n", want: clientcmdapi.PluginPolicy{PolicyType: clientcmdapi.PluginPolicyDenyAll},
			tells: "kuberc: ignoring strict decoding error in ",
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			t.Setenv("HOME", home)
			t.Setenv("KUBERC", "")
			if err := os.MkdirAll(filepath.Join(home, ".kube"), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(home, ".kube", "kuberc"), []byte(tc.kuberc), 0o600); err != nil {
				t.Fatal(err)
			}
			flags := flagsFor(t, execConfig)
			var errOut bytes.Buffer
			kube.LimitPlugins(flags, &errOut)
			config, err := flags.ToRESTConfig()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, config.ExecProvider.PluginPolicy); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if got := errOut.String(); !strings.HasPrefix(got, tc.tells) || (got == "") != (tc.tells == "") || strings.Count(got, "\n") > 1 {
				t.Errorf("error stream: %q", got)
			}
		})
	}
}
