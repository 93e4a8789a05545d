package doctor

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// fixOf is a finding whose fix makes a service account with a label.
func fixOf(t *testing.T, id, name, label string) finding.Finding {
	t.Helper()
	o := &unstructured.Unstructured{}
	o.SetAPIVersion("v1")
	o.SetKind("ServiceAccount")
	o.SetNamespace("team-a")
	o.SetName(name)
	o.SetLabels(map[string]string{"label": label})
	p, err := plan.New("make it", plan.Step{Verb: plan.Create, Object: o, Why: "it is missing", Unit: id})
	if err != nil {
		t.Fatal(err)
	}
	return finding.Finding{ID: id, Object: "namespace team-a", Fix: &p}
}

// One fix that disagrees with others does not keep them from being carried out.
func TestJoinLeavesOut(t *testing.T) {
	t.Parallel()
	p, left, err := join([]finding.Finding{
		fixOf(t, "A1", "one", "x"),
		{ID: "A2", Object: "namespace team-a"},
		fixOf(t, "A3", "one", "y"), fixOf(t, "A4", "two", "x"),
		fixOf(t, "A5", "two", "y"), fixOf(t, "A6", "one", "x"), fixOf(t, "A7", "three", "x"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{
		"create serviceaccount team-a/one", "create serviceaccount team-a/three", "create serviceaccount team-a/two",
	}, p.Strings()); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"A3 of namespace team-a is left for another time: create serviceaccount team-a/one: another plan creates it with another metadata.labels.label",
		"A5 of namespace team-a is left for another time: create serviceaccount team-a/two: another plan creates it with another metadata.labels.label",
	}, left); diff != "" {
		t.Errorf("left (-want +got):\n%s", diff)
	}
	if p.Summary != "repair 4 findings" {
		t.Errorf("summary %q", p.Summary)
	}
}
