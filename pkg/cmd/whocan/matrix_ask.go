package whocan

import (
	"context"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// What the rows of a matrix are. The values are part of the JSON output.
const (
	bySubject   = "subject"
	byNamespace = "namespace"
	byResource  = "resource"
)

// matrix is the answer of one or several clusters.
type matrix struct {
	by   string
	rows []matrixRow
	// verbs are those of the columns.
	verbs []string
	// request is what the columns ask, with a verb put in; nil when the rows are resources.
	request *question.Request
	// id is who was asked about, nil when the rows are subjects.
	id        *rbac.Identity
	namespace string
	// system says that built-in rows are shown.
	system bool
	// unknown says that no binding names the subject; alike are some that it may have been meant to be.
	unknown bool
	alike   []string
}

// matrixRow is a subject, a place or a resource, with what is allowed by verb. Verbs that are not allowed at all may be
// left out of cells.
type matrixRow struct {
	cluster    string
	subject    rbac.Subject
	everywhere bool // the row of cluster-wide requests
	namespace  string
	resource   rbac.Resource
	url        string
	cells      map[string]rbac.Extent
	// has are the verbs that a resource has; nil means all.
	has []string
	// builtin marks what Kubernetes made itself: its subjects, and resources that are open to everybody.
	builtin bool
}

// add takes in what one cluster says.
func (m *matrix) add(from *matrix, cluster string) {
	for i := range from.rows {
		from.rows[i].cluster = cluster
	}
	from.rows = slices.Concat(m.rows, from.rows)
	from.verbs = unique(slices.Concat(m.verbs, from.verbs))
	*m = *from
}

// shown returns the rows that tables show.
func (m *matrix) shown() []matrixRow {
	return slices.DeleteFunc(slices.Clone(m.rows), func(r matrixRow) bool { return r.builtin && !m.system })
}

// ask asks one cluster.
func (o *matrixOptions) ask(ctx context.Context, c *cluster, context string) (*matrix, error) {
	if o.subject == "" {
		ns, err := o.namespace(o.offline(), context)
		if err != nil {
			return nil, err
		}
		return o.subjects(c.index, ns)
	}
	id, err := o.identity(ctx, c, o.subject)
	if err != nil {
		return nil, err
	}
	m := &matrix{by: byResource, id: &id, namespace: o.narrowed(), system: o.system}
	found, alike := question.Known(c.index, id.Subject)
	m.unknown, m.alike = !found && !id.Superuser(), alike
	if o.words.Resource == "" {
		o.resources(c.index, m)
		return m, nil
	}
	return m, o.namespaces(c.index, m)
}

// what makes the resource exact, and tells which verbs to ask about.
func (o *matrixOptions) what(c *rbac.Catalog, namespace string) (question.Request, []string, error) {
	fitting := question.URLVerbs()
	if !strings.HasPrefix(o.words.Resource, "/") {
		// Which of several resources is meant may depend on the verb.
		r, err := c.Resolve(o.words.Resource, strings.Join(o.verbs[:min(1, len(o.verbs))], ""), o.words.Name != "")
		if err != nil {
			return question.Request{}, nil, err
		}
		full := rbac.Action{Resource: r.Resource, Subresource: r.Subresource}
		if fitting = c.Verbs(r.Group, full.ResourceName()); len(fitting) == 0 {
			fitting = rbac.StandardVerbs()
		}
	}
	verbs := o.verbs
	if len(verbs) == 0 {
		verbs = fitting
	}
	w := o.words
	w.Verb = verbs[0]
	req, err := o.resolve(w, c, namespace)
	if err != nil {
		return question.Request{}, nil, err
	}
	for _, v := range verbs[1:] {
		if doubt := question.VerbDoubt(v, fitting, o.words.Resource); doubt != "" {
			o.env.Warnf("%s", doubt)
		}
	}
	return req, verbs, nil
}

// subjects answers with a row for each subject.
func (o *matrixOptions) subjects(ix *rbac.Index, namespace string) (*matrix, error) {
	req, verbs, err := o.what(ix.Catalog(), namespace)
	if err != nil {
		return nil, err
	}
	m := &matrix{by: bySubject, verbs: verbs, request: &req, namespace: req.Action.Namespace, system: o.system}
	at := map[rbac.Subject]int{}
	for _, verb := range verbs {
		for _, row := range ix.SubjectMatrix(req.With(verb), []string{verb}, req.ScopeOf(verb)) {
			i, seen := at[row.Subject]
			if !seen {
				i = len(m.rows)
				at[row.Subject] = i
				m.rows = append(m.rows, matrixRow{
					subject: row.Subject, builtin: row.Subject.IsSystem(), cells: map[string]rbac.Extent{},
				})
			}
			m.rows[i].cells[verb] = row.Cells[0]
		}
	}
	slices.SortFunc(m.rows, func(a, b matrixRow) int {
		masters := rbac.Group(rbac.GroupMasters)
		switch {
		case a.subject == masters:
			return -1
		case b.subject == masters:
			return 1
		}
		return rbac.CompareSubjects(a.subject, b.subject)
	})
	return m, nil
}

// namespaces answers with a row for cluster-wide requests, and one for each namespace in which more is allowed.
func (o *matrixOptions) namespaces(ix *rbac.Index, m *matrix) error {
	req, verbs, err := o.what(ix.Catalog(), m.namespace)
	if err != nil {
		return err
	}
	m.by, m.verbs, m.request = byNamespace, verbs, &req
	rights := ix.Rights(*m.id, m.namespace)
	reaches := map[string]*reach{}
	var places []string
	for _, verb := range verbs {
		r := reachOf(rights, req.With(verb), req.Namespaced)
		r.everywhere = r.everywhere || m.id.Superuser()
		reaches[verb] = r
		places = append(places, r.places()...)
	}
	local := req.Namespaced || len(places) > 0
	switch {
	case m.namespace != "" && local:
		m.rows = append(m.rows, placeRow(m.namespace, reaches))
		return nil
	case o.all && local:
		places = append(places, ix.Namespaces()...)
	}
	whole := matrixRow{everywhere: true, cells: map[string]rbac.Extent{}}
	for verb, r := range reaches {
		if e := r.extent(); e.Everywhere || len(r.names) > 0 {
			whole.cells[verb] = rbac.Extent{Everywhere: e.Everywhere, Names: r.names}
		}
	}
	if o.all || len(whole.cells) > 0 {
		m.rows = append(m.rows, whole)
	}
	slices.Sort(places)
	for _, ns := range slices.Compact(places) {
		row := placeRow(ns, reaches)
		more := func(verb string) bool { return !sameExtent(row.cells[verb], whole.cells[verb]) }
		if o.all || slices.ContainsFunc(verbs, more) {
			m.rows = append(m.rows, row)
		}
	}
	return nil
}

// placeRow is the row of one namespace.
func placeRow(namespace string, reaches map[string]*reach) matrixRow {
	row := matrixRow{namespace: namespace, cells: map[string]rbac.Extent{}}
	for verb, r := range reaches {
		if e := r.within(namespace); !e.None() {
			row.cells[verb] = e
		}
	}
	return row
}

func sameExtent(a, b rbac.Extent) bool {
	return a.Everywhere == b.Everywhere && slices.Equal(a.Namespaces, b.Namespaces) && slices.Equal(a.Names, b.Names)
}
