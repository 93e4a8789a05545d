package screen_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/screen"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// TestQueuesUnread shows queues as somebody sees them who may read neither Kaiwo's configuration nor where it runs: what
// depends on that is not known, and what could not be read is called as it is in the cluster.
func TestQueuesUnread(t *testing.T) {
	t.Parallel()
	w, err := readWorld("../../examples/acme")
	if err != nil {
		t.Fatal(err)
	}
	inv := *w.Inventory
	inv.Custom = maps.Clone(inv.Custom)
	delete(inv.Custom, inventory.QueueConfigs)
	for _, what := range []string{"kaiwoqueueconfigs", "deployments in namespace kaiwo-system", "rolebindings"} {
		inv.Gaps = append(slices.Clone(inv.Gaps), rbac.Gap{What: what, Cause: "forbidden"})
	}
	m := w.Moment
	m.Inventory = &inv
	w = world.New(m, w.Frame, w.Now)
	page, err := screen.Build(w, screen.Place{Kind: screen.Queues})
	if err != nil {
		t.Fatal(err)
	}
	got := rowsOf(page, "Access", "Namespaces")["science"]
	if diff := cmp.Diff([]string{"unknown | data-lake, research, training, ?"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	notes := strings.Join(page.Notes, "\n")
	if strings.Contains(notes, string(inventory.QueueOperators)) || !strings.Contains(notes, "not all deployments, configmaps can be read") {
		t.Errorf("notes %q", notes)
	}
}

// quiet is a queue of Kueue's with which nothing is wrong.
const quiet = `
apiVersion: v1
kind: Namespace
metadata: {name: ml}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: ClusterQueue
metadata: {name: gpu}
spec: {namespaceSelector: {}}
---
apiVersion: kueue.x-k8s.io/v1beta1
kind: LocalQueue
metadata: {name: gpu, namespace: ml}
spec: {clusterQueue: gpu}
`

// TestQueueUnjudged says that nothing was found only where all could be read that it takes.
func TestQueueUnjudged(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "queue.yaml")
	if err := os.WriteFile(path, []byte(quiet), 0o600); err != nil {
		t.Fatal(err)
	}
	for want, gaps := range map[string][]rbac.Gap{"-": nil, "?": {{What: "kaiwoqueueconfigs", Cause: "forbidden"}}} {
		w, err := readWorld(path)
		if err != nil {
			t.Fatal(err)
		}
		m, inv := w.Moment, *w.Inventory
		inv.Gaps = gaps
		m.Inventory = &inv
		w = world.New(m, w.Frame, w.Now)
		page, err := screen.Build(w, screen.Place{Kind: screen.Queues})
		if err != nil {
			t.Fatal(err)
		}
		if got := rowsOf(page, "Findings")["gpu"]; !slices.Equal(got, []string{want}) {
			t.Errorf("findings %q, want %q", got, want)
		}
		opened, err := screen.Build(w, screen.Place{Kind: screen.Queue, Name: "gpu", Tab: screen.TabQueueFindings})
		if err != nil {
			t.Fatal(err)
		}
		if sure := opened.Tabs[2].Badge != "?" && !strings.HasPrefix(opened.List.Empty, "unknown"); sure != (gaps == nil) {
			t.Errorf("gaps %v: badge %q, and %s", gaps, opened.Tabs[2].Badge, opened.List.Empty)
		}
	}
}
