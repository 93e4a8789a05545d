package kube

import (
	"fmt"
	"io"
	"net/url"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Flags are kubectl's connection flags, as those of package cli.
type Flags interface {
	Cache
	// ContextName is the context of --context, empty for the current one of the kubeconfig.
	ContextName() string
	// ToRESTConfig returns how the server is reached and who is asking.
	ToRESTConfig() (*rest.Config, error)
	// ToRawKubeConfigLoader returns what reads the kubeconfig.
	ToRawKubeConfigLoader() clientcmd.ClientConfig
}

// Cache keeps what servers serve from run to run, in kubectl's files and for as long as kubectl does.
type Cache interface {
	// ReadCache returns what was written under a name for the server at host, which may have been another program. An
	// error says that it isn't there, or too old.
	ReadCache(host, name string) ([]byte, error)
	// WriteCache writes what ReadCache is to return.
	WriteCache(host, name string, data []byte) error
}

// Cluster is one API server, as one user. Making one reads the kubeconfig and contacts nobody. It may be used by
// several goroutines at once.
type Cluster struct {
	name      string
	namespace string
	config    *rest.Config
	client    rest.Interface
	cache     Cache
	// latest keeps lists from being answered out of a cache that may lag behind.
	latest bool
	// part is what lists and watches are limited to.
	part Part
}

// New returns the cluster that kubectl's connection flags name. See [Config] for the user agent and errOut.
func New(flags Flags, userAgent string, errOut io.Writer) (*Cluster, error) {
	config, err := Config(flags, userAgent, errOut)
	if err != nil {
		return nil, err
	}
	client, err := restClient(config)
	if err != nil {
		return nil, fmt.Errorf("prepare connection to %s: %w", config.Host, err)
	}
	loader := flags.ToRawKubeConfigLoader()
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, fmt.Errorf("read namespace from kubeconfig: %w", err)
	}
	return &Cluster{
		name:      name(flags, config),
		namespace: namespace,
		config:    config,
		client:    client,
		cache:     flags,
	}, nil
}

// Name says which cluster it is, for headings and messages: the context's name, or the server's host and port when
// there is no context, as inside a pod or with --server.
func (c *Cluster) Name() string { return c.name }

// Namespace is the one that --namespace or the context names, else "default".
func (c *Cluster) Namespace() string { return c.namespace }

// Latest returns the same cluster, with lists that hold everything that was written before they were asked for: what a
// change is planned from must not be a moment old. Servers since 1.31 answer them out of their cache, as soon as that has
// caught up; older ones ask etcd, which costs more.
func (c *Cluster) Latest() *Cluster {
	fresh := *c
	fresh.latest = true
	return &fresh
}

// Config returns a copy of the connection, for clients that this package doesn't have.
func (c *Cluster) Config() *rest.Config { return rest.CopyConfig(c.config) }

func restClient(config *rest.Config) (rest.Interface, error) {
	httpClient, err := rest.HTTPClientFor(config)
	if err != nil {
		return nil, err
	}
	config = rest.CopyConfig(config)
	config.APIPath = "/"
	config.GroupVersion = &schema.GroupVersion{}
	scheme, err := reviews()
	if err != nil {
		return nil, err
	}
	config.NegotiatedSerializer = serializer.NewCodecFactory(scheme).WithoutConversion()
	return rest.UnversionedRESTClientForConfigAndClient(config, httpClient)
}

// reviews knows the few types that are sent and read whole, among them what servers say of failures. The scheme of
// client-go knows all types of the API, which makes programs much bigger (docs/decisions/0004).
func reviews() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	if err := authenticationv1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	return scheme, authorizationv1.AddToScheme(scheme)
}

func name(flags Flags, config *rest.Config) string {
	if context := flags.ContextName(); context != "" {
		return context
	}
	if raw, err := flags.ToRawKubeConfigLoader().RawConfig(); err == nil && raw.CurrentContext != "" {
		return raw.CurrentContext
	}
	if u, err := url.Parse(config.Host); err == nil && u.Host != "" {
		return u.Host
	}
	return config.Host
}
