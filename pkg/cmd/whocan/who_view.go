package whocan

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/question"
)

// whoView is the JSON of a who-can answer.
type whoView struct {
	header
	Request  requestView `json:"request"`
	Subjects []grantView `json:"subjects"`
}

// grantView is one subject. All are listed, built-in ones and those for certain names too.
type grantView struct {
	Cluster   string      `json:"cluster,omitempty"`
	Subject   subjectView `json:"subject"`
	Superuser bool        `json:"superuser,omitempty"`
	// System marks the built-in subjects of Kubernetes, which tables fold.
	System bool `json:"system,omitempty"`
	// Everywhere, or in Namespaces only.
	Everywhere bool     `json:"everywhere"`
	Namespaces []string `json:"namespaces,omitempty"`
	// Names limits the right to objects with these names.
	Names []string `json:"names,omitempty"`
	// Groups are those through which a user of the groups file may.
	Groups []string `json:"groups,omitempty"`
	// Verified is the API server's own answer, with --verify: "yes", or "no in" and the places.
	Verified string      `json:"verified,omitempty"`
	Proofs   []proofView `json:"proofs"`
}

func viewWho(req question.Request, rows []row, clusters []*cluster) whoView {
	v := whoView{header: newHeader("WhoCan", clusters), Request: viewRequest(req), Subjects: []grantView{}}
	for i := range rows {
		r := &rows[i]
		g := grantView{
			Cluster: r.cluster, Subject: viewSubject(r.grant.Subject), Superuser: r.grant.Superuser, System: r.system,
			Everywhere: r.grant.Everywhere, Namespaces: r.grant.Namespaces, Names: r.grant.Names, Groups: r.groups,
			Verified: r.verdict, Proofs: []proofView{},
		}
		for j := range r.grant.Proofs {
			g.Proofs = append(g.Proofs, viewProof(&r.grant.Proofs[j]))
		}
		v.Subjects = append(v.Subjects, g)
	}
	return v
}

// columns makes the heading of a table; those after the bar are for wide only.
func columns(names []string, wide ...string) []metav1.TableColumnDefinition {
	var out []metav1.TableColumnDefinition
	for _, n := range names {
		out = append(out, metav1.TableColumnDefinition{Name: n, Type: "string"})
	}
	for _, n := range wide {
		out = append(out, metav1.TableColumnDefinition{Name: n, Type: "string", Priority: 1})
	}
	return out
}

// whoTable makes the table; full fills in the columns that only wide, csv and markdown show.
func whoTable(rows []row, several, verified, full bool) *metav1.Table {
	names := []string{"Subject", "Where", "Via"}
	if verified {
		names = append(names, "Verified")
	}
	if several {
		names = append([]string{"Cluster"}, names...)
	}
	table := &metav1.Table{ColumnDefinitions: columns(names, "All namespaces", "All paths")}
	for i := range rows {
		r := &rows[i]
		cells := []any{r.grant.Subject.String(), question.Where(&r.grant, 3), question.Via(&r.grant, 1)}
		if verified {
			cells = append(cells, r.verdict)
		}
		if several {
			cells = append([]any{r.cluster}, cells...)
		}
		if full {
			const all = 1 << 30
			cells = append(cells, question.List(r.grant.Namespaces, all), question.Via(&r.grant, all))
		}
		table.Rows = append(table.Rows, metav1.TableRow{Cells: cells})
	}
	return table
}
