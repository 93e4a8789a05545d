package screen

import (
	"fmt"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// detail is the proof, as a tree: binding, role, the aggregated part of it, rule.
func (a *answer) detail(g *rbac.Grant) *Text {
	t := &Text{Lines: []Line{line(fmt.Sprintf("%s may %s: %s", g.Subject, a.req.Action, question.Where(g, mostWhere)), Strong)}}
	if g.Superuser {
		t.Lines = append(t.Lines, line(branchOf(len(g.Proofs) == 0)+question.SuperuserText, Warn))
	}
	shown := g.Proofs[:min(len(g.Proofs), mostProofs)]
	for i := range shown {
		t.proof(&shown[i], i == len(shown)-1 && len(shown) == len(g.Proofs))
	}
	if more := len(g.Proofs) - len(shown); more > 0 {
		t.Lines = append(t.Lines, line(branchOf(true)+"and "+question.Plural(more, "path")+" more", Quiet))
	}
	return t
}

// branchOf is what a line of a tree begins with, the last of its branches or not.
func branchOf(last bool) string {
	if last {
		return "└─ "
	}
	return "├─ "
}

// proof adds a path, one step a line, each of which leads to its object.
func (t *Text) proof(p *rbac.Proof, last bool) {
	branch, indent := branchOf(last), "│  "
	if last {
		indent = "   "
	}
	add := func(text string, to Place) {
		t.Lines = append(t.Lines, Line{Spans: []Span{{Text: indent + branch, Tone: Quiet}, {Text: text}}, Open: to})
	}
	if p.Binding.Told() {
		t.Lines = append(t.Lines, Line{Spans: []Span{{Text: branch, Tone: Quiet}, {Text: p.String()}}})
		branch = branchOf(true)
		add(question.RuleLine(p), Place{})
		return
	}
	binding := p.Binding.KindName()
	if p.Binding.Namespace != "" {
		binding += " -n " + p.Binding.Namespace
	}
	t.Lines = append(t.Lines, Line{
		Spans: []Span{{Text: branch, Tone: Quiet}, {Text: binding + question.Through(p.Via, p.Subject)}}, Open: bindingPlace(p.Binding.ID()),
	})
	branch = branchOf(true)
	add(p.Role.KindName(), rolePlace(p.Role.ID()))
	indent += "   "
	if p.Part != nil {
		add(p.Part.KindName()+" (aggregated)", rolePlace(p.Part.ID()))
		indent += "   "
	}
	add(question.RuleLine(p), Place{})
}
