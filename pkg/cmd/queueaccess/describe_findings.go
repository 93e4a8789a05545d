package queueaccess

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
)

// findingCount is how many findings "check --queue" has, by severity.
type findingCount struct {
	Error   int `json:"error"`
	Warning int `json:"warning"`
	Info    int `json:"info"`
	// Partial says that not everything could be judged: there may be more.
	Partial bool `json:"partial,omitempty"`
}

func (c *findingCount) add(severity finding.Severity) {
	switch severity {
	case finding.Error:
		c.Error++
	case finding.Warning:
		c.Warning++
	case finding.Info:
		c.Info++
	}
}

// words are the counts that are not zero, with the command that names them.
func (c *findingCount) words(queue string) string {
	var parts []string
	for _, one := range []struct {
		n    int
		noun string
	}{{c.Error, "error"}, {c.Warning, "warning"}} {
		if one.n > 0 {
			parts = append(parts, plural(one.n, one.noun))
		}
	}
	if c.Info > 0 {
		parts = append(parts, fmt.Sprintf("%d for information", c.Info))
	}
	text := cmp.Or(strings.Join(parts, ", "), "none")
	if c.Partial {
		text += ", and not everything could be judged"
	}
	return text + " (check --queue " + shell.Word(queue) + " --severity info)"
}

// countFindings counts what "check --queue" finds about a queue.
func countFindings(s *queue.State, q *queue.Queue) findingCount {
	c := findingCount{Partial: len(s.Inventory.Gaps) > 0}
	for _, one := range queue.JudgeWith(s, queue.JudgeOptions{Queues: []string{q.Name}}) {
		c.add(one.Severity)
	}
	return c
}

// judgedBeside are the kinds that findings are about, and nothing else of a description is: that one of them can't be read
// makes the findings partial, and not the answer.
func judgedBeside() []inventory.Kind {
	roles := []inventory.Kind{inventory.Roles, inventory.RoleBindings} // who may submit takes these, too
	return slices.DeleteFunc(queue.JudgedKinds(), func(kind inventory.Kind) bool {
		return slices.Contains(queue.WhoNeeds(), kind) || slices.Contains(roles, kind)
	})
}

// gapsBut are the gaps that are not of the kinds.
func gapsBut(inv *inventory.Inventory, kinds []inventory.Kind) []rbac.Gap {
	var others []rbac.Gap
	for _, kind := range kinds {
		others = append(others, inv.Missing(kind)...)
	}
	return slices.DeleteFunc(slices.Clone(inv.Gaps), func(gap rbac.Gap) bool {
		return slices.ContainsFunc(others, func(o rbac.Gap) bool { return o.What == gap.What && o.Namespace == gap.Namespace })
	})
}
