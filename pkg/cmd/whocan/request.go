package whocan

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// place are the flags that say in which namespace an action is meant.
type place struct {
	env           *cli.Env
	allNamespaces bool
	clusterScope  bool
}

func (p *place) addFlags(cmd *cobra.Command) { p.env.AddAllNamespaces(cmd.Flags(), &p.allNamespaces) }

func (p *place) addScopeFlag(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&p.clusterScope, "cluster-scope", false, "Ask for the cluster-wide request: all namespaces in one go.")
}

// given reports whether --namespace is on the command line.
func (p *place) given() bool { return *p.env.Config.Namespace != "" }

// check refuses flags that contradict each other. Errors are those of usage.
func (p *place) check() error {
	switch {
	case !p.clusterScope:
		return nil
	case p.allNamespaces:
		return cli.UsageError(errors.New("--cluster-scope is one request for all namespaces, and -A asks in each of them too: leave one out"))
	case p.given():
		return cli.UsageError(errors.New("--cluster-scope is one request for all namespaces: leave -n out"))
	}
	return nil
}

// checkNamespace warns when the namespace of --namespace is not known, as far as namespaces are: those of files, and
// those of a cluster that were listed.
func (p *place) checkNamespace(ix *rbac.Index, namespace string, offline bool) {
	if !p.given() || namespace == "" || !offline && len(ix.Snapshot().Namespaces) == 0 {
		return
	}
	if doubt := question.NamespaceDoubt(namespace, ix.Namespaces()); doubt != "" {
		p.env.Warnf("%s", doubt)
	}
}

// namespace returns the namespace to ask in; empty means all. Manifests have no current namespace.
func (p *place) namespace(offline bool, context string) (string, error) {
	switch {
	case p.allNamespaces, p.clusterScope, offline && !p.given():
		return "", nil
	case offline:
		return *p.env.Config.Namespace, nil
	}
	return p.env.NamespaceOf(context)
}

// parseWords reads the arguments of an action. Errors are those of usage.
func parseWords(args []string) (question.Words, error) {
	w, err := question.ParseWords(args)
	return w, cli.UsageError(err)
}

// resolve makes the request exact. Doubts are told to the user: what was taken, and what may have been meant.
func (p *place) resolve(w question.Words, c *rbac.Catalog, namespace string) (question.Request, error) {
	at := question.Place{Namespace: namespace, All: p.allNamespaces, Cluster: p.clusterScope}
	req, doubts, err := question.Resolve(w, c, at)
	for _, note := range doubts.Notes {
		p.env.Notef("note: %s", note)
	}
	for _, doubt := range doubts.Warnings {
		p.env.Warnf("%s", doubt)
	}
	return req, cli.UsageError(err)
}
