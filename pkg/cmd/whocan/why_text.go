package whocan

import (
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// whyTree is the same as a tree.
func whyTree(e *question.Explanation) []printer.Node {
	root := printer.Node{Text: e.Headline()}
	for i := range e.Decision.Proofs {
		p := &e.Decision.Proofs[i]
		if p.Binding.Told() {
			root.Children = append(root.Children, printer.Node{Text: p.String(), Children: []printer.Node{{Text: question.RuleLine(p)}}})
			continue
		}
		binding := printer.Node{Text: p.Binding.KindName() + question.Through(p.Via, p.Subject)}
		role := printer.Node{Text: p.Role.KindName()}
		rule := printer.Node{Text: question.RuleLine(p)}
		if p.Part != nil {
			role.Children = []printer.Node{{Text: p.Part.KindName() + " (aggregated)", Children: []printer.Node{rule}}}
		} else {
			role.Children = []printer.Node{rule}
		}
		binding.Children = []printer.Node{role}
		root.Children = append(root.Children, binding)
	}
	for i := range e.Misses {
		m := &e.Misses[i]
		root.Children = append(root.Children, printer.Node{
			Text: question.MissPath(m), Children: []printer.Node{{Text: question.MissText(m, e.Request)}},
		})
	}
	if e.Groupless {
		root.Children = append(root.Children, printer.Node{Text: question.GroupsUnknown})
	}
	return []printer.Node{root}
}

// whyGraph is the paths of a yes as a graph; a no has none.
func whyGraph(e *question.Explanation) printer.Graph {
	var g printer.Graph
	seen := map[string]bool{}
	node := func(id, kind string) string {
		if !seen[id] {
			seen[id] = true
			g.Nodes = append(g.Nodes, printer.GraphNode{ID: id, Kind: kind})
		}
		return id
	}
	edge := func(from, to, label string) {
		if key := strings.Join([]string{"edge", from, to, label}, "\x00"); !seen[key] {
			seen[key] = true
			g.Edges = append(g.Edges, printer.GraphEdge{From: from, To: to, Label: label})
		}
	}
	who := node(e.Identity.Subject.String(), "subject")
	for i := range e.Decision.Proofs {
		p := &e.Decision.Proofs[i]
		from := who
		if named := p.Subject.String(); named != who {
			edge(who, node(named, "subject"), "member")
			from = named
		}
		if p.Binding.Told() {
			edge(from, node(rbac.ToldText, toldNode), "")
			continue
		}
		binding := node(inNamespace(p.Binding.KindName(), p.Binding.Namespace), "binding")
		role := node(inNamespace(p.Role.KindName(), p.Role.Namespace), "role")
		edge(from, binding, "")
		edge(binding, role, "")
		if p.Part != nil {
			edge(role, node(p.Part.KindName(), "role"), "aggregates")
		}
	}
	return g
}

func inNamespace(name, namespace string) string {
	if namespace == "" {
		return name
	}
	return name + " -n " + namespace
}
