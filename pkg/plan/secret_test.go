package plan_test

import (
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// The values of a Secret are on no screen: a preview tells whether they change, and no more.
func TestPreviewOfSecrets(t *testing.T) {
	t.Parallel()
	secret := func(data string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{
			"apiVersion": "v1", "kind": "Secret", "metadata": map[string]any{"name": "ca", "namespace": "dev"},
			"data": map[string]any{"ca.crt": data, "other": "c2FtZQ=="}, "stringData": map[string]any{"plain": "hunter2"},
		}}
	}
	p := plan.Plan{Steps: []plan.Step{{Verb: plan.Update, Old: secret("b2xk"), Object: secret("bmV3")}}}
	var changed []string
	for _, change := range p.Preview() {
		for _, line := range change.Lines {
			for _, value := range []string{"b2xk", "bmV3", "c2FtZQ", "hunter2"} {
				if strings.Contains(line.Text, value) {
					t.Errorf("a value is shown: %q", line.Text)
				}
			}
			if line.Op != ' ' {
				changed = append(changed, string(line.Op)+strings.TrimSpace(line.Text))
			}
		}
	}
	if len(changed) != 2 || !strings.HasPrefix(changed[0], "-ca.crt: ") || !strings.HasPrefix(changed[1], "+ca.crt: ") {
		t.Errorf("changed lines %q: want those of ca.crt alone", changed)
	}
}
