package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

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

// ConnectionFor returns a copy of the connection that stands for one context, and says who is asking, also where a
// command makes no client of its own. An empty name means the context of --context, or else the current one.
func (e *Env) ConnectionFor(context string) *Connection {
	if context == "" {
		context = *e.Config.Context
	}
	connection := e.Config.with(context)
	connection.Wrap(func(config *rest.Config) *rest.Config {
		config.UserAgent = e.UserAgent()
		return config
	})
	return connection
}

// Namespace returns the namespace to look at: that of --namespace, or of the context, or "default", as in kubectl.
func (e *Env) Namespace() (string, error) { return e.NamespaceOf("") }

// NamespaceOf is [Env.Namespace] for one of several contexts.
func (e *Env) NamespaceOf(context string) (string, error) {
	// A context that is not there is best told of in the words of Contexts.
	if _, err := e.Contexts(); err != nil {
		return "", err
	}
	namespace, _, err := e.ConnectionFor(context).ToRawKubeConfigLoader().Namespace()
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
