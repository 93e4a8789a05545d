package printer

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// sorted returns the graph in a stable order, every node once, and a node for every end of an edge.
func (g Graph) sorted() Graph {
	byID := map[string]GraphNode{}
	for _, node := range g.Nodes {
		if _, seen := byID[node.ID]; !seen {
			byID[node.ID] = node
		}
	}
	for _, edge := range g.Edges {
		for _, id := range []string{edge.From, edge.To} {
			if _, seen := byID[id]; !seen {
				byID[id] = GraphNode{ID: id}
			}
		}
	}
	out := Graph{Edges: slices.Clone(g.Edges)}
	for _, node := range byID {
		out.Nodes = append(out.Nodes, node)
	}
	slices.SortFunc(out.Nodes, func(a, b GraphNode) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(out.Edges, func(a, b GraphEdge) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Label, b.Label))
	})
	out.Edges = slices.Compact(out.Edges)
	return out
}

func (n GraphNode) text() string { return cmp.Or(n.Label, n.ID) }

func printDOT(out *bytes.Buffer, r Report) error {
	if r.Graph == nil {
		return missing(DOT)
	}
	g := r.Graph().sorted()
	out.WriteString("digraph gatehouse {\n  rankdir=LR;\n  node [shape=box];\n")
	for _, node := range g.Nodes {
		fmt.Fprintf(out, "  %s [label=%s", dotQuote(node.ID), dotQuote(node.text()))
		if node.Kind != "" {
			fmt.Fprintf(out, ", class=%s", dotQuote(node.Kind))
		}
		out.WriteString("];\n")
	}
	for _, edge := range g.Edges {
		fmt.Fprintf(out, "  %s -> %s", dotQuote(edge.From), dotQuote(edge.To))
		if edge.Label != "" {
			fmt.Fprintf(out, " [label=%s]", dotQuote(edge.Label))
		}
		out.WriteString(";\n")
	}
	out.WriteString("}\n")
	return nil
}

// dotQuote quotes for Graphviz, where a backslash starts an escape in labels ("\N" is the node's name).
func dotQuote(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(Escape(s)) + `"`
}

func printMermaid(out *bytes.Buffer, r Report) error {
	if r.Graph == nil {
		return missing(Mermaid)
	}
	g := r.Graph().sorted()
	out.WriteString("flowchart LR\n")
	// Mermaid's ids are words, and some words are its own: numbered ids are always right.
	ids := make(map[string]string, len(g.Nodes))
	for i, node := range g.Nodes {
		id := fmt.Sprintf("n%d", i)
		ids[node.ID] = id
		fmt.Fprintf(out, "  %s[%s]", id, mermaidQuote(node.text()))
		if class := mermaidClass(node.Kind); class != "" {
			out.WriteString(":::" + class)
		}
		out.WriteString("\n")
	}
	for _, edge := range g.Edges {
		arrow := "-->"
		if edge.Label != "" {
			arrow = "-->|" + mermaidQuote(edge.Label) + "|"
		}
		fmt.Fprintf(out, "  %s %s %s\n", ids[edge.From], arrow, ids[edge.To])
	}
	return nil
}

// mermaidQuote quotes for Mermaid, which knows no backslash but entities; a label may also be Markdown or HTML to it.
func mermaidQuote(s string) string {
	entities := strings.NewReplacer("#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;", "&", "#amp;", "`", "#96;",
		"*", "#42;", "_", "#95;", `\`, "#92;")
	return `"` + entities.Replace(Escape(s)) + `"`
}

// mermaidClass keeps the letters of a kind: a class is a bare word.
func mermaidClass(kind string) string {
	return strings.Map(func(r rune) rune {
		if r < 'a' || r > 'z' {
			return -1
		}
		return r
	}, strings.ToLower(kind))
}
