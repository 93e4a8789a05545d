package queue

// Reason is why a stage is in the way. The values are part of the JSON output.
type Reason string

// The reasons, by stage.
const (
	NotThere            Reason = "NotFound"
	NamespaceMissing    Reason = "NamespaceNotFound"
	NamespaceEnding     Reason = "NamespaceTerminating"
	Ended               Reason = "Ended"
	MayNotSubmit        Reason = "MayNotCreate"
	OperatorDown        Reason = "OperatorNotRunning"
	NamesNoQueue        Reason = "NoQueueNamed"
	NoQueueConfig       Reason = "NoQueueConfig"
	QueueNotInConfig    Reason = "ClusterQueueNotFound" // as Kaiwo calls it
	NoClusterQueue      Reason = "NoClusterQueue"
	WrongNamespace      Reason = "WrongQueueNamespace" // as Kaiwo calls it
	NoGPUs              Reason = "NoGPUs"              // as Kaiwo calls it
	TooFewGPUs          Reason = "InsufficientGPUs"    // as Kaiwo calls it
	Downloading         Reason = "Downloading"
	NoLocalQueue        Reason = "NoLocalQueue"
	LocalQueueElsewhere Reason = "LocalQueueElsewhere"
	NamespaceUnmanaged  Reason = "NamespaceNotManaged"
	NoPriorityClass     Reason = "NoPriorityClass"
	LocalQueueStopped   Reason = "LocalQueueStopped"
	QueueStopped        Reason = "ClusterQueueStopped"
	QueueInactive       Reason = "ClusterQueueInactive"
	NoSelector          Reason = "NoNamespaceSelector"
	SelectorMismatch    Reason = "NamespaceNotSelected"
	Deactivated         Reason = "WorkloadDeactivated"
	NotCovered          Reason = "ResourceNotCovered"
	NeverFits           Reason = "NeverFits"
	NoRoom              Reason = "WaitsForQuota"
	Evicted             Reason = "Evicted"
	CheckPending        Reason = "AdmissionCheckPending"
	CheckRefused        Reason = "AdmissionCheckRefused"
	Inadmissible        Reason = "Inadmissible" // as Kueue calls it
	PodsWait            Reason = "PodsNotRunning"
)

// Reasons returns all reasons, in the order in which they are looked for.
func Reasons() []Reason {
	return []Reason{
		NotThere, NamespaceMissing, NamespaceEnding, Ended, MayNotSubmit, OperatorDown, NamesNoQueue, NoQueueConfig, QueueNotInConfig,
		WrongNamespace, NoGPUs, TooFewGPUs, Downloading, NoClusterQueue, NoLocalQueue, LocalQueueElsewhere, NamespaceUnmanaged,
		NoPriorityClass, LocalQueueStopped, QueueStopped, QueueInactive, Deactivated, NoSelector, SelectorMismatch, NotCovered,
		NeverFits, Evicted, NoRoom, Inadmissible, CheckPending, CheckRefused, PodsWait,
	}
}
