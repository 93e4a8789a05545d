// Package findings shows findings, in the same way for every command that judges.
package findings

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
)

// Table shows findings a line each; fixes says whether there may be some with a fix.
func Table(found []finding.Finding, fixes bool) *metav1.Table {
	columns := []metav1.TableColumnDefinition{
		{Name: "ID", Type: "string"},
		{Name: "Severity", Type: "string"},
		{Name: "Object", Type: "string"},
		{Name: "Fix", Type: "string"},
		{Name: "Finding", Type: "string"},
		{Name: "Why", Type: "string", Priority: 1},
	}
	const fixColumn = 3
	t := &metav1.Table{ColumnDefinitions: columns}
	for _, f := range found {
		fix := "-"
		if f.Fix != nil {
			fix = "yes"
		}
		cells := []any{f.ID, string(f.Severity), cmp.Or(f.Object, "-"), fix, f.Message, strings.ReplaceAll(f.Why, "\n", " ")}
		if !fixes {
			cells = slices.Delete(cells, fixColumn, fixColumn+1)
		}
		t.Rows = append(t.Rows, metav1.TableRow{Cells: cells})
	}
	if !fixes {
		t.ColumnDefinitions = slices.Delete(columns, fixColumn, fixColumn+1)
	}
	return t
}

// Text shows each finding with what follows from it, what to do, and what --fix would do.
func Text(found []finding.Finding) []string {
	var out []string
	for i, f := range found {
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

// Summary counts; minor are those below the threshold, which are not shown: "3 findings, 2 of them can be repaired: --fix; 1 more below warning: --severity info".
func Summary(found []finding.Finding, minor int, threshold finding.Severity) string {
	text := Count(len(found), "finding")
	if n := Fixable(found); n > 0 {
		text += fmt.Sprintf(", %d can be repaired (--fix)", n)
	}
	if minor > 0 {
		text += fmt.Sprintf("; %d more below %s (--severity info)", minor, threshold)
	}
	return text
}

// Fixable counts the findings that have a fix.
func Fixable(found []finding.Finding) int {
	n := 0
	for _, f := range found {
		if f.Fix != nil {
			n++
		}
	}
	return n
}

// Count returns "no findings", "1 finding", "2 findings".
func Count(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun + "s"
	case 1:
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// AsTests returns findings as a format of output shows them: for JUnit all that are looked at make a test fail.
func AsTests(found []finding.Finding, format string) []finding.Finding {
	if format != printer.JUnit {
		return found
	}
	out := slices.Clone(found)
	for i := range out {
		if out[i].Severity == finding.Info {
			out[i].Severity = finding.Warning
		}
	}
	return out
}
