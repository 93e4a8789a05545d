package finding_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

func TestSeverity(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rank    int
		wantErr string
	}{
		"error":   {rank: 3},
		"warning": {rank: 2},
		"info":    {rank: 1},
		"":        {wantErr: `parse severity "": want error, warning or info`},
		"Error":   {wantErr: `parse severity "Error": want error, warning or info`},
	}
	for text, tc := range tests {
		t.Run(text, func(t *testing.T) {
			t.Parallel()
			got, err := finding.ParseSeverity(text)
			if tc.wantErr != "" {
				if err == nil || err.Error() != tc.wantErr || got != "" {
					t.Errorf("ParseSeverity(%q) = %q, %v; want error %q", text, got, err, tc.wantErr)
				}
				return
			}
			if err != nil || string(got) != text || got.Rank() != tc.rank {
				t.Errorf("ParseSeverity(%q) = %q of rank %d, %v; want rank %d", text, got, got.Rank(), err, tc.rank)
			}
		})
	}
}

func TestSortWorstAtOrAbove(t *testing.T) {
	t.Parallel()
	at := func(file string, line int) finding.Location { return finding.Location{File: file, Line: line} }
	sorted := []finding.Finding{
		{ID: "A", Severity: finding.Error, Object: "z"},
		{ID: "B", Severity: finding.Error, Object: "a"},
		{ID: "A", Severity: finding.Warning, Object: "a", Location: at("a.yaml", 9)},
		{ID: "A", Severity: finding.Warning, Object: "a", Location: at("b.yaml", 2), Message: "a"},
		{ID: "A", Severity: finding.Warning, Object: "a", Location: at("b.yaml", 2), Message: "b"},
		{ID: "A", Severity: finding.Warning, Object: "a", Location: at("b.yaml", 10)},
		{ID: "A", Severity: finding.Warning, Object: "b"},
		{ID: "A", Severity: finding.Info},
	}
	mixed := []finding.Finding{}
	for _, i := range []int{5, 0, 7, 4, 2, 6, 1, 3} {
		mixed = append(mixed, sorted[i])
	}
	finding.Sort(mixed)
	if diff := cmp.Diff(sorted, mixed); diff != "" {
		t.Errorf("sorted (-want +got):\n%s", diff)
	}

	tests := map[string]struct {
		findings  []finding.Finding
		threshold finding.Severity
		worst     finding.Severity
		count     int
	}{
		"none":    {nil, finding.Info, "", 0},
		"all":     {sorted, finding.Info, finding.Error, 8},
		"warning": {sorted[2:], finding.Warning, finding.Warning, 5},
		"error":   {sorted, finding.Error, finding.Error, 2},
		"infos":   {sorted[7:], finding.Error, finding.Info, 0},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := finding.Worst(tc.findings); got != tc.worst {
				t.Errorf("worst = %q, want %q", got, tc.worst)
			}
			got := finding.AtOrAbove(tc.findings, tc.threshold)
			if got == nil || len(got) != tc.count {
				t.Errorf("at or above %s: %v, want %d and no nil", tc.threshold, got, tc.count)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	namespace := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "dev"},
	}}
	fix, err := plan.New("make dev", plan.Step{Verb: plan.Create, Object: namespace, Why: "it is missing"})
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		finding finding.Finding
		want    string
	}{
		"least": {
			finding.Finding{ID: "QA001", Severity: finding.Info, Message: "m"},
			`{"id":"QA001","severity":"info","message":"m"}`,
		},
		"most": {
			finding.Finding{
				ID: "QA001", Severity: finding.Error, Object: "namespace dev", Message: "m", Why: "w",
				Location: finding.Location{File: "a.yaml", Line: 3}, Fix: &fix,
			},
			`{"id":"QA001","severity":"error","object":"namespace dev","message":"m","why":"w",` +
				`"location":{"file":"a.yaml","line":3},"fix":{"summary":"make dev","steps":[{"verb":"create",` +
				`"object":{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"dev"}},"why":"it is missing"}]}}`,
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(tc.finding)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, string(got)); diff != "" {
				t.Errorf("JSON (-want +got):\n%s", diff)
			}
		})
	}
}

func TestLocation(t *testing.T) {
	t.Parallel()
	tests := map[string]finding.Location{
		"":          {Line: 3},
		"a.yaml":    {File: "a.yaml"},
		"a.yaml:12": {File: "a.yaml", Line: 12},
	}
	for want, location := range tests {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			if got := location.String(); got != want {
				t.Errorf("String() = %q, want %q", got, want)
			}
		})
	}
}
