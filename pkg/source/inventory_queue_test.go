package source_test

import (
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// TestLiveInventoryQueues reads queues of a namespace: those of the cluster whole, and LocalQueues of the version that is
// served.
func TestLiveInventoryQueues(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	customList(server, "/apis/kaiwo.silogen.ai/v1alpha1/kaiwoqueueconfigs", "KaiwoQueueConfig",
		custom("kaiwo.silogen.ai/v1alpha1", "KaiwoQueueConfig", "", "kaiwo"))
	customList(server, "/apis/kueue.x-k8s.io/v1beta1/clusterqueues", "ClusterQueue",
		custom("kueue.x-k8s.io/v1beta1", "ClusterQueue", "", "two"), custom("kueue.x-k8s.io/v1beta1", "ClusterQueue", "", "one"))
	customList(server, "/apis/kueue.x-k8s.io/v1beta2/namespaces/a/localqueues", "LocalQueue",
		custom("kueue.x-k8s.io/v1beta2", "LocalQueue", "a", "main"))
	kinds := []inventory.Kind{inventory.QueueConfigs, inventory.ClusterQueues, inventory.LocalQueues}
	inv, _, err := readLive(t, server, inventory.Want{Kinds: kinds, Namespace: "a"})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "objects", []string{
		"kueue.x-k8s.io/v1beta1 ClusterQueue one", "kueue.x-k8s.io/v1beta1 ClusterQueue two",
		"kaiwo.silogen.ai/v1alpha1 KaiwoQueueConfig kaiwo", "kueue.x-k8s.io/v1beta2 LocalQueue a/main",
	}, names(inv))
}

// TestFileInventoryQueues reads the queues of the example company.
func TestFileInventoryQueues(t *testing.T) {
	t.Parallel()
	want := inventory.Want{Kinds: []inventory.Kind{inventory.QueueConfigs, inventory.ClusterQueues, inventory.LocalQueues}}
	inv, err := source.FileInventory(t.Context(), []string{"../../examples/acme/kaiwo"}, source.FilesOptions{}, want)
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "objects", []string{
		"kueue.x-k8s.io/v1beta1 ClusterQueue open", "kueue.x-k8s.io/v1beta1 ClusterQueue science",
		"kaiwo.silogen.ai/v1alpha1 KaiwoQueueConfig kaiwo", "kueue.x-k8s.io/v1beta1 LocalQueue data-lake/scratch",
		"kueue.x-k8s.io/v1beta1 LocalQueue research/science", "kueue.x-k8s.io/v1beta1 LocalQueue training/science",
	}, names(inv))
}

