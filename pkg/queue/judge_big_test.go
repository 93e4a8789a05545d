package queue_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

// A config may have a thousand queues, and something may be wrong with each of them.
func TestJudgeBig(t *testing.T) {
	t.Parallel()
	const n = kaiwo.MaxQueues
	var out strings.Builder
	var entries []string
	for i := range n {
		name := fmt.Sprintf("team-%04d", i)
		entries = append(entries, entry(name, name, "namespaceSelector: {}"))
		fmt.Fprintf(&out, "---\n%s\n---\n%s\n", clusterQueue(name, "namespaceSelector: {}"), localQueue(name, name, name))
		fmt.Fprintf(&out, "---\n{apiVersion: v1, kind: Namespace, metadata: {name: %s, labels: {pod-security.kubernetes.io/enforce: baseline}}}\n", name)
		fmt.Fprintf(&out, `---
{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: scientist, namespace: %[1]s}, rules: [{apiGroups: [kaiwo.silogen.ai], resources: [kaiwojobs], verbs: [create]}, {apiGroups: [""], resources: [secrets], verbs: [list]}]}
---
{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: scientists, namespace: %[1]s}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: scientist}, subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: %[1]s}]}
`, name)
	}
	file := filepath.Join(t.TempDir(), "big.yaml")
	if err := os.WriteFile(file, []byte(config("kaiwo", entries...)+"\n"+out.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	s := stateOf(t, file)
	counts, copies := map[string]int{}, map[*unstructured.Unstructured]bool{}
	for _, f := range queue.Judge(s) {
		if f.Fix == nil || f.Severity == finding.Info {
			continue
		}
		counts[f.ID]++
		for _, step := range f.Fix.Steps {
			if step.Old != nil && step.Old.GetKind() == "KaiwoQueueConfig" {
				copies[step.Old] = true
			}
		}
	}
	for _, id := range []string{"QA007", "QA009", "QA101", "QA105"} {
		if counts[id] != n {
			t.Errorf("%s: %d findings with a fix, want %d", id, counts[id], n)
		}
	}
	if len(copies) != 1 {
		t.Errorf("the config was copied %d times: a thousand of it take gigabytes", len(copies))
	}
}
