package source_test

import (
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/kube/kubetest"
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
