package source

import (
	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
)

// Groups of Kaiwo and of Kueue, which it makes queues with.
const (
	groupKaiwo       = "kaiwo.silogen.ai"
	groupKaiwoConfig = "config.kaiwo.silogen.ai"
	groupKueue       = "kueue.x-k8s.io"
)

// Where Kaiwo and Kueue run. Source: config/default of silogen/kaiwo and of kubernetes-sigs/kueue.
const (
	kaiwoSystem = "kaiwo-system"
	kueueSystem = "kueue-system"
)

// queueResources returns the resources that say which queues there are, who may use them and what waits in them. Versions
// are those that Kueue 0.6 to 0.19 and Kaiwo 0.1 to 0.2 serve.
func queueResources() []shelved {
	kaiwo := func(want inventory.Kind, kind string, namespaced bool) shelved {
		return document(want, groupKaiwo, kind, namespaced, "v1alpha1")
	}
	kueue := func(want inventory.Kind, kind string, namespaced bool) shelved {
		return document(want, groupKueue, kind, namespaced, "v1beta1", "v1beta2")
	}
	config := kaiwo(inventory.KaiwoConfigs, "KaiwoConfig", false)
	config.group = groupKaiwoConfig
	mutating := builtIn[admissionv1.MutatingWebhookConfiguration](
		inventory.Webhooks, admissionv1.SchemeGroupVersion, "mutatingwebhookconfigurations", "MutatingWebhookConfiguration")
	validating := builtIn[admissionv1.ValidatingWebhookConfiguration](
		inventory.Webhooks, admissionv1.SchemeGroupVersion, "validatingwebhookconfigurations", "ValidatingWebhookConfiguration")
	for _, s := range []*shelved{&mutating, &validating} {
		s.namespaced, s.whole = false, true
	}
	deployment := builtIn[appsv1.Deployment](inventory.QueueOperators, appsv1.SchemeGroupVersion, "deployments", kindDeployment)
	deployment.home = kaiwoSystem
	configMap := builtIn[corev1.ConfigMap](inventory.QueueOperators, corev1.SchemeGroupVersion, "configmaps", kindConfigMap)
	configMap.home = kueueSystem
	return []shelved{
		kaiwo(inventory.QueueConfigs, "KaiwoQueueConfig", false), config,
		kaiwo(inventory.KaiwoJobs, "KaiwoJob", true),
		kaiwo(inventory.KaiwoServices, "KaiwoService", true),
		kueue(inventory.ClusterQueues, "ClusterQueue", false),
		kueue(inventory.LocalQueues, "LocalQueue", true),
		kueue(inventory.Workloads, "Workload", true),
		kueue(inventory.ResourceFlavors, "ResourceFlavor", false),
		kueue(inventory.PriorityClasses, "WorkloadPriorityClass", false),
		builtIn[batchv1.Job](inventory.Jobs, batchv1.SchemeGroupVersion, "jobs", "Job"),
		deployment, configMap, mutating, validating,
	}
}

// document is a resource of a cluster that may be without it. Its objects have no field of their own in an inventory.
func document(want inventory.Kind, group, kind string, namespaced bool, versions ...string) shelved {
	return shelved{
		want: want, group: group, versions: versions, resource: string(want), kind: kind, namespaced: namespaced, custom: true,
		whole: !namespaced, shelf: func() shelf { return &customShelf{into: filed(want)} },
	}
}

// builtIn is a namespaced resource that every cluster has, whose objects are kept as custom resources are: no more is made of
// them than is asked for.
func builtIn[T any, P typedObject[T]](want inventory.Kind, gv schema.GroupVersion, resource, kind string) shelved {
	s := document(want, gv.Group, kind, true, gv.Version)
	s.resource, s.custom = resource, false
	s.shelf = func() shelf {
		return &customShelf{into: filed(want), customDecoder: customDecoder{unfold: unfold[T, P]}}
	}
	return s
}
