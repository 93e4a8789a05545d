package profile

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// draft is a plan while it is put together.
type draft struct {
	unit  string
	steps []plan.Step
	notes []string
	err   error // the first one
}

func newDraft(name string) *draft { return &draft{unit: Unit(name)} }

// note tells the person who reads the plan something, once.
func (d *draft) note(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(d.notes, text) {
		d.notes = append(d.notes, text)
	}
}

func (d *draft) create(why string, object runtime.Object) { d.step(plan.Create, why, object, nil) }

func (d *draft) delete(why string, old runtime.Object) { d.step(plan.Delete, why, nil, old) }

// update adds a step unless nothing changes.
func (d *draft) update(why string, old, object runtime.Object) {
	d.step(plan.Update, why, object, old)
	if n := len(d.steps); n > 0 && d.steps[n-1].Unchanged() {
		d.steps = d.steps[:n-1]
	}
}

// keep adds an update even if nothing changes, so that the plan shows the object as unchanged.
func (d *draft) keep(why string, old, object runtime.Object) {
	d.step(plan.Update, why, object, old)
	if n := len(d.steps); n > 0 && d.steps[n-1].Unchanged() {
		d.steps[n-1].Why = ""
	}
}

func (d *draft) step(verb plan.Verb, why string, object, old runtime.Object) {
	s := plan.Step{Verb: verb, Why: why, Unit: d.unit, Object: d.convert(object), Old: d.convert(old)}
	if d.err == nil {
		d.steps = append(d.steps, s)
	}
}

// convert returns an object as steps have it; nil for nil, and after an error.
func (d *draft) convert(object runtime.Object) *unstructured.Unstructured {
	if object == nil || d.err != nil {
		return nil
	}
	objects, err := plan.FromObjects(object)
	if err != nil {
		d.err = err
		return nil
	}
	out := objects[0]
	if spec, found, err := unstructured.NestedMap(out.Object, "spec"); err == nil && found && len(spec) == 0 {
		delete(out.Object, "spec") // typed namespaces have one, and nobody writes it
	}
	return out
}

// changes reports whether a step of one of the verbs would change something.
func (d *draft) changes(verbs ...plan.Verb) bool {
	return slices.ContainsFunc(d.steps, func(s plan.Step) bool { return slices.Contains(verbs, s.Verb) && !s.Unchanged() })
}

// finish returns the plan.
func (d *draft) finish(summary string) (plan.Plan, []string, error) {
	if d.err != nil {
		return plan.Plan{}, nil, d.err
	}
	p, err := plan.New(summary, d.steps...)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	return p, d.notes, nil
}

// find returns a workspace, or says that there is none, and which is the nearest.
func find(s *workspace.State, name string) (workspace.Workspace, error) {
	if w, ok := s.Workspace(name); ok {
		return w, nil
	}
	kind := inventory.Profiles
	if s.Flavor == workspace.Native {
		kind = inventory.Namespaces
	}
	if gaps := s.Inventory.Missing(kind); len(gaps) > 0 {
		return workspace.Workspace{}, workspace.Refuse(gaps[0].Cause, "find profile %q: %s cannot be read", name, kind)
	}
	if s.Namespace(name) != nil {
		return workspace.Workspace{}, workspace.Refuse("kubectl profile adopt "+name+" --owner OWNER makes it one",
			"find profile %q: there is a namespace of this name, but it is no workspace", name)
	}
	next := "kubectl profile list shows those that there are"
	var names []string
	for _, w := range s.Workspaces() {
		names = append(names, w.Name)
	}
	if near := rbac.Nearest(name, names); len(near) > 0 {
		next = "did you mean " + near[0] + "?"
	}
	return workspace.Workspace{}, workspace.Refuse(next, "find profile %q: there is none", name)
}
