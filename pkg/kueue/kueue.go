// Package kueue holds facts about Kueue, which admits batch work by quota: its names, labels, defaults and what its
// versions do differently. It knows no flow and talks to nobody.
//
// Source, unless a comment names another: kubernetes-sigs/kueue v0.12.3, which Kaiwo installs, and ff69552e.
package kueue

// Group is the API group of Kueue.
const Group = "kueue.x-k8s.io"

// Versions returns the versions of the API that Kueue serves, the one to read first in front: the second is not there before
// 0.15.
func Versions() []string { return []string{"v1beta1", "v1beta2"} }

// Resources of the group.
const (
	ClusterQueueResource = "clusterqueues"
	LocalQueueResource   = "localqueues"
	WorkloadResource     = "workloads"
)

// Labels and finalizers. Source: pkg/controller/constants/constants.go, pkg/workload.
const (
	// QueueLabel on a workload names the LocalQueue that it waits in.
	QueueLabel = Group + "/queue-name"
	// PriorityLabel on a workload names its WorkloadPriorityClass.
	PriorityLabel = Group + "/priority-class"
	// JobLabel on a Workload is the UID of the job that it stands for.
	JobLabel  = Group + "/job-uid"
	Finalizer = Group + "/resource-in-use"
)

// ManagedLabel with the value "true" is what the selector in the Kueue configuration that Kaiwo ships wants of namespaces.
// Source: dependencies/kustomization-server-side/base/kueue of silogen/kaiwo.
const ManagedLabel = "kueue-managed"

// Where Kueue runs, as whom, and where its configuration is. Source: config/default, config/components/rbac.
const (
	SystemNamespace   = "kueue-system"
	ControllerAccount = "kueue-controller-manager"
	ControllerRole    = "kueue-manager-role"
	ConfigMap         = "kueue-manager-config"
	ConfigKey         = "controller_manager_config.yaml"
)

// ClusterRoles for people that Kueue installs; neither has anything of Kaiwo. Source: config/components/rbac.
const (
	AdminRole = "kueue-batch-admin-role"
	UserRole  = "kueue-batch-user-role"
)

// What a ClusterQueue or LocalQueue says of itself: its condition, and why it admits nothing. Source:
// pkg/controller/core/{clusterqueue,localqueue}_controller.go.
const (
	ConditionActive     = "Active"
	ReasonQueueInactive = "ClusterQueueIsInactive"
	ReasonQueueMissing  = "ClusterQueueDoesNotExist"
	ReasonStopped       = "Stopped"
)

// Values of stopPolicy: take work, take none, or end what runs too.
const (
	StopNone         = "None"
	StopHold         = "Hold"
	StopHoldAndDrain = "HoldAndDrain"
)

// Conditions of a Workload, and the reasons why it holds no quota. Source: apis/kueue/v1beta1/workload_types.go.
const (
	ConditionQuota     = "QuotaReserved"
	ConditionAdmitted  = "Admitted"
	ConditionEvicted   = "Evicted"
	ConditionFinished  = "Finished"
	ConditionPodsReady = "PodsReady"
	ReasonPending      = "Pending"
	ReasonInadmissible = "Inadmissible"
	// MismatchedSelector is its message where the selector of the queue passes its namespace over. Source:
	// pkg/scheduler/scheduler.go.
	MismatchedSelector = "Workload namespace doesn't match ClusterQueue selector"
)
