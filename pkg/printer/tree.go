package printer

import "bytes"

func printNames(out *bytes.Buffer, r Report) error {
	if r.Names == nil {
		return missing(Name)
	}
	for _, name := range r.Names() {
		out.WriteString(Escape(name) + "\n")
	}
	return nil
}

func printText(out *bytes.Buffer, r Report) error {
	if r.Text == nil {
		return missing(Text)
	}
	for _, line := range r.Text() {
		out.WriteString(Escape(line) + "\n")
	}
	return nil
}

func printTree(out *bytes.Buffer, r Report) error {
	if r.Tree == nil {
		return missing(Tree)
	}
	for _, root := range r.Tree() {
		out.WriteString(Escape(root.Text) + "\n")
		printChildren(out, root.Children, "")
	}
	return nil
}

// printChildren prints the nodes below one, each line starting with indent: the branches that pass by.
func printChildren(out *bytes.Buffer, nodes []Node, indent string) {
	for i, node := range nodes {
		branch, below := "├─ ", "│  "
		if i == len(nodes)-1 {
			branch, below = "└─ ", "   "
		}
		out.WriteString(indent + branch + Escape(node.Text) + "\n")
		printChildren(out, node.Children, indent+below)
	}
}
