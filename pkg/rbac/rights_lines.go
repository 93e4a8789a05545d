package rbac

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

type rightKey struct{ group, resource, names, url string }

// rightsWriter turns the rules of classes into lines, and joins equal lines of several classes.
type rightsWriter struct {
	ix         *Index
	everywhere map[rightKey][]string
	lines      map[string]*line
}

// line is a right in the making.
type line struct {
	Right
	where []*where
}

// where is a class, and the bindings in it that give a line. Many lines share it.
type where struct {
	namespaces []int32
	grants     []grantOf
}

func (w *rightsWriter) write(namespaces []int32, grants [][]grantOf) {
	verbs := map[rightKey][]string{}
	givers := map[rightKey][]int32{}
	for _, role := range w.rolesOf(grants) {
		for _, n := range w.ix.roles[role].rules {
			for _, a := range foldNames(w.ix.rules[n].policy) {
				verbs[a.rightKey] = append(verbs[a.rightKey], a.verb)
				if g := givers[a.rightKey]; len(g) == 0 || g[len(g)-1] != role {
					givers[a.rightKey] = append(g, role)
				}
			}
		}
	}
	sources := sourcesOf{w.ix, class{namespaces, grants}, map[string]*where{}}
	for key, list := range verbs {
		list = SortVerbs(list)
		if namespaces == nil {
			w.everywhere[key] = list
		} else {
			list = without(list, w.everywhere[key])
		}
		for void, list := range w.ix.catalog.splitVoid(key, list, namespaces != nil) {
			w.add(key, void, list, sources.by(givers[key]))
		}
	}
}

func (w *rightsWriter) rolesOf(grants [][]grantOf) []int32 {
	var roles []int32
	for _, g := range grants[0] {
		roles = append(roles, w.ix.bindings[g.binding].role)
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

func (w *rightsWriter) add(key rightKey, void string, verbs []string, at *where) {
	full := strings.Join([]string{key.group, key.resource, key.names, key.url, strings.Join(verbs, ","), void}, "\x01")
	if at.namespaces == nil {
		full += "\x01everywhere"
	}
	l := w.lines[full]
	if l == nil {
		l = &line{Right: key.right(verbs, void)}
		l.Everywhere = at.namespaces == nil
		w.lines[full] = l
	}
	l.where = append(l.where, at)
}

// sorted writes the lines out. Lines that hold in the same classes share the lists.
func (w *rightsWriter) sorted() []Right {
	type places struct {
		where      []*where
		namespaces []string
		sources    []Source
	}
	var known []places
	out := make([]Right, 0, len(w.lines))
	for _, l := range w.lines {
		i := slices.IndexFunc(known, func(p places) bool { return slices.Equal(p.where, l.where) })
		if i < 0 {
			i = len(known)
			namespaces, sources := w.join(l.where)
			known = append(known, places{l.where, namespaces, sources})
		}
		l.Namespaces, l.Sources = known[i].namespaces, known[i].sources
		out = append(out, l.Right)
	}
	slices.SortFunc(out, compareRights)
	return out
}

// join names the namespaces and the sources of several classes. Their numbers are in the order of output.
func (w *rightsWriter) join(list []*where) (namespaces []string, sources []Source) {
	var all where
	for _, at := range list {
		all.namespaces, all.grants = append(all.namespaces, at.namespaces...), append(all.grants, at.grants...)
	}
	slices.Sort(all.namespaces)
	slices.SortFunc(all.grants, func(a, b grantOf) int {
		return cmp.Or(cmp.Compare(a.binding, b.binding), cmp.Compare(a.subject, b.subject))
	})
	for _, ns := range all.namespaces {
		namespaces = append(namespaces, w.ix.namespaces[ns])
	}
	sources = make([]Source, 0, len(all.grants))
	for _, g := range all.grants {
		b := &w.ix.bindings[g.binding]
		sources = append(sources, Source{
			Subject: w.ix.subjects[g.subject].Subject, Via: g.via, Binding: b.Binding, Role: w.ix.roles[b.role].Role,
		})
	}
	return namespaces, sources
}

// sourcesOf lists the bindings of a class by the roles that they bind, each list once.
type sourcesOf struct {
	ix    *Index
	class class
	known map[string]*where
}

func (s *sourcesOf) by(roles []int32) *where {
	var key []byte
	for _, r := range roles {
		key = binary.AppendVarint(key, int64(r))
	}
	at, ok := s.known[string(key)]
	if ok {
		return at
	}
	at = &where{namespaces: s.class.namespaces}
	for _, grants := range s.class.grants {
		for _, g := range grants {
			if slices.Contains(roles, s.ix.bindings[g.binding].role) {
				at.grants = append(at.grants, g)
			}
		}
	}
	s.known[string(key)] = at
	return at
}
