package queueaccess

import (
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/queue"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// apiVersion is the version of all JSON output of this plugin. Fields are added, never renamed or removed, within one.
const apiVersion = "gatehouse.dev/v1alpha1"

// whoView is the JSON of who may get work into a queue.
type whoView struct {
	APIVersion string     `json:"apiVersion"`
	Kind       string     `json:"kind"`
	Complete   bool       `json:"complete"`
	Gaps       []rbac.Gap `json:"gaps,omitempty"`
	Queue      string     `json:"queue"`
	// Namespace is the only one that was asked about; empty for all.
	Namespace string `json:"namespace,omitempty"`
	// Kinds are those that were asked about, as RESOURCE.GROUP.
	Kinds    []string        `json:"kinds"`
	Subjects []submitterView `json:"subjects"`
	// Useless are those who hold the right to create Kaiwo's workloads in a listed namespace where none is admitted.
	Useless []uselessView `json:"useless,omitempty"`
	// Outside are those who may create Kaiwo's workloads in namespaces for which Kaiwo does not have the queue.
	Outside []outsideView `json:"outside,omitempty"`
}

type subjectView struct {
	// ID is the subject as commands take it: "user:alice", "group:ops", "sa:ns/name".
	ID string `json:"id"`
	rbac.Subject
}

type submitterView struct {
	Subject   subjectView `json:"subject"`
	Superuser bool        `json:"superuser,omitempty"`
	// System marks the built-in subjects of Kubernetes, which tables fold.
	System bool      `json:"system,omitempty"`
	Ways   []wayView `json:"ways"`
}

type wayView struct {
	Path       queue.Path `json:"path"`
	Kinds      []string   `json:"kinds"`
	Namespaces []string   `json:"namespaces"`
	// Needs are what it takes beside creating the work, as VERB RESOURCE.GROUP.
	Needs  []string    `json:"needs,omitempty"`
	Proofs []proofView `json:"proofs"`
}

// proofView is a path: the subject that the binding names, the binding, the role, the rule.
type proofView struct {
	Subject string `json:"subject"`
	// Namespace is that of the binding; empty for a ClusterRoleBinding.
	Namespace string             `json:"namespace,omitempty"`
	Path      string             `json:"path"`
	Policy    *rbacv1.PolicyRule `json:"policy"`
}

type uselessView struct {
	Subject   subjectView `json:"subject"`
	Namespace string      `json:"namespace"`
	Why       string      `json:"why"`
}

type outsideView struct {
	Subject    subjectView `json:"subject"`
	Everywhere bool        `json:"everywhere,omitempty"`
	Namespaces []string    `json:"namespaces,omitempty"`
}

func viewSubject(s rbac.Subject) subjectView { return subjectView{ID: s.String(), Subject: s} }

func viewWho(l *loaded, a *queue.Answer, namespace string) whoView {
	v := whoView{
		APIVersion: apiVersion, Kind: "QueueSubmitters", Complete: len(l.Inventory.Gaps) == 0, Gaps: l.Inventory.Gaps,
		Queue: a.Queue.Name, Namespace: namespace, Kinds: kindNames(a.Kinds), Subjects: []submitterView{},
	}
	for _, one := range a.Submitters {
		s := submitterView{
			Subject: viewSubject(one.Subject), Superuser: one.Superuser, System: one.Subject.IsSystem(), Ways: []wayView{},
		}
		for i := range one.Ways {
			s.Ways = append(s.Ways, viewWay(l.state, one.Subject, &one.Ways[i]))
		}
		v.Subjects = append(v.Subjects, s)
	}
	for _, u := range a.Useless {
		v.Useless = append(v.Useless, uselessView{viewSubject(u.Subject), u.Namespace, u.Why})
	}
	for _, o := range a.Outside {
		v.Outside = append(v.Outside, outsideView{viewSubject(o.Subject), o.Everywhere, o.Namespaces})
	}
	return v
}

func viewWay(s *queue.State, subject rbac.Subject, w *queue.Way) wayView {
	v := wayView{Path: w.Path, Kinds: kindNames(w.Kinds), Namespaces: w.Namespaces, Proofs: []proofView{}}
	for _, a := range w.Needs {
		v.Needs = append(v.Needs, a.Verb+" "+resourceName(a.Group, a.Resource))
	}
	proofs := s.Proofs(subject, w, 0)
	for i := range proofs {
		v.Proofs = append(v.Proofs, proofView{
			Subject: proofs[i].Subject.String(), Namespace: proofs[i].Binding.Namespace, Path: proofs[i].String(), Policy: proofs[i].Policy(),
		})
	}
	return v
}

func kindNames(kinds []rbac.Resource) []string {
	out := make([]string, 0, len(kinds))
	for _, r := range kinds {
		out = append(out, resourceName(r.Group, r.Name))
	}
	return out
}

func resourceName(group, resource string) string {
	if group == "" {
		return resource
	}
	return resource + "." + group
}

// whoTable makes the table; full fills in the columns that only wide, csv and markdown show.
func whoTable(s *queue.State, rows []whoRow, full bool) *metav1.Table {
	t := &metav1.Table{ColumnDefinitions: []metav1.TableColumnDefinition{
		{Name: "Subject", Type: "string"},
		{Name: "Where", Type: "string"},
		{Name: "Path", Type: "string"},
		{Name: "Kinds", Type: "string"},
		{Name: "Via", Type: "string"},
		{Name: "All namespaces", Type: "string", Priority: 1},
		{Name: "All kinds", Type: "string", Priority: 1},
		{Name: "All paths", Type: "string", Priority: 1},
	}}
	const all = 1 << 30
	for i := range rows {
		r := &rows[i]
		cells := []any{
			r.submitter.Subject.String(), question.List(r.way.Namespaces, 3), string(r.way.Path),
			question.List(shortKinds(r.way.Kinds), 3), via(s, r, 1),
		}
		if full {
			cells = append(cells, question.List(r.way.Namespaces, all), question.List(kindNames(r.way.Kinds), all), via(s, r, all))
		}
		t.Rows = append(t.Rows, metav1.TableRow{Cells: cells})
	}
	return t
}

// shortKinds are the kinds without their groups.
func shortKinds(kinds []rbac.Resource) []string {
	out := make([]string, 0, len(kinds))
	for _, r := range kinds {
		out = append(out, r.Name)
	}
	return out
}

// via writes the paths of a way: of one of its namespaces and kinds for 1, one path for each thing that it takes; of all for
// more.
func via(s *queue.State, r *whoRow, most int) string {
	subject := r.submitter.Subject
	if r.submitter.Superuser && most == 1 {
		return question.SuperuserText
	}
	if most > 1 {
		paths := question.Paths(subject, s.Proofs(subject, &r.way, 0))
		if r.submitter.Superuser {
			paths = append([]string{question.SuperuserText}, paths...)
		}
		return strings.Join(paths, "; ")
	}
	id := rbac.NewIdentity(subject)
	var parts []string
	for _, a := range r.way.Actions(r.way.Namespaces[0], r.way.Kinds[0]) {
		paths := question.Paths(subject, s.Rights.Can(id, a).Proofs)
		if len(paths) == 0 || len(parts) > 0 && parts[len(parts)-1] == paths[0] {
			continue
		}
		parts = append(parts, paths[0])
	}
	return strings.Join(parts, "; ")
}
