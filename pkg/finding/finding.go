// Package finding holds what the suite judges: problems with a stable id, a severity, the object they are about, and,
// where there is one, the plan that would fix them.
package finding

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/plan"
)

// Severity says how bad a finding is.
type Severity string

// The severities, worst first.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Info    Severity = "info"
)

// ParseSeverity reads a severity as a flag gives it: "error", "warning" or "info".
func ParseSeverity(text string) (Severity, error) {
	if s := Severity(text); s.Rank() > 0 {
		return s, nil
	}
	return "", fmt.Errorf("parse severity %q: want error, warning or info", text)
}

// Rank orders severities: 3 for an error, 2 for a warning, 1 for an info, 0 for anything else.
func (s Severity) Rank() int {
	switch s {
	case Error:
		return 3
	case Warning:
		return 2
	case Info:
		return 1
	}
	return 0
}

// Finding is one thing that was judged.
type Finding struct {
	// ID is stable over releases, so that it can be searched for and suppressed: "KF003".
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	// Object names what the finding is about, in a form that can be pasted into a command: "rolebinding dev/x".
	Object string `json:"object,omitempty"`
	// Message is one line, without a full stop.
	Message string `json:"message"`
	// Why says, in as many lines as it takes, what follows from it and what to do. It may be empty.
	Why      string   `json:"why,omitempty"`
	Location Location `json:"location,omitzero"`
	// Fix is the plan that would make the finding go away, nil when there is none.
	Fix *plan.Plan `json:"fix,omitempty"`
}

// NamespaceOf returns the namespace that an object of a finding is in, or is: "dev" of "rolebinding dev/x" and of
// "profile dev". It is empty for what is in none.
func NamespaceOf(object string) string {
	kind, name, _ := strings.Cut(object, " ")
	namespace, _, namespaced := strings.Cut(name, "/")
	switch kind {
	case "user":
		return "" // its name may hold anything
	case "namespace", "profile":
		return name
	}
	if !namespaced {
		return ""
	}
	return namespace
}

// Location is where a finding was read. The zero value means a live cluster.
type Location struct {
	// File is a path as the user gave it.
	File string `json:"file,omitempty"`
	// Line counts from 1; 0 means the whole file.
	Line int `json:"line,omitempty"`
}

// String returns "roles.yaml:12", "roles.yaml", or an empty string.
func (l Location) String() string {
	if l.File == "" || l.Line <= 0 {
		return l.File
	}
	return fmt.Sprintf("%s:%d", l.File, l.Line)
}

// Sort orders findings in place: worst first, then by id, object, location and message.
func Sort(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(b.Severity.Rank(), a.Severity.Rank()),
			cmp.Compare(a.ID, b.ID),
			cmp.Compare(a.Object, b.Object),
			cmp.Compare(a.Location.File, b.Location.File),
			cmp.Compare(a.Location.Line, b.Location.Line),
			cmp.Compare(a.Message, b.Message),
		)
	})
}

// Worst returns the highest severity among findings, empty when there are none.
func Worst(findings []Finding) Severity {
	var worst Severity
	for _, f := range findings {
		if f.Severity.Rank() > worst.Rank() {
			worst = f.Severity
		}
	}
	return worst
}

// AtOrAbove returns the findings that are at least as bad as threshold, in their order. It never returns nil.
func AtOrAbove(findings []Finding, threshold Severity) []Finding {
	out := []Finding{}
	for _, f := range findings {
		if f.Severity.Rank() >= threshold.Rank() {
			out = append(out, f)
		}
	}
	return out
}
