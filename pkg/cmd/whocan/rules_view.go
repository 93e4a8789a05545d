package whocan

import (
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// rulesView is the JSON of what somebody may do.
type rulesView struct {
	header
	// Namespace is the one that was asked about; empty means everywhere.
	Namespace string         `json:"namespace,omitempty"`
	Subjects  []holdingsView `json:"subjects"`
}

// holdingsView is what the subject may do in one cluster.
type holdingsView struct {
	Cluster string      `json:"cluster,omitempty"`
	Subject subjectView `json:"subject"`
	// Groups are those that were counted, the API server's own among them.
	Groups []string `json:"groups"`
	// Superuser may do everything: Rights are only what bindings say on top.
	Superuser bool        `json:"superuser,omitempty"`
	Rights    []rightView `json:"rights"`
	// Void are rights that are written in roles but that no request can use.
	Void []rightView `json:"void"`
}

// rightView is one line: verbs on a resource or URL, in some places.
type rightView struct {
	// Everywhere, or in Namespaces only.
	Everywhere bool     `json:"everywhere"`
	Namespaces []string `json:"namespaces,omitempty"`
	Group      string   `json:"group,omitempty"`
	// Resource is as the rule has it, with the subresource: "pods/exec", "*".
	Resource string   `json:"resource,omitempty"`
	Names    []string `json:"names,omitempty"`
	URL      string   `json:"url,omitempty"`
	Verbs    []string `json:"verbs"`
	// System marks what Kubernetes lets everybody do, which tables fold.
	System bool `json:"system,omitempty"`
	// Reason says why a right is void.
	Reason  string       `json:"reason,omitempty"`
	Sources []sourceView `json:"sources"`
}

// sourceView is a binding, or bindings of the same name and role in several namespaces.
type sourceView struct {
	Subject string   `json:"subject"`
	Via     rbac.Via `json:"via"`
	// Told is that of [proofView]: then Binding and Role are empty.
	Told bool `json:"told,omitempty"`
	// Binding and Role are as commands take them: "rolebinding/viewers", "clusterrole/view".
	Binding string `json:"binding"`
	Role    string `json:"role"`
	// Namespaces are those of RoleBindings; none for a ClusterRoleBinding.
	Namespaces []string `json:"namespaces,omitempty"`
}

func viewRules(answers []held, namespace string, clusters []*cluster) rulesView {
	v := rulesView{header: newHeader("Rules", clusters), Namespace: namespace, Subjects: []holdingsView{}}
	for i := range answers {
		h := &answers[i]
		v.Subjects = append(v.Subjects, holdingsView{
			Cluster: h.cluster, Subject: viewSubject(h.id.Subject), Groups: h.id.Groups, Superuser: h.id.Superuser(),
			Rights: viewRights(h.rights), Void: viewRights(h.void),
		})
	}
	return v
}

func viewRights(rights []rbac.Right) []rightView {
	out := make([]rightView, 0, len(rights))
	for i := range rights {
		r := &rights[i]
		v := rightView{
			Everywhere: r.Everywhere, Namespaces: r.Namespaces, Group: r.Group, Resource: r.Resource, Names: r.Names,
			URL: r.URL, Verbs: r.Verbs, System: r.Void == "" && question.Everybodys(r), Reason: r.Void, Sources: []sourceView{},
		}
		for _, s := range question.FoldSources(r.Sources) {
			source := sourceView{Subject: s.Subject.String(), Via: s.Via, Told: s.Binding.Told(), Namespaces: s.Namespaces}
			if !source.Told {
				source.Binding, source.Role = s.Binding.KindName(), s.Role.KindName()
			}
			v.Sources = append(v.Sources, source)
		}
		out = append(out, v)
	}
	return out
}

// tableShape says which columns and rows a table has.
type tableShape struct {
	several bool
	void    bool
	system  bool
	// full fills in the columns that only wide, csv and markdown show.
	full bool
}

func rulesTable(answers []held, shape tableShape) *metav1.Table {
	names := []string{"Where", "Resource", "Names", "Verbs", "Via"}
	if shape.void {
		names = append(names, "Void")
	}
	if shape.several {
		names = append([]string{"Cluster"}, names...)
	}
	table := &metav1.Table{ColumnDefinitions: columns(names, "All namespaces", "All paths")}
	for i := range answers {
		h := &answers[i]
		add := func(cells ...any) {
			if shape.several {
				cells = append([]any{h.cluster}, cells...)
			}
			table.Rows = append(table.Rows, metav1.TableRow{Cells: cells})
		}
		if h.id.Superuser() {
			cells := []any{"everywhere", "everything", question.AnyName, "*", question.SuperuserText}
			if shape.void {
				cells = append(cells, "")
			}
			add(append(cells, "", question.SuperuserText)...)
		}
		for j := range h.rights {
			if shape.system || !question.Everybodys(&h.rights[j]) {
				add(rightCells(&h.rights[j], shape)...)
			}
		}
		for j := range h.void {
			if shape.void {
				add(rightCells(&h.void[j], shape)...)
			}
		}
	}
	return table
}

func rightCells(r *rbac.Right, shape tableShape) []any {
	sources := question.FoldSources(r.Sources)
	cells := []any{question.RightWhere(r, mostShown), question.RightObject(r), question.RightNames(r.Names, mostShown), verbText(r, shape.full), question.Sources(sources, 1)}
	if shape.void {
		cells = append(cells, r.Void)
	}
	if !shape.full {
		return cells
	}
	const all = 1 << 30
	return append(cells, question.List(r.Namespaces, all), question.Sources(sources, all))
}

// verbText writes verbs as words or, to save width, as a grid like the mode bits of files: a letter for each ordinary verb,
// in the order of gridLegend, then other verbs as words.
func verbText(r *rbac.Right, words bool) string {
	if words || r.URL != "" || slices.Contains(r.Verbs, "*") {
		return strings.Join(r.Verbs, " ")
	}
	grid := []byte("--------")
	others := []string{}
	for _, verb := range r.Verbs {
		if i := slices.Index(rbac.StandardVerbs(), verb); i >= 0 {
			grid[i] = gridLetters[i]
		} else {
			others = append(others, verb)
		}
	}
	return strings.Join(append([]string{string(grid)}, others...), " ")
}

const (
	gridLetters = "glwcupdx"
	gridLegend  = "verbs: g get, l list, w watch, c create, u update, p patch, d delete, x deletecollection"
)

// mostShown is how many namespaces or names a table shows of each right.
const mostShown = 3
