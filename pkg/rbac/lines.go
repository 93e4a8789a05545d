package rbac

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Lines breaks rules into lines such as those of [Index.Rights]: verbs on one resource, with its names, or on one URL. They
// say nothing of namespaces and sources. With namespaced the rules are taken as RoleBindings give them, else as
// ClusterRoleBindings do: everywhere. Verbs that no request can use have lines of their own, which say why. Sorted by URL,
// group, resource and names.
func (c *Catalog) Lines(rules []rbacv1.PolicyRule, namespaced bool) []Right {
	verbs := map[rightKey][]string{}
	for i := range rules {
		for _, one := range foldNames(&rules[i]) {
			verbs[one.rightKey] = append(verbs[one.rightKey], one.verb)
		}
	}
	out := make([]Right, 0, len(verbs))
	for key, list := range verbs {
		for void, list := range c.splitVoid(key, SortVerbs(list), namespaced) {
			right := key.right(list, void)
			right.Everywhere = !namespaced
			out = append(out, right)
		}
	}
	slices.SortFunc(out, compareRights)
	return out
}

// splitVoid puts verbs that can be used, and those that can't, into lists by the reason.
func (c *Catalog) splitVoid(key rightKey, verbs []string, namespaced bool) map[string][]string {
	out := map[string][]string{}
	for _, verb := range verbs {
		void := c.void(key, verb, namespaced)
		out[void] = append(out[void], verb)
	}
	return out
}

// Void says why a right can't be used with one of its verbs; empty when it can. A line that can be used may hold "*", and
// with it verbs that can't.
func (c *Catalog) Void(r *Right, verb string) string {
	if r.Void != "" {
		return r.Void
	}
	return c.void(rightKey{group: r.Group, resource: r.Resource, names: joinNames(r.Names), url: r.URL}, verb, !r.Everywhere)
}

func (c *Catalog) void(key rightKey, verb string, namespaced bool) string {
	if namespaced {
		if void := c.voidInNamespace(key, verb); void != "" {
			return void
		}
	}
	return voidAnywhere(key, verb)
}

// right is the line of the key, without places and sources.
func (k rightKey) right(verbs []string, void string) Right {
	return Right{Group: k.group, Resource: k.resource, Names: k.list(), URL: k.url, Verbs: verbs, Void: void}
}
