package whocan

import (
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// diffView is the JSON of a comparison.
type diffView struct {
	header
	// Before and After name the two states; they are the same for a what-if.
	Before string `json:"before"`
	After  string `json:"after"`
	// With and Without are what a what-if applied and deleted.
	With    []string `json:"with,omitempty"`
	Without []string `json:"without,omitempty"`
	// Namespace is the one that was asked about; empty means everywhere. OmittedElsewhere counts changes outside of it.
	Namespace        string       `json:"namespace,omitempty"`
	OmittedElsewhere int          `json:"omittedElsewhere,omitempty"`
	Gained           int          `json:"gained"`
	Lost             int          `json:"lost"`
	Changes          []changeView `json:"changes"`
	// Notes are what is no change of rights, but should be known.
	Notes []string `json:"notes,omitempty"`
}

// changeView is a right that a subject gained or lost.
type changeView struct {
	// Change is "gained" or "lost".
	Change  string      `json:"change"`
	Subject subjectView `json:"subject"`
	// System marks the built-in subjects of Kubernetes.
	System bool `json:"system,omitempty"`
	rightView
}

func (o *diffOptions) view(c *comparison) diffView {
	v := diffView{
		header: newHeader("AccessDiff", c.clusters), Before: c.before.name, After: c.after.name, With: o.with, Without: o.without,
		Namespace: *o.env.Config.Namespace, OmittedElsewhere: c.elsewhere, Changes: []changeView{}, Notes: c.notes,
	}
	for i := range c.changes {
		change := &c.changes[i]
		word := "lost"
		if change.Gained {
			word = "gained"
			v.Gained++
		} else {
			v.Lost++
		}
		v.Changes = append(v.Changes, changeView{
			Change: word, Subject: viewSubject(change.Subject), System: change.Subject.IsSystem(),
			rightView: viewRights([]rbac.Right{change.Right})[0],
		})
	}
	return v
}

func diffTable(changes []rbac.Change) *metav1.Table {
	table := &metav1.Table{
		ColumnDefinitions: columns([]string{"Change", "Subject", "Where", "Resource", "Verbs", "Via"}, "All namespaces", "All paths"),
	}
	for i := range changes {
		c := &changes[i]
		sign := "-"
		if c.Gained {
			sign = "+"
		}
		object := question.RightObject(&c.Right)
		if len(c.Right.Names) > 0 {
			object += " (only " + question.RightNames(c.Right.Names, mostShown) + ")"
		}
		sources := question.FoldSources(c.Right.Sources)
		const all = 1 << 30
		table.Rows = append(table.Rows, metav1.TableRow{Cells: []any{
			sign, c.Subject.String(), question.RightWhere(&c.Right, mostShown), object, strings.Join(c.Right.Verbs, " "), question.Sources(sources, 1),
			question.List(c.Right.Namespaces, all), question.Sources(sources, all),
		}})
	}
	return table
}
