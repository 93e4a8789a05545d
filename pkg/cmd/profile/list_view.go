package profile

import (
	"maps"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/profile"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// listView is the JSON of a list.
type listView struct {
	header
	Items []itemView `json:"items"`
}

// itemView is one workspace.
type itemView struct {
	Name   string           `json:"name"`
	Flavor workspace.Flavor `json:"flavor"`
	// Owner is as commands take it: "user:dana@acme.example"; empty when it is not known.
	Owner string `json:"owner,omitempty"`
	// Role is that of the user who was asked about.
	Role string `json:"role,omitempty"`
	// Members is missing when they could not be read.
	Members *workspace.RoleCount `json:"members,omitempty"`
	Quota   []profile.Usage      `json:"quota"`
	Status  workspace.Status     `json:"status"`
	Created *time.Time           `json:"created,omitempty"`
	Labels  map[string]string    `json:"labels,omitempty"`
}

func viewList(rows []row, s *workspace.State) listView {
	v := listView{header: newHeader("ProfileList", s.Inventory), Items: []itemView{}}
	for i := range rows {
		v.Items = append(v.Items, viewItem(&rows[i], s))
	}
	return v
}

func viewItem(r *row, s *workspace.State) itemView {
	v := itemView{
		Name: r.Name, Flavor: r.Flavor, Owner: subjectText(r.Owner), Role: r.role, Status: r.Status,
		Quota: append([]profile.Usage{}, limits(s, r.Name)...), Labels: labelsOf(&r.Workspace),
	}
	if !r.hidden {
		count := s.CountRoles(r.Members)
		v.Members = &count
	}
	if !r.Created.IsZero() {
		created := r.Created.UTC()
		v.Created = &created
	}
	return v
}

func labelsOf(w *workspace.Workspace) map[string]string {
	if w.Namespace == nil {
		return nil
	}
	return w.Namespace.Labels
}

// listTable makes the table. full fills in what only wide, csv and markdown show.
func listTable(rows []row, s *workspace.State, withRole, full bool) *metav1.Table {
	names := []string{"Name", "Owner", "Members", "Quota", "Status", "Age", "Flavor"}
	if withRole {
		names = slices.Insert(names, 1, "Role")
	}
	table := &metav1.Table{ColumnDefinitions: columns(names, "Why", "Labels")}
	most := 2
	if full {
		most = 1 << 30
	}
	for i := range rows {
		r := &rows[i]
		members := "<unknown>"
		if !r.hidden {
			members = orNone(s.CountRoles(r.Members).String())
		}
		cells := []any{
			r.Name, orUnknown(subjectText(r.Owner)), members, orNone(bars(limits(s, r.Name), most)),
			string(r.Status.Phase), age(r.Created, s.Now), string(r.Flavor),
		}
		if withRole {
			cells = slices.Insert(cells, 1, any(r.role))
		}
		if full {
			cells = append(cells, r.Status.Why, labelText(labelsOf(&r.Workspace)))
		}
		table.Rows = append(table.Rows, metav1.TableRow{Cells: cells})
	}
	return table
}

func orUnknown(text string) string {
	if text == "" {
		return "<unknown>"
	}
	return text
}

// labelText is "a=b,c=d".
func labelText(set map[string]string) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(set)) {
		parts = append(parts, key+"="+set[key])
	}
	return strings.Join(parts, ",")
}
