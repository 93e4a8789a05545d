package screen

import (
	"cmp"
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// workspacePage shows one namespace, workspace or not.
func workspacePage(w *world.World, p Place) (*Page, error) {
	n := w.Namespace(p.Name)
	if n == nil && w.Closed() && len(validation.IsDNS1123Label(p.Name)) == 0 {
		n = w.Unlisted(p.Name)
	}
	if n == nil {
		return nil, fmt.Errorf("open namespace %s: %s", p.Name, emptyWords(w, p.Name, "there is none of this name", inventory.Namespaces))
	}
	bindings := bindingsIn(w, n.Name)
	page := &Page{
		Title: "workspace " + n.Name, Facts: workspaceFacts(w, n), Tabs: workspaceTabs(w, n, len(bindings)),
		Command: namespaceCommand(w, n), Wishes: addWishes(w, n.Name),
		Notes: gapNotes(w, n.Name,
			need{inventory.Profiles, "whether it is a workspace of Kubeflow is not certain"},
			need{inventory.Namespaces, "what the namespace itself says is not known"},
		),
	}
	if n.Plain {
		page.Title = "namespace " + n.Name
	}
	if w.Closed() && n.Name != w.Frame.Namespace && w.State.Unread(inventory.RoleBindings, n.Name) {
		page.Notes = append([]string{"little is known here: start with -n " + n.Name + " to read this namespace: " + command(w, "gatehouse", "-n", n.Name)}, page.Notes...)
	}
	switch p.Tab {
	case "", TabContributors:
		page.List = memberList(w, memberRows(w, n.Grants()), false, emptyWords(w, n.Name, "nobody is a member", inventory.RoleBindings))
		page.Notes = append(page.Notes, memberNotes(w, n.Name)...)
		page.Command = membersCommand(w, n.Name)
	case TabBindings:
		bindingsTab(w, n.Name, bindings, page)
	case TabAccess:
		accessTab(w, p, page)
	case TabQuota:
		page.Notes = append(page.Notes, gapNotes(w, n.Name, need{inventory.Quotas, "quotas are missing"})...)
		quotaTab(w, n, page)
	case TabFindings:
		found := w.FindingsIn(n.Name)
		page.List = findingList(w, found, false)
		page.Notes = append(page.Notes, unjudged(w, n.Name)...)
		page.Command = command(w, "gatehouse", "doctor", "-n", n.Name, "--severity", "info")
	default:
		return nil, fmt.Errorf("open tab %s of namespace %s: there is no such tab", p.Tab, n.Name)
	}
	page.judgeLater(w)
	return page, nil
}

// workspaceFacts are what one wants to know of a namespace at first sight.
func workspaceFacts(w *world.World, n *world.Namespace) []Fact {
	var facts []Fact
	if !n.Plain {
		owner := Fact{Name: "owner", Value: cmp.Or(subjectText(n.Owner), "unknown")}
		if n.Owner.Name != "" {
			owner.Open = Place{Kind: Subject, Subject: n.Owner}
		} else {
			owner.Tone = Warn
		}
		facts = append(facts, owner, Fact{Name: "flavor", Value: string(n.Flavor)})
	}
	if n.Status.Phase != "" {
		status := Fact{Name: "status", Value: string(n.Status.Phase), Tone: statusCell(n.Status.Phase).Tone}
		if n.Status.Why != "" {
			status.Value += ": " + n.Status.Why
		}
		facts = append(facts, status)
	}
	if count := n.Counts.String(); count != "" {
		facts = append(facts, Fact{Name: "members", Value: count})
	}
	if full := fullest(n); full != nil {
		c := quotaCell(full)
		facts = append(facts, Fact{Name: "quota", Value: c.Text, Tone: c.Tone})
	}
	if w.Judged() {
		found, none := w.FindingsIn(n.Name), "none"
		if len(unjudged(w, n.Name)) > 0 {
			none = "none that can be seen"
		}
		facts = append(facts, Fact{Name: "findings", Value: cmp.Or(severities(found), none), Tone: badge(found), Open: Place{
			Kind: Workspace, Name: n.Name, Tab: TabFindings,
		}})
	}
	if age := ageCell(n.Created, w.Now); !n.Created.IsZero() {
		facts = append(facts, Fact{Name: "age", Value: age.Text})
	}
	return facts
}

// workspaceTabs are the parts of the page of a namespace.
func workspaceTabs(w *world.World, n *world.Namespace, bindings int) []Tab {
	tabs := []Tab{
		{ID: TabContributors, Title: "Contributors", Badge: membersCell(w, n).Text},
		{ID: TabBindings, Title: "Roles and bindings", Badge: countCell(w, n.Name, bindings, inventory.RoleBindings).Text},
		{ID: TabAccess, Title: "Access"},
		{ID: TabQuota, Title: "Quota", Badge: count(countCell(w, n.Name, len(n.Limits), inventory.Quotas))},
		{ID: TabFindings, Title: "Findings"},
	}
	if full := fullest(n); full != nil {
		tabs[3].Tone = fullness(full)
	}
	if w.Judged() {
		found := w.FindingsIn(n.Name)
		tabs[4].Badge, tabs[4].Tone = count(numberCell(len(found))), badge(found)
	}
	return tabs
}

// count is a badge; nothing for none.
func count(c Cell) string {
	if c.Text == "0" {
		return ""
	}
	return c.Text
}
