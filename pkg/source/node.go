package source

import (
	"fmt"

	"go.yaml.in/yaml/v3"
)

// member is one key of an object, with its value.
type member struct {
	key   string
	line  int
	value *yaml.Node
}

// maxMerges limits how deeply "<<" may be nested.
const maxMerges = 20

// members returns the keys of a mapping in their order, aliases and merge keys ("<<") resolved. Nothing at all counts as
// an empty mapping. The path is for errors.
func members(node *yaml.Node, path string) ([]member, error) {
	return mergedMembers(node, path, 0)
}

func mergedMembers(node *yaml.Node, path string, depth int) ([]member, error) {
	if depth > maxMerges {
		return nil, atLine(node.Line, "%smerge keys nested deeper than %d", in(path), maxMerges)
	}
	node = resolve(node)
	if isNull(node) {
		return nil, nil
	}
	if node.Kind != yaml.MappingNode {
		return nil, mismatch(node, path, "an object")
	}
	var (
		out    = make([]member, 0, len(node.Content)/2)
		seen   = make(map[string]int, len(node.Content)/2) // the line of each key
		merged []member
	)
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Kind == yaml.ScalarNode && key.ShortTag() == "!!merge" {
			more, err := mergeKey(value, path, depth)
			if err != nil {
				return nil, err
			}
			merged = append(merged, more...)
			continue
		}
		name, err := text(key, path)
		if err != nil {
			return nil, err
		}
		if line, twice := seen[name]; twice {
			return nil, atLine(key.Line, "%skey %q is given twice, first on line %d", in(path), name, line)
		}
		seen[name] = key.Line
		out = append(out, member{key: name, line: key.Line, value: value})
	}
	for _, m := range merged {
		if _, own := seen[m.key]; !own {
			seen[m.key] = m.line
			out = append(out, m)
		}
	}
	return out, nil
}

// mergeKey returns what the value of "<<" brings in: a mapping's keys, or those of a list of mappings.
func mergeKey(value *yaml.Node, path string, depth int) ([]member, error) {
	value = resolve(value)
	if value.Kind != yaml.SequenceNode {
		return mergedMembers(value, path, depth+1)
	}
	var out []member
	for _, child := range value.Content {
		more, err := mergedMembers(child, path, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	return out, nil
}

// elements returns the values of a list. Nothing at all counts as an empty list.
func elements(node *yaml.Node, path string) ([]*yaml.Node, error) {
	node = resolve(node)
	if isNull(node) {
		return nil, nil
	}
	if node.Kind != yaml.SequenceNode {
		return nil, mismatch(node, path, "a list")
	}
	return node.Content, nil
}

// text returns a string. Nothing at all counts as the empty one. Words that YAML takes for something else, such as
// yes and 1, are errors, since an API server would refuse them as well.
func text(node *yaml.Node, path string) (string, error) {
	node = resolve(node)
	if isNull(node) {
		return "", nil
	}
	if node.Kind != yaml.ScalarNode {
		return "", mismatch(node, path, "a string")
	}
	switch tag := node.ShortTag(); {
	case tag == "!!str" && (node.Style != 0 || !isOldBoolean(node.Value)), tag == "!!timestamp", tag == "!!merge":
		return node.Value, nil
	}
	return "", mismatch(node, path, "a string")
}

// texts returns a list of strings.
func texts(node *yaml.Node, path string) ([]string, error) {
	nodes, err := elements(node, path)
	if err != nil || len(nodes) == 0 {
		return nil, err
	}
	out := make([]string, 0, len(nodes))
	for i, n := range nodes {
		s, err := text(n, fmt.Sprintf("%s[%d]", path, i))
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, nil
}

// textMap returns a mapping of strings, or nil when it is empty.
func textMap(node *yaml.Node, path string) (map[string]string, error) {
	all, err := members(node, path)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	out := make(map[string]string, len(all))
	for _, m := range all {
		if out[m.key], err = text(m.value, path+"."+m.key); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func resolve(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode && node.Alias != nil {
		return node.Alias
	}
	return node
}

func isNull(node *yaml.Node) bool {
	return node.Kind == 0 || node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null"
}

// isOldBoolean reports whether kubectl, which reads YAML 1.1, takes a word without quotes for true or false, although
// YAML 1.2 doesn't.
func isOldBoolean(word string) bool {
	switch word {
	case "y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF":
		return true
	}
	return false
}

// mismatch says what was found instead of what was wanted.
func mismatch(node *yaml.Node, path, want string) error {
	got := "something else"
	switch node.Kind {
	case yaml.MappingNode:
		got = "an object"
	case yaml.SequenceNode:
		got = "a list"
	case yaml.ScalarNode:
		switch tag := node.ShortTag(); {
		case tag == "!!bool" || tag == "!!str" && want == "a string":
			got = fmt.Sprintf("the boolean %s", node.Value)
		case tag == "!!int" || tag == "!!float":
			got = fmt.Sprintf("the number %s", node.Value)
		case tag == "!!str":
			got = fmt.Sprintf("the string %q", node.Value)
		default:
			got = fmt.Sprintf("a value with the tag %s", node.Tag)
		}
	case yaml.DocumentNode, yaml.AliasNode:
	}
	hint := ""
	if want == "a string" && node.Kind == yaml.ScalarNode {
		hint = " (quotes make it a string)"
	}
	return atLine(node.Line, "%swant %s, got %s%s", in(path), want, got, hint)
}

func in(path string) string {
	if path == "" {
		return ""
	}
	return path + ": "
}
