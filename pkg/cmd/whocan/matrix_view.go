package whocan

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// matrixView is the JSON of a matrix.
type matrixView struct {
	header
	// By is what the rows are: "subject", "namespace" or "resource".
	By string `json:"by"`
	// Request is what every cell asks, with its verb put in. It is left out when the rows are resources.
	Request *verblessView `json:"request,omitempty"`
	// Subject is who was asked about. It is left out when the rows are subjects.
	Subject *subjectView `json:"subject,omitempty"`
	// Groups are those of the subject that were counted.
	Groups []string `json:"groups,omitempty"`
	// Namespace is the one that was asked about; empty means all.
	Namespace string `json:"namespace,omitempty"`
	// Verbs are those that were asked about for every row; a resource may have more.
	Verbs []string        `json:"verbs"`
	Rows  []matrixRowView `json:"rows"`
}

// verblessView is a request without its verb; the fields are those of requests elsewhere.
type verblessView struct {
	Group       string `json:"group,omitempty"`
	Resource    string `json:"resource,omitempty"`
	Subresource string `json:"subresource,omitempty"`
	Name        string `json:"name,omitempty"`
	Namespace   string `json:"namespace,omitempty"`
	Path        string `json:"path,omitempty"`
	Scope       string `json:"scope"`
}

// matrixRowView is one row: a subject; a namespace, or everywhere; a resource, or a URL.
type matrixRowView struct {
	Cluster string       `json:"cluster,omitempty"`
	Subject *subjectView `json:"subject,omitempty"`
	// System marks what Kubernetes made itself, which tables fold: its subjects, and resources that are open to everybody.
	System     bool   `json:"system,omitempty"`
	Everywhere bool   `json:"everywhere,omitempty"`
	Namespace  string `json:"namespace,omitempty"`
	Group      string `json:"group,omitempty"`
	Resource   string `json:"resource,omitempty"`
	URL        string `json:"url,omitempty"`
	// Cells has an entry for each verb that is allowed somewhere.
	Cells map[string]extentView `json:"cells"`
}

// extentView says how far a verb is allowed: everywhere, in namespaces, or for certain object names only.
type extentView struct {
	Everywhere bool     `json:"everywhere"`
	Namespaces []string `json:"namespaces,omitempty"`
	Names      []string `json:"names,omitempty"`
}

func viewMatrix(m *matrix, clusters []*cluster) matrixView {
	v := matrixView{
		header: newHeader("Matrix", clusters), By: m.by, Namespace: m.namespace, Verbs: m.verbs, Rows: []matrixRowView{},
	}
	if m.request != nil {
		r := viewRequest(*m.request)
		v.Request = &verblessView{
			Group: r.Group, Resource: r.Resource, Subresource: r.Subresource, Name: r.Name, Namespace: r.Namespace,
			Path: r.Path, Scope: r.Scope,
		}
	}
	if m.id != nil {
		subject := viewSubject(m.id.Subject)
		v.Subject, v.Groups = &subject, m.id.Groups
	}
	for i := range m.rows {
		v.Rows = append(v.Rows, viewMatrixRow(m.by, &m.rows[i]))
	}
	return v
}

func viewMatrixRow(by string, r *matrixRow) matrixRowView {
	row := matrixRowView{
		Cluster: r.cluster, Everywhere: r.everywhere, Namespace: r.namespace, Group: r.resource.Group,
		Resource: r.resource.Name, URL: r.url, System: r.builtin, Cells: map[string]extentView{},
	}
	if by == bySubject {
		subject := viewSubject(r.subject)
		row.Subject = &subject
	}
	for verb, e := range r.cells {
		row.Cells[verb] = extentView{Everywhere: e.Everywhere, Namespaces: e.Namespaces, Names: e.Names}
	}
	return row
}

