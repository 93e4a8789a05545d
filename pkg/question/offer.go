package question

import (
	"iter"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Resources are the resources and subresources that have the verb.
func Resources(c *rbac.Catalog, verb string) []string {
	var words []string
	for _, r := range c.Resources() {
		if verb != "" && verb != "*" && !slices.Contains(c.Verbs(r.Group, r.Name), verb) {
			continue
		}
		word := r.Name
		if r.Group != "" {
			word += "." + r.Group
		}
		words = append(words, word)
	}
	return words
}

// ObjectNames goes through the objects of a resource that an index knows by name, in a namespace or, when it is empty, in
// all. What stands for objects that could not be read is none: see [rbac.ToldOrigin].
func ObjectNames(ix *rbac.Index, r rbac.Resource, namespace string) iter.Seq[string] {
	return func(yield func(string) bool) {
		snap := ix.Snapshot()
		// offer reports whether to go on.
		offer := func(ns, name string) bool {
			in := (ns != "") == r.Namespaced && (namespace == "" || ns == namespace)
			return !in || yield(name)
		}
		switch r.Group + "/" + r.Name {
		case "/namespaces":
			slices.Values(ix.Namespaces())(yield)
		case "/serviceaccounts":
			for _, sa := range snap.ServiceAccounts {
				if !offer(sa.Namespace, sa.Name) {
					return
				}
			}
		case rbacv1.GroupName + "/roles", rbacv1.GroupName + "/clusterroles":
			for i := range snap.Roles {
				if role := &snap.Roles[i]; role.Origin != rbac.ToldOrigin && !offer(role.Namespace, role.Name) {
					return
				}
			}
		case rbacv1.GroupName + "/rolebindings", rbacv1.GroupName + "/clusterrolebindings":
			for i := range snap.Bindings {
				if b := &snap.Bindings[i]; !b.Told() && !offer(b.Namespace, b.Name) {
					return
				}
			}
		}
	}
}
