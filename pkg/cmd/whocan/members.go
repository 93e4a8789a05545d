package whocan

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// withMembers adds the users of a groups file who may through their groups. A user who has a row of his own gets one row
// with all that he may, by himself and through every group.
func withMembers(rows []row, known source.Groups) []row {
	at := map[rbac.Subject][]int{}
	for i := range rows {
		at[rows[i].grant.Subject] = append(at[rows[i].grant.Subject], i)
	}
	var out []row
	replaced := map[int]bool{}
	for _, name := range known.Users() {
		user := rbac.User(name)
		member := row{grant: rbac.Grant{Subject: user}, system: user.IsSystem()}
		for _, group := range known[name] {
			if list := at[rbac.Group(group)]; len(list) > 0 {
				member.groups = append(member.groups, group)
				for _, i := range list {
					member.take(&rows[i].grant, rbac.ViaGroup)
				}
			}
		}
		if len(member.groups) == 0 {
			continue
		}
		for _, i := range at[user] {
			replaced[i] = true
			member.take(&rows[i].grant, rbac.ViaDirect)
		}
		out = append(out, member.settled()...)
	}
	for i := range rows {
		if !replaced[i] {
			out = append(out, rows[i])
		}
	}
	return out
}

// take adds a grant to what the row has. Rights for certain names are kept aside until all is known.
func (r *row) take(g *rbac.Grant, via rbac.Via) {
	proofs := slices.Clone(g.Proofs)
	for i := range proofs {
		proofs[i].Via = via
	}
	if len(g.Names) > 0 {
		limited := *g
		limited.Subject, limited.Proofs = r.grant.Subject, proofs
		r.limited = append(r.limited, limited)
		return
	}
	r.grant.Superuser = r.grant.Superuser || g.Superuser
	r.grant.Everywhere = r.grant.Everywhere || g.Everywhere
	r.grant.Namespaces = append(r.grant.Namespaces, g.Namespaces...)
	r.grant.Proofs = append(r.grant.Proofs, proofs...)
	r.full = true
}

// settled returns the row, and one for each limited right that reaches further than the row does.
func (r *row) settled() []row {
	slices.Sort(r.grant.Namespaces)
	r.grant.Namespaces = slices.Compact(r.grant.Namespaces)
	slices.SortStableFunc(r.grant.Proofs, func(a, b rbac.Proof) int {
		return strings.Compare(a.Binding.Namespace, b.Binding.Namespace)
	})
	var out []row
	if r.full {
		out = append(out, row{grant: r.grant, groups: r.groups, system: r.system})
	}
	for _, g := range r.limited {
		if r.grant.Everywhere || r.grant.Superuser {
			break
		}
		g.Namespaces = slices.DeleteFunc(slices.Clone(g.Namespaces), func(ns string) bool {
			_, found := slices.BinarySearch(r.grant.Namespaces, ns)
			return found
		})
		if g.Everywhere || len(g.Namespaces) > 0 {
			out = append(out, row{grant: g, groups: r.groups, system: r.system})
		}
	}
	return out
}

// refused reports whether the API server did not confirm the row.
func (r *row) refused() bool { return strings.HasPrefix(r.verdict, "no") }
