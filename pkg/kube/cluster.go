package kube

import (
	"fmt"
	"io"
	"net/url"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
)

// Cluster is one API server, as one user. Making one reads the kubeconfig and contacts nobody. It may be used by
// several goroutines at once.
type Cluster struct {
	name      string
	namespace string
	config    *rest.Config
	client    rest.Interface
	discovery func() (discovery.CachedDiscoveryInterface, error)
	// latest keeps lists from being answered out of a cache that may lag behind.
	latest bool
}

// New returns the cluster that kubectl's connection flags name. See [Config] for the user agent and errOut.
func New(flags genericclioptions.RESTClientGetter, userAgent string, errOut io.Writer) (*Cluster, error) {
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
		discovery: flags.ToDiscoveryClient,
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
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	return rest.UnversionedRESTClientForConfigAndClient(config, httpClient)
}

func name(flags genericclioptions.RESTClientGetter, config *rest.Config) string {
	// ConfigFlags knows a --context that overrides the file's current one; other getters only have the file.
	if f, ok := flags.(*genericclioptions.ConfigFlags); ok && f.Context != nil && *f.Context != "" {
		return *f.Context
	}
	if raw, err := flags.ToRawKubeConfigLoader().RawConfig(); err == nil && raw.CurrentContext != "" {
		return raw.CurrentContext
	}
	if u, err := url.Parse(config.Host); err == nil && u.Host != "" {
		return u.Host
	}
	return config.Host
}
