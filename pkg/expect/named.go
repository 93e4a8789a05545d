package expect

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// named lists the resources that rules name and the catalog does not have, sorted: their definitions are not at hand,
// and the rights on them are there all the same. Of an API group of which the catalog has nothing, a star stands for
// what the group may have, as in "*" and "*/status". What is not known is taken to live in namespaces.
func named(ix *rbac.Index) []rbac.Resource {
	catalog := ix.Catalog()
	groups := map[string]bool{}
	for _, r := range catalog.Resources() {
		groups[r.Group] = true
	}
	seen := map[[2]string]bool{}
	var out []rbac.Resource
	add := func(group, name string) {
		if group == "*" || name == "" || strings.Contains(name, "*") && (groups[group] || name != "*" && !strings.HasPrefix(name, "*/")) {
			return
		}
		if _, known := catalog.Lookup(group, name); known || seen[[2]string{group, name}] {
			return
		}
		seen[[2]string{group, name}] = true
		namespaced, known := catalog.Namespaced(group, name)
		out = append(out, rbac.Resource{Group: group, Name: name, Namespaced: namespaced || !known})
	}
	roles := ix.Snapshot().Roles
	for i := range roles {
		for _, rule := range roles[i].Rules {
			for _, group := range rule.APIGroups {
				for _, name := range rule.Resources {
					add(group, name)
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b rbac.Resource) int {
		return strings.Compare(a.Group+"/"+a.Name, b.Group+"/"+b.Name)
	})
	return out
}
