package source

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// gathering is the sum of what several files hold. An object that comes again replaces the earlier one, as it would
// when one file after the other is applied.
type gathering struct {
	warn     Warn
	snapshot rbac.Snapshot

	roles           map[objectKey]int
	bindings        map[objectKey]int
	namespaces      map[string]int
	serviceAccounts map[rbac.ObjectRef]bool
	resources       map[objectKey]int // group and name
	custom          bool              // there are CustomResourceDefinitions
	served          bool              // a snapshot says what its server serves
	snapshots       int               // how many snapshots were added
	unmarked        bool              // one of them was not marked
	changed         []rbac.Role       // ClusterRoles that no API server has seen, and those that they replace
}

// objectKey names an object among those of its kind. The namespace is a group for resources.
type objectKey struct{ namespace, name string }

func newGathering(warn Warn) *gathering {
	return &gathering{
		warn:            warn,
		roles:           map[objectKey]int{},
		bindings:        map[objectKey]int{},
		namespaces:      map[string]int{},
		serviceAccounts: map[rbac.ObjectRef]bool{},
		resources:       map[objectKey]int{},
	}
}

func (g *gathering) addRole(role rbac.Role) {
	key := objectKey{role.Namespace, role.Name}
	n, twice := g.roles[key]
	change := role.Namespace == "" && !role.Stored && role.Origin != bootstrapOrigin
	if change {
		g.changed = append(g.changed, role)
	}
	if !twice {
		g.roles[key] = len(g.snapshot.Roles)
		g.snapshot.Roles = append(g.snapshot.Roles, role)
		return
	}
	old := g.snapshot.Roles[n]
	g.snapshot.Roles[n] = role
	if change {
		g.changed = append(g.changed, old)
	}
	g.replaced("role", key, old.Origin, role.Origin, func() bool {
		old.Origin = role.Origin
		return reflect.DeepEqual(old, role)
	})
}

func (g *gathering) addBinding(binding rbac.Binding) {
	key := objectKey{binding.Namespace, binding.Name}
	n, twice := g.bindings[key]
	if !twice {
		g.bindings[key] = len(g.snapshot.Bindings)
		g.snapshot.Bindings = append(g.snapshot.Bindings, binding)
		return
	}
	old := g.snapshot.Bindings[n]
	g.snapshot.Bindings[n] = binding
	g.replaced("rolebinding", key, old.Origin, binding.Origin, func() bool {
		old.Origin, old.Annotations = binding.Origin, binding.Annotations // which grant nothing
		return reflect.DeepEqual(old, binding)
	})
}

// replaced warns of an object that is there twice and not the same.
func (g *gathering) replaced(kind string, key objectKey, old, origin string, same func() bool) {
	if same() {
		return
	}
	name := kind + "/" + key.namespace + "/" + key.name
	if key.namespace == "" {
		name = "cluster" + kind + "/" + key.name
	}
	g.warn("%s: %s replaces the one of %s", cmp.Or(origin, "snapshot"), name, cmp.Or(old, "a snapshot"))
}

func (g *gathering) addNamespace(namespace rbac.Namespace) {
	if n, twice := g.namespaces[namespace.Name]; twice {
		g.snapshot.Namespaces[n] = namespace
		return
	}
	g.namespaces[namespace.Name] = len(g.snapshot.Namespaces)
	g.snapshot.Namespaces = append(g.snapshot.Namespaces, namespace)
}

func (g *gathering) addServiceAccount(ref rbac.ObjectRef) {
	if g.serviceAccounts[ref] {
		return
	}
	g.serviceAccounts[ref] = true
	g.snapshot.ServiceAccounts = append(g.snapshot.ServiceAccounts, ref)
}

func (g *gathering) addResources(resources ...rbac.Resource) {
	for _, r := range resources {
		key := objectKey{r.Group, r.Name}
		if n, twice := g.resources[key]; twice {
			g.snapshot.Resources[n] = r
			continue
		}
		g.resources[key] = len(g.snapshot.Resources)
		g.snapshot.Resources = append(g.snapshot.Resources, r)
	}
}

