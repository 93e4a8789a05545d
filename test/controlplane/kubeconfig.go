package controlplane

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/clientcmd/api"
)

// clusterName is what kubeconfigs call the control plane.
const clusterName = "gatehouse-test"

// admin is the user that may do everything.
func admin() User {
	return User{Name: "admin", Groups: []string{"system:masters"}}
}

// User is who a client certificate says its bearer is. The API server adds the group system:authenticated.
type User struct {
	Name   string
	Groups []string
}

// Admin returns the path of a kubeconfig whose user is in system:masters: RBAC is not asked about it.
func (cp *ControlPlane) Admin() string {
	return cp.file("admin.kubeconfig")
}

// Kubeconfig writes a kubeconfig with a client certificate for that user and those groups into the control plane's directory, readable by
// its owner only, and returns its path. Its one context is named after the user. The same call returns the same path.
func (cp *ControlPlane) Kubeconfig(user string, groups ...string) (string, error) {
	sum := sha256.Sum256([]byte(user + "\x00" + strings.Join(groups, "\x00")))
	path := cp.file("user-" + hex.EncodeToString(sum[:8]) + ".kubeconfig")
	cp.kubeconfigs.Lock()
	defer cp.kubeconfigs.Unlock()
	if !missing(path) {
		return path, nil
	}
	return path, cp.WriteKubeconfig(path, User{Name: user, Groups: groups})
}

// WriteKubeconfig writes a kubeconfig with a context per user to path, readable by its owner only; the first user's context is the current
// one. Errors: no user, a user without name or named twice, a path that cannot be written.
func (cp *ControlPlane) WriteKubeconfig(path string, users ...User) error {
	if len(users) == 0 {
		return errors.New("write kubeconfig: no user")
	}
	config := cp.newConfig()
	config.CurrentContext = users[0].Name
	for _, user := range users {
		if _, twice := config.Contexts[user.Name]; twice {
			return fmt.Errorf("write kubeconfig: user %q is named twice", user.Name)
		}
		cert, key, err := cp.certificate(user)
		if err != nil {
			return fmt.Errorf("write kubeconfig: %w", err)
		}
		config.AuthInfos[user.Name] = &api.AuthInfo{ClientCertificateData: cert, ClientKeyData: key}
		config.Contexts[user.Name] = &api.Context{Cluster: clusterName, AuthInfo: user.Name}
	}
	return writeConfig(config, path)
}

// TokenKubeconfig writes a kubeconfig with a bearer token, such as one of a ServiceAccount, and returns its path. The token is not checked.
func (cp *ControlPlane) TokenKubeconfig(token string) (string, error) {
	sum := sha256.Sum256([]byte(token))
	path := cp.file("token-" + hex.EncodeToString(sum[:8]) + ".kubeconfig")
	config := cp.newConfig()
	config.CurrentContext = "token"
	config.AuthInfos["token"] = &api.AuthInfo{Token: token}
	config.Contexts["token"] = &api.Context{Cluster: clusterName, AuthInfo: "token"}
	cp.kubeconfigs.Lock()
	defer cp.kubeconfigs.Unlock()
	return path, writeConfig(config, path)
}

// RESTConfig returns the configuration of a client that is that user with those groups and is not throttled. Errors: no user name.
func (cp *ControlPlane) RESTConfig(user string, groups ...string) (*rest.Config, error) {
	cert, key, err := cp.certificate(User{Name: user, Groups: groups})
	if err != nil {
		return nil, err
	}
	return &rest.Config{
		Host:            cp.url,
		TLSClientConfig: rest.TLSClientConfig{CAData: cp.authority.pem, CertData: cert, KeyData: key},
		QPS:             -1,
	}, nil
}

// AdminConfig returns the configuration of a client that may do everything and is not throttled. The caller may change it.
func (cp *ControlPlane) AdminConfig() *rest.Config {
	return rest.CopyConfig(cp.adminConfig)
}

func (cp *ControlPlane) certificate(user User) (cert, key []byte, err error) {
	if user.Name == "" {
		return nil, nil, errors.New("make certificate: user has no name")
	}
	return cp.authority.client(user.Name, user.Groups)
}

func (cp *ControlPlane) newConfig() *api.Config {
	config := api.NewConfig()
	config.Clusters[clusterName] = &api.Cluster{Server: cp.url, CertificateAuthorityData: cp.authority.pem}
	return config
}

func writeConfig(config *api.Config, path string) error {
	if err := clientcmd.WriteToFile(*config, path); err != nil { // mode 0600
		return fmt.Errorf("write kubeconfig: %w", err)
	}
	return nil
}
