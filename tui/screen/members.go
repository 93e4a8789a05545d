package screen

import (
	"math"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// soon is how long before its end a grant is warned of.
const soon = 7 * 24 * time.Hour

// memberRows returns members, which are by workspace and subject, with the remarks on them, which are there as far as
// findings are.
func memberRows(w *world.World, members []*workspace.Member) []member {
	rows := make([]member, len(members))
	for i, m := range members {
		rows[i] = member{Member: m, granted: w.QueueGrant(m.Binding, m.Subject)}
		if i > 0 && m.Subject == members[i-1].Subject && m.Workspace == members[i-1].Workspace {
			rows[i].nth = rows[i-1].nth + 1
		}
		var found []finding.Finding
		if len(w.FindingsIn(m.Workspace)) > 0 {
			found = findingsOf(w, m)
		}
		switch {
		case len(found) > 0:
			rows[i].remark, rows[i].tone = remarks(found), badge(found)
		case m.How == workspace.Unseen:
			if rows[i].remark, rows[i].tone = unseenWords, Warn; isCaller(w, m) {
				rows[i].remark = ownWords
			}
		case m.Flavor == workspace.Kubeflow && m.HTTPKnown && !m.HTTP:
			rows[i].remark, rows[i].tone = "not through the gateway: "+m.HTTPWhy, Quiet
		}
	}
	return rows
}

// unseenWords say what is not known of somebody whom a policy lets in, where not all role bindings could be read.
const unseenWords = "rights in Kubernetes are unknown: not all role bindings could be read"

// ownWords say where the rights of the caller are, when the role bindings behind them could not be read.
const ownWords = "what the API server lets you do here is on your own page (g), under Rights"

// findingsOf is what is wrong with the objects of a member.
func findingsOf(w *world.World, m *workspace.Member) []finding.Finding {
	var out []finding.Finding
	for _, object := range m.Objects() {
		out = append(out, w.FindingsAbout(object)...)
	}
	return out
}

// remarks puts findings into a line.
func remarks(found []finding.Finding) string {
	var parts []string
	for _, f := range found {
		parts = append(parts, f.ID+" "+f.Message)
	}
	return strings.Join(parts, "; ")
}

// memberList is a table of members; everywhere says that they are not all of one namespace.
func memberList(w *world.World, rows []member, everywhere bool, empty string) *List {
	columns := []TypedColumn[member]{
		{Column{Name: "Subject", Min: subjectWidth, Shrink: true}, func(m member) Cell { return Cell{Text: m.who(), Tone: Strong} }},
		{Column{Name: "Role", Min: 12, Drop: 1, Shrink: true}, func(m member) Cell { return m.role() }},
		{Column{Name: "Workspace", Min: 10, Shrink: true}, func(m member) Cell { return m.where() }},
		{Column{Name: "Expires", Numeric: true, Min: 14, Shrink: true, Drifts: true}, func(m member) Cell { return m.ends(w) }},
		{Column{Name: "How", Min: 7, Drop: 3}, func(m member) Cell { return m.how() }},
		{Column{Name: "Through", Min: 10, Drop: 5, Shrink: true}, func(m member) Cell { return cell(m.through(), Plain) }},
		{Column{Name: "System", Min: 8, Drop: 6}, func(m member) Cell { return cell(string(systemOf(m.Member)), Plain) }},
		{Column{Name: "Remarks", Min: 10, Drop: 4, Shrink: true}, func(m member) Cell { return cell(m.remark, m.tone) }},
	}
	if !everywhere {
		columns = slices.DeleteFunc(columns, func(c TypedColumn[member]) bool { return c.Name == "Workspace" })
	}
	return Table[member]{
		Columns: columns,
		Key:     func(m member) string { return m.key() },
		Open: func(m member) Place {
			if m.token != nil {
				return tokenPlace(m.token)
			}
			return Place{Kind: Subject, Subject: m.Subject}
		},
		Jump: func(m member, to Kind) Place {
			return JumpTo(to, m.Subject, memberBinding(m.Member), memberRole(m.Member), m.home())
		},
		Nowhere: func(m member, to Kind) string { return m.nowhere(to) },
		Command: func(m member) string {
			switch {
			case m.token != nil:
				return tokenCommand(w, m.token, "describe")
			case m.granted != nil:
				return command(w, "queueaccess", "describe", m.granted.Queue)
			}
			return command(w, "contrib", "list", "-n", m.Workspace, "--subject", m.Subject.String())
		},
		Detail: func(m member) *Text {
			if m.token != nil {
				return tokenDetail(w, m.token)
			}
			return memberDetail(w, m.Member)
		},
		Wishes: func(m member) []change.Wish {
			if m.token != nil {
				return tokenWishes(m.token)
			}
			return memberWishes(w, m.Member)
		},
		Empty: empty,
	}.Of(rows)
}

// memberBinding is the binding of a member; none of a policy alone.
func memberBinding(m *workspace.Member) rbac.ObjectID {
	if m.Binding == nil {
		return rbac.ObjectID{}
	}
	return rbac.ObjectID{Kind: "RoleBinding", Namespace: m.Workspace, Name: m.Binding.Name}
}

// memberRole is the role that the binding of a member refers to.
func memberRole(m *workspace.Member) rbac.ObjectID {
	id := rbac.ObjectID{Kind: m.RoleRef.Kind, Name: m.RoleRef.Name}
	if id.Kind == "Role" {
		id.Namespace = m.Workspace
	}
	return id
}

// endsCell is when a grant ends, in words and as commands take it: "in 19d (2026-12-12)". What ends first is the largest, and
// what never does comes last in either order.
func endsCell(m *workspace.Member, now time.Time) Cell {
	c := Cell{Text: workspace.ExpiryText(m.Expires), Tone: expiryTone(m, now), Number: -float64(m.Expires.Unix())}
	switch {
	case m.Unmarked:
		return Cell{Text: unknown, Tone: Warn, Number: math.NaN()}
	case m.Expires.IsZero():
		return Cell{Text: "never", Tone: Quiet, Number: math.NaN()}
	case m.Expired(now):
		c.Text = "ended " + duration.HumanDuration(now.Sub(m.Expires)) + " ago (" + c.Text + ")"
	default:
		c.Text = "in " + duration.HumanDuration(m.Expires.Sub(now)) + " (" + c.Text + ")"
	}
	return c
}

func expiryTone(m *workspace.Member, now time.Time) Tone {
	switch {
	case m.Expires.IsZero():
		return Quiet
	case m.Expired(now):
		return Bad
	case m.Expires.Sub(now) <= soon:
		return Warn
	}
	return Plain
}
