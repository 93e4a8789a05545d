package rbac

import (
	"cmp"
	"hash/maphash"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Index is a compiled snapshot, ready for queries. It is immutable.
type Index struct {
	snap *Snapshot

	rules    []rule    // distinct
	roles    []role    // by namespace, then name; ClusterRoles first
	bindings []binding // by namespace, then name; ClusterRoleBindings first
	subjects []subject // users, groups, service accounts; each by namespace, then name

	namespaces []string // sorted; number 0 is "", the cluster
	firstOf    []int32  // first binding of each namespace, and one past the last
	roleOf     map[ObjectRef]int32
	subjectOf  map[Subject]int32
	lookup     lookup
	catalog    *Catalog
}

// role is a Role or ClusterRole with its rules as numbers into Index.rules.
type role struct {
	*Role
	rules []int32
	parts []int32 // ClusterRoles that its selectors find, in the order of the aggregation controller
}

// binding is a RoleBinding or ClusterRoleBinding with names resolved to numbers.
type binding struct {
	*Binding
	namespace int32
	role      int32   // -1 when there is no such role
	subjects  []int32 // distinct
}

// subject is somebody who occurs in a binding, with the numbers of his bindings in ascending order.
type subject struct {
	Subject
	bindings []int32
	cluster  int // how many of them are ClusterRoleBindings
}

const noRole = int32(-1)

// Compile builds the index of a snapshot, which must not change afterwards. It never fails: what refers to nothing is
// kept as such, and a second object of the same name replaces the first.
func Compile(s *Snapshot) *Index {
	ix := &Index{snap: s}
	ix.compileRoles()
	ix.fillAggregated()
	ix.shareRules()
	ix.compileBindings()
	ix.compileSubjects()
	ix.compileLookup()
	ix.catalog = NewCatalog(s.Resources)
	return ix
}

// Snapshot returns the objects that were compiled.
func (ix *Index) Snapshot() *Snapshot { return ix.snap }

// Catalog returns the resources that the snapshot's cluster serves, or the built-in ones.
func (ix *Index) Catalog() *Catalog { return ix.catalog }

func compareNames(ns1, name1, ns2, name2 string) int {
	return cmp.Or(cmp.Compare(ns1, ns2), cmp.Compare(name1, name2))
}

func (ix *Index) compileRoles() {
	ix.roles = make([]role, len(ix.snap.Roles))
	for i := range ix.snap.Roles {
		ix.roles[i] = role{Role: &ix.snap.Roles[i]}
	}
	slices.SortStableFunc(ix.roles, func(a, b role) int { return compareNames(a.Namespace, a.Name, b.Namespace, b.Name) })
	ix.roles = lastOfEach(ix.roles, func(r role) ObjectRef { return ObjectRef{r.Namespace, r.Name} })
	ix.roleOf = make(map[ObjectRef]int32, len(ix.roles))
	for i := range ix.roles {
		ix.roleOf[ObjectRef{ix.roles[i].Namespace, ix.roles[i].Name}] = int32(i)
	}
}

// lastOfEach keeps the last of neighbours with the same key.
func lastOfEach[T any](items []T, key func(T) ObjectRef) []T {
	out := items[:0]
	for i, item := range items {
		if i+1 < len(items) && key(items[i+1]) == key(item) {
			continue
		}
		out = append(out, item)
	}
	return out
}

// shareRules gives equal rules one number, so that a query looks at each of them once.
func (ix *Index) shareRules() {
	seed := maphash.MakeSeed()
	byHash := make(map[uint64][]int32, len(ix.roles))
	total := 0
	for i := range ix.roles {
		total += len(ix.roles[i].Rules)
	}
	numbers := make([]int32, 0, total)
	for i := range ix.roles {
		r := &ix.roles[i]
		start := len(numbers)
		for j := range r.Rules {
			numbers = append(numbers, ix.numberOf(&r.Rules[j], seed, byHash))
		}
		r.rules = numbers[start:len(numbers):len(numbers)]
	}
}

func (ix *Index) numberOf(p *rbacv1.PolicyRule, seed maphash.Seed, byHash map[uint64][]int32) int32 {
	sum := hashRule(p, seed)
	for _, n := range byHash[sum] {
		if equalRules(ix.rules[n].policy, p) {
			return n
		}
	}
	n := int32(len(ix.rules))
	ix.rules = append(ix.rules, newRule(p))
	byHash[sum] = append(byHash[sum], n)
	return n
}

func hashRule(p *rbacv1.PolicyRule, seed maphash.Seed) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for _, list := range [...][]string{p.Verbs, p.APIGroups, p.Resources, p.ResourceNames, p.NonResourceURLs} {
		for _, s := range list {
			_, _ = h.WriteString(s)
			_ = h.WriteByte(0)
		}
		_ = h.WriteByte(1)
	}
	return h.Sum64()
}

func (ix *Index) compileBindings() {
	ix.bindings = make([]binding, len(ix.snap.Bindings))
	for i := range ix.snap.Bindings {
		ix.bindings[i] = binding{Binding: &ix.snap.Bindings[i]}
	}
	slices.SortStableFunc(ix.bindings, func(a, b binding) int {
		return compareNames(a.Namespace, a.Name, b.Namespace, b.Name)
	})
	ix.bindings = lastOfEach(ix.bindings, func(b binding) ObjectRef { return ObjectRef{b.Namespace, b.Name} })

	ix.namespaces = append(ix.namespaces, "")
	ix.firstOf = append(ix.firstOf, 0)
	for i := range ix.bindings {
		b := &ix.bindings[i]
		if b.Namespace != ix.namespaces[len(ix.namespaces)-1] {
			ix.namespaces = append(ix.namespaces, b.Namespace)
			ix.firstOf = append(ix.firstOf, int32(i))
		}
		b.namespace = int32(len(ix.namespaces) - 1)
		b.role = ix.resolve(b.RoleRef, b.Namespace)
	}
	ix.firstOf = append(ix.firstOf, int32(len(ix.bindings)))
}

// resolve finds the role that a reference means for a binding in the namespace. As in the API server the reference's
// group does not count, and a Role can't be bound by a ClusterRoleBinding.
func (ix *Index) resolve(ref rbacv1.RoleRef, namespace string) int32 {
	key := ObjectRef{Name: ref.Name}
	switch ref.Kind {
	case "ClusterRole":
	case "Role":
		if namespace == "" {
			return noRole
		}
		key.Namespace = namespace
	default:
		return noRole
	}
	if n, ok := ix.roleOf[key]; ok {
		return n
	}
	return noRole
}

// bindingsIn returns the range of bindings in a namespace; "" gives the ClusterRoleBindings.
func (ix *Index) bindingsIn(namespace string) (first, end int32) {
	n, ok := slices.BinarySearch(ix.namespaces, namespace)
	if !ok {
		return 0, 0
	}
	return ix.firstOf[n], ix.firstOf[n+1]
}
