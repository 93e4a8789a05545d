package authn

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The bounds of what Lines looks at, so that aliases that multiply cost nothing.
const (
	deepest = 32
	most    = 20000
)

// Lines returns a function that tells the line of a field of a YAML or JSON file by its path, such as
// "jwt[0].issuer.url", for Options.Lines. It counts from 1. A path that is not in the file gets the line of the nearest
// field above it, and 0 when there is none, as does every path of a file that is no YAML. Indexes may be left out of a
// path: then the first field that fits is meant. Only the first document counts.
func Lines(data []byte) func(path string) int {
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return func(string) int { return 0 }
	}
	return NodeLines(&root)
}

// NodeLines is Lines for a part of a file that has been read already: paths begin at node, which may be nil.
func NodeLines(node *yaml.Node) func(path string) int {
	w := lineWalk{lines: map[string]int{}}
	if node != nil {
		w.visit(node, "", "", 0)
	}
	return w.find
}

type lineWalk struct{ lines map[string]int }

// visit notes the lines below node. bare is the path without indexes.
func (w lineWalk) visit(node *yaml.Node, path, bare string, depth int) {
	if depth > deepest || len(w.lines) > most {
		return
	}
	switch node.Kind {
	case yaml.DocumentNode:
		for _, child := range node.Content {
			w.visit(child, path, bare, depth+1)
		}
	case yaml.AliasNode:
		if node.Alias != nil {
			w.visit(node.Alias, path, bare, depth+1)
		}
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			below, bareBelow := join(path, key.Value), join(bare, key.Value)
			w.note(below, bareBelow, key.Line)
			w.visit(value, below, bareBelow, depth+1)
		}
	case yaml.SequenceNode:
		for i, child := range node.Content {
			below := fmt.Sprintf("%s[%d]", path, i)
			w.note(below, bare, child.Line)
			w.visit(child, below, bare, depth+1)
		}
	case yaml.ScalarNode:
	}
}

func (w lineWalk) note(path, bare string, line int) {
	for _, p := range []string{path, bare} {
		if _, ok := w.lines[p]; !ok {
			w.lines[p] = line
		}
	}
}

func (w lineWalk) find(path string) int {
	for path != "" {
		if line, ok := w.lines[path]; ok {
			return line
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return 0
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// secondDocument returns the line where the content of a second YAML document begins, 0 when there is none.
func secondDocument(data []byte) int {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var first, second yaml.Node
	if err := decoder.Decode(&first); err != nil {
		return 0
	}
	if err := decoder.Decode(&second); err != nil || len(second.Content) == 0 || second.Content[0].Tag == "!!null" {
		return 0
	}
	return second.Content[0].Line
}
