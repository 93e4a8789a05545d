package cli

import (
	"slices"
	"sync"

	"github.com/spf13/pflag"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Connection holds kubectl's connection flags, and finds the cluster that they mean as kubectl does: with the loading
// rules of k8s.io/client-go/tools/clientcmd. Fields are pointers, as in kubectl's own ConfigFlags, so that a value may
// be shared; none may be nil. Nothing is read before a method is called, and the kubeconfig only once: fields are set
// before that.
type Connection struct {
	// CacheDir is where answers of servers are kept between runs.
	CacheDir *string
	// KubeConfig is the file to read instead of those of $KUBECONFIG and ~/.kube/config.
	KubeConfig *string
	// ClusterName, AuthInfoName and Context name what of the kubeconfig is used, instead of what it says itself.
	ClusterName, AuthInfoName, Context *string
	// Namespace is the one to look at, instead of the context's.
	Namespace *string
	// APIServer, TLSServerName, CAFile, Insecure and DisableCompression say how the server is reached.
	APIServer, TLSServerName, CAFile *string
	Insecure, DisableCompression     *bool
	// CertFile, KeyFile and BearerToken say who is asking.
	CertFile, KeyFile, BearerToken *string
	// Impersonate and its attributes say as whom; an extra attribute is KEY=VALUE.
	Impersonate, ImpersonateUID            *string
	ImpersonateGroup, ImpersonateUserExtra *[]string
	// Timeout is that of one request, as in "5s"; "0" is none.
	Timeout *string

	wraps  []func(*rest.Config) *rest.Config
	lock   sync.Mutex // guards loader
	loader clientcmd.ClientConfig
}

// NewConnection returns a connection with the values that flags have when they are not given.
func NewConnection() *Connection {
	return &Connection{
		CacheDir: new(defaultCacheDir()), KubeConfig: new(string),
		ClusterName: new(string), AuthInfoName: new(string), Context: new(string), Namespace: new(string),
		APIServer: new(string), TLSServerName: new(string), CAFile: new(string),
		Insecure: new(bool), DisableCompression: new(bool),
		CertFile: new(string), KeyFile: new(string), BearerToken: new(string),
		Impersonate: new(string), ImpersonateUID: new(string),
		ImpersonateGroup: &[]string{}, ImpersonateUserExtra: &[]string{},
		Timeout: new("0"),
	}
}

// with returns a connection of the same values, which shares none of them, for another context.
func (c *Connection) with(context string) *Connection {
	copied := &Connection{
		CacheDir: new(*c.CacheDir), KubeConfig: new(*c.KubeConfig),
		ClusterName: new(*c.ClusterName), AuthInfoName: new(*c.AuthInfoName), Context: &context, Namespace: new(*c.Namespace),
		APIServer: new(*c.APIServer), TLSServerName: new(*c.TLSServerName), CAFile: new(*c.CAFile),
		Insecure: new(*c.Insecure), DisableCompression: new(*c.DisableCompression),
		CertFile: new(*c.CertFile), KeyFile: new(*c.KeyFile), BearerToken: new(*c.BearerToken),
		Impersonate: new(*c.Impersonate), ImpersonateUID: new(*c.ImpersonateUID),
		ImpersonateGroup:     new(slices.Clone(*c.ImpersonateGroup)),
		ImpersonateUserExtra: new(slices.Clone(*c.ImpersonateUserExtra)),
		Timeout:              new(*c.Timeout),
		wraps:                slices.Clone(c.wraps),
	}
	return copied
}

// AddFlags adds the flags to fs, with kubectl's names and help.
func (c *Connection) AddFlags(fs *pflag.FlagSet) {
	for _, f := range []struct {
		value             *string
		name, short, help string
	}{
		{c.KubeConfig, "kubeconfig", "", "Path to the kubeconfig file to use for CLI requests."},
		{c.CacheDir, "cache-dir", "", "Default cache directory"},
		{c.CertFile, "client-certificate", "", "Path to a client certificate file for TLS"},
		{c.KeyFile, "client-key", "", "Path to a client key file for TLS"},
		{c.BearerToken, "token", "", "Bearer token for authentication to the API server"},
		{c.Impersonate, "as", "", "Username to impersonate for the operation. User could be a regular user or a service account in a namespace."},
		{c.ImpersonateUID, "as-uid", "", "UID to impersonate for the operation."},
		{c.ClusterName, "cluster", "", "The name of the kubeconfig cluster to use"},
		{c.AuthInfoName, "user", "", "The name of the kubeconfig user to use"},
		{c.Namespace, "namespace", "n", "If present, the namespace scope for this CLI request"},
		{c.Context, "context", "", "The name of the kubeconfig context to use"},
		{c.APIServer, "server", "s", "The address and port of the Kubernetes API server"},
		{c.TLSServerName, "tls-server-name", "", "Server name to use for server certificate validation. If it is not provided, the hostname used to contact the server is used"},
		{c.CAFile, "certificate-authority", "", "Path to a cert file for the certificate authority"},
		{c.Timeout, "request-timeout", "", "The length of time to wait before giving up on a single server request. Non-zero values should contain a corresponding time unit (e.g. 1s, 2m, 3h). A value of zero means don't timeout requests."},
	} {
		fs.StringVarP(f.value, f.name, f.short, *f.value, f.help)
	}
	fs.StringArrayVar(c.ImpersonateGroup, "as-group", *c.ImpersonateGroup, "Group to impersonate for the operation, this flag can be repeated to specify multiple groups.")
	fs.StringArrayVar(c.ImpersonateUserExtra, "as-user-extra", *c.ImpersonateUserExtra, "User extras to impersonate for the operation, this flag can be repeated to specify multiple values for the same key.")
	fs.BoolVar(c.Insecure, "insecure-skip-tls-verify", *c.Insecure, "If true, the server's certificate will not be checked for validity. This will make your HTTPS connections insecure")
	fs.BoolVar(c.DisableCompression, "disable-compression", *c.DisableCompression, "If true, opt-out of response compression for all requests to the server")
}

// ContextName is the context of --context, empty for the current one of the kubeconfig.
func (c *Connection) ContextName() string { return *c.Context }

// Wrap adds a function that changes what [Connection.ToRESTConfig] returns, after those that were added before.
func (c *Connection) Wrap(change func(*rest.Config) *rest.Config) { c.wraps = append(c.wraps, change) }
