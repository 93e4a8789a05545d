package cli

import (
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// ToRESTConfig returns how the server is reached and who is asking. Inside of a pod without any kubeconfig that is the
// pod's service account. Errors are those of clientcmd.
func (c *Connection) ToRESTConfig() (*rest.Config, error) {
	config, err := c.ToRawKubeConfigLoader().ClientConfig()
	if err != nil {
		return nil, err
	}
	for _, wrap := range c.wraps {
		config = wrap(config)
	}
	return config, nil
}

// ToRawKubeConfigLoader returns what reads the kubeconfig, once, and applies the flags to it.
func (c *Connection) ToRawKubeConfigLoader() clientcmd.ClientConfig {
	c.lock.Lock()
	defer c.lock.Unlock()
	if c.loader == nil {
		rules := clientcmd.NewDefaultClientConfigLoadingRules()
		rules.ExplicitPath = *c.KubeConfig
		// Deprecated by clientcmd, but kubectl asks localhost:8080 because of it when there is no kubeconfig.
		rules.DefaultClientConfig = &clientcmd.DefaultClientConfig
		c.loader = clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, c.overrides())
	}
	return c.loader
}

// overrides are the flags in clientcmd's words.
func (c *Connection) overrides() *clientcmd.ConfigOverrides {
	overrides := &clientcmd.ConfigOverrides{
		AuthInfo: api.AuthInfo{
			ClientCertificate: *c.CertFile,
			ClientKey:         *c.KeyFile,
			Token:             *c.BearerToken,
			Impersonate:       *c.Impersonate,
			ImpersonateUID:    *c.ImpersonateUID,
			ImpersonateGroups: *c.ImpersonateGroup,
		},
		ClusterDefaults: clientcmd.ClusterDefaults,
		ClusterInfo: api.Cluster{
			Server:                *c.APIServer,
			TLSServerName:         *c.TLSServerName,
			InsecureSkipTLSVerify: *c.Insecure,
			CertificateAuthority:  *c.CAFile,
			DisableCompression:    *c.DisableCompression,
		},
		Context:        api.Context{Cluster: *c.ClusterName, AuthInfo: *c.AuthInfoName, Namespace: *c.Namespace},
		CurrentContext: *c.Context,
		Timeout:        *c.Timeout,
	}
	for _, extra := range *c.ImpersonateUserExtra {
		if key, value, ok := strings.Cut(extra, "="); ok {
			if overrides.AuthInfo.ImpersonateUserExtra == nil {
				overrides.AuthInfo.ImpersonateUserExtra = map[string][]string{}
			}
			overrides.AuthInfo.ImpersonateUserExtra[key] = append(overrides.AuthInfo.ImpersonateUserExtra[key], value)
		}
	}
	return overrides
}
