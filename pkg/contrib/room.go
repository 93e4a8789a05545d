package contrib

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// room is one workspace as plans see it: indexed once, so that a thousand members cost a thousand look-ups.
type room struct {
	draft    *draft
	name     string
	flavor   workspace.Flavor
	owner    rbac.Subject
	status   workspace.Status
	config   kubeflow.Config
	members  map[rbac.Subject][]*workspace.Member
	bindings map[string]*slot[*rbacv1.RoleBinding]
	policies map[string]*slot[*unstructured.Unstructured]
	// kalmed are the members that Kalm's role bindings make, and kalm these.
	kalmed map[rbac.Subject][]*workspace.Member
	kalm   map[string]*slot[*unstructured.Unstructured]
	units  map[rbac.Subject]*unit
	// folded holds the users by their names in lower case; letIn the policies by whom they let in, and patterns those that
	// do so by a pattern. All are made when they are first needed.
	folded   map[string][]rbac.Subject
	letIn    map[rbac.Subject][]string
	patterns []string
	// closed says that nothing can be changed here, opened that it has been looked at whether something can be given.
	closed, opened bool
	// isWorkspace is false for a namespace that is none; one that was is orphaned.
	isWorkspace, orphaned bool
}

// room returns the room of a namespace, whether there is a workspace in it or not.
func (d *draft) room(name string) *room {
	if r := d.rooms[name]; r != nil {
		return r
	}
	s := d.state
	r := &room{
		draft: d, name: name, flavor: s.FlavorOf(name), config: s.ConfigFor(name),
		members:  map[rbac.Subject][]*workspace.Member{},
		bindings: map[string]*slot[*rbacv1.RoleBinding]{},
		policies: map[string]*slot[*unstructured.Unstructured]{},
		units:    map[rbac.Subject]*unit{},
	}
	if w, ok := s.Workspace(name); ok {
		r.owner, r.status, r.isWorkspace = w.Owner, w.Status, true
	}
	if r.isKalm() {
		r.owner = rbac.Subject{} // a role like any other, of which there may be several, or none
	}
	r.orphaned = r.isOrphaned()
	members := s.MembersAll(name)
	for i := range members {
		if m := &members[i]; !m.OfKalm() {
			r.members[m.Subject] = append(r.members[m.Subject], m)
		}
	}
	r.readKalm(members)
	for _, b := range s.Bindings(name) {
		r.bindings[b.Name] = &slot[*rbacv1.RoleBinding]{old: b, now: b}
	}
	for _, p := range s.Policies(name) {
		r.policies[p.GetName()] = &slot[*unstructured.Unstructured]{old: p, now: p}
	}
	d.rooms[name] = r
	return r
}

// unit returns the unit of a subject in the room.
func (r *room) unit(subject rbac.Subject) *unit {
	u := r.units[subject]
	if u == nil {
		u = &unit{workspace: r.name, subjects: []rbac.Subject{subject}}
		r.units[subject] = u
	}
	return u
}

// binding returns the slot of that name, which may be empty.
func (r *room) binding(name string) *slot[*rbacv1.RoleBinding] {
	s := r.bindings[name]
	if s == nil {
		s = &slot[*rbacv1.RoleBinding]{}
		r.bindings[name] = s
	}
	return s
}

// policy returns the slot of that name, which may be empty.
func (r *room) policy(name string) *slot[*unstructured.Unstructured] {
	s := r.policies[name]
	if s == nil {
		s = &slot[*unstructured.Unstructured]{}
		r.policies[name] = s
	}
	return s
}

// meshed reports whether members of the room have policies.
func (r *room) meshed() bool { return r.flavor == workspace.Kubeflow && r.draft.state.Istio }

// unread returns why objects of a kind are not known in the room, nil when they are.
func (r *room) unread(kind inventory.Kind) *rbac.Gap {
	some := kind == inventory.Policies && len(r.draft.state.Policies(r.name)) > 0 ||
		kind == inventory.RoleBindings && len(r.draft.state.Bindings(r.name)) > 0
	for _, gap := range r.draft.state.Inventory.Missing(kind) {
		if gap.Namespace == r.name || gap.Namespace == "" && !some {
			return &gap
		}
	}
	return nil
}

// spelledLike returns the other users whose names differ from the subject's by their case only.
func (r *room) spelledLike(subject rbac.Subject) []rbac.Subject {
	if subject.Kind != rbacv1.UserKind {
		return nil
	}
	if r.folded == nil {
		r.folded = map[string][]rbac.Subject{}
		for other := range r.members {
			r.fold(other)
		}
		for other := range r.kalmed {
			if len(r.members[other]) == 0 {
				r.fold(other)
			}
		}
		if _, listed := r.members[r.owner]; !listed {
			r.fold(r.owner)
		}
	}
	others := slices.DeleteFunc(slices.Clone(r.folded[strings.ToLower(subject.Name)]), func(other rbac.Subject) bool {
		return other == subject
	})
	slices.SortFunc(others, rbac.CompareSubjects)
	return others
}

func (r *room) fold(subject rbac.Subject) {
	if subject.Kind == rbacv1.UserKind {
		name := strings.ToLower(subject.Name)
		r.folded[name] = append(r.folded[name], subject)
	}
}
