package kaiwo

import "github.com/kubegatehouse/gatehouse/pkg/rbac"

// The kinds of workloads, by their resource names.
const (
	JobResource     = "kaiwojobs"
	ServiceResource = "kaiwoservices"
)

// Workloads returns the kinds that Kaiwo puts into queues for who creates them.
func Workloads() []rbac.Resource {
	return []rbac.Resource{
		{Group: Group, Version: Version, Name: JobResource, Singular: "kaiwojob", Kind: "KaiwoJob", Namespaced: true},
		{Group: Group, Version: Version, Name: ServiceResource, Singular: "kaiwoservice", Kind: "KaiwoService", Namespaced: true},
	}
}

// What a workload says of itself in status.status, in the order of its life. A new one says nothing. Source:
// apis/kaiwo/v1alpha1/common_types.go.
const (
	StatusDownloading = "DOWNLOADING"
	StatusPending     = "PENDING"
	StatusStarting    = "STARTING"
	StatusRunning     = "RUNNING"
	StatusComplete    = "COMPLETE"
	StatusError       = "ERROR" // may recover
	StatusFailed      = "FAILED"
	StatusTerminating = "TERMINATING"
	StatusTerminated  = "TERMINATED"
)

// Conditions of a workload, and the reasons of the first. Source: pkg/workloads/common/scheduling.go.
const (
	ConditionSchedulable = "Schedulable"
	ConditionAdmitted    = "Admitted"
	ConditionPreemptable = "Preemptable"

	ReasonSchedulable      = "Schedulable"
	ReasonNoGPUs           = "NoGPUs"
	ReasonInsufficientGPUs = "InsufficientGPUs"
	ReasonWrongNamespace   = "WrongQueueNamespace"
	ReasonQueueNotFound    = "ClusterQueueNotFound"
)
