package whocan

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
)

// checkView is the JSON of a check. With several clusters, names start with "CLUSTER: ".
type checkView struct {
	header
	// Expectations counts them; Failed and Undecided are parts of that.
	Expectations int `json:"expectations"`
	Failed       int `json:"failed"`
	Undecided    int `json:"undecided"`
	// Passed names the expectations that hold.
	Passed   []string          `json:"passed"`
	Findings []finding.Finding `json:"findings"`
}

func viewCheck(c checked, clusters []*cluster) checkView {
	return checkView{
		header: newHeader("AccessCheck", clusters), Expectations: c.total, Failed: c.Failed, Undecided: c.Undecided,
		Passed: append([]string{}, c.Passed...), Findings: append([]finding.Finding{}, c.Findings...),
	}
}

func checkTable(findings []finding.Finding) *metav1.Table {
	table := &metav1.Table{
		ColumnDefinitions: columns([]string{"ID", "Severity", "Expectation", "Finding", "Why"}, "Location", "All reasons"),
	}
	for _, f := range findings {
		reasons := strings.Split(f.Why, "\n")
		first := reasons[0]
		if more := len(reasons) - 1; more > 0 {
			first += fmt.Sprintf(" (and %d more)", more)
		}
		table.Rows = append(table.Rows, metav1.TableRow{Cells: []any{
			f.ID, string(f.Severity), f.Object, f.Message, first, f.Location.String(), strings.Join(reasons, "; "),
		}})
	}
	return table
}
