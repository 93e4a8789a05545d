package queue

import (
	"cmp"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/kueue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// asking is one question why.
type asking struct {
	*State
	work Work
	o    WhyOptions
	// object is what is asked about; nil when it is not there. child is the Job that Kaiwo has made of it, admission the
	// Workload that Kueue has.
	object, child, admission *unstructured.Unstructured
	// kaiwo says that it is a KaiwoJob or a KaiwoService.
	kaiwo bool
	e     *Explanation
	// needless says that Kueue has nothing to do with it, and follows that something in its way is the reason for a LocalQueue
	// or a ClusterQueue that is not there.
	needless, follows bool
}

// WhyKinds returns the kinds that [State.Why] looks at. Those that need nothing but the namespace of the work are read in it.
func WhyKinds(of inventory.Kind) []inventory.Kind {
	return []inventory.Kind{
		inventory.QueueConfigs, inventory.KaiwoConfigs, of, inventory.ClusterQueues, inventory.LocalQueues, inventory.Workloads,
		inventory.PriorityClasses, inventory.Jobs, inventory.QueueOperators, inventory.Namespaces, inventory.Pods,
	}
}

// Why explains why a piece of work waits, or is refused: the decisions that are made about it, in their order. It reads what
// there is: without [State.Rights] nothing is said about rights, and of kinds that could not be read only what the object
// itself and the Workload tell.
func (s *State) Why(work Work, o WhyOptions) Explanation {
	a := &asking{State: s, work: work, o: o, e: &Explanation{Work: work}}
	a.kaiwo = work.Kind == inventory.KaiwoJobs || work.Kind == inventory.KaiwoServices
	a.object = a.find(work.Kind, work.Name)
	if a.object != nil {
		a.follow()
	}
	a.e.Status = a.status()
	a.e.Submitter = a.submitter()
	for _, stage := range a.stages() {
		step := stage.look()
		step.Stage = stage.Stage
		a.e.Steps = append(a.e.Steps, step)
	}
	a.settle()
	return *a.e
}

// stage is one decision, and what looks at it.
type stage struct {
	Stage
	look func() Step
}

// stages returns the decisions in the order in which they are made. Source: Reconcile and GetSchedulableCondition in
// pkg/workloads/common/{reconciler,scheduling}.go of silogen/kaiwo; ReconcileGenericJob in pkg/controller/jobframework, the
// controller of Workloads and nominate in pkg/scheduler of kubernetes-sigs/kueue.
func (a *asking) stages() []stage {
	var (
		first = []stage{{StageObject, a.lookObject}, {StageRights, a.lookRights}}
		kaiwo = []stage{
			{StageOperator, a.lookOperator},
			{StageQueue, a.lookQueue},
			{StageNamespace, a.lookListed},
			{StageNodes, a.lookNodes},
			{StageDownload, a.lookDownload},
			{StageCluster, a.lookCluster},
			{StageLocalQueue, a.lookLocal},
			{StageManaged, a.lookManaged},
			{StagePriority, a.lookPriority},
		}
		job = []stage{
			{StageQueue, a.lookLabel},
			{StageManaged, a.lookManaged},
			{StagePriority, a.lookPriority},
			{StageLocalQueue, a.lookLocal},
			{StageCluster, a.lookCluster},
		}
		workload = []stage{{StageQueue, a.lookLabel}, {StageLocalQueue, a.lookLocal}, {StageCluster, a.lookCluster}}
		last     = []stage{
			{StageActive, a.lookActive},
			{StageSelector, a.lookSelector},
			{StageQuota, a.lookQuota},
			{StageChecks, a.lookChecks},
			{StageRun, a.lookRun},
		}
	)
	switch {
	case a.kaiwo:
		return slices.Concat(first, kaiwo, last)
	case a.work.Kind == inventory.Workloads:
		return slices.Concat(first[:1], workload, last)
	}
	return slices.Concat(first, job, last)
}

// settle brings the steps together. What the work has got past is in nobody's way any more, and behind what is in the way
// nothing else is reached; what would be in the way next stays, so that it can be seen to at the same time.
func (a *asking) settle() {
	past := a.past()
	blocked := false
	for i := range a.e.Steps {
		step := &a.e.Steps[i]
		switch {
		case slices.Contains(past, step.Stage) && step.Standing != Passed:
			if step.Standing == Blocked || step.Standing == Waits {
				step.Text += "; the work has got past this"
			} else {
				step.Text = "passed: the work has got further"
			}
			step.Standing = map[bool]Standing{true: Doubtful, false: Passed}[step.Standing == Blocked || step.Standing == Waits]
			step.Reason, step.Missing, step.Next = "", nil, nil
		case blocked && (step.Standing != Blocked && step.Standing != Doubtful || step.Reason == Inadmissible):
			step.Standing, step.Reason, step.Next, step.Said, step.Missing = NotReached, "", nil, "", nil
		}
		blocked = blocked || step.Standing == Blocked || step.Standing == Waits
	}
}

// past returns the stages that the work is known to have got past: by what it says, and by what others say of it.
func (a *asking) past() []Stage {
	kueue := []Stage{StageManaged, StagePriority}
	queues := []Stage{StageLocalQueue, StageCluster, StageActive, StageSelector, StageQuota}
	all := slices.Concat([]Stage{StageOperator, StageQueue, StageNamespace, StageNodes, StageDownload}, kueue, queues, []Stage{StageChecks})
	switch {
	case a.kaiwo && (a.e.Status == kaiwo.StatusRunning || a.e.Status == kaiwo.StatusComplete):
		return append(all, StageRun)
	case a.kaiwo && a.e.Status == kaiwo.StatusStarting:
		return all
	case a.admission == nil:
		return nil
	case conditionOf(a.admission, "Admitted") == "True":
		return slices.Concat(kueue, queues, []Stage{StageChecks})
	case conditionOf(a.admission, "QuotaReserved") == "True":
		return slices.Concat(kueue, queues)
	}
	return kueue
}

// follow finds what was made of the work.
func (a *asking) follow() {
	job := a.object
	switch {
	case a.work.Kind == inventory.Workloads:
		a.admission = a.object
		return
	case a.kaiwo:
		job = nil
		if found := a.find(inventory.Jobs, a.work.Name); found != nil && ownedBy(found, a.object) {
			a.child, job = found, found
		}
	}
	for _, w := range a.Inventory.Objects(inventory.Workloads) {
		if w.GetNamespace() != a.work.Namespace {
			continue
		}
		mine := job != nil && (job.GetUID() != "" && w.GetLabels()[kueue.JobLabel] == string(job.GetUID()) || ownedBy(w, job))
		if job == nil { // Kaiwo gives what it makes the name of the work
			mine = slices.ContainsFunc(w.GetOwnerReferences(), func(o ownerReference) bool {
				return o.Name == a.work.Name || o.Kind == "Pod" && strings.HasPrefix(o.Name, a.work.Name+"-")
			})
		}
		// The one that waits says most: a job that was changed has an older one, too.
		if mine && (a.admission == nil || conditionOf(a.admission, "Finished") == "True") {
			a.admission = w
		}
	}
}

// ownedBy reports whether an object names another as its owner: by its UID where there is one.
func ownedBy(o, owner *unstructured.Unstructured) bool {
	return slices.ContainsFunc(o.GetOwnerReferences(), func(ref ownerReference) bool {
		return ref.Kind == owner.GetKind() && ref.Name == owner.GetName() && (owner.GetUID() == "" || ref.UID == "" || ref.UID == owner.GetUID())
	})
}

// find returns an object of the namespace, and cluster one that is in none; nil when it is not there.
func (a *asking) find(kind inventory.Kind, name string) *unstructured.Unstructured {
	return a.in(kind, a.work.Namespace, name)
}

func (a *asking) cluster(kind inventory.Kind, name string) *unstructured.Unstructured {
	return a.in(kind, "", name)
}

func (a *asking) in(kind inventory.Kind, namespace, name string) *unstructured.Unstructured {
	all := a.Inventory.Objects(kind)
	i := slices.IndexFunc(all, func(o *unstructured.Unstructured) bool { return o.GetNamespace() == namespace && o.GetName() == name })
	if i < 0 {
		return nil
	}
	return all[i]
}

// gap returns what keeps objects of a kind from being known where the work is, or nil.
func (a *asking) gap(kind inventory.Kind) *rbac.Gap { return a.gapIn(kind, a.work.Namespace) }

// gapIn is gap for another namespace.
func (a *asking) gapIn(kind inventory.Kind, namespace string) *rbac.Gap {
	for _, gap := range a.Inventory.Missing(kind) {
		if gap.Concerns(namespace) {
			return &gap
		}
	}
	return nil
}

// known reports whether it is known which objects of a kind there are: of manifests, when one is there.
func (a *asking) known(kind inventory.Kind) bool {
	return a.gap(kind) == nil && (a.Inventory.Live || len(a.Inventory.Objects(kind)) > 0)
}

// stored reports whether the object is, or was, in a cluster: then it was created by somebody who might.
func (a *asking) stored() bool { return a.object != nil && a.object.GetUID() != "" }

// status is what the object says of itself.
func (a *asking) status() string {
	switch {
	case a.object == nil:
		return ""
	case a.kaiwo:
		return cmp.Or(text(a.object.Object, "status", "status"), "new")
	}
	for _, condition := range []string{"Complete", "Failed", "Finished", "Admitted", "QuotaReserved"} {
		if conditionOf(a.object, condition) == "True" {
			return condition
		}
	}
	if suspended, _, _ := unstructured.NestedBool(a.object.Object, "spec", "suspend"); suspended {
		return "Suspended"
	}
	if a.work.Kind == inventory.Workloads {
		return "Pending"
	}
	return "Active"
}

// submitter is for whom the work says that it is.
func (a *asking) submitter() string {
	if a.o.By != nil {
		return a.o.By.Subject.String()
	}
	if a.object == nil {
		return ""
	}
	return cmp.Or(text(a.object.Object, "spec", "user"), a.object.GetAnnotations()["airm.silogen.ai/submitter"], a.object.GetLabels()[kaiwo.UserLabel])
}
