package queue

import (
	"fmt"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// granting is a plan about grants in the making.
type granting struct {
	state *State
	notes []string
	*grantRead
	// slots are the bindings that the plan makes, changes and deletes, in the order in which it comes to them, and of those
	// that were read.
	slots []*bindingSlot
	of    map[*rbacv1.RoleBinding]*bindingSlot
	// needed are the roles that the plan gives.
	needed map[Local]bool
	steps  []plan.Step
	err    error
}

// grantRead is what plans about grants are made from. It does not change.
type grantRead struct {
	// bindings are all of a namespace, and granted those of ours, a pointer for each of their subjects.
	bindings map[string][]*rbacv1.RoleBinding
	granted  map[string][]*Granted
	// roles are those that begin as ours do.
	roles map[Local]*rbacv1.Role
}

// bindingSlot is the place of a binding: what was read there, and what is to be there; nil for nothing.
type bindingSlot struct {
	old, now  *rbacv1.RoleBinding
	why, unit string
}

func newGranting(s *State) *granting {
	s.readOnce.Do(func() { s.read = readGrants(s) })
	return &granting{state: s, grantRead: s.read, needed: map[Local]bool{}, of: map[*rbacv1.RoleBinding]*bindingSlot{}}
}

// readGrants reads it. A judge makes a plan for each finding, so it is done once.
func readGrants(s *State) *grantRead {
	d := &grantRead{bindings: map[string][]*rbacv1.RoleBinding{}, granted: map[string][]*Granted{}, roles: map[Local]*rbacv1.Role{}}
	for _, b := range s.Inventory.RoleBindings {
		d.bindings[b.Namespace] = append(d.bindings[b.Namespace], b)
	}
	all := Grants(s)
	for i := range all {
		d.granted[all[i].Namespace] = append(d.granted[all[i].Namespace], &all[i])
	}
	for _, o := range s.Inventory.Objects(inventory.Roles) {
		if !strings.HasPrefix(o.GetName(), rolePrefix) {
			continue
		}
		var role rbacv1.Role
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &role); err == nil {
			d.roles[Local{role.Namespace, role.Name}] = &role
		}
	}
	return d
}

// note adds a remark, once.
func (d *granting) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(d.notes, text) {
		d.notes = append(d.notes, text)
	}
}

// put plans what becomes of a role: nil for what is not there.
func (d *granting) put(old, now *rbacv1.Role, why, unit string) { add(d, old, now, why, unit) }

// add adds the step that makes an object out of another; a nil one is not there.
func add[T interface {
	comparable
	runtime.Object
}](d *granting, old, now T, why, unit string) {
	var (
		none T
		err  error
		s    = plan.Step{Verb: plan.Update, Why: why, Unit: unit}
	)
	if old == none {
		s.Verb = plan.Create
	} else if s.Old, err = unstructuredOf(old); err != nil {
		d.err = err
	}
	if now == none {
		s.Verb = plan.Delete
	} else if s.Object, err = unstructuredOf(now); err != nil {
		d.err = err
	}
	d.steps = append(d.steps, s)
}

func unstructuredOf(o runtime.Object) (*unstructured.Unstructured, error) {
	all, err := plan.FromObjects(o)
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// bind says what is to become of a binding; old is nil for a new one, now for one that goes.
func (d *granting) bind(old, now *rbacv1.RoleBinding, why, unit string) {
	if slot := d.of[old]; slot != nil {
		slot.now, slot.why = now, why
		return
	}
	slot := &bindingSlot{old, now, why, unit}
	d.slots = append(d.slots, slot)
	if old != nil {
		d.of[old] = slot
	}
}

// current returns what the plan so far makes of a binding that was read.
func (d *granting) current(old *rbacv1.RoleBinding) *rbacv1.RoleBinding {
	if slot := d.of[old]; slot != nil {
		return slot.now
	}
	return old
}

// take plans that the subject of a grant goes out of its binding, which goes when nobody is left in it.
func (d *granting) take(g *Granted, unit, why string) {
	now := d.current(g.Binding)
	if now == nil {
		return
	}
	left := now.DeepCopy()
	left.Subjects = slices.DeleteFunc(left.Subjects, func(one rbacv1.Subject) bool {
		who, ok := rbac.NewSubject(one, g.Namespace)
		return ok && who == g.Subject
	})
	if len(left.Subjects) == 0 {
		d.bind(g.Binding, nil, why, unit)
		return
	}
	d.bind(g.Binding, left, why+"; others stay in the binding", unit)
}

// sweep plans that roles of ours go to which no binding of the namespace refers any more, once the plan is done. One that
// somebody has changed stays, and so do all where not all bindings can be seen.
func (d *granting) sweep(namespace, unit string) {
	used := map[string]bool{}
	for _, b := range d.bindings[namespace] {
		if now := d.current(b); now != nil && now.RoleRef.Kind == "Role" {
			used[now.RoleRef.Name] = true
		}
	}
	for _, slot := range d.slots {
		if slot.old == nil || slot.old.Namespace != namespace || slot.now != nil {
			continue
		}
		at := Local{namespace, slot.old.RoleRef.Name}
		role := d.roles[at]
		if role == nil || used[at.Name] || d.needed[at] {
			continue
		}
		d.needed[at] = true // once is enough
		switch {
		case !isOurs(role):
			d.note("role %s/%s is not as we make it: it stays, though nobody may need it", namespace, at.Name)
		case d.unseen(inventory.RoleBindings, namespace):
			d.note("role %s/%s stays: not all role bindings can be read, and some may need it", namespace, at.Name)
		default:
			d.put(role, nil, "nobody needs it any more", unit)
		}
	}
}

// isOurs reports whether a role is one of [NewRole], with all that it gives and no more.
func isOurs(role *rbacv1.Role) bool {
	can, err := kaiwo.ParseAbilities(strings.Split(role.Annotations[CanAnnotation], ","))
	kinds := parseKinds(role.Annotations[KindsAnnotation])
	if err != nil || role.Name != roleName(can, kinds) {
		return false
	}
	wanted := newRole(role.Namespace, can, kinds)
	return len(rbac.Covers(wanted.Rules, role.Rules))+len(rbac.Covers(role.Rules, wanted.Rules)) == 0
}

// unseen reports whether not all objects of a kind could be read in a namespace.
func (d *granting) unseen(kind inventory.Kind, namespace string) bool {
	return slices.ContainsFunc(d.state.Inventory.Missing(kind), func(g rbac.Gap) bool { return g.Concerns(namespace) })
}

// finish returns the plan.
func (d *granting) finish(summary string) (plan.Plan, []string, error) {
	for _, slot := range d.slots {
		add(d, slot.old, slot.now, slot.why, slot.unit)
	}
	if d.err != nil {
		return plan.Plan{}, nil, fmt.Errorf("plan grants: %w", d.err)
	}
	p, err := plan.New(summary, d.steps...)
	if err != nil {
		return plan.Plan{}, nil, fmt.Errorf("plan grants: %w", err)
	}
	return p, d.notes, nil
}
