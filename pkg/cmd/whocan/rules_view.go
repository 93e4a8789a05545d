package whocan

import (
	"fmt"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

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
			URL: r.URL, Verbs: r.Verbs, System: r.Void == "" && everybodyHas(r), Reason: r.Void, Sources: []sourceView{},
		}
		for _, s := range foldSources(r.Sources) {
			v.Sources = append(v.Sources, sourceView{
				Subject: s.Subject.String(), Via: s.Via, Binding: s.Binding.KindName(), Role: s.Role.KindName(),
				Namespaces: s.namespaces,
			})
		}
		out = append(out, v)
	}
	return out
}

// foldedSource is a source together with its like in other namespaces.
type foldedSource struct {
	rbac.Source
	namespaces []string
}

// foldSources joins bindings that differ in their namespace only: somebody in 5,000 namespaces has 5,000 bindings that
// say the same. The order is that of the first of each.
func foldSources(sources []rbac.Source) []foldedSource {
	type key struct {
		subject       rbac.Subject
		binding, role string
		cluster       [2]bool // whether binding and role are cluster-wide
	}
	at := map[key]int{}
	var out []foldedSource
	for _, s := range sources {
		k := key{s.Subject, s.Binding.Name, s.Role.Name, [2]bool{s.Binding.Namespace == "", s.Role.Namespace == ""}}
		i, seen := at[k]
		if !seen {
			i = len(out)
			at[k] = i
			out = append(out, foldedSource{Source: s})
		}
		if s.Binding.Namespace != "" {
			out[i].namespaces = append(out[i].namespaces, s.Binding.Namespace)
		}
	}
	return out
}

// text writes a source in one line: "group:readers > rolebinding/x > clusterrole/view". The subject is left out when it
// is the one that was asked about.
func (s *foldedSource) text() string {
	text := s.Binding.KindName() + " > " + s.Role.KindName()
	if s.Via != rbac.ViaDirect {
		text = s.Subject.String() + " > " + text
	}
	return text
}

// tableShape says which columns and rows a table has.
type tableShape struct {
	several bool
	void    bool
	system  bool
	// full fills in the columns that only wide, csv and markdown show.
	full bool
}

const superuserText = "superuser (not checked against RBAC)"

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
			cells := []any{"everywhere", "everything", anyName, "*", superuserText}
			if shape.void {
				cells = append(cells, "")
			}
			add(append(cells, "", superuserText)...)
		}
		for j := range h.rights {
			if shape.system || !everybodyHas(&h.rights[j]) {
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

// everybodyHas reports whether a right is one that Kubernetes itself gives to everybody: URLs of discovery and health, and
// questions about oneself, through one of its own roles. The same role with anything more in it is not taken for built-in.
func everybodyHas(r *rbac.Right) bool {
	if r.URL == "" && !isAboutSelf(r.Resource) {
		return false
	}
	return !slices.ContainsFunc(r.Sources, func(s rbac.Source) bool {
		switch s.Role.Name {
		case "system:basic-user", "system:discovery", "system:public-info-viewer", "system:service-account-issuer-discovery":
			return s.Via == rbac.ViaDirect
		}
		return true
	})
}

// isAboutSelf reports whether the resource is one by which everybody asks about himself.
func isAboutSelf(resource string) bool { return strings.HasPrefix(resource, "selfsubject") }

// anyName stands in tables for a right that is not limited to names.
const anyName = "any"

func rightCells(r *rbac.Right, shape tableShape) []any {
	sources := foldSources(r.Sources)
	cells := []any{rightPlace(r), rightObject(r), rightNames(r), verbText(r, shape.full), sourceText(sources, 1)}
	if shape.void {
		cells = append(cells, r.Void)
	}
	if !shape.full {
		return cells
	}
	const all = 1 << 30
	return append(cells, list(r.Namespaces, all), sourceText(sources, all))
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
		if i := slices.Index(gridVerbs(), verb); i >= 0 {
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

func gridVerbs() []string {
	return []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}
}

func rightPlace(r *rbac.Right) string {
	if r.Everywhere {
		return "everywhere"
	}
	return list(r.Namespaces, 3)
}

// rightObject writes a resource as commands take it, or a URL.
func rightObject(r *rbac.Right) string {
	switch {
	case r.URL != "":
		return r.URL
	case r.Group != "":
		return r.Resource + "." + r.Group
	}
	return r.Resource
}

func rightNames(r *rbac.Right) string {
	if len(r.Names) == 0 {
		return anyName
	}
	names := slices.Clone(r.Names)
	for i, name := range names {
		if name == "" {
			names[i] = `""`
		}
	}
	return list(names, 3)
}

func sourceText(sources []foldedSource, most int) string {
	var texts []string
	for i := range sources[:min(most, len(sources))] {
		texts = append(texts, sources[i].text())
	}
	text := strings.Join(texts, "; ")
	if more := len(sources) - most; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}
