package profile

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kubeflow"
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

// takes says which rules would close gaps, as what to do about a refusal; without a rule that would, it is the cause.
func takes(gaps []rbac.Gap) string {
	rules := rbac.MissingRules(gaps)
	if len(rules) == 0 {
		return gaps[0].Cause
	}
	texts := make([]string, 0, len(rules))
	for i := range rules {
		texts = append(texts, rbac.RuleText(&rules[i]))
	}
	if len(texts) == 1 {
		return "it takes the rule " + texts[0]
	}
	return "it takes the rules " + strings.Join(texts, ", ")
}

// noProfile refuses to do something to a workspace of Kubeflow whose Profile is not there, or was not read.
func noProfile(s *workspace.State, verb, name string) error {
	if gaps := s.Inventory.Missing(inventory.Profiles); len(gaps) > 0 {
		return workspace.Refuse(takes(gaps), "%s profile %q: its Profile cannot be read", verb, name)
	}
	return workspace.Refuse("", "%s profile %q: its Profile is not there", verb, name)
}

// isOrphan reports whether a namespace is what is left of a deleted profile: it names an owner whom Kubeflow's controller
// has bound.
func isOrphan(s *workspace.State, name string) bool {
	ns := s.Namespace(name)
	return ns != nil && s.Flavor == workspace.Kubeflow && s.Profile(name) == nil && ns.Annotations[kubeflow.OwnerAnnotation] != "" &&
		(holds(s.Bindings(name), name, kubeflow.OwnerBinding) || ns.Labels[kubeflow.PartOfLabel] == kubeflow.PartOfProfile)
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
		return workspace.Workspace{}, workspace.Refuse(takes(gaps), "find profile %q: %s cannot be read", name, kind)
	}
	if isOrphan(s, name) {
		return workspace.Workspace{}, workspace.Refuse("kubectl profile adopt "+name+" makes it one again; kubectl delete namespace "+name+" deletes what is left",
			"find profile %q: its Profile was deleted; the namespace is left, and who had rights in it still has them", name)
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