// TestLiveInventoryQueueWork reads what waits in queues, and how queues run, as documents: also what comes as protobuf.
func TestLiveInventoryQueueWork(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	customList(server, "/apis/config.kaiwo.silogen.ai/v1alpha1/kaiwoconfigs", "KaiwoConfig",
		custom("config.kaiwo.silogen.ai/v1alpha1", "KaiwoConfig", "", "kaiwo"))
	for path, kind := range map[string]string{"kaiwojobs": "KaiwoJob", "kaiwoservices": "KaiwoService"} {
		customList(server, "/apis/kaiwo.silogen.ai/v1alpha1/namespaces/a/"+path, kind, custom("kaiwo.silogen.ai/v1alpha1", kind, "a", "x"))
	}
	customList(server, "/apis/kueue.x-k8s.io/v1beta2/namespaces/a/workloads", "Workload", custom("kueue.x-k8s.io/v1beta2", "Workload", "a", "x"))
	customList(server, "/apis/kueue.x-k8s.io/v1beta1/resourceflavors", "ResourceFlavor", custom("kueue.x-k8s.io/v1beta1", "ResourceFlavor", "", "x"))
	customList(server, "/apis/kueue.x-k8s.io/v1beta1/workloadpriorityclasses", "WorkloadPriorityClass",
		custom("kueue.x-k8s.io/v1beta1", "WorkloadPriorityClass", "", "x"))
	suspend := true
	server.Object("/apis/batch/v1/namespaces/a/jobs", &batchv1.JobList{Items: []batchv1.Job{{
		ObjectMeta: meta("a", "train"), Spec: batchv1.JobSpec{Suspend: &suspend},
	}}})
	server.Object("/apis/apps/v1/namespaces/kaiwo-system/deployments", &appsv1.DeploymentList{Items: []appsv1.Deployment{{ObjectMeta: meta("kaiwo-system", "operator")}}})
	server.Object("/api/v1/namespaces/kueue-system/configmaps", &corev1.ConfigMapList{Items: []corev1.ConfigMap{
		{ObjectMeta: meta("kueue-system", "kueue-manager-config"), Data: map[string]string{"a": "b"}},
	}})
	server.Object("/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
		&admissionv1.MutatingWebhookConfigurationList{Items: []admissionv1.MutatingWebhookConfiguration{{ObjectMeta: meta("", "m")}}})
	server.Forbid("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", "no")
	inv, _, err := readLive(t, server, inventory.Want{Namespace: "a", Kinds: []inventory.Kind{
		inventory.KaiwoConfigs, inventory.KaiwoJobs, inventory.KaiwoServices, inventory.Workloads, inventory.ResourceFlavors,
		inventory.PriorityClasses, inventory.Jobs, inventory.QueueOperators, inventory.Webhooks,
	}})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "objects", []string{
		"batch/v1 Job a/train", "config.kaiwo.silogen.ai/v1alpha1 KaiwoConfig kaiwo",
		"kaiwo.silogen.ai/v1alpha1 KaiwoJob a/x", "kaiwo.silogen.ai/v1alpha1 KaiwoService a/x",
		"apps/v1 Deployment kaiwo-system/operator", "v1 ConfigMap kueue-system/kueue-manager-config",
		"kueue.x-k8s.io/v1beta1 ResourceFlavor x", "admissionregistration.k8s.io/v1 MutatingWebhookConfiguration m",
		"kueue.x-k8s.io/v1beta1 WorkloadPriorityClass x", "kueue.x-k8s.io/v1beta2 Workload a/x",
	}, names(inv))
	diff(t, "job", map[string]any{"suspend": true, "template": map[string]any{"metadata": map[string]any{}, "spec": map[string]any{}}},
		withoutNulls(inv.Objects(inventory.Jobs)[0].Object["spec"]))
	gap := rbac.Gap{
		What: "validatingwebhookconfigurations", Cause: "no",
		Missing: rule("list", "admissionregistration.k8s.io", "validatingwebhookconfigurations"),
	}
	diff(t, "webhooks", []rbac.Gap{gap}, inv.Missing(inventory.Webhooks))
	diff(t, "gaps", []rbac.Gap{gap}, inv.Gaps)
}

// withoutNulls is what a spec is without the fields of a pod that Go writes even when they are empty.
func withoutNulls(spec any) any {
	fields, _ := spec.(map[string]any)
	template, _ := fields["template"].(map[string]any)
	pod, _ := template["spec"].(map[string]any)
	delete(pod, "containers")
	return fields
}

// TestOperatorsRefused names what could not be read of the operators.
func TestOperatorsRefused(t *testing.T) {
	t.Parallel()
	server := kubetest.New(t)
	server.Forbid("/apis/apps/v1/namespaces/kaiwo-system/deployments", "no")
	server.Object("/api/v1/namespaces/kueue-system/configmaps", &corev1.ConfigMapList{})
	inv, _, err := readLive(t, server, inventory.Want{Kinds: []inventory.Kind{inventory.QueueOperators}})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "gaps", []rbac.Gap{{
		What: "deployments in namespace kaiwo-system", Namespace: "kaiwo-system", Cause: "no", Missing: rule("list", "apps", "deployments"),
	}}, inv.Missing(inventory.QueueOperators))
	if !inv.Served[inventory.QueueOperators] {
		t.Error("not served")
	}
}

// TestFileInventoryOperators takes Deployments and ConfigMaps of the operators, whatever is asked for beside.
func TestFileInventoryOperators(t *testing.T) {
	t.Parallel()
	inv, _, err := readFiles(t, `
{apiVersion: apps/v1, kind: Deployment, metadata: {name: a, namespace: kaiwo-system}}
---
{apiVersion: apps/v1, kind: Deployment, metadata: {name: b, namespace: kueue-system}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: kueue-system}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: d, namespace: kubeflow}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: e, namespace: elsewhere}}
`, inventory.Want{Kinds: []inventory.Kind{inventory.QueueOperators, inventory.Controller}})
	if err != nil {
		t.Fatal(err)
	}
	diff(t, "objects", []string{
		"v1 ConfigMap kubeflow/d", "apps/v1 Deployment kaiwo-system/a", "apps/v1 Deployment kueue-system/b", "v1 ConfigMap kueue-system/c",
	}, names(inv))
}
