// Package kubeflow stands in for two of Kubeflow's components on a real API server: its profile controller, and its access
// management (kfam), in every age whose objects can be met on a cluster.
//
// They are stand-ins built from recorded behaviour, because upstream's modules can't be fetched as libraries through the
// public Go module proxy by every builder. What they do was read in upstream's code, and where it is surprising recorded
// from a run of it: the order of writes, what is compared and what is never repaired, what fails and leaves what behind.
// Nothing here uses pkg/kubeflow's builders, so that a test that compares the two compares two readings of the facts; only
// its type for a configuration is shared.
//
// Differences from upstream: no cloud is called for plugins, and what panics there is an error here.
package kubeflow
