package screen

import (
	"cmp"
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/contrib"
	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/judge"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/tui/change"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// findingsPage lists everything that is wrong, the gravest first.
func findingsPage(w *world.World, _ Place) (*Page, error) {
	found := w.Findings()
	page := &Page{
		Title:   Findings.Title(),
		Facts:   []Fact{foundFact(w, found)},
		List:    findingList(w, found, true),
		Notes:   unjudged(w, ""),
		Command: command(w, "gatehouse", "doctor", "--severity", "info"),
	}
	if !w.Judged() {
		page.Facts = nil
	}
	page.judgeLater(w)
	return page, nil
}

// foundFact counts findings. That there are none says nothing where not all could be judged.
func foundFact(w *world.World, found []finding.Finding) Fact {
	if len(found) == 0 && isDoubtful(w) {
		return Fact{Value: "nothing found in what could be read", Tone: Warn}
	}
	return Fact{Value: cmp.Or(severities(found), "nothing found"), Tone: badge(found)}
}

// isDoubtful reports whether rules are silent because something could not be read.
func isDoubtful(w *world.World) bool {
	return len(w.Snapshot.Gaps) > 0 || slices.ContainsFunc(judge.Silences(w.Inventory), func(s finding.Silence) bool {
		return w.Inventory.Unmarked(s.Kind) || len(gapsOf(w, "", s.Kind)) > 0
	})
}

// findingList is a table of findings; everywhere says that they are not all of one namespace.
func findingList(w *world.World, found []finding.Finding, everywhere bool) *List {
	columns := []TypedColumn[*finding.Finding]{
		{Column{Name: "Severity", Numeric: true, Min: 7}, func(f *finding.Finding) Cell {
			return Cell{Text: string(f.Severity), Tone: toneOf(f.Severity), Number: float64(f.Severity.Rank())}
		}},
		{Column{Name: "ID", Min: 5}, func(f *finding.Finding) Cell { return Cell{Text: f.ID, Tone: Strong} }},
	}
	if everywhere {
		columns = append(columns, TypedColumn[*finding.Finding]{
			Column{Name: "Namespace", Min: 10, Drop: 2, Shrink: true},
			func(f *finding.Finding) Cell { return cell(finding.NamespaceOf(f.Object), Plain) },
		})
	}
	columns = append(columns,
		TypedColumn[*finding.Finding]{
			Column{Name: "Object", Min: 16, Drop: 1, Shrink: true}, func(f *finding.Finding) Cell { return cell(f.Object, Plain) },
		},
		TypedColumn[*finding.Finding]{
			Column{Name: "Fix", Min: 3, Drop: 3}, fixCell,
		},
		TypedColumn[*finding.Finding]{
			Column{Name: "Finding", Min: 20, Shrink: true}, func(f *finding.Finding) Cell { return Cell{Text: f.Message} },
		},
	)
	return Table[*finding.Finding]{
		Columns: columns,
		Key:     world.FindingKey,
		Open:    findingPlace,
		Jump:    findingJump,
		Command: func(f *finding.Finding) string { return explain(w, f) },
		Detail:  func(f *finding.Finding) *Text { return &Text{Lines: tellLines(f)} },
		Wishes:  fixWishes,
		Empty:   noFindings(w),
	}.Of(pointers(found))
}

func noFindings(w *world.World) string {
	switch {
	case !w.Complete:
		return "findings come when everything has been read"
	case !w.Judged():
		return "being judged: it takes a moment"
	case isDoubtful(w):
		return "unknown: nothing was found, but not all could be read that it takes to judge"
	}
	return "nothing is wrong, as far as it can be seen"
}

func findingPlace(f *finding.Finding) Place { return Place{Kind: Finding, Name: world.FindingKey(f)} }

// findingJump leads to the namespace, and to the binding that a finding is about.
func findingJump(f *finding.Finding, to Kind) Place {
	var binding rbac.ObjectID
	if about := aboutPlace(f); about.Kind == Binding {
		binding = rbac.ObjectID{Kind: "RoleBinding", Namespace: about.Namespace, Name: about.Name}
	}
	return JumpTo(to, rbac.Subject{}, binding, rbac.ObjectID{}, finding.NamespaceOf(f.Object))
}

func fixCell(f *finding.Finding) Cell {
	if f.Fix == nil {
		return cell("", Plain)
	}
	return Cell{Text: "yes", Tone: Good}
}

// fixWishes is the repair, where there is one.
func fixWishes(f *finding.Finding) []change.Wish {
	if f.Fix == nil {
		return nil
	}
	return []change.Wish{{Verb: change.Fix, Workspace: finding.NamespaceOf(f.Object), Finding: f}}
}

// doctor is the command that finds a finding again.
func doctor(f *finding.Finding) []string {
	words := append(judge.Doctor(f.ID), "--rule", f.ID)
	switch namespace := finding.NamespaceOf(f.Object); {
	case f.ID == contrib.Spelling:
		words = append(words, "-A")
	case namespace != "":
		words = append(words, "-n", namespace)
	}
	if f.Severity == finding.Info {
		words = append(words, "--severity", string(finding.Info))
	}
	return words
}

// explain is the command that says all of a finding.
func explain(w *world.World, f *finding.Finding) string {
	return command(w, append(doctor(f), "-o", "text")...)
}
