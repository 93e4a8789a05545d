package world

import (
	"cmp"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Role is a role and how it stands: who has it, where, and what it is made of.
type Role struct {
	ID rbac.ObjectID
	// Object is the role as it counts: an aggregated one with the rules of its parts. It is nil when bindings refer to a
	// role that is not there, or that could not be read.
	Object *rbac.Role
	// Bindings refer to the role, cluster-wide ones first, then by namespace and name.
	Bindings []*Binding
	// Holders counts the subjects that they name, each once.
	Holders int
	// Everywhere says that a ClusterRoleBinding gives the role to somebody; Namespaces counts those in which RoleBindings do.
	Everywhere bool
	Namespaces int
	// Into are the aggregated ClusterRoles that have this one among their parts, by name.
	Into []*Role
	// Strength says in what way the role allows more than it looks, Breadth how much, for putting roles in order.
	Strength rbac.Strength
	Breadth  int
	// Unused says that the role gives nothing to anybody: no binding refers to it, nor to a role that it is a part of. It
	// is false where not all bindings could be read.
	Unused bool
	// Unread says of a role without an object that it may well be there: not all roles could be read.
	Unread bool

	number int // in the index; those that are not there are beyond it
}

// Dangling reports whether bindings refer to the role in vain.
func (r *Role) Dangling() bool { return r.Object == nil && !r.Unread }

// Binding is a RoleBinding or a ClusterRoleBinding and how it stands.
type Binding struct {
	*rbac.Binding
	// Role is what the binding refers to. It is nil when that can be no role at all: an unknown kind, or a Role in a
	// ClusterRoleBinding. A role that is not there is one without an object.
	Role *Role
	// Subjects are those that the binding names, each once, without those that can be nobody.
	Subjects []*Subject
}

// Dangling reports whether the binding gives nothing, because there is no such role.
func (b *Binding) Dangling() bool { return b.Role == nil || b.Role.Dangling() }

// Missing returns the service accounts that the binding names and that do not exist.
func (b *Binding) Missing() []*Subject {
	var out []*Subject
	for _, s := range b.Subjects {
		if s.Missing {
			out = append(out, s)
		}
	}
	return out
}

// Subject is a user, a group or a service account and how it stands.
type Subject struct {
	rbac.Subject
	// Bindings name the subject itself, cluster-wide ones first, then by namespace and name. Bindings of its groups are
	// not among them.
	Bindings []*Binding
	// Everywhere says that a ClusterRoleBinding gives it a role; Namespaces counts those in which RoleBindings do. Bindings
	// of roles that are not there give nothing.
	Everywhere bool
	Namespaces int
	// Strongest is the strongest of the roles that the bindings give; nil when they give none that is there.
	Strongest *Role
	// Missing says that it is a service account that does not exist. It is false where they were not all read, and, of
	// manifests, for accounts that Kubernetes makes by itself.
	Missing bool

	counted *Role // for which it was counted last, while holders are counted
}

// standings are all roles, bindings and subjects, pointing at each other.
type standings struct {
	roles    []*Role // by namespace and name, those without an object among them
	compiled []*Role // the same, by number in the index
	bindings []*Binding
	subjects []*Subject
	byRole   map[rbac.ObjectID]*Role
}

// Roles returns every role, also those that bindings refer to and that are not there: ClusterRoles first, then Roles by
// namespace and name. The slice is shared.
func (w *World) Roles() []*Role { return w.standings().roles }

// Role returns a role; nil when it is neither there nor referred to.
func (w *World) Role(id rbac.ObjectID) *Role { return w.standings().byRole[id] }

// Bindings returns every binding: ClusterRoleBindings first, then RoleBindings by namespace and name. The slice is shared.
func (w *World) Bindings() []*Binding { return w.standings().bindings }

// Binding returns a binding; nil when there is no such binding.
func (w *World) Binding(id rbac.ObjectID) *Binding {
	all := w.standings().bindings
	n, found := slices.BinarySearchFunc(all, id, func(b *Binding, id rbac.ObjectID) int {
		return cmp.Or(cmp.Compare(b.Namespace, id.Namespace), cmp.Compare(b.Name, id.Name))
	})
	if !found || all[n].ID() != id {
		return nil
	}
	return all[n]
}

// Subjects returns everybody whom a binding names, and the service accounts that are known to exist: users, groups, then
// service accounts by namespace and name. The slice is shared.
func (w *World) Subjects() []*Subject { return w.standings().subjects }

// Subject returns how a subject stands, whether or not anything is known of it.
func (w *World) Subject(s rbac.Subject) *Subject {
	all := w.standings().subjects
	n, found := slices.BinarySearchFunc(all, s, func(have *Subject, s rbac.Subject) int {
		return rbac.CompareSubjects(have.Subject, s)
	})
	if found {
		return all[n]
	}
	return &Subject{Subject: s, Missing: w.accounts().missing(s)}
}

// Identity returns the subject with the groups that it is known to be in: those that the API server gives, and all groups
// of whoever uses the browser.
func (w *World) Identity(s rbac.Subject) rbac.Identity {
	if s.UserName() != "" && s.UserName() == w.Frame.User {
		return rbac.NewIdentity(s, w.Frame.Groups...)
	}
	return rbac.NewIdentity(s)
}

// Unread returns what could not be read of the resources, such as "rolebindings": answers about them may lack something.
func (w *World) Unread(resources ...string) []rbac.Gap {
	var out []rbac.Gap
	for _, resource := range resources {
		out = append(out, rbac.GapsOf(w.Snapshot.Gaps, resource)...)
	}
	return out
}
