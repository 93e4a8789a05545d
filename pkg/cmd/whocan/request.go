package whocan

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/kubegatehouse/gatehouse/pkg/cli"
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
	known := ix.Namespaces()
	if slices.Contains(known, namespace) || slices.Contains(bornNamespaces(), namespace) {
		return
	}
	p.env.Warnf("namespace %q is not known here: asked as written%s", namespace, didYouMean(rbac.Nearest(namespace, known)))
}

// bornNamespaces are in every cluster, whether or not manifests have them.
func bornNamespaces() []string {
	return []string{"default", "kube-node-lease", "kube-public", "kube-system"}
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

// request is an action as it was asked, made exact by what the cluster serves.
type request struct {
	Action rbac.Action
	Scope  rbac.Scope
	// Namespaced says that the resource lives in namespaces.
	Namespaced bool
	// Served says that a server lists the resource, so that kubectl can write roles for it.
	Served bool
}

// words are the arguments of an action: VERB RESOURCE [NAME], or VERB /url.
type words struct{ verb, resource, name string }

func parseWords(args []string) (words, error) {
	w := words{verb: args[0]}
	if len(args) < 2 {
		return w, cli.UsageError(errors.New("want VERB RESOURCE [NAME], or VERB /URL"))
	}
	w.resource = args[1]
	if len(args) > 2 {
		w.name = args[2]
	}
	switch {
	case w.verb == "", w.resource == "":
		return w, cli.UsageError(errors.New("verb and resource must not be empty"))
	case strings.Contains(w.verb, ","):
		return w, cli.UsageError(fmt.Errorf("want one verb: %q; \"matrix %s --verbs %s\" asks about several", w.verb, w.resource, w.verb))
	case strings.HasPrefix(w.resource, "/") && w.name != "":
		return w, cli.UsageError(fmt.Errorf("a URL has no object name: %q", w.name))
	}
	return w, nil
}

// resolve makes the request exact. Doubts are told to the user: what was taken, and what may have been meant.
func (p *place) resolve(w words, c *rbac.Catalog, namespace string) (request, error) {
	if strings.HasPrefix(w.resource, "/") {
		p.checkVerb(w.verb, urlVerbs(), "URLs")
		return request{Action: rbac.Action{Verb: w.verb, Path: w.resource}}, nil
	}
	r, err := c.Resolve(w.resource, w.verb, w.name != "")
	if err != nil {
		return request{}, cli.UsageError(err)
	}
	if w.name != "" {
		if err := checkTwice(w, r, c.Subresources(r.Group, r.Resource)); err != nil {
			return request{}, err
		}
	}
	for _, note := range r.Notes {
		p.env.Notef("note: %s", note)
	}
	if !r.Known {
		p.env.Warnf("resource %q is not known here: asked as written%s", w.resource, didYouMean(r.Suggestions))
	}
	req := request{Namespaced: r.Namespaced, Action: rbac.Action{
		Verb: w.verb, Group: r.Group, Resource: r.Resource, Subresource: r.Subresource, Name: r.Name, Namespace: namespace,
	}}
	if w.name != "" {
		req.Action.Name = w.name
	}
	served, ok := c.Lookup(r.Group, req.Action.ResourceName())
	req.Served = ok && served.Kind != ""
	p.checkVerb(w.verb, c.Verbs(r.Group, req.Action.ResourceName()), req.Action.ResourceName())
	switch {
	case !r.Namespaced:
		req.Action.Namespace = ""
		req.Action = req.Action.AtObjectNamespace()
		if p.allNamespaces && req.Action.Namespace == "" && namespaceObject(req.Action) {
			req.Scope = rbac.Anywhere
		}
	case p.clusterScope:
		req.Action.Namespace = ""
	case namespace == "":
		req.Scope = rbac.Anywhere
	}
	return req, nil
}

// checkTwice refuses pod/web-0 with another name after it: what stands after the slash is none of the subresources.
func checkTwice(w words, r rbac.Resolution, subresources []string) error {
	if !r.Known || r.Subresource == "" || r.Resource == "*" || r.Resource == "userextras" || len(subresources) == 0 ||
		slices.Contains(subresources, r.Subresource) {
		return nil
	}
	var near []string
	for _, s := range rbac.Nearest(r.Subresource, subresources) {
		near = append(near, r.Resource+"/"+s)
	}
	return cli.UsageError(fmt.Errorf("%s have no subresource %q: want one name, not also %q%s", r.Resource, r.Subresource, w.name,
		didYouMean(near)))
}

func urlVerbs() []string { return []string{"get", "head", "post", "put", "patch", "delete", "options"} }

// checkVerb warns about a verb that does not fit, as it may be a slip of the finger.
func (p *place) checkVerb(verb string, fitting []string, of string) {
	switch {
	case slices.Contains(fitting, verb), verb == "*", len(fitting) == 0 && rbac.KnownVerb(verb):
	case rbac.KnownVerb(verb):
		p.env.Warnf("%s have no verb %q: asked as written", of, verb)
	default:
		p.env.Warnf("verb %q is not known: asked as written%s", verb, didYouMean(nearVerbs(verb, fitting)))
	}
}

func didYouMean(words []string) string {
	if len(words) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(words, ", ") + "?"
}

// where says in words where a request was asked.
func (r request) where() string {
	switch {
	case r.Action.IsURL():
		return "on any server"
	case r.Scope == rbac.Anywhere:
		return "in any namespace"
	case r.Action.Namespace != "" && r.Namespaced: // that of a namespace object is its name
		return "in " + r.Action.Namespace
	case r.Namespaced:
		return "cluster-wide"
	}
	return "in the cluster"
}
