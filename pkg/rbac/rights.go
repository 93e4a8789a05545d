package rbac

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"
)

// Right is one line of what somebody may do: verbs on one resource, or on one URL, in some places.
type Right struct {
	Everywhere bool
	// Namespaces are those in which RoleBindings give the right, sorted; empty when Everywhere.
	Namespaces []string
	Group      string
	// Resource is as the rule has it: "pods", "pods/exec", "*/scale", "*".
	Resource string
	// Names limits the right to objects; nil means any.
	Names []string
	// URL is set instead of a resource for a non-resource URL.
	URL     string
	Verbs   []string
	Sources []Source
	// Void says why the right can never be used, empty when it can: it is written in a role, and has no effect.
	Void string
}

// Source is a binding that gives a right.
type Source struct {
	Subject Subject
	Via     Via
	Binding *Binding
	Role    *Role
}

// Allows reports whether the right allows the action.
func (r *Right) Allows(a Action) bool {
	if !r.Everywhere {
		if _, found := slices.BinarySearch(r.Namespaces, a.Namespace); !found || a.IsURL() {
			return false
		}
	}
	if !slices.Contains(r.Verbs, "*") && !slices.Contains(r.Verbs, a.Verb) {
		return false
	}
	if a.IsURL() {
		return r.URL != "" && urlCovers(r.URL, a.Path)
	}
	return r.URL == "" && (r.Group == "*" || r.Group == a.Group) && resourceCovers(r.Resource, a.Resource, a.Subresource) &&
		(len(r.Names) == 0 || slices.Contains(r.Names, a.Name))
}

// Rights returns all that bindings let the identity do, everywhere, or in one namespace (cluster-wide rights included)
// when namespace is set. Rights in a namespace that the same line already gives everywhere are left out. A superuser
// has more than is listed: see [Identity.Superuser].
func (ix *Index) Rights(id Identity, namespace string) []Right {
	w := rightsWriter{ix: ix, everywhere: map[rightKey][]string{}, lines: map[string]*Right{}}
	spaces := map[int32][]grantOf{}
	var cluster []grantOf
	var buf [16]int32
	for _, n := range ix.numbersOf(id, buf[:0]) {
		s := &ix.subjects[n]
		for _, b := range s.bindings {
			at := &ix.bindings[b]
			if at.role == noRole || namespace != "" && at.namespace != 0 && at.Namespace != namespace {
				continue
			}
			g := grantOf{b, n, id.via(s.Subject)}
			if at.namespace == 0 {
				cluster = append(cluster, g)
			} else {
				spaces[at.namespace] = append(spaces[at.namespace], g)
			}
		}
	}
	w.write(nil, [][]grantOf{cluster})
	for _, class := range ix.classes(spaces) {
		w.write(class.namespaces, class.grants)
	}
	return w.sorted()
}

// grantOf is a binding together with the subject through which it counts.
type grantOf struct {
	binding, subject int32
	via              Via
}

// class is a set of namespaces in which the same roles are bound, so that they have the same rights.
type class struct {
	namespaces []int32
	grants     [][]grantOf
}

func (ix *Index) classes(spaces map[int32][]grantOf) []*class {
	numbers := make([]int32, 0, len(spaces))
	for ns := range spaces {
		numbers = append(numbers, ns)
	}
	slices.Sort(numbers)
	bySignature := map[string]*class{}
	var out []*class
	for _, ns := range numbers {
		roles := make([]int32, 0, len(spaces[ns]))
		for _, g := range spaces[ns] {
			roles = append(roles, ix.bindings[g.binding].role)
		}
		slices.Sort(roles)
		var signature []byte
		for _, r := range slices.Compact(roles) {
			signature = binary.AppendVarint(signature, int64(r))
		}
		c := bySignature[string(signature)]
		if c == nil {
			c = &class{}
			bySignature[string(signature)] = c
			out = append(out, c)
		}
		c.namespaces = append(c.namespaces, ns)
		c.grants = append(c.grants, spaces[ns])
	}
	return out
}

type rightKey struct{ group, resource, names, url string }

// rightsWriter turns the rules of classes into lines, and joins equal lines of several classes.
type rightsWriter struct {
	ix         *Index
	everywhere map[rightKey][]string
	lines      map[string]*Right
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
	for key, list := range verbs {
		list = SortVerbs(list)
		if namespaces == nil {
			w.everywhere[key] = list
		} else if more := without(list, w.everywhere[key]); len(more) == 0 {
			continue
		} else {
			list = more
		}
		w.add(key, list, namespaces, grants, givers[key])
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

func (w *rightsWriter) add(key rightKey, verbs []string, namespaces []int32, grants [][]grantOf, givers []int32) {
	void := ""
	if namespaces != nil {
		void = w.ix.catalog.voidInNamespace(key, verbs)
	}
	if void == "" {
		void = voidAnywhere(key, verbs)
	}
	full := strings.Join([]string{key.group, key.resource, key.names, key.url, strings.Join(verbs, ","), void}, "\x01")
	if namespaces == nil {
		full += "\x01everywhere"
	}
	line := w.lines[full]
	if line == nil {
		line = &Right{Everywhere: namespaces == nil, Group: key.group, Resource: key.resource, URL: key.url, Verbs: verbs, Void: void}
		if key.names != "" {
			line.Names = strings.Split(strings.TrimSuffix(key.names, "\x00"), "\x00")
		}
		w.lines[full] = line
	}
	for _, ns := range namespaces {
		line.Namespaces = append(line.Namespaces, w.ix.namespaces[ns])
	}
	for _, list := range grants {
		for _, g := range list {
			b := &w.ix.bindings[g.binding]
			if slices.Contains(givers, b.role) {
				line.Sources = append(line.Sources, Source{
					Subject: w.ix.subjects[g.subject].Subject, Via: g.via, Binding: b.Binding, Role: w.ix.roles[b.role].Role,
				})
			}
		}
	}
}

func (w *rightsWriter) sorted() []Right {
	out := make([]Right, 0, len(w.lines))
	for _, line := range w.lines {
		slices.Sort(line.Namespaces)
		slices.SortFunc(line.Sources, func(a, b Source) int {
			return cmp.Or(compareNames(a.Binding.Namespace, a.Binding.Name, b.Binding.Namespace, b.Binding.Name),
				CompareSubjects(a.Subject, b.Subject))
		})
		out = append(out, *line)
	}
	slices.SortFunc(out, compareRights)
	return out
}

// compareRights orders lines for output: everywhere first, then by namespaces; URLs last; then by group, resource and
// names.
func compareRights(a, b Right) int {
	return cmp.Or(boolRank(b.Everywhere)-boolRank(a.Everywhere), slices.Compare(a.Namespaces, b.Namespaces),
		strings.Compare(a.URL, b.URL), strings.Compare(a.Group, b.Group), strings.Compare(a.Resource, b.Resource),
		slices.Compare(a.Names, b.Names), slices.Compare(a.Verbs, b.Verbs))
}

func boolRank(b bool) int {
	if b {
		return 1
	}
	return 0
}

func without(list, have []string) []string {
	if slices.Contains(have, "*") {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(list), func(v string) bool { return slices.Contains(have, v) })
}
