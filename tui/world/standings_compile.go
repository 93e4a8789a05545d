package world

import (
	"cmp"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// stand works all standings out.
func (w *World) stand() *standings {
	c := &compiling{world: w, index: w.Index, standings: &standings{}}
	c.addRoles()
	c.addBindings()
	c.addSubjects()
	c.aggregate()
	c.count()
	c.use()
	c.compiled = slices.Clone(c.roles)
	c.forget()
	slices.SortFunc(c.roles, func(a, b *Role) int {
		return cmp.Or(cmp.Compare(a.ID.Namespace, b.ID.Namespace), cmp.Compare(a.ID.Name, b.ID.Name))
	})
	return c.standings
}

// forget leaves out what the API server told the caller of his own rules: these are no objects, and have no pages.
func (c *compiling) forget() {
	c.bindings = slices.DeleteFunc(c.bindings, func(b *Binding) bool { return b.Told() })
	c.roles = slices.DeleteFunc(c.roles, func(r *Role) bool {
		told := r.Object != nil && r.Object.Origin == rbac.ToldOrigin
		if told {
			delete(c.byRole, r.ID)
		}
		return told
	})
}

// compiling is the making of standings. Roles, bindings and subjects are in the order of the index until all is counted.
type compiling struct {
	*standings
	world *World
	index *rbac.Index
}

func (c *compiling) addRoles() {
	objects, strengths := c.index.Roles(), c.index.Strengths()
	c.byRole = make(map[rbac.ObjectID]*Role, len(objects))
	all := make([]Role, len(objects))
	c.roles = make([]*Role, len(objects))
	for n, object := range objects {
		r := &all[n]
		*r = Role{ID: object.ID(), Object: object, Strength: strengths[n], Breadth: object.Breadth(), number: n}
		c.roles[n] = r
		c.byRole[r.ID] = r
	}
}

// addBindings resolves the bindings, and adds the roles that are not there.
func (c *compiling) addBindings() {
	objects := c.index.Bindings()
	all := make([]Binding, len(objects))
	c.bindings = make([]*Binding, len(objects))
	for n, object := range objects {
		b := &all[n]
		b.Binding = object
		c.bindings[n] = b
		if role, _ := c.index.Bound(n); role >= 0 {
			b.Role = c.roles[role]
		} else if id, ok := Refers(object); ok {
			b.Role = c.absent(id)
		}
		if b.Role != nil {
			b.Role.Bindings = append(b.Role.Bindings, b)
		}
	}
}

// Refers returns the role that a binding refers to, whether or not it is there; false when that can be no role.
func Refers(b *rbac.Binding) (rbac.ObjectID, bool) {
	switch {
	case b.RoleRef.Kind == "ClusterRole":
		return rbac.ObjectID{Kind: "ClusterRole", Name: b.RoleRef.Name}, true
	case b.RoleRef.Kind == "Role" && b.Namespace != "":
		return rbac.ObjectID{Kind: "Role", Namespace: b.Namespace, Name: b.RoleRef.Name}, true
	}
	return rbac.ObjectID{}, false
}

func (c *compiling) absent(id rbac.ObjectID) *Role {
	r := c.byRole[id]
	if r == nil {
		resource := "clusterroles"
		if id.Namespace != "" {
			resource = "roles"
		}
		hidden := slices.ContainsFunc(c.world.Unread(resource), func(gap rbac.Gap) bool { return gap.Concerns(id.Namespace) })
		r = &Role{ID: id, Unread: hidden, number: len(c.roles)}
		c.roles = append(c.roles, r)
		c.byRole[id] = r
	}
	return r
}

// addSubjects adds those of bindings, and the service accounts that are known beside them.
func (c *compiling) addSubjects() {
	named := c.index.Subjects()
	all := make([]Subject, len(named))
	pairs := 0
	for n := range named {
		pairs += len(c.index.BindingsOf(n))
	}
	bindings, subjects := make(pile[*Binding], pairs), make(pile[*Subject], pairs)
	c.subjects = make([]*Subject, len(named), len(named)+len(c.world.Snapshot.ServiceAccounts))
	for n := range named {
		s := &all[n]
		s.Subject, s.Missing = named[n], c.world.accounts().missing(named[n])
		c.subjects[n] = s
		numbers := c.index.BindingsOf(n)
		s.Bindings = bindings.take(len(numbers))
		for i, b := range numbers {
			s.Bindings[i] = c.bindings[b]
		}
		s.Bindings = slices.DeleteFunc(s.Bindings, func(b *Binding) bool { return b.Told() })
		s.Everywhere, s.Namespaces = places(s.Bindings, func(b *Binding) bool { return !b.Dangling() })
		s.Strongest = strongest(s.Bindings)
	}
	for n, b := range c.bindings {
		_, numbers := c.index.Bound(n)
		b.Subjects = subjects.take(len(numbers))
		for i, s := range numbers {
			b.Subjects[i] = c.subjects[s]
		}
	}
	for _, account := range c.world.Snapshot.ServiceAccounts {
		s := rbac.ServiceAccount(account.Namespace, account.Name)
		if _, known := c.index.SubjectNumber(s); !known {
			c.subjects = append(c.subjects, &Subject{Subject: s})
		}
	}
	slices.SortFunc(c.subjects, compareSubjects)
	c.subjects = slices.CompactFunc(c.subjects, func(a, b *Subject) bool { return a.Subject == b.Subject })
}

// pile is room for many slices.
type pile[T any] []T

// take returns a slice of that length out of the pile, which has to have as much left.
func (p *pile[T]) take(length int) []T {
	out := (*p)[:length:length]
	*p = (*p)[length:]
	return out
}

func compareSubjects(a, b *Subject) int { return rbac.CompareSubjects(a.Subject, b.Subject) }

// places says where those of the bindings are that matter. They are in the order of the index.
func places(bindings []*Binding, matters func(*Binding) bool) (everywhere bool, namespaces int) {
	last := ""
	for _, b := range bindings {
		switch {
		case !matters(b):
		case b.Namespace == "":
			everywhere = true
		case b.Namespace != last:
			namespaces, last = namespaces+1, b.Namespace
		}
	}
	return everywhere, namespaces
}

// strongest returns the role that comes first by strength, then by breadth, then by name.
func strongest(bindings []*Binding) *Role {
	var best *Role
	for _, b := range bindings {
		if b.Role != nil && b.Role.Object != nil && (best == nil || compareStrength(b.Role, best) < 0) {
			best = b.Role
		}
	}
	return best
}

// compareStrength orders roles, the strongest first.
func compareStrength(a, b *Role) int {
	// The strongest strength is the lowest bit, and none is 0: one less brings none to the end.
	return cmp.Or(cmp.Compare(a.Strength.Strongest()-1, b.Strength.Strongest()-1), cmp.Compare(b.Breadth, a.Breadth),
		cmp.Compare(a.ID.Namespace, b.ID.Namespace), cmp.Compare(a.ID.Name, b.ID.Name))
}

func (c *compiling) aggregate() {
	for _, r := range c.roles {
		if r.Object == nil {
			continue
		}
		for _, part := range c.index.Parts(r.number) {
			of := c.roles[part]
			of.Into = append(of.Into, r)
		}
	}
}

// count counts who has each role, and where.
func (c *compiling) count() {
	for _, r := range c.roles {
		r.Everywhere, r.Namespaces = places(r.Bindings, func(*Binding) bool { return true })
		for _, b := range r.Bindings {
			for _, s := range b.Subjects {
				if s.counted != r {
					s.counted = r
					r.Holders++
				}
			}
		}
	}
}

// use marks the roles that no binding reaches, directly or as a part of another role.
func (c *compiling) use() {
	if len(c.world.Unread("rolebindings", "clusterrolebindings")) > 0 {
		return
	}
	used := make([]bool, len(c.roles))
	var mark func(n int)
	mark = func(n int) {
		if used[n] {
			return
		}
		used[n] = true
		if c.roles[n].Object == nil {
			return
		}
		for _, part := range c.index.Parts(n) {
			mark(int(part))
		}
	}
	for n, r := range c.roles {
		if len(r.Bindings) > 0 {
			mark(n)
		}
	}
	for n, r := range c.roles {
		r.Unused = !used[n]
	}
}
