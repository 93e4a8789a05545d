package rbac

import (
	"cmp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// compileSubjects numbers everybody who occurs in a binding, in the order of output, and lists his bindings.
func (ix *Index) compileSubjects() {
	total := 0
	for i := range ix.bindings {
		total += len(ix.bindings[i].Subjects)
	}
	seen := make(map[Subject]int32, total/2)
	found := make([]Subject, 0, total/2)
	flat := make([]int32, 0, total)
	for i := range ix.bindings {
		b := &ix.bindings[i]
		start := len(flat)
		for _, rs := range b.Subjects {
			s, ok := NewSubject(rs, b.Namespace)
			if !ok {
				continue
			}
			n, known := seen[s]
			if !known {
				n = int32(len(found))
				seen[s] = n
				found = append(found, s)
			}
			if !slices.Contains(flat[start:], n) {
				flat = append(flat, n)
			}
		}
		b.subjects = flat[start:len(flat):len(flat)]
	}
	ix.sortSubjects(found, flat)
	ix.subjectOf = seen
	for n := range ix.subjects {
		ix.subjectOf[ix.subjects[n].Subject] = int32(n)
	}
	ix.listBindings(flat)
}

// sortSubjects brings found into the order of output and renumbers flat accordingly.
func (ix *Index) sortSubjects(found []Subject, flat []int32) {
	order := make([]int32, len(found))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return CompareSubjects(found[a], found[b]) })
	rank := make([]int32, len(found))
	ix.subjects = make([]subject, len(found))
	for to, from := range order {
		rank[from] = int32(to)
		ix.subjects[to].Subject = found[from]
	}
	for i, n := range flat {
		flat[i] = rank[n]
	}
}

func (ix *Index) listBindings(flat []int32) {
	counts := make([]int32, len(ix.subjects))
	for _, n := range flat {
		counts[n]++
	}
	all := make([]int32, len(flat))
	next := int32(0)
	for n, c := range counts {
		ix.subjects[n].bindings = all[next : next : next+c]
		next += c
	}
	for i := range ix.bindings {
		for _, n := range ix.bindings[i].subjects {
			s := &ix.subjects[n]
			s.bindings = append(s.bindings, int32(i))
			if ix.bindings[i].namespace == 0 {
				s.cluster++
			}
		}
	}
}

// CompareSubjects orders subjects for output: users, then groups, then service accounts, each by namespace and name.
func CompareSubjects(a, b Subject) int {
	return cmp.Or(kindRank(a.Kind)-kindRank(b.Kind), strings.Compare(a.Namespace, b.Namespace),
		strings.Compare(a.Name, b.Name))
}

func kindRank(kind string) int {
	switch kind {
	case rbacv1.UserKind:
		return 0
	case rbacv1.GroupKind:
		return 1
	}
	return 2
}

// Subjects returns everybody who occurs in a binding, in the order of output.
func (ix *Index) Subjects() []Subject {
	out := make([]Subject, len(ix.subjects))
	for i := range ix.subjects {
		out[i] = ix.subjects[i].Subject
	}
	return out
}

// Namespaces returns every namespace that the snapshot knows of: listed ones, and those of roles, bindings and service
// accounts. Sorted.
func (ix *Index) Namespaces() []string {
	set := map[string]struct{}{}
	for _, ns := range ix.snap.Namespaces {
		set[ns.Name] = struct{}{}
	}
	for _, name := range ix.namespaces[1:] {
		set[name] = struct{}{}
	}
	for i := range ix.roles {
		if ns := ix.roles[i].Namespace; ns != "" {
			set[ns] = struct{}{}
		}
	}
	for _, sa := range ix.snap.ServiceAccounts {
		set[sa.Namespace] = struct{}{}
	}
	out := make([]string, 0, len(set))
	for name := range set {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// numbersOf returns the subjects of the index that are the identity: its user and each of its groups.
func (ix *Index) numbersOf(id Identity, buf []int32) []int32 {
	if id.User != "" {
		if n, ok := ix.subjectOf[User(id.User)]; ok {
			buf = append(buf, n)
		}
	}
	for _, g := range id.Groups {
		if n, ok := ix.subjectOf[Group(g)]; ok {
			buf = append(buf, n)
		}
	}
	return buf
}

// inNamespace returns the subject's RoleBindings in the namespace with that number.
func (ix *Index) inNamespace(s *subject, first, end int32) []int32 {
	own := s.bindings[s.cluster:]
	lo, _ := slices.BinarySearch(own, first)
	hi, _ := slices.BinarySearch(own, end)
	return own[lo:hi]
}
