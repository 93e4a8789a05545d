package contrib

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// draft is a plan in the making. Rooms are read when they are first needed, so that the work grows with what is asked
// for, and not with the cluster.
type draft struct {
	state *workspace.State
	rooms map[string]*room
	notes notes
	errs  []error
}

func newDraft(s *workspace.State) *draft { return &draft{state: s, rooms: map[string]*room{}} }

// refuse keeps the refusal, if it is one, for [draft.finish].
func (d *draft) refuse(err error) {
	if err != nil {
		d.errs = append(d.errs, err)
	}
}

// finish returns the plan, or what was refused.
func (d *draft) finish(summary string) (plan.Plan, []string, error) {
	if len(d.errs) > 0 {
		// One error goes out as it is, so that its hint is found.
		if len(d.errs) == 1 {
			return plan.Plan{}, nil, d.errs[0]
		}
		return plan.Plan{}, nil, errors.Join(d.errs...)
	}
	var steps []plan.Step
	for _, name := range slices.Sorted(maps.Keys(d.rooms)) {
		r := d.rooms[name]
		var err error
		if steps, err = appendSteps(steps, r.bindings); err == nil {
			steps, err = appendSteps(steps, r.policies)
		}
		if err == nil {
			steps, err = appendSteps(steps, r.kalm)
		}
		if err != nil {
			return plan.Plan{}, nil, fmt.Errorf("plan changes in %s: %w", name, err)
		}
	}
	p, err := plan.New(summary, steps...)
	if err != nil {
		return plan.Plan{}, nil, fmt.Errorf("plan changes: %w", err)
	}
	return p, d.notes.list(), nil
}

// object is a kind that slots hold.
type object interface {
	runtime.Object
	comparable
	GetName() string
}

// slot is the place of one object: what was read there, and what is to be there. The zero value of T is no object.
type slot[T object] struct {
	old, now T
	why      string
	// unit is nil as long as nothing touches the slot.
	unit *unit
	// kept says that a grant of this plan relies on the object, so that nothing takes it away.
	kept bool
}

// put says what is to be in the slot; the zero value empties it.
func (s *slot[T]) put(u *unit, now T, why string) {
	u.touched = u.touched || s.now != now
	s.now, s.why = now, why
	if s.unit != nil {
		s.unit.join(u)
	}
	s.unit = u
}

func appendSteps[T object](steps []plan.Step, slots map[string]*slot[T]) ([]plan.Step, error) {
	for _, name := range slices.Sorted(maps.Keys(slots)) {
		s := slots[name]
		if s.unit == nil {
			continue
		}
		was, err := convert(s.old)
		if err != nil {
			return nil, err
		}
		// What does not change is converted once, and is in the plan to be reported: most of a list is like that.
		is := was
		if s.now != s.old {
			if is, err = convert(s.now); err != nil {
				return nil, err
			}
		}
		step := plan.Step{Object: is, Old: was, Why: s.why, Unit: s.unit.String()}
		switch {
		case was == nil && is == nil:
			continue
		case was == nil:
			step.Verb = plan.Create
		case is == nil:
			step.Verb = plan.Delete
		case !sameRole(was, is):
			// A role reference cannot be changed.
			steps = append(steps, plan.Step{Verb: plan.Delete, Old: was, Why: s.why, Unit: step.Unit})
			step.Verb, step.Old = plan.Create, nil
		default:
			step.Verb = plan.Update
		}
		steps = append(steps, step)
	}
	return steps, nil
}

func convert[T object](o T) (*unstructured.Unstructured, error) {
	var none T
	if o == none {
		return nil, nil //nolint:nilnil // an empty slot is no error
	}
	if b, ok := any(o).(*rbacv1.RoleBinding); ok {
		// The result shares nothing with the binding: unlike plan.FromObjects, there is no need for another copy.
		content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(b)
		if err != nil {
			return nil, fmt.Errorf("convert rolebinding %s: %w", b.Name, err)
		}
		if b.CreationTimestamp.IsZero() {
			unstructured.RemoveNestedField(content, "metadata", "creationTimestamp")
		}
		return &unstructured.Unstructured{Object: content}, nil
	}
	out, err := plan.FromObjects(o)
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

func sameRole(a, b *unstructured.Unstructured) bool {
	x, _, _ := unstructured.NestedMap(a.Object, "roleRef")
	y, _, _ := unstructured.NestedMap(b.Object, "roleRef")
	return x["kind"] == y["kind"] && x["name"] == y["name"]
}

// unit is what is made whole or not at all: a member of a workspace, or several that share an object.
type unit struct {
	workspace string
	subjects  []rbac.Subject
	parent    *unit
	// touched says that something was planned through this unit that was not there already.
	touched bool
}

func (u *unit) root() *unit {
	for u.parent != nil {
		u = u.parent
	}
	return u
}

// join makes one unit of two, because they touch the same object.
func (u *unit) join(other *unit) {
	a, b := u.root(), other.root()
	if a == b {
		return
	}
	b.parent = a
	a.subjects = append(a.subjects, b.subjects...)
	slices.SortFunc(a.subjects, rbac.CompareSubjects)
	a.subjects = slices.Compact(a.subjects)
}

// String returns "bob@x.com in team-a".
func (u *unit) String() string {
	r := u.root()
	names := make([]string, 0, len(r.subjects))
	for _, subject := range r.subjects {
		names = append(names, Label(subject))
	}
	return strings.Join(names, ", ") + " in " + r.workspace
}
