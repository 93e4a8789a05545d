package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd/api"
)

// Contexts returns the contexts to ask, in the order in which they were given, or by name with --all-contexts. Without
// either it is one empty name, which means the current context, and no kubeconfig is read. The error names a context
// that is not there, and those that are.
func (e *Env) Contexts() ([]string, error) {
	if !e.allContexts && len(e.contexts) == 0 {
		return []string{""}, nil
	}
	config, err := e.kubeconfig()
	if err != nil {
		return nil, err
	}
	known := slices.Sorted(maps.Keys(config.Contexts))
	if e.allContexts {
		if len(known) == 0 {
			return nil, Hint(errors.New("list contexts: the kubeconfig has none"), e.kubeconfigHint())
		}
		return known, nil
	}
	for _, name := range e.contexts {
		if name != "" && !slices.Contains(known, name) {
			return nil, Hint(fmt.Errorf("context %q does not exist", name), e.contextHint(name, known))
		}
	}
	return slices.Clone(e.contexts), nil
}

// ConfigFlagsFor returns a copy of the connection flags that stands for one context, with caches of its own. An empty
// name means the context of --context, or else the current one.
func (e *Env) ConfigFlagsFor(context string) *genericclioptions.ConfigFlags {
	from := e.Config
	if context == "" {
		context = *from.Context
	}
	to := genericclioptions.NewConfigFlags(true).WithWarningPrinter(e.IOStreams).WithWrapConfigFn(e.introduce)
	*to.Context = context
	for dst, src := range map[*string]*string{
		to.CacheDir: from.CacheDir, to.KubeConfig: from.KubeConfig, to.ClusterName: from.ClusterName,
		to.AuthInfoName: from.AuthInfoName, to.Namespace: from.Namespace, to.APIServer: from.APIServer,
		to.TLSServerName: from.TLSServerName, to.CertFile: from.CertFile, to.KeyFile: from.KeyFile,
		to.CAFile: from.CAFile, to.BearerToken: from.BearerToken, to.Impersonate: from.Impersonate,
		to.ImpersonateUID: from.ImpersonateUID, to.Timeout: from.Timeout,
	} {
		*dst = *src
	}
	*to.Insecure, *to.DisableCompression = *from.Insecure, *from.DisableCompression
	*to.ImpersonateGroup = slices.Clone(*from.ImpersonateGroup)
	*to.ImpersonateUserExtra = slices.Clone(*from.ImpersonateUserExtra)
	return to
}

// introduce makes a connection say who is asking, also those that the flags make by themselves, for discovery.
func (e *Env) introduce(config *rest.Config) *rest.Config {
	if e.Config.WrapConfigFn != nil {
		config = e.Config.WrapConfigFn(config)
	}
	config.UserAgent = e.UserAgent()
	return config
}

// Namespace returns the namespace to look at: that of --namespace, or of the context, or "default", as in kubectl.
func (e *Env) Namespace() (string, error) { return e.NamespaceOf("") }

// NamespaceOf is [Env.Namespace] for one of several contexts.
func (e *Env) NamespaceOf(context string) (string, error) {
	// A context that is not there is best told of in the words of Contexts.
	if _, err := e.Contexts(); err != nil {
		return "", err
	}
	namespace, _, err := e.ConfigFlagsFor(context).ToRawKubeConfigLoader().Namespace()
	if err != nil {
		return "", fmt.Errorf("read kubeconfig: %w", err)
	}
	return namespace, nil
}

// kubeconfig returns the merged kubeconfig; it is empty, not an error, when there is no file.
func (e *Env) kubeconfig() (api.Config, error) {
	config, err := e.Config.ToRawKubeConfigLoader().RawConfig()
	if err != nil {
		return api.Config{}, fmt.Errorf("read kubeconfig: %w", err)
	}
	return config, nil
}

// kubeconfigFiles returns the files that the kubeconfig is read from, for messages.
func (e *Env) kubeconfigFiles() string {
	access := e.Config.ToRawKubeConfigLoader().ConfigAccess()
	if access.IsExplicitFile() {
		return access.GetExplicitFile()
	}
	return strings.Join(access.GetLoadingPrecedence(), ", ")
}

func (e *Env) kubeconfigHint() string {
	return fmt.Sprintf("looked for a kubeconfig in %s; set KUBECONFIG or --kubeconfig", e.kubeconfigFiles())
}

func (e *Env) contextHint(name string, known []string) string {
	if len(known) == 0 {
		return e.kubeconfigHint()
	}
	if near := Similar(name, known); len(near) > 0 {
		return "did you mean " + strings.Join(near, ", ") + "?"
	}
	const enough = 10
	if more := len(known) - enough; more > 0 {
		known = append(slices.Clone(known[:enough]), fmt.Sprintf("and %d more", more))
	}
	return "the contexts there are: " + strings.Join(known, ", ")
}
