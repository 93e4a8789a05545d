package plan

import (
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Result is what became of one step.
type Result string

// The results of a step. The words of writes are those of kubectl apply.
const (
	Created    Result = "created"
	Configured Result = "configured"
	Deleted    Result = "deleted"
	// AsWanted is a step that had nothing to do: the object was what it should be, or gone as it should be.
	AsWanted Result = "unchanged"
	// Failed is a step whose write was refused: it changed nothing.
	Failed Result = "failed"
	// TakenBack is a step that was done, and undone because a later one of its unit failed.
	TakenBack Result = "taken back"
	// Doubtful is a write of which the server could not be made to say whether it was done.
	Doubtful Result = "unknown"
	// NotStarted is a step that nothing was written for.
	NotStarted Result = "not started"
)

// State is what became of one unit.
type State string

// The states of a unit.
const (
	// Done is the new state, whole.
	Done State = "done"
	// Unchanged is the new state too: it was there before.
	Unchanged State = "unchanged"
	// Undone is the old state: nothing was written, or all that was written has been taken back.
	Undone State = "undone"
	// Between is neither: a step failed, and what was done before it could not be taken back. The steps whose result is
	// Created, Configured or Deleted are what is there of the new state.
	Between State = "between"
	// Unknown is a unit with a write, or a roll-back, whose fate is not known.
	Unknown State = "unknown"
)

// StepOutcome is what became of one step.
type StepOutcome struct {
	Step   Step
	Result Result
	// Object is the object as the server answered it; nil when there is none, or when it was not read.
	Object *unstructured.Unstructured
	// Before is the object that a write has changed or deleted, as it was right before; nil for a create, for a step that
	// wrote nothing, and for a delete whose object was never read.
	Before *unstructured.Unstructured
	// Foreign says that the object is as the step wants it, and that nobody can tell who made it so: this plan, the answer
	// of whose write was lost, or somebody else. Such a step is not taken back.
	Foreign bool
	// Err is why the step failed, is doubtful, or could not be taken back; nil otherwise.
	Err error
}

// UnitOutcome is what became of one unit.
type UnitOutcome struct {
	Unit  string
	State State
	// Steps are those of the unit, in the order of the plan.
	Steps []StepOutcome
	// Err says why the unit is not done; nil when its state is Done or Unchanged.
	Err error
}

// Outcome is what became of a plan: each of its units, in the order in which the plan names them first.
type Outcome struct {
	Units []UnitOutcome
}

// isWrite reports whether something was written that is still there.
func (r Result) isWrite() bool { return r == Created || r == Configured || r == Deleted }
