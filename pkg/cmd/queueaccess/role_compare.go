package queueaccess

import (
	"context"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/kaiwo"
	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
)

// roleComparison is the JSON of role --compare.
type roleComparison struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Can are the abilities for which the least role was taken.
	Can   []kaiwo.Ability `json:"can"`
	Items []compared      `json:"items"`
	// Cluster is what the commands ask of the whole cluster: no role in a namespace gives it.
	Cluster []queue.Line `json:"cluster"`
}

func (o *roleOptions) runCompare(ctx context.Context) error {
	names, rules, finish, err := o.rules(ctx)
	if err != nil {
		return err
	}
	view := roleComparison{
		APIVersion: apiVersion, Kind: "RoleComparison", Can: o.abilities, Items: make([]compared, 0, len(names)),
		Cluster: queue.ClusterLines(o.abilities...),
	}
	for i, name := range names {
		view.Items = append(view.Items, compared{Role: name, Comparison: queue.Compare(rules[i], o.abilities...)})
	}
	report := printer.Report{
		Object: func() any { return view },
		Table:  func() *metav1.Table { return compareTable(&view) },
	}
	if err := o.printer.Print(o.env.Out, report); err != nil {
		return err
	}
	if o.format == printer.Table || o.format == printer.Wide {
		for i := range view.Items {
			o.conclude(&view.Items[i])
		}
	}
	return finish()
}

// conclude says in a line what came out.
func (o *roleOptions) conclude(c *compared) {
	what := joinedAbilities(o.abilities, ", ")
	switch {
	case len(c.TooMuch)+len(c.TooLittle) == 0:
		o.env.Notef("%s gives what it takes for %s, and no more", c.Role, what)
	case len(c.TooLittle) == 0:
		o.env.Notef("%s gives more than it takes for %s", c.Role, what)
	case len(c.TooMuch) == 0:
		o.env.Notef("%s gives less than it takes for %s", c.Role, what)
	default:
		o.env.Notef("%s gives more in some, and less in others, than it takes for %s", c.Role, what)
	}
}

// compareTable shows comparisons, a line each; with several roles, the first column says which.
func compareTable(view *roleComparison) *metav1.Table {
	t := &metav1.Table{}
	columns := []string{"DIFFERENCE", "RESOURCE", "VERBS", "WHY"}
	if len(view.Items) > 1 {
		columns = append([]string{"ROLE"}, columns...)
	}
	for _, name := range columns {
		t.ColumnDefinitions = append(t.ColumnDefinitions, metav1.TableColumnDefinition{Name: name, Type: "string"})
	}
	add := func(role, difference string, lines []queue.Line) {
		for _, line := range lines {
			resource := resourceName(line.Group, line.Resource)
			if len(line.Names) > 0 {
				resource += " " + strings.Join(line.Names, ",")
			}
			cells := []any{difference, resource, strings.Join(line.Verbs, ","), line.Why}
			if len(view.Items) > 1 {
				cells = append([]any{role}, cells...)
			}
			t.Rows = append(t.Rows, metav1.TableRow{Cells: cells})
		}
	}
	for i := range view.Items {
		add(view.Items[i].Role, "too much", view.Items[i].TooMuch)
		add(view.Items[i].Role, "missing", view.Items[i].TooLittle)
	}
	add("-", "cluster-wide", view.Cluster)
	return t
}
