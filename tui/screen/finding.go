package screen

import (
	"fmt"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/judge"
	"github.com/kubegatehouse/gatehouse/pkg/shell"
	"github.com/kubegatehouse/gatehouse/tui/world"
)

// aboutPlace is the page of what a finding is about; none for what has no page.
func aboutPlace(f *finding.Finding) Place {
	kind, name, _ := strings.Cut(f.Object, " ")
	namespace, inNamespace, _ := strings.Cut(name, "/")
	switch kind {
	case "rolebinding":
		return Place{Kind: Binding, Namespace: namespace, Name: inNamespace}
	case "clusterauthentication":
		return Place{Kind: ClusterAuth, Namespace: namespace, Name: inNamespace}
	case "clusterdeployment":
		return Place{Kind: Cluster, Namespace: namespace, Name: inNamespace}
	case "accesstoken":
		return Place{Kind: Token, Name: kind + "/" + name}
	case "profile", "namespace":
		return Place{Kind: Workspace, Name: name}
	}
	return Place{}
}

// findingPage is everything about one finding.
func findingPage(w *world.World, p Place) (*Page, error) {
	f := w.Finding(p.Name)
	switch {
	case f == nil && !w.Judged():
		page := &Page{Title: Finding.Title() + " " + p.Name, Text: &Text{Lines: []Line{line(noFindings(w), Quiet)}}}
		page.judgeLater(w)
		return page, nil
	case f == nil:
		return nil, fmt.Errorf("open finding %s: it is not found any more", p.Name)
	}
	page := &Page{
		Title: "finding " + f.ID + " " + f.Object,
		Facts: []Fact{
			{Value: string(f.Severity), Tone: toneOf(f.Severity)},
			{Name: "object", Value: f.Object, Open: aboutPlace(f)},
		},
		Text: &Text{Lines: tellLines(f)}, Command: explain(w, f), Wishes: fixWishes(f),
	}
	if namespace := finding.NamespaceOf(f.Object); namespace != "" {
		page.Facts = append(page.Facts, Fact{Name: "namespace", Value: namespace, Open: Place{Kind: Workspace, Name: namespace}})
	}
	if f.Location.File != "" {
		page.Facts = append(page.Facts, Fact{Name: "read in", Value: f.Location.String()})
	}
	page.Text.Lines = append(page.Text.Lines, fixLines(w, f)...)
	page.Text.Lines = append(page.Text.Lines, Line{}, line("All findings: docs/"+judge.Plugin(f.ID)+".md, and", Quiet),
		line("  "+shell.Command(append(append([]string{"kubectl"}, judge.Doctor(f.ID)...), "--help")...), Quiet))
	page.judgeLater(w)
	return page, nil
}

// tellLines say what was found, what follows from it, and what to do.
func tellLines(f *finding.Finding) []Line {
	out := []Line{line(f.Message, Strong)}
	if f.Why == "" {
		return out
	}
	for text := range strings.SplitSeq(f.Why, "\n") {
		out = append(out, line(text, Plain))
	}
	return out
}

// fixLines say what would repair it, and which command does that.
func fixLines(w *world.World, f *finding.Finding) []Line {
	if f.Fix == nil {
		return []Line{{}, line("It takes a decision: nothing repairs it by itself.", Quiet)}
	}
	out := []Line{{}, line("What repairs it:", Quiet)}
	for _, step := range f.Fix.Strings() {
		out = append(out, line("  "+step, Plain))
	}
	words := append(doctor(f), "--fix")
	if w.Frame.Offline {
		words = append(words, "--dry-run=client")
	}
	return append(out, Line{}, line("In a shell:", Quiet), line("  "+command(w, words...), Plain))
}
