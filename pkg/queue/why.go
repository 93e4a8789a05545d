package queue

import (
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Work names a piece of work that waits, or should run: an object of one of the kinds KaiwoJobs, KaiwoServices, Jobs and
// Workloads.
type Work struct {
	Kind      inventory.Kind
	Namespace string
	Name      string
}

// WhyOptions say what [State.Why] can't find in the objects.
type WhyOptions struct {
	// By is who submitted the work, or wants to; nil for whom the object names. It needs [State.Rights].
	By *rbac.Identity
	// Whole says that all rights of By are known, though not all roles and bindings could be read: he is the caller, and the
	// API server has told them.
	Whole bool
}

// Stage is one decision about a piece of work. The values are part of the JSON output.
type Stage string

// The stages, in the order in which the API server, Kaiwo and Kueue decide.
const (
	StageObject     Stage = "object"        // it is there
	StageRights     Stage = "rights"        // its submitter may create it
	StageOperator   Stage = "operator"      // Kaiwo runs
	StageQueue      Stage = "queue"         // it names a queue that there is
	StageNamespace  Stage = "namespace"     // Kaiwo has the queue for its namespace
	StageNodes      Stage = "nodes"         // the cluster has GPUs enough at all, as Kaiwo counts them
	StageDownload   Stage = "download"      // its data is there
	StageCluster    Stage = "cluster queue" // there is a ClusterQueue
	StageLocalQueue Stage = "local queue"   // there is a LocalQueue, and it leads to the queue
	StageManaged    Stage = "managed"       // Kueue manages the namespace
	StagePriority   Stage = "priority"      // its priority class exists
	StageActive     Stage = "active"        // the LocalQueue and the ClusterQueue take work
	StageSelector   Stage = "selector"      // the ClusterQueue takes work of the namespace
	StageQuota      Stage = "quota"         // it fits, and there is room
	StageChecks     Stage = "checks"        // admission checks say yes
	StageRun        Stage = "run"           // it runs
)

// Standing is how a stage stands. The values are part of the JSON output.
type Standing string

// How a stage stands.
const (
	Passed     Standing = "ok"
	Blocked    Standing = "no"      // this is in the way
	Waits      Standing = "waits"   // this is in the way, and time may help
	Doubtful   Standing = "note"    // not in the way, and worth a look
	Unknown    Standing = "unknown" // something could not be read
	NotReached Standing = "-"       // it is not known whether it matters: something before it is in the way
)

// Step is how one stage stands for a piece of work.
type Step struct {
	Stage    Stage    `json:"stage"`
	Standing Standing `json:"standing"`
	// Reason is why it is in the way; empty when it is not.
	Reason Reason `json:"reason,omitempty"`
	// Text says it in words, Said what Kaiwo or Kueue says about it.
	Text string `json:"text"`
	Said string `json:"said,omitempty"`
	// Next are commands that help or show more, ready to be pasted.
	Next []string `json:"next,omitempty"`
	// Missing is the rule that would make it known.
	Missing *rbacv1.PolicyRule `json:"missing,omitempty"`
	// MissingIn is the namespace in which that rule is needed; empty for the cluster.
	MissingIn string `json:"missingIn,omitempty"`
}

// Explanation says why a piece of work does not run, or that nothing is in its way.
type Explanation struct {
	Work Work
	// Status is what the object says of itself: status.status of Kaiwo's kinds, of others the condition that holds.
	Status string
	// Queue is the ClusterQueue, LocalQueue what leads to it; empty when not known.
	Queue, LocalQueue string
	// Submitter is for whom it was submitted, as far as the object or the caller says.
	Submitter string
	// Steps are all stages that concern its kind, in their order.
	Steps []Step
}

// Unknown returns the steps of which nothing is known.
func (e *Explanation) Unknown() []Step {
	var out []Step
	for _, step := range e.Steps {
		if step.Standing == Unknown {
			out = append(out, step)
		}
	}
	return out
}

// First returns the step that keeps the work from running, or nil when none does.
func (e *Explanation) First() *Step {
	for i := range e.Steps {
		if e.Steps[i].Standing == Blocked || e.Steps[i].Standing == Waits {
			return &e.Steps[i]
		}
	}
	return nil
}
