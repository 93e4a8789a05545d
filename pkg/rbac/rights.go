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
	w := rightsWriter{ix: ix, everywhere: map[rightKey][]string{}, lines: map[string]*line{}}
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

// compareRights orders lines for output: everywhere first, then by namespaces; URLs last; then by group, resource and
// names.
func compareRights(a, b Right) int {
	return cmp.Or(boolRank(b.Everywhere)-boolRank(a.Everywhere), compareShared(a.Namespaces, b.Namespaces),
		strings.Compare(a.URL, b.URL), strings.Compare(a.Group, b.Group), strings.Compare(a.Resource, b.Resource),
		slices.Compare(a.Names, b.Names), slices.Compare(a.Verbs, b.Verbs))
}

// compareShared compares lists that are often the same one, and long.
func compareShared(a, b []string) int {
	if len(a) == len(b) && len(a) > 0 && &a[0] == &b[0] {
		return 0
	}
	return slices.Compare(a, b)
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
