package kubeflow

import "maps"

// Labels of the labels file. Source: profile-controller of the releases named.
const (
	ServingLabel   = "serving.kubeflow.org/inferenceservice"          // 1.2 and newer
	PipelinesLabel = "pipelines.kubeflow.org/enabled"                 // 1.3 and newer
	KatibLabel     = "katib.kubeflow.org/metrics-collector-injection" // 1.5 and newer
	OldKatibLabel  = "katib-metricscollector-injection"               // 1.2 to 1.4
	PodSecurity    = "pod-security.kubernetes.io/enforce"             // 1.10 and newer, by default
)

// Where the controller looks for its labels file unless told otherwise, and how it is told.
const (
	labelsPath = "/etc/profile-controller/namespace-labels.yaml"
	labelsFlag = "namespace-labels-path"
)

// DefaultNamespaceLabels returns the labels file that is shipped from 1.5 on. From 1.10 on, the default installation adds
// [PodSecurity] "baseline"; the standalone one of 2.0 has [PartOfLabel] only.
func DefaultNamespaceLabels() map[string]string {
	return map[string]string{
		KatibLabel:     "enabled",
		ServingLabel:   "enabled",
		PipelinesLabel: "true",
		PartOfLabel:    PartOfProfile,
	}
}

// SetNamespaceLabels returns the labels of a namespace after the controller has gone over them with its labels file: a
// label that is there is never changed, one with an empty value in the file is removed.
func SetNamespaceLabels(labels, file map[string]string) map[string]string {
	out := maps.Clone(labels)
	if out == nil {
		out = map[string]string{}
	}
	for key, value := range file {
		_, there := out[key]
		switch {
		case value == "":
			delete(out, key)
		case !there:
			out[key] = value
		}
	}
	return out
}
