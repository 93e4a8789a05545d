package rbac

import (
	"cmp"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// How much wider a wildcard is than one entry, for comparing roles by size. The figures are about what a cluster with a
// few dozen custom resources serves.
const (
	wildVerbs     = 12
	wildGroups    = 40
	wildResources = 200
	wildURLs      = 20
)

// breadth is a rough measure of how much a rule allows.
func breadth(p *rbacv1.PolicyRule) int {
	weigh := func(list []string, wild int) int {
		if slices.Contains(list, "*") {
			return wild
		}
		return len(list)
	}
	verbs := weigh(p.Verbs, wildVerbs)
	resources := weigh(p.APIGroups, wildGroups) * weigh(p.Resources, wildResources)
	if len(p.ResourceNames) > 0 {
		resources = min(resources, len(p.ResourceNames))
	}
	return verbs * (resources + weigh(p.NonResourceURLs, wildURLs))
}

// Breadth is a rough measure of how much the role allows, for putting roles in order.
func (r *Role) Breadth() int {
	total := 0
	for i := range r.Rules {
		total += breadth(&r.Rules[i])
	}
	return total
}

// RolesAllowing returns the roles that would allow the action to whoever they are bound to where it takes place, the
// narrowest first: ClusterRoles, and for a request in a namespace the Roles there too.
func (ix *Index) RolesAllowing(a Action) []*Role {
	type candidate struct {
		role    *Role
		breadth int
	}
	var found []candidate
	for i := range ix.roles {
		r := &ix.roles[i]
		if r.Namespace != "" && (r.Namespace != a.Namespace || a.IsURL()) {
			continue
		}
		if !slices.ContainsFunc(r.rules, func(n int32) bool { return ix.rules[n].allows(&a) }) {
			continue
		}
		found = append(found, candidate{r.Role, r.Breadth()})
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(a.breadth, b.breadth) })
	roles := make([]*Role, 0, len(found))
	for _, c := range found {
		roles = append(roles, c.role)
	}
	return roles
}
