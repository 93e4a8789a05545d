package screen

import (
	"slices"
	"strconv"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/inventory"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/workspace"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// mostLines is how many findings a detail shows.
const mostLines = 5

// namespacesPage lists all namespaces, workspaces first.
func namespacesPage(w *world.World, _ Place) (*Page, error) {
	all := slices.Clone(w.Namespaces())
	slices.SortStableFunc(all, func(a, b *world.Namespace) int { return order(a.Plain) - order(b.Plain) })
	workspaces := 0
	for _, n := range all {
		if !n.Plain {
			workspaces++
		}
	}
	page := &Page{
		Title:   Namespaces.Title(),
		Facts:   []Fact{{Name: "workspaces", Value: strconv.Itoa(workspaces)}, {Name: "other namespaces", Value: strconv.Itoa(len(all) - workspaces)}},
		Command: command(w, "profile", "list"),
		List: Table[*world.Namespace]{
			Columns: namespaceColumns(w),
			Key:     func(n *world.Namespace) string { return n.Name },
			Open:    func(n *world.Namespace) Place { return Place{Kind: Workspace, Name: n.Name} },
			Jump:    namespaceJump,
			Command: func(n *world.Namespace) string { return namespaceCommand(w, n) },
			Detail:  func(n *world.Namespace) *Text { return namespaceDetail(w, n) },
			Wishes:  func(n *world.Namespace) []change.Wish { return addWishes(w, n.Name) },
			Empty:   emptyWords(w, "", "there are no namespaces", inventory.Namespaces),
		}.Of(all),
		Notes: append(closedNotes(w), gapNotes(w, "",
			need{inventory.Profiles, "workspaces may be missing or look like plain namespaces"},
			need{inventory.Namespaces, "namespaces without bindings are missing"},
			need{inventory.RoleBindings, "members are missing"},
			need{inventory.Quotas, "quotas are missing"},
		)...),
	}
	page.judgeLater(w)
	return page, nil
}

// closedNotes say to somebody who may not list namespaces how he gets into one.
func closedNotes(w *world.World) []string {
	if !w.Closed() {
		return nil
	}
	return []string{"namespaces may be missing: start with -n NAME to read one that you know of: " + command(w, "gatehouse", "-n", "NAME")}
}

// order puts what is so behind what is not.
func order(behind bool) int {
	if behind {
		return 1
	}
	return 0
}

func namespaceColumns(w *world.World) []TypedColumn[*world.Namespace] {
	return []TypedColumn[*world.Namespace]{
		{Column{Name: "Name", Min: 16, Shrink: true}, func(n *world.Namespace) Cell { return Cell{Text: n.Name, Tone: Strong} }},
		{Column{Name: "Flavor", Min: 8, Drop: 5}, func(n *world.Namespace) Cell { return cell(string(n.Flavor), Plain) }},
		{Column{Name: "Owner", Min: 24, Drop: 1, Shrink: true}, func(n *world.Namespace) Cell { return cell(subjectText(n.Owner), Plain) }},
		{Column{Name: "Members", Right: true, Numeric: true, Min: 4, Drop: 2}, func(n *world.Namespace) Cell { return membersCell(w, n) }},
		{Column{Name: "Quota", Numeric: true, Min: 14, Drop: 4, Shrink: true}, func(n *world.Namespace) Cell { return fullestCell(w, n) }},
		{Column{Name: "Findings", Numeric: true, Min: 8, Drop: 3}, func(n *world.Namespace) Cell { return findingsCell(w, n.Name) }},
		{Column{Name: "Status", Min: 7, Drop: 6}, func(n *world.Namespace) Cell { return statusCell(n.Status.Phase) }},
		{Column{Name: "Age", Right: true, Numeric: true, Min: 4, Drop: 7}, func(n *world.Namespace) Cell { return ageCell(n.Created, w.Now) }},
	}
}

func namespaceJump(n *world.Namespace, to Kind) Place {
	if to == Workspace {
		return Place{Kind: Workspace, Name: n.Name}
	}
	if to == Subject && n.Owner.Name != "" {
		return Place{Kind: Subject, Subject: n.Owner}
	}
	return Place{}
}

// namespaceCommand shows a workspace, or who is in another namespace.
func namespaceCommand(w *world.World, n *world.Namespace) string {
	if n.Plain {
		return membersCommand(w, n.Name)
	}
	return command(w, "profile", "describe", n.Name)
}

// membersCommand lists the members of a namespace; none of one that manifests speak of and do not hold.
func membersCommand(w *world.World, namespace string) string {
	if contrib.CheckNamespace(w.State, namespace) != nil {
		return ""
	}
	return command(w, "contrib", "list", "-n", namespace)
}

// addWishes is that somebody becomes a member of a namespace, where that can be.
func addWishes(w *world.World, namespace string) []change.Wish {
	if contrib.CheckOpen(w.State, namespace) != nil {
		return nil
	}
	return []change.Wish{{Verb: change.Add, Workspace: namespace}}
}

// membersCell counts the members.
func membersCell(w *world.World, n *world.Namespace) Cell {
	return countCell(w, n.Name, n.Counts.Total(), inventory.RoleBindings)
}

// statusCell says how a workspace is.
func statusCell(phase workspace.Phase) Cell {
	switch phase {
	case workspace.Ready:
		return Cell{Text: string(phase), Tone: Good}
	case workspace.Conflict, workspace.Stuck:
		return Cell{Text: string(phase), Tone: Bad}
	case workspace.Pending, workspace.Partial, workspace.Terminating, workspace.Unknown:
		return Cell{Text: string(phase), Tone: Warn}
	default:
		return cell(string(phase), Plain)
	}
}

// findingsCell counts what is wrong in a namespace by severity, as far as that is known.
func findingsCell(w *world.World, namespace string) Cell {
	if !w.Judged() {
		return Cell{Text: "…", Tone: Quiet}
	}
	return tallyCell(w.FindingsIn(namespace))
}

// namespaceDetail says in a few lines who is in a namespace, what it may use, and what is worst.
func namespaceDetail(w *world.World, n *world.Namespace) *Text {
	text := &Text{}
	if n.Status.Why != "" {
		text.Lines = append(text.Lines, line(string(n.Status.Phase)+": "+n.Status.Why, statusCell(n.Status.Phase).Tone))
	}
	members := n.Counts.String()
	if members == "" {
		members = emptyWords(w, n.Name, "nobody", inventory.RoleBindings)
	}
	text.Lines = append(text.Lines, labelled("members", members))
	for i := range n.Limits {
		text.Lines = append(text.Lines, labelled("quota", quotaCell(&n.Limits[i]).Text))
	}
	if !w.Judged() {
		return text
	}
	found := w.FindingsIn(n.Name)
	for _, f := range found[:min(mostLines, len(found))] {
		text.Lines = append(text.Lines, findingLine(&f))
	}
	if more := len(found) - mostLines; more > 0 {
		text.Lines = append(text.Lines, line("and "+question.Plural(more, "finding")+" more", Quiet))
	}
	return text
}

// labelled is a line with a quiet word in front.
func labelled(label, text string) Line {
	return Line{Spans: []Span{{Text: label + "  ", Tone: Quiet}, {Text: text}}}
}

// findingLine is a finding in a line, which leads to it.
func findingLine(f *finding.Finding) Line {
	return Line{
		Spans: []Span{{Text: string(f.Severity) + " " + f.ID, Tone: toneOf(f.Severity)}, {Text: "  " + f.Object + ": " + f.Message}},
		Open:  findingPlace(f),
	}
}
