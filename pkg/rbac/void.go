package rbac

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// keyedVerb is one verb of a line of rights.
type keyedVerb struct {
	rightKey
	verb string
}

// foldNames breaks a rule into lines, keeping the list of names of each together.
func foldNames(p *rbacv1.PolicyRule) []keyedVerb {
	names := joinNames(p.ResourceNames)
	var out []keyedVerb
	for _, verb := range p.Verbs {
		for _, group := range p.APIGroups {
			for _, resource := range p.Resources {
				out = append(out, keyedVerb{rightKey{group: group, resource: resource, names: names}, verb})
			}
		}
		for _, url := range p.NonResourceURLs {
			if url != "" { // no request has an empty path
				out = append(out, keyedVerb{rightKey{url: url}, verb})
			}
		}
	}
	return out
}

// list returns the names; nil when the line is not limited to any.
func (k rightKey) list() []string {
	if k.names == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(k.names, "\x00"), "\x00")
}

// joinNames is how names stand in a key: none is not the same as the empty name alone.
func joinNames(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return strings.Join(sortedUnique(names), "\x00") + "\x00"
}

// voidInNamespace says why a RoleBinding can't give the verb; empty when it can.
func (c *Catalog) voidInNamespace(key rightKey, verb string) string {
	const clusterScoped = "cluster-scoped, but through a RoleBinding"
	if key.url != "" {
		return "a URL needs a ClusterRoleBinding"
	}
	if key.group == "" && (key.resource == "namespaces" || strings.HasPrefix(key.resource, "namespaces/")) {
		if key.resource == "namespaces" && !onObject(verb) {
			return clusterScoped
		}
		return ""
	}
	if namespaced, known := c.Namespaced(key.group, key.resource); known && !namespaced {
		return clusterScoped
	}
	return ""
}

// voidAnywhere says why no request can ever match the verb; empty when one can.
func voidAnywhere(key rightKey, verb string) string {
	if main, sub, ok := strings.Cut(key.resource, "/"); ok && (sub == "*" || main == "" || sub == "") {
		return "no wildcard: \"" + key.resource + "\" is taken literally"
	}
	if neverNamed(verb) && key.names != "" && !slices.Contains(key.list(), "") {
		return "requests of this verb carry no name"
	}
	return ""
}

// onObject reports whether requests with the verb name one object.
func onObject(verb string) bool {
	switch verb {
	case "list", "watch", "create", "deletecollection":
		return false
	}
	return true
}
