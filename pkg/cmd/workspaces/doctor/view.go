package doctor

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// document is the JSON of a diagnosis. Fields are added, never renamed or removed, within one version.
type document struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Complete is false when something could not be read: then there may be more than was found.
	Complete bool       `json:"complete"`
	Gaps     []rbac.Gap `json:"gaps,omitempty"`
	// Fixable counts the findings that have a fix; NotShown those that are not as bad as was asked for.
	Fixable  int               `json:"fixable"`
	NotShown int               `json:"notShown"`
	Findings []finding.Finding `json:"findings"`
}

func view(d *diagnosis) document {
	gaps := d.loaded.State.Inventory.Gaps
	return document{
		APIVersion: "gatehouse.dev/v1alpha1", Kind: "WorkspaceDiagnosis", Complete: len(gaps) == 0, Gaps: gaps,
		Fixable: fixable(d.findings), NotShown: d.minor, Findings: d.findings,
	}
}

func table(findings []finding.Finding) *metav1.Table {
	t := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{
		{Name: "ID", Type: "string"},
		{Name: "Severity", Type: "string"},
		{Name: "Object", Type: "string"},
		{Name: "Fix", Type: "string"},
		{Name: "Finding", Type: "string"},
		{Name: "Why", Type: "string", Priority: 1},
	}}
	for _, f := range findings {
		fix := "-"
		if f.Fix != nil {
			fix = "yes"
		}
		t.Rows = append(t.Rows, metav1.TableRow{Cells: []any{
			f.ID, string(f.Severity), f.Object, fix, f.Message, strings.ReplaceAll(f.Why, "\n", " "),
		}})
	}
	return t
}

// text shows each finding with what follows from it, what to do, and what --fix would do.
func text(findings []finding.Finding) []string {
	var out []string
	for i, f := range findings {
		if i > 0 {
			out = append(out, "")
		}
		out = append(out, strings.TrimRight(f.ID+" "+string(f.Severity)+" "+f.Object, " "), "  "+f.Message)
		for line := range strings.SplitSeq(f.Why, "\n") {
			out = append(out, "  "+line)
		}
		if f.Fix != nil {
			for _, step := range f.Fix.Strings() {
				out = append(out, "  fix: "+step)
			}
		}
	}
	return out
}

// summary counts: "3 findings, 2 of them can be repaired: --fix; 1 more below warning: --severity info".
func summary(d *diagnosis, threshold finding.Severity) string {
	text := plural(len(d.findings), "finding")
	if n := fixable(d.findings); n > 0 {
		text += fmt.Sprintf(", %d can be repaired (--fix)", n)
	}
	if d.minor > 0 {
		text += fmt.Sprintf("; %d more below %s (--severity info)", d.minor, threshold)
	}
	return text
}

func fixable(findings []finding.Finding) int {
	n := 0
	for _, f := range findings {
		if f.Fix != nil {
			n++
		}
	}
	return n
}

// plural returns "no findings", "1 finding", "2 findings".
func plural(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun + "s"
	case 1:
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
