package kube

import (
	"fmt"
	"io"

	"k8s.io/client-go/plugin/pkg/client/auth/exec"
	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/kubectl/pkg/config"
)

// LimitPlugins makes every connection of the flags obey the credentialPluginPolicy of the user's kuberc file, as those
// of kubectl do: which programs a kubeconfig may run for credentials. The file is read when the first connection with
// such a program is made. A file that can't be read or that is wrong refuses all programs, with a line on errOut.
func LimitPlugins(flags interface {
	Wrap(change func(*rest.Config) *rest.Config)
}, errOut io.Writer,
) {
	flags.Wrap(func(c *rest.Config) *rest.Config {
		if c.ExecProvider == nil {
			return c
		}
		preference, err := readPreference(errOut)
		if err == nil {
			c.ExecProvider.PluginPolicy, err = pluginPolicy(preference)
		}
		if err != nil {
			_, _ = fmt.Fprintf(errOut, "Warning: credential plugins are refused: read kuberc: %s\n", visible(err.Error()))
			c.ExecProvider.PluginPolicy = clientcmdapi.PluginPolicy{PolicyType: clientcmdapi.PluginPolicyDenyAll}
		}
		return c
	})
}

// pluginPolicy returns what a kuberc file says of credential plugins; nothing, when there is no file.
func pluginPolicy(preference *config.Preference) (clientcmdapi.PluginPolicy, error) {
	if preference == nil {
		return clientcmdapi.PluginPolicy{}, nil
	}
	policy := clientcmdapi.PluginPolicy{PolicyType: clientcmdapi.PolicyType(preference.CredentialPluginPolicy)}
	if preference.CredentialPluginAllowlist != nil {
		policy.Allowlist = make([]clientcmdapi.AllowlistEntry, 0, len(preference.CredentialPluginAllowlist))
		for _, entry := range preference.CredentialPluginAllowlist {
			policy.Allowlist = append(policy.Allowlist, clientcmdapi.AllowlistEntry(entry))
		}
	}
	return policy, exec.ValidatePluginPolicy(policy)
}
