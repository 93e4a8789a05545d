package whocan

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// resources answers with a row for each resource.
func (o *matrixOptions) resources(ix *rbac.Index, m *matrix) {
	rights := ix.Rights(*m.id, m.namespace)
	own := slices.DeleteFunc(slices.Clone(rights), func(r rbac.Right) bool { return question.Everybodys(&r) })
	m.verbs = o.verbs
	if len(m.verbs) == 0 {
		m.verbs = rbac.StandardVerbs()
	}
	for _, r := range resourcesOf(ix.Catalog(), rights) {
		row := matrixRow{resource: r, has: ix.Catalog().Verbs(r.Group, r.Name)}
		if row.has == nil {
			row.has = rbac.StandardVerbs()
		}
		ask := row.has
		if len(o.verbs) > 0 {
			ask, row.has = o.verbs, nil
		}
		row.cells = resourceCells(rights, r, ask, m.id.Superuser())
		if question.AboutSelf(r.Name) && !m.id.Superuser() {
			row.builtin = len(row.cells) > 0 && len(resourceCells(own, r, ask, false)) == 0
		}
		if o.all || len(row.cells) > 0 {
			m.rows = append(m.rows, row)
		}
	}
	m.rows = append(m.rows, urlRows(rights, o.verbs)...)
}

// resourceCells are the verbs that the rights allow on a resource, in any namespace.
func resourceCells(rights []rbac.Right, r rbac.Resource, verbs []string, superuser bool) map[string]rbac.Extent {
	cells := map[string]rbac.Extent{}
	a := rbac.Action{Group: r.Group}
	a.Resource, a.Subresource, _ = strings.Cut(r.Name, "/")
	for _, a.Verb = range verbs {
		e := reachOf(rights, a, r.Namespaced).extent()
		e.Everywhere = e.Everywhere || superuser
		if !e.None() {
			cells[a.Verb] = e
		}
	}
	return cells
}

// resourcesOf returns the main resources and subresources of the catalog, and those that only rights name: custom
// resources that are not known here must not be passed over.
func resourcesOf(c *rbac.Catalog, rights []rbac.Right) []rbac.Resource {
	out := c.Resources()
	for i := range rights {
		r := &rights[i]
		if r.Void != "" || r.URL != "" || r.Group == "*" || strings.Contains(r.Resource, "*") {
			continue
		}
		if _, known := c.Lookup(r.Group, r.Resource); known {
			continue
		}
		namespaced, known := c.Namespaced(r.Group, r.Resource)
		out = append(out, rbac.Resource{Group: r.Group, Name: r.Resource, Namespaced: namespaced || !known})
	}
	slices.SortStableFunc(out, compareResources)
	return slices.CompactFunc(out, func(a, b rbac.Resource) bool { return a.Group == b.Group && a.Name == b.Name })
}

func compareResources(a, b rbac.Resource) int {
	if d := strings.Compare(a.Group, b.Group); d != 0 {
		return d
	}
	return strings.Compare(a.Name, b.Name)
}

// urlRows answers for the URLs that rights name.
func urlRows(rights []rbac.Right, verbs []string) []matrixRow {
	var rows []matrixRow
	for i := range rights {
		r := &rights[i]
		if r.URL == "" || r.Void != "" {
			continue
		}
		row := matrixRow{url: r.URL, has: question.URLVerbs(), cells: map[string]rbac.Extent{}, builtin: question.Everybodys(r)}
		ask := row.has
		if len(verbs) > 0 {
			ask, row.has = verbs, nil
		}
		for _, v := range ask {
			if slices.Contains(r.Verbs, v) || slices.Contains(r.Verbs, "*") {
				row.cells[v] = rbac.Extent{Everywhere: true}
			}
		}
		if len(row.cells) > 0 {
			rows = append(rows, row)
		}
	}
	return rows
}
