package source

import "github.com/kubegatehouse/gatehouse/pkg/inventory"

// Groups of Kaiwo and of Kueue, which it makes queues with.
const (
	groupKaiwo = "kaiwo.silogen.ai"
	groupKueue = "kueue.x-k8s.io"
)

// queueResources returns the resources that say which queues there are. Versions are those that Kueue 0.6 to 0.19 and
// Kaiwo 0.1 to 0.2 serve.
func queueResources() []shelved {
	queue := func(want inventory.Kind, group, kind string, namespaced bool, versions ...string) shelved {
		return shelved{
			want: want, group: group, versions: versions, resource: string(want), kind: kind, namespaced: namespaced, custom: true,
			whole: !namespaced, shelf: func() shelf { return &customShelf{into: filed(want)} },
		}
	}
	return []shelved{
		queue(inventory.QueueConfigs, groupKaiwo, "KaiwoQueueConfig", false, "v1alpha1"),
		queue(inventory.ClusterQueues, groupKueue, "ClusterQueue", false, "v1beta1", "v1beta2"),
		queue(inventory.LocalQueues, groupKueue, "LocalQueue", true, "v1beta1", "v1beta2"),
	}
}
