package screen

import (
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// proofs are paths, each with what it allows.
type proofs struct{ list []*provenPath }

// provenPath is a path as "kubectl whocan" writes it, the rules in it that count, and the verbs that they allow.
type provenPath struct {
	path         string
	rules, verbs []string
	open         Place
}

// prove adds the path of a proof.
func (p *proofs) prove(proof *rbac.Proof, verb string) {
	found := p.add(proof.String(), verb, provedBy(proof))
	if rule := question.RuleLine(proof); !slices.Contains(found.rules, rule) {
		found.rules = append(found.rules, rule)
	}
}

func (p *proofs) add(path, verb string, open Place) *provenPath {
	i := slices.IndexFunc(p.list, func(have *provenPath) bool { return have.path == path && have.open == open })
	if i < 0 {
		i = len(p.list)
		p.list = append(p.list, &provenPath{path: path, open: open})
	}
	p.list[i].verbs = append(p.list[i].verbs, verb)
	return p.list[i]
}

// text writes the paths, each with its verbs and rules below it. A path leads to its binding.
func (p *proofs) text() *Text {
	text := &Text{}
	for _, one := range p.list {
		head := line(one.path, Strong)
		head.Open = one.open
		text.Lines = append(text.Lines, head, line("  "+strings.Join(one.verbs, ", "), Good))
		for _, rule := range one.rules {
			text.Lines = append(text.Lines, line("  "+rule, Quiet))
		}
	}
	return text
}