// addSnapshot adds all that a snapshot holds.
func (g *gathering) addSnapshot(s *rbac.Snapshot) {
	g.snapshots++
	g.unmarked = g.unmarked || !s.Marked
	for _, role := range s.Roles {
		g.addRole(role)
	}
	for _, binding := range s.Bindings {
		g.addBinding(binding)
	}
	for _, namespace := range s.Namespaces {
		g.addNamespace(namespace)
	}
	for _, ref := range s.ServiceAccounts {
		g.addServiceAccount(ref)
	}
	g.served = g.served || len(s.Resources) > 0
	g.addResources(s.Resources...)
	g.snapshot.Gaps = append(g.snapshot.Gaps, s.Gaps...)
	if g.snapshot.Taken.IsZero() || !s.Taken.IsZero() && s.Taken.Before(g.snapshot.Taken) {
		g.snapshot.Taken = s.Taken // the oldest part says how old the whole is
	}
}

// any reports whether there is an object at all.
func (g *gathering) any() bool {
	s := &g.snapshot
	return len(s.Roles)+len(s.Bindings)+len(s.Namespaces)+len(s.ServiceAccounts) > 0 || g.custom
}

// finish completes the resources: beside custom ones a server serves its own, in whose place no snapshot came. And it
// does what the aggregation controller would when the manifests were applied to the cluster of a dump or a snapshot.
func (g *gathering) finish() *rbac.Snapshot {
	if g.custom && !g.served {
		custom := g.snapshot.Resources
		slices.SortFunc(custom, compareResources)
		g.snapshot.Resources = append(rbac.NewCatalog(nil).Resources(), custom...)
	}
	g.snapshot.AggregateAnew(g.changed...)
	g.snapshot.Marked = !g.unmarked
	return &g.snapshot
}

// tally counts what a path held.
type tally struct {
	what    string // what is read, when it isn't RBAC objects
	taken   int
	skipped map[string]int         // documents of other kinds
	known   func(kind string) bool // which of them nobody need be told of; nil for none
	// Objects without a namespace, and of an old API version: how many, and where the first is.
	homeless, old           int
	firstHomeless, firstOld string
}

// maxSkippedKinds is how many kinds a message names.
const maxSkippedKinds = 3

// report says in words what was not taken, for each path.
func (t *tally) report(path, namespace string, warn, note Warn) {
	total, what := 0, cmp.Or(t.what, "RBAC objects")
	if t.known != nil {
		maps.DeleteFunc(t.skipped, func(kind string, _ int) bool { return t.known(kind) })
	}
	for _, n := range t.skipped {
		total += n
	}
	switch {
	case t.taken == 0 && total == 0:
		warn("no %s in %s", what, path)
	case t.taken == 0:
		warn("no %s in %s; %s skipped", what, path, t.others(total))
	case total > 0:
		note("%s: %s skipped", path, t.others(total))
	}
	if t.homeless > 0 {
		warn("%s: %s taken to be in namespace %q, since none is given, first %s",
			path, counted(t.homeless, "object is", "objects are"), namespace, t.firstHomeless)
	}
	if t.old > 0 {
		warn("%s: %s of rbac.authorization.k8s.io/v1beta1, which servers since 1.22 refuse, first %s",
			path, counted(t.old, "object is", "objects are"), t.firstOld)
	}
}

// others names the most frequent kinds that were skipped: "12 documents of other kinds (Deployment 7, Service 5)".
func (t *tally) others(total int) string {
	kinds := make([]string, 0, len(t.skipped))
	for kind := range t.skipped {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(a, b string) int {
		return cmp.Or(cmp.Compare(t.skipped[b], t.skipped[a]), cmp.Compare(a, b))
	})
	var parts []string
	for i, kind := range kinds {
		if i == maxSkippedKinds {
			parts = append(parts, fmt.Sprintf("and %s", counted(len(kinds)-i, "other kind", "other kinds")))
			break
		}
		parts = append(parts, fmt.Sprintf("%s %d", cmp.Or(kind, "no kind"), t.skipped[kind]))
	}
	return fmt.Sprintf("%s of other kinds (%s)", counted(total, "document", "documents"), strings.Join(parts, ", "))
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
