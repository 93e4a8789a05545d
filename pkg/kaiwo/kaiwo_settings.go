package kaiwo

import (
	"cmp"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Settings are what KaiwoConfig says of queues. Source: apis/config/v1alpha1/kaiwoconfig_types.go.
type Settings struct {
	// DefaultQueue is that of workloads that name none.
	DefaultQueue string
	// Dynamic says that Kaiwo writes the entry of the default queue anew whenever it looks at its queues: for no namespace in
	// particular, and with a selector that finds all.
	Dynamic bool
	// Terminates says that Kaiwo ends workloads that use too little of their GPUs.
	Terminates bool
}

// ParseSettings reads a KaiwoConfig; nil gives Kaiwo's defaults.
func ParseSettings(object map[string]any) Settings {
	name, _, _ := unstructured.NestedString(object, "spec", "defaultClusterQueueName")
	dynamic, _, _ := unstructured.NestedBool(object, "spec", "dynamicallyUpdateDefaultClusterQueue")
	terminates, _, _ := unstructured.NestedBool(object, "spec", "resourceMonitoring", "terminateUnderutilized")
	return Settings{DefaultQueue: cmp.Or(name, DefaultQueue), Dynamic: dynamic, Terminates: terminates}
}
