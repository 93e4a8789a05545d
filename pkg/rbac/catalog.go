package rbac

import (
	"slices"
	"strings"
)

// Catalog knows resources by all their names. It holds what a cluster serves, or else the resources of Kubernetes
// itself, and on top those that exist for authorization only: users, groups, signers and the like.
type Catalog struct {
	list []Resource
	byID map[[2]string]int // group and full name
	// byWord finds main resources by plural, singular, short name and lower-case kind, in order of preference.
	byWord map[string][]int
}

// NewCatalog returns the catalog of the resources. With none it is that of Kubernetes 1.36 itself.
func NewCatalog(served []Resource) *Catalog {
	if len(served) == 0 {
		served = builtinResources()
	}
	c := &Catalog{byID: map[[2]string]int{}, byWord: map[string][]int{}}
	for _, r := range served {
		c.add(r)
	}
	for _, r := range virtualResources() {
		c.add(r)
	}
	return c
}

func (c *Catalog) add(r Resource) {
	id := [2]string{r.Group, r.Name}
	if _, known := c.byID[id]; known {
		return
	}
	n := len(c.list)
	c.list = append(c.list, r)
	c.byID[id] = n
	if strings.Contains(r.Name, "/") {
		return
	}
	words := append([]string{r.Name, r.Singular, strings.ToLower(r.Kind)}, r.ShortNames...)
	for i, w := range words {
		if w != "" && !slices.Contains(words[:i], w) {
			c.byWord[w] = append(c.byWord[w], n)
		}
	}
}

// virtualResources are those that rules may name although no server lists them. Sources: the impersonation filter, the
// certificate approval admission plugins, the kubelet's authorization, and DRA's checks in kube-apiserver 1.36.
func virtualResources() []Resource {
	one := func(group, name string, namespaced bool, verbs ...string) Resource {
		return Resource{Group: group, Version: "v1", Name: name, Namespaced: namespaced, Verbs: verbs}
	}
	constrained := []string{"impersonate:user-info", "impersonate:serviceaccount", "impersonate:arbitrary-node", "impersonate:associated-node"}
	const authn, certs = "authentication.k8s.io", "certificates.k8s.io"
	list := []Resource{
		one("", "users", false, "impersonate"),
		one("", "groups", false, "impersonate"),
		one(authn, "userextras", false, append([]string{"impersonate"}, constrained...)...),
		one(authn, "uids", false, append([]string{"impersonate"}, constrained...)...),
		one(certs, "signers", false, "approve", "sign", "attest"),
		one("resource.k8s.io", "resourceclaims/driver", true, "associated-node:update", "arbitrary-node:update", "associated-node:patch", "arbitrary-node:patch"),
		one("resource.k8s.io", "resourceclaims/binding", true, "update", "patch"),
	}
	for _, name := range []string{"users", "groups", "serviceaccounts", "nodes"} {
		list = append(list, one(authn, name, name == "serviceaccounts", constrained...))
	}
	for _, sub := range []string{"checkpoint", "configz", "healthz", "log", "metrics", "pods", "spec", "stats"} {
		list = append(list, one("", "nodes/"+sub, false, "get", "create"))
	}
	return list
}

// Lookup returns the resource, or subresource, of that group and full name.
func (c *Catalog) Lookup(group, name string) (Resource, bool) {
	n, ok := c.byID[[2]string{group, name}]
	if !ok {
		return Resource{}, false
	}
	return c.list[n], true
}

// Resources returns all resources and subresources, in the order in which the server prefers them.
func (c *Catalog) Resources() []Resource { return slices.Clone(c.list) }

// Namespaced reports whether objects of the resource live in namespaces. A subresource that is not known has the scope
// of its resource. The second result is false when the resource is not known, as for wildcards.
func (c *Catalog) Namespaced(group, resource string) (namespaced, known bool) {
	if r, ok := c.Lookup(group, resource); ok {
		return r.Namespaced, true
	}
	if main, _, ok := strings.Cut(resource, "/"); ok {
		r, ok := c.Lookup(group, main)
		return r.Namespaced, ok
	}
	return false, false
}

// Subresources returns the names of the subresources of a resource, sorted.
func (c *Catalog) Subresources(group, resource string) []string {
	var out []string
	for _, r := range c.list {
		if main, sub, ok := strings.Cut(r.Name, "/"); ok && main == resource && r.Group == group {
			out = append(out, sub)
		}
	}
	return sortedUnique(out)
}

// Verbs returns the verbs that make sense for a resource: those it serves, and those that only authorization knows. It
// returns nil for a resource that is not known.
func (c *Catalog) Verbs(group, resource string) []string {
	var verbs []string
	if r, ok := c.Lookup(group, resource); ok {
		verbs = append(verbs, r.Verbs...)
	} else if _, known := c.Namespaced(group, resource); !known {
		return nil
	}
	return SortVerbs(append(verbs, specialVerbs(group, resource)...))
}

// specialVerbs are checked by admission and filters beside the ordinary ones.
func specialVerbs(group, resource string) []string {
	switch group + "/" + resource {
	case "rbac.authorization.k8s.io/roles", "rbac.authorization.k8s.io/clusterroles":
		return []string{"bind", "escalate"}
	case "/serviceaccounts":
		return []string{"impersonate"}
	case "policy/podsecuritypolicies", "security.openshift.io/securitycontextconstraints":
		return []string{"use"}
	}
	return nil
}

// KnownVerb reports whether Kubernetes itself knows the verb, for any resource at all.
func KnownVerb(verb string) bool {
	if verb == "*" || slices.Contains(AllVerbs(), verb) {
		return true
	}
	for _, prefix := range []string{"impersonate-on:", "impersonate:", "associated-node:", "arbitrary-node:"} {
		if strings.HasPrefix(verb, prefix) {
			return true
		}
	}
	return false
}

// AllVerbs returns the verbs that Kubernetes knows: ordinary ones, special ones, and those of non-resource URLs.
func AllVerbs() []string {
	return append(StandardVerbs(), "approve", "attest", "bind", "escalate", "head", "impersonate", "options", "post", "proxy", "put",
		"sign", "use")
}
