package screen

import (
	"fmt"
	"strconv"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// cell is a cell of one tone. What is empty is a dash, so that columns can be counted.
func cell(text string, tone Tone) Cell {
	if text == "" {
		return Cell{Text: "-", Tone: Quiet}
	}
	return Cell{Text: text, Tone: tone}
}

// numberCell is a cell with a count, which is sorted by.
func numberCell(n int) Cell {
	c := Cell{Text: strconv.Itoa(n), Number: float64(n)}
	if n == 0 {
		c.Tone = Quiet
	}
	return c
}

// ageCell says how old something is; a dash where nobody knows, as of manifests. Older is more.
func ageCell(created, now time.Time) Cell {
	if created.IsZero() {
		return cell("", Plain)
	}
	age := now.Sub(created)
	return Cell{Text: duration.HumanDuration(age), Number: age.Seconds()}
}

// The least widths at which columns of subjects and of names are of use. What tables are read for is cut last.
const (
	subjectWidth = 30
	nameWidth    = 26
)

// line is a line of one tone.
func line(text string, tone Tone) Line { return Line{Spans: []Span{{Text: text, Tone: tone}}} }

// subjectText is a subject as commands take it; empty for one that is not known.
func subjectText(s rbac.Subject) string {
	if s.Name == "" {
		return ""
	}
	return s.String()
}

// percent writes a share: "75%".
func percent(share float64) string { return fmt.Sprintf("%.0f%%", share*100) }
