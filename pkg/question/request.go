package question

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Place says in which namespace something is asked.
type Place struct {
	// Namespace is the one; empty means all.
	Namespace string
	// All says that all were asked for by name (-A), so that every namespace object is meant, too.
	All bool
	// Cluster asks for the cluster-wide request only: all namespaces in one go.
	Cluster bool
}

// Request is an action as it was asked, made exact by what the cluster serves.
type Request struct {
	Action rbac.Action
	Scope  rbac.Scope
	// Namespaced says that the resource lives in namespaces.
	Namespaced bool
	// Served says that a server lists the resource, so that kubectl can write roles for it.
	Served bool
}

// Doubts are what somebody should know of how his words were taken.
type Doubts struct {
	// Notes say what was taken where there was a choice, Warnings what is not known and was asked as written. One sentence
	// each.
	Notes, Warnings []string
}

func (d *Doubts) warn(text string) {
	if text != "" {
		d.Warnings = append(d.Warnings, text)
	}
}

// Resolve makes a request exact. The error is of words that can't be meant at all.
func Resolve(w Words, c *rbac.Catalog, at Place) (Request, Doubts, error) {
	var doubts Doubts
	if strings.HasPrefix(w.Resource, "/") {
		doubts.warn(VerbDoubt(w.Verb, URLVerbs(), "URLs"))
		return Request{Action: rbac.Action{Verb: w.Verb, Path: w.Resource}}, doubts, nil
	}
	r, err := c.Resolve(w.Resource, w.Verb, w.Name != "")
	if err != nil {
		return Request{}, doubts, err
	}
	if w.Name != "" {
		if err := checkTwice(w, r, c.Subresources(r.Group, r.Resource)); err != nil {
			return Request{}, doubts, err
		}
	}
	doubts.Notes = r.Notes
	if !r.Known {
		doubts.warn(fmt.Sprintf("resource %q is not known here: asked as written%s", w.Resource, DidYouMean(r.Suggestions)))
	}
	req := Request{Namespaced: r.Namespaced, Action: rbac.Action{
		Verb: w.Verb, Group: r.Group, Resource: r.Resource, Subresource: r.Subresource, Name: r.Name, Namespace: at.Namespace,
	}}
	if w.Name != "" {
		req.Action.Name = w.Name
	}
	served, ok := c.Lookup(r.Group, req.Action.ResourceName())
	req.Served = ok && served.Kind != ""
	doubts.warn(VerbDoubt(w.Verb, c.Verbs(r.Group, req.Action.ResourceName()), req.Action.ResourceName()))
	req.place(at)
	return req, doubts, nil
}

// place settles in which namespaces the request is asked.
func (r *Request) place(at Place) {
	switch {
	case !r.Namespaced:
		r.Action.Namespace = ""
		r.Action = r.Action.AtObjectNamespace()
		if at.All && r.Action.Namespace == "" && NamespaceObject(r.Action) {
			r.Scope = rbac.Anywhere
		}
	case at.Cluster:
		r.Action.Namespace = ""
	case at.Namespace == "":
		r.Scope = rbac.Anywhere
	}
}

// checkTwice refuses pod/web-0 with another name after it: what stands after the slash is none of the subresources.
func checkTwice(w Words, r rbac.Resolution, subresources []string) error {
	if !r.Known || r.Subresource == "" || r.Resource == "*" || r.Resource == "userextras" || len(subresources) == 0 ||
		slices.Contains(subresources, r.Subresource) {
		return nil
	}
	var near []string
	for _, s := range rbac.Nearest(r.Subresource, subresources) {
		near = append(near, r.Resource+"/"+s)
	}
	return fmt.Errorf("%s have no subresource %q: want one name, not also %q%s", r.Resource, r.Subresource, w.Name, DidYouMean(near))
}

// NamespaceObject reports whether requests with the action's verb are for one namespace object: these are in the
// namespace of that name, so that a RoleBinding there can allow them.
func NamespaceObject(a rbac.Action) bool {
	a.Name, a.Namespace = "x", ""
	return a.AtObjectNamespace().Namespace != ""
}

// With puts a verb into the request. The namespace of a request for a namespace object depends on the verb.
func (r Request) With(verb string) rbac.Action {
	a := r.Action
	a.Verb = verb
	if !r.Namespaced && !a.IsURL() {
		a.Namespace = ""
		a = a.AtObjectNamespace()
	}
	return a
}

// ScopeOf is where the request with the verb can be asked. Of what is cluster-scoped only a namespace object is in a
// namespace.
func (r Request) ScopeOf(verb string) rbac.Scope {
	if r.Scope == rbac.Anywhere && !r.Namespaced && !NamespaceObject(r.With(verb)) {
		return rbac.InNamespace
	}
	return r.Scope
}

// One is the one request in words, and where it is made: "get secrets in dev", "list pods cluster-wide", "get nodes".
func (r Request) One() string {
	text := r.Action.String()
	switch a := r.Action; {
	case a.IsURL():
	case a.Namespace != "" && a.Resource == "namespaces" && a.Group == "": // that is its name
	case a.Namespace != "":
		text += " in " + a.Namespace
	case r.Namespaced:
		text += " cluster-wide"
	}
	return text
}

// Where says in words where the request was asked: "in dev", "in any namespace", "cluster-wide".
func (r Request) Where() string {
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

// NamespaceDoubt says that a namespace is not known, and which may have been meant; empty when it is one of the known, or
// in every cluster, whether or not manifests have it.
func NamespaceDoubt(namespace string, known []string) string {
	born := []string{"default", "kube-node-lease", "kube-public", "kube-system"}
	if slices.Contains(known, namespace) || slices.Contains(born, namespace) {
		return ""
	}
	return fmt.Sprintf("namespace %q is not known here: asked as written%s", namespace, DidYouMean(rbac.Nearest(namespace, known)))
}