// title says in words what the shown rows are.
func (m *matrix) title() string {
	n := len(m.shown())
	if m.by == bySubject {
		text := question.Plural(n, "subject") + " may do something with " + m.object()
		if m.request.Action.Name != "" && !m.request.Namespaced {
			return text
		}
		return text + " " + m.request.Where()
	}
	where := "anywhere"
	if m.namespace != "" {
		where = "in " + m.namespace
	}
	if m.by == byNamespace {
		if n == 0 {
			return fmt.Sprintf("%s%s: nothing with %s %s", m.id.Subject, groupText(*m.id), m.object(), where)
		}
		return fmt.Sprintf("%s%s: %s with %s", m.id.Subject, groupText(*m.id), question.Plural(n, "place"), m.object())
	}
	return fmt.Sprintf("%s%s: %s %s", m.id.Subject, groupText(*m.id), question.Plural(n, "resource"), where)
}

// object names what the requests of a matrix are about, without a verb.
func (m *matrix) object() string {
	a := m.request.Action
	a.Verb = ""
	return strings.TrimSpace(a.String())
}

func matrixTable(m *matrix, format string, several bool) *metav1.Table {
	rows := m.shown()
	long := format == printer.Wide || format == printer.CSV
	verbs, others := m.columns(rows)
	names := append([]string{m.heading()}, verbs...)
	if others {
		names = append(names, "Other")
	}
	if several {
		names = append([]string{"Cluster"}, names...)
	}
	table := &metav1.Table{ColumnDefinitions: columns(names)}
	for i := range rows {
		r := &rows[i]
		cells := []any{r.text()}
		if several {
			cells = []any{r.cluster, r.text()}
		}
		for _, v := range verbs {
			cells = append(cells, m.cell(r, v, long))
		}
		if others {
			cells = append(cells, m.others(r, verbs, long))
		}
		table.Rows = append(table.Rows, metav1.TableRow{Cells: cells})
	}
	return table
}

// heading names the first column.
func (m *matrix) heading() string {
	if m.by == byNamespace {
		return "Where"
	}
	return m.by
}

// columns returns the verbs that have a column: all, or those that one of the resources has. The second result says
// that resources have further verbs.
func (m *matrix) columns(rows []matrixRow) (verbs []string, others bool) {
	if m.by != byResource {
		return m.verbs, false
	}
	for _, v := range m.verbs {
		if slices.ContainsFunc(rows, func(r matrixRow) bool { return r.has == nil || slices.Contains(r.has, v) }) {
			verbs = append(verbs, v)
		}
	}
	for i := range rows {
		for v := range rows[i].cells {
			others = others || !slices.Contains(m.verbs, v)
		}
	}
	return verbs, others
}

// text names the row in a table.
func (r *matrixRow) text() string {
	switch {
	case r.everywhere:
		return "everywhere"
	case r.namespace != "":
		return r.namespace
	case r.url != "":
		return r.url
	case r.resource.Name != "" && r.resource.Group != "":
		return r.resource.Name + "." + r.resource.Group
	case r.resource.Name != "":
		return r.resource.Name
	}
	return r.subject.String()
}

// cell writes an extent in a word or two; long names namespaces and objects instead of counting them.
func (m *matrix) cell(r *matrixRow, verb string, long bool) string {
	e, found := r.cells[verb]
	const all = 1 << 30
	switch {
	case !found && r.has != nil && !slices.Contains(r.has, verb):
		return ""
	case e.None():
		return "-"
	case e.Everywhere, m.one():
		if len(e.Names) == 0 {
			return "yes"
		}
	case len(e.Namespaces) > 0 && r.namespace != "":
		return "yes"
	case len(e.Namespaces) > 0 && long:
		return question.List(e.Namespaces, all)
	case len(e.Namespaces) > 0:
		return fmt.Sprintf("%d ns", len(e.Namespaces))
	}
	if long {
		return "only " + question.List(e.Names, all)
	}
	return "named"
}

// one reports whether a single place was asked about, so that namespaces need not be counted.
func (m *matrix) one() bool {
	return m.namespace != "" || m.request != nil && m.by == bySubject && m.request.Scope == rbac.InNamespace
}

// others writes the verbs that have no column.
func (m *matrix) others(r *matrixRow, shown []string, long bool) string {
	var words []string
	for v := range r.cells {
		if slices.Contains(shown, v) {
			continue
		}
		if text := m.cell(r, v, long); text != "yes" {
			v += " (" + text + ")"
		}
		words = append(words, v)
	}
	slices.Sort(words)
	return strings.Join(words, ", ")
}
