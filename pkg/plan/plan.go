// Package plan holds the ordered object changes of one command, and carries them out.
//
// A [Plan] is a value: it says what would be created, updated and deleted, in which order, and why, so that the same
// plan can be shown ([Plan.Preview]), written out as manifests ([Plan.Manifests]) or joined with others ([Join]), all
// without a cluster. [Preflight], [DryRun] and [Apply] are the one place that asks and writes, through a [Server]. [Undo]
// makes the plan that takes back what was written.
//
// What [Apply] leaves is the old state, the new state, or one that the same command completes when it is run again, and
// its [Outcome] says which, for every unit of the plan.
package plan

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Plan is the ordered object changes of one command. The zero value changes nothing. [New] makes one that is valid and
// in the order in which it has to be applied; a plan that was put together by hand is checked with [Plan.Validate].
type Plan struct {
	// Summary says in one line what the plan is for: "give bob@acme.example the role edit in team-nlp".
	Summary string `json:"summary,omitempty"`
	Steps   []Step `json:"steps"`
}

// Verb is what a step does to its object.
type Verb string

// The verbs of a step.
const (
	Create Verb = "create"
	Update Verb = "update"
	Delete Verb = "delete"
)

// Step is one change of one object.
type Step struct {
	Verb Verb `json:"verb"`
	// Object is the object as it should be. For a delete it names the object, and may be nil when Old is set.
	Object *unstructured.Unstructured `json:"object,omitempty"`
	// Old is the object as it was read: required for an update, and for a delete whose Object carries no UID.
	Old *unstructured.Unstructured `json:"old,omitempty"`
	// Why says in one line what the step is needed for; it may be empty.
	Why string `json:"why,omitempty"`
	// Unit names what the step is a part of, such as one member of one workspace: "bob@x.com in team-a". The steps of a
	// unit are made whole or not at all; units don't depend on each other. Empty is a unit too.
	Unit string `json:"unit,omitempty"`
}

// New returns a valid plan of steps in the order of [Sort]. The steps are copied; their objects are not. Steps that
// change nothing stay in: see [Plan.Changes]. The error is that of [Plan.Validate].
func New(summary string, steps ...Step) (Plan, error) {
	p := Plan{Summary: summary, Steps: append([]Step{}, steps...)}
	if err := p.Validate(); err != nil {
		return Plan{}, err
	}
	Sort(p.Steps)
	return p, nil
}

// Changes returns the plan without the steps that change nothing. A plan whose changes are empty has nothing to do.
func (p Plan) Changes() Plan {
	out := Plan{Summary: p.Summary, Steps: []Step{}}
	for _, s := range p.Steps {
		if !s.Unchanged() {
			out.Steps = append(out.Steps, s)
		}
	}
	return out
}

// Strings returns a line for each step, in order: "create rolebinding dev/x", "unchanged namespace dev". Names are
// those of the objects, not escaped: whoever shows them does that.
func (p Plan) Strings() []string {
	lines := make([]string, 0, len(p.Steps))
	for _, s := range p.Steps {
		lines = append(lines, s.String())
	}
	return lines
}

// String returns the step in words: "create rolebinding dev/x". See [Plan.Strings].
func (s Step) String() string {
	verb := string(s.Verb)
	if s.Unchanged() {
		verb = "unchanged"
	}
	return verb + " " + describe(s.target())
}

// UID returns the UID that the object must have for a delete to be carried out, empty when it is not known.
func (s Step) UID() string {
	if s.Object != nil && s.Object.GetUID() != "" {
		return string(s.Object.GetUID())
	}
	if s.Old != nil {
		return string(s.Old.GetUID())
	}
	return ""
}

// target returns the object that the step is about; nil when it has none.
func (s Step) target() *unstructured.Unstructured {
	if s.Object != nil {
		return s.Object
	}
	return s.Old
}

func describe(o *unstructured.Unstructured) string {
	if o == nil {
		return "(no object)"
	}
	name := o.GetName()
	if ns := o.GetNamespace(); ns != "" {
		name = ns + "/" + name
	}
	kind := strings.ToLower(o.GetKind())
	if group := o.GroupVersionKind().Group; kind == "rolebinding" && group != rbacv1.GroupName {
		kind += "." + group // another system's, which is something else
	}
	return kind + " " + name
}

// wrap puts the step in front of an error about it.
func (s Step) wrap(err error) error {
	verb := cmp.Or(string(s.Verb), "change")
	if s.target() == nil {
		return fmt.Errorf("%s: %w", verb, err)
	}
	return fmt.Errorf("%s %s: %w", verb, describe(s.target()), err)
}

var errNoObject = errors.New("it has no object")
