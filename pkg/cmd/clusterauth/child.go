package clusterauth

import (
	"errors"
	"fmt"
	"os"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// kubeconfigOf is the way into a cluster whose kubeconfig came out of a Secret. It implements [kube.Flags], and keeps
// nothing on disk: the file is an administrator's.
type kubeconfigOf struct {
	clientcmd.ClientConfig
	// timeout is how long an answer is waited for.
	timeout time.Duration
}

// newKubeconfigOf reads a kubeconfig. It refuses one that would run programs or read files here: whoever may write the
// Secret is not the user of this machine. Errors have nothing of the content.
func newKubeconfigOf(data []byte, timeout time.Duration) (kubeconfigOf, error) {
	config, err := clientcmd.Load(data)
	if err != nil {
		return kubeconfigOf{}, errors.New("it is no kubeconfig")
	}
	for name, user := range config.AuthInfos {
		switch {
		case user.Exec != nil, user.AuthProvider != nil:
			return kubeconfigOf{}, fmt.Errorf("user %q runs a program, and that is not done for a kubeconfig out of a Secret", name)
		case user.TokenFile != "", user.ClientKey != "", user.ClientCertificate != "":
			return kubeconfigOf{}, fmt.Errorf("user %q names files, and those are not read for a kubeconfig out of a Secret", name)
		}
	}
	for name, cluster := range config.Clusters {
		if cluster.CertificateAuthority != "" {
			return kubeconfigOf{}, fmt.Errorf("cluster %q names a file, and that is not read for a kubeconfig out of a Secret", name)
		}
	}
	return kubeconfigOf{clientcmd.NewDefaultClientConfig(*config, &clientcmd.ConfigOverrides{}), timeout}, nil
}

// ContextName implements [kube.Flags].
func (kubeconfigOf) ContextName() string { return "" }

// ToRESTConfig implements [kube.Flags].
func (k kubeconfigOf) ToRESTConfig() (*rest.Config, error) {
	config, err := k.ClientConfig.ClientConfig()
	if err != nil {
		return nil, err
	}
	config.Timeout = k.timeout
	return config, nil
}

// ToRawKubeConfigLoader implements [kube.Flags].
func (k kubeconfigOf) ToRawKubeConfigLoader() clientcmd.ClientConfig { return k.ClientConfig }

// ReadCache implements [kube.Cache]: there is none.
func (kubeconfigOf) ReadCache(string, string) ([]byte, error) { return nil, os.ErrNotExist }

// WriteCache implements [kube.Cache]: nothing is kept.
func (kubeconfigOf) WriteCache(string, string, []byte) error { return nil }
