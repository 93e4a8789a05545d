package contrib

import (
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
)

// apiVersion is the version of all JSON output of this plugin. Fields are added, never renamed or removed, within one.
const apiVersion = "gatehouse.dev/v1alpha1"

// memberList is the JSON of list.
type memberList struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	// Complete is false when something could not be read: then there may be more members than are listed.
	Complete bool         `json:"complete"`
	Gaps     []rbac.Gap   `json:"gaps,omitempty"`
	Items    []memberView `json:"items"`
	// Suspended are those whom role bindings of Kubernetes remember while they name them no more.
	Suspended []awayView `json:"suspended,omitempty"`
}

type memberView struct {
	Workspace string           `json:"workspace"`
	Flavor    workspace.Flavor `json:"flavor"`
	Subject   subjectView      `json:"subject"`
	// Role is the role word, or the role itself as "clusterrole/x".
	Role string        `json:"role"`
	How  workspace.How `json:"how"`
	// Queue is the queue whose grant it is; How is "queue" then.
	Queue string `json:"queue,omitempty"`
	// ClusterWide says that the role counts in all workspaces of its system; Workspace is where it is kept.
	ClusterWide bool `json:"clusterWide,omitempty"`
	// HTTP is "yes", "no" or "unknown"; HTTPReason says why it is not a yes.
	HTTP       string `json:"http"`
	HTTPReason string `json:"httpReason,omitempty"`
	// Expires is in RFC 3339, UTC.
	Expires string `json:"expires,omitempty"`
	Expired bool   `json:"expired,omitempty"`
	// ExpiryUnknown says that the binding was read without what would tell.
	ExpiryUnknown bool `json:"expiryUnknown,omitempty"`
	// Binding, Kalm and Policy are the names of the objects: a RoleBinding of Kubernetes, or of Kalm, and a policy.
	Binding  string        `json:"binding,omitempty"`
	Kalm     string        `json:"kalm,omitempty"`
	Creator  string        `json:"creator,omitempty"`
	Policy   string        `json:"policy,omitempty"`
	Findings []findingView `json:"findings,omitempty"`
}

type subjectView struct {
	// ID is the subject as commands take it: "user:alice", "group:ops", "sa:ns/name".
	ID string `json:"id"`
	rbac.Subject
}

type findingView struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
}

func viewMembers(rows []row, away []contrib.Away, s *workspace.State) memberList {
	gaps := s.Inventory.Gaps
	list := memberList{
		APIVersion: apiVersion, Kind: "MemberList", Complete: len(gaps) == 0, Gaps: gaps, Items: []memberView{},
	}
	for i := range rows {
		r := &rows[i]
		v := memberView{
			Workspace: r.Workspace, Flavor: r.Flavor, Subject: subjectView{r.Subject.String(), r.Subject}, Role: r.RoleText(),
			How: r.How, HTTP: httpText(&r.Member), HTTPReason: r.HTTPWhy, Expired: r.Expired(s.Now),
			ExpiryUnknown: r.Unmarked, ClusterWide: r.ClusterWide,
		}
		if queue := contrib.QueueOf(&r.Member); queue != "" {
			v.How, v.Queue = contrib.ByQueue, queue
		}
		if r.OfKalm() {
			v.Kalm, v.Creator = r.Kalm.Name, r.Kalm.Creator
		}
		if !r.Expires.IsZero() {
			v.Expires = r.Expires.UTC().Format(time.RFC3339)
		}
		if r.Binding != nil {
			v.Binding = r.Binding.Name
		}
		if r.Policy != nil {
			v.Policy = r.Policy.GetName()
		}
		for _, f := range r.findings {
			v.Findings = append(v.Findings, findingView{f.ID, string(f.Severity), f.Message})
		}
		list.Items = append(list.Items, v)
	}
	for _, a := range away {
		list.Suspended = append(list.Suspended, awayView{
			a.Binding.Namespace, subjectView{a.Subject.String(), a.Subject}, a.RoleText(), a.Binding.Name,
		})
	}
	return list
}

func httpText(m *workspace.Member) string {
	switch {
	case !m.HTTPKnown:
		return "unknown"
	case m.HTTP:
		return "yes"
	}
	return "no"
}

// httpCell leaves out what does not concern a workspace without a mesh.
func httpCell(m *workspace.Member) string {
	if m.Flavor != workspace.Kubeflow && !m.HTTP {
		return "-"
	}
	return httpText(m)
}

// membersTable makes the table; full fills in the columns that only wide, csv and markdown show. The column of findings
// is there when there are any, or with full.
func membersTable(rows []row, now time.Time, full bool) *metav1.Table {
	found := full
	for i := range rows {
		found = found || len(rows[i].findings) > 0
	}
	names := []string{"Subject", "Role", "Workspace", "How", "HTTP", "Expires"}
	if found {
		names = append(names, "Findings")
	}
	table := &metav1.Table{}
	for _, name := range names {
		table.ColumnDefinitions = append(table.ColumnDefinitions, metav1.TableColumnDefinition{Name: name, Type: "string"})
	}
	for _, name := range []string{"Binding", "Policy", "HTTP reason"} {
		table.ColumnDefinitions = append(table.ColumnDefinitions, metav1.TableColumnDefinition{Name: name, Type: "string", Priority: 1})
	}
	for i := range rows {
		r := &rows[i]
		cells := []any{
			r.Subject.String(), dash(r.RoleText()), whereText(&r.Member), contrib.HowText(&r.Member), httpCell(&r.Member), expiresText(&r.Member, now),
		}
		if found {
			cells = append(cells, dash(strings.Join(ids(r.findings), ",")))
		}
		binding, policy := "", ""
		if r.Binding != nil {
			binding = r.Binding.Name
		}
		if r.OfKalm() {
			binding = workspace.KalmObject + "/" + r.Kalm.Name
		}
		if r.Policy != nil {
			policy = r.Policy.GetName()
		}
		cells = append(cells, dash(binding), dash(policy), dash(r.HTTPWhy))
		table.Rows = append(table.Rows, metav1.TableRow{Cells: cells})
	}
	return table
}

// whereText names the workspace of a member. A role of Kalm's for the whole cluster, and what suspends somebody, is kept in
// a namespace that says nothing about where it counts.
func whereText(m *workspace.Member) string {
	if m.OfKalm() && m.Kalm.Role.Cluster() {
		return "everywhere"
	}
	return m.Workspace
}

// expiresText writes an expiry as --expires takes it, and says when it is past.
func expiresText(m *workspace.Member, now time.Time) string {
	switch {
	case m.Unmarked:
		return "?"
	case m.Expires.IsZero():
		return "-"
	}
	text := workspace.ExpiryText(m.Expires)
	if m.Expired(now) {
		text += " (past)"
	}
	return text
}

// dash stands for nothing in a table, so that columns can be counted.
func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
