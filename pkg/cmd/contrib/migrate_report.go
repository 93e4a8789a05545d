package contrib

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// migrationView is the JSON of the report.
type migrationView struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Complete   bool           `json:"complete"`
	Gaps       []rbac.Gap     `json:"gaps,omitempty"`
	Members    []migratedView `json:"members"`
	Skipped    []skippedView  `json:"skipped"`
	Warnings   []string       `json:"warnings,omitempty"`
}

type migratedView struct {
	Subject subjectView `json:"subject"`
	contrib.Migrated
}

type skippedView struct {
	Subject subjectView `json:"subject"`
	contrib.Skipped
}

func viewMigration(m contrib.Migration, gaps []rbac.Gap) migrationView {
	v := migrationView{
		APIVersion: apiVersion, Kind: "MigrationReport", Complete: len(gaps) == 0, Gaps: gaps,
		Members: []migratedView{}, Skipped: []skippedView{}, Warnings: m.Warnings,
	}
	for _, one := range m.Members {
		v.Members = append(v.Members, migratedView{subjectView{one.Subject.String(), one.Subject}, one})
	}
	for _, one := range m.Skipped {
		v.Skipped = append(v.Skipped, skippedView{subjectView{one.Subject.String(), one.Subject}, one})
	}
	return v
}

// tell prints the report; gap says why not all that Kalm keeps is known, and partial is what [workspaces.Flags.Finish] says.
func (o *migrateOptions) tell(s *workspace.State, m contrib.Migration, gap *rbac.Gap, partial error) error {
	for _, warning := range m.Warnings {
		o.env.Warnf("%s", warning)
	}
	report := printer.Report{
		Object: func() any { return viewMigration(m, s.Inventory.Gaps) },
		Table:  func() *metav1.Table { return migrationTable(m, o.report != printer.Table) },
	}
	if err := o.printer.Print(o.env.Out, report); err != nil {
		return err
	}
	lost := len(m.Skipped)
	for _, one := range m.Members {
		lost += len(one.Lost)
	}
	switch {
	case partial != nil:
		return partial
	case len(m.Members) > 0 && contrib.CheckSuspensions(s) != nil:
		return contrib.CheckSuspensions(s)
	case lost > 0:
		return &answered{}
	case gap != nil:
		return fmt.Errorf("not all %s can be read: whether somebody loses something is not known", inventory.KalmBindings)
	case len(m.Members) == 0:
		o.env.Notef("no member of Kalm's is left to migrate")
	}
	return nil
}

// migrationTable has a line for each thing that somebody gains or loses, or is to be warned of; full too for what is kept.
func migrationTable(m contrib.Migration, full bool) *metav1.Table {
	table := &metav1.Table{}
	for _, name := range []string{"Subject", "Where", "Kalm", "Kubernetes", "Change", "What"} {
		table.ColumnDefinitions = append(table.ColumnDefinitions, metav1.TableColumnDefinition{Name: name, Type: "string"})
	}
	table.ColumnDefinitions = append(table.ColumnDefinitions, metav1.TableColumnDefinition{Name: "Requests", Type: "string", Priority: 1})
	for i := range m.Members {
		one := &m.Members[i]
		add := func(change, what, requests string) {
			table.Rows = append(table.Rows, metav1.TableRow{Cells: []any{
				one.Subject.String(), whereOf(one.Namespace), strings.Join(one.From, ","), shortRoles(one.To), change, what, dash(requests),
			}})
		}
		for _, d := range one.Kept {
			if !full {
				break
			}
			add("keeps", d.Text, actionsText(d.Actions))
		}
		for _, d := range one.Gained {
			add("gains", d.Text, actionsText(d.Actions))
		}
		for _, d := range one.Lost {
			what := d.Text
			if d.Note != "" {
				what += " (" + d.Note + ")"
			}
			add("loses", what, actionsText(d.Actions))
		}
		for _, w := range one.Warnings {
			add("warning", w, "")
		}
	}
	for _, one := range m.Skipped {
		table.Rows = append(table.Rows, metav1.TableRow{Cells: []any{
			one.Subject.String(), placeOf(one.Object), one.Role, "-", "skipped", one.Why, one.Object,
		}})
	}
	return table
}

func whereOf(namespace string) string {
	if namespace == "" {
		return "everywhere"
	}
	return namespace
}

// placeOf returns the namespace of an object as findings name it.
func placeOf(object string) string {
	_, name, _ := strings.Cut(object, " ")
	namespace, _, _ := strings.Cut(name, "/")
	return namespace
}

func shortRoles(roles []string) string {
	out := make([]string, len(roles))
	for i, role := range roles {
		out[i] = strings.TrimPrefix(role, "clusterrole/")
	}
	return strings.Join(out, ",")
}

// actionsText writes requests as whocan takes them.
func actionsText(actions []rbac.Action) string {
	out := make([]string, 0, len(actions))
	for _, a := range actions {
		out = append(out, a.String())
	}
	return strings.Join(out, ", ")
}

// migrationLines are what is said above the preview.
func migrationLines(m contrib.Migration) []string {
	var lines []string
	for _, warning := range m.Warnings {
		lines = append(lines, "warning: "+warning)
	}
	for i := range m.Members {
		one := &m.Members[i]
		where := "in " + one.Namespace
		if one.Namespace == "" {
			where = "everywhere"
		}
		parts := []string{fmt.Sprintf("%s %s: %s becomes %s", contrib.Label(one.Subject), where, strings.Join(one.From, ", "), shortRoles(one.To))}
		for _, part := range []struct {
			word string
			what []contrib.Difference
		}{{"gains", one.Gained}, {"loses", one.Lost}} {
			var texts []string
			for _, d := range part.what {
				texts = append(texts, d.Text)
			}
			if len(texts) > 0 {
				parts = append(parts, part.word+": "+strings.Join(texts, ", "))
			}
		}
		lines = append(lines, strings.Join(parts, "; "))
		for _, w := range one.Warnings {
			lines = append(lines, "warning: "+contrib.Label(one.Subject)+": "+w)
		}
	}
	for _, one := range m.Skipped {
		lines = append(lines, fmt.Sprintf("skipped %s (%s): %s", one.Object, one.Role, one.Why))
	}
	return lines
}
