package gatehouse

import (
	"path/filepath"

	"k8s.io/client-go/rest"

	"github.com/kubegatehouse/gatehouse/pkg/cmd/workspaces"
)

// login says how the caller logs in, without what he logs in with.
type login struct {
	// Context is that of the kubeconfig; the server's address without one.
	Context string `json:"context"`
	// User is the kubeconfig's name of the credentials; empty when there is none, as in a pod.
	User string `json:"user,omitempty"`
	// Methods are what is sent: "client certificate", "token", "token of program kubelogin". There may be none.
	Methods []string `json:"methods"`
	// Impersonating says that the cluster takes the caller for somebody else, as was asked for.
	Impersonating bool `json:"impersonating,omitempty"`
}

// login finds out what the connection logs in with. It asks nobody.
func (o *whoamiOptions) login(l *workspaces.Loaded) *login {
	config := l.Cluster.Config()
	out := &login{Context: l.Cluster.Name(), Methods: methods(config), Impersonating: config.Impersonate.UserName != ""}
	raw, err := o.env.Config.ToRawKubeConfigLoader().RawConfig()
	if err != nil {
		return out // it was good enough to connect
	}
	if *o.env.Config.AuthInfoName != "" {
		out.User = *o.env.Config.AuthInfoName
	} else if context := raw.Contexts[l.Cluster.Name()]; context != nil {
		out.User = context.AuthInfo
	}
	return out
}

// methods are all that a connection shows to the server. Of programs only the name is told: arguments may be secret.
func methods(config *rest.Config) []string {
	out := []string{}
	if config.CertFile != "" || len(config.CertData) > 0 {
		out = append(out, "client certificate")
	}
	switch {
	case config.ExecProvider != nil:
		out = append(out, "credentials of program "+filepath.Base(config.ExecProvider.Command))
	case config.AuthProvider != nil:
		out = append(out, "auth provider "+config.AuthProvider.Name)
	case config.BearerTokenFile != "":
		out = append(out, "token of a file")
	case config.BearerToken != "":
		out = append(out, "token")
	case config.Username != "":
		out = append(out, "name and password")
	}
	return out
}
