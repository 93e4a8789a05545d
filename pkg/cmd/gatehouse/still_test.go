package gatehouse

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/source"
)

// TestStillWorkloads reads from manifests what waits in queues: findings speak of it.
func TestStillWorkloads(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "work.yaml")
	const work = "{apiVersion: kueue.x-k8s.io/v1beta1, kind: Workload, metadata: {name: w, namespace: ml}, spec: {queueName: gpu}}\n"
	if err := os.WriteFile(path, []byte(work), 0o600); err != nil {
		t.Fatal(err)
	}
	read := 0
	s := &still{from: []string{path}, aside: &aside{}}
	if err := s.Run(t.Context(), func(m source.Moment) { read = len(m.Inventory.Objects(inventory.Workloads)) }); err != nil || read != 1 {
		t.Errorf("%d workloads, %v", read, err)
	}
}
