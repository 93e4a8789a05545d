package screen

import (
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/question"
)

// tally counts findings by severity: errors, warnings, infos.
func tally(found []finding.Finding) (errors, warnings, infos int) {
	for i := range found {
		switch found[i].Severity {
		case finding.Error:
			errors++
		case finding.Warning:
			warnings++
		case finding.Info:
			infos++
		}
	}
	return errors, warnings, infos
}

// severities says how many findings there are of each severity, the gravest first: "2 errors, 1 warning".
func severities(found []finding.Finding) string {
	errors, warnings, infos := tally(found)
	var parts []string
	for _, p := range []struct {
		n    int
		noun string
	}{{errors, "error"}, {warnings, "warning"}, {infos, "info"}} {
		if p.n > 0 {
			parts = append(parts, question.Plural(p.n, p.noun))
		}
	}
	return strings.Join(parts, ", ")
}

// tallyCell counts findings by severity, and orders by the gravest.
func tallyCell(found []finding.Finding) Cell {
	return Cell{Text: cell(severities(found), Plain).Text, Tone: badge(found), Number: weight(found)}
}

// weight orders sets of findings: a graver one outweighs any number of lighter ones.
func weight(found []finding.Finding) float64 {
	errors, warnings, infos := tally(found)
	return float64(errors)*1e10 + float64(warnings)*1e5 + float64(infos)
}

// badge is how a set of findings looks: as the gravest.
func badge(found []finding.Finding) Tone {
	if len(found) == 0 {
		return Quiet
	}
	return toneOf(finding.Worst(found))
}

// toneOf is how a severity looks.
func toneOf(s finding.Severity) Tone {
	switch s {
	case finding.Error:
		return Bad
	case finding.Warning:
		return Warn
	default:
		return Plain
	}
}
