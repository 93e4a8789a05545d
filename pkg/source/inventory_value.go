package source

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxValues limits what the aliases of one object may unfold to: far more than an object that a server stores has.
const maxValues = 1 << 20

// maxWhole is below what an int64 holds, and a float64 holds all whole numbers up to it.
const maxWhole = 1 << 53

// unfolding makes of nodes the values that JSON would give: maps, slices, strings, booleans, int64, float64 and nil.
type unfolding struct{ values int }

// content returns the object as the values that JSON would give.
func (o *object) content() (map[string]any, error) {
	value, err := (&unfolding{}).value(o.node, "", 0)
	if err != nil {
		return nil, err
	}
	content, ok := value.(map[string]any)
	if !ok {
		return nil, atLine(o.line, "%s: want an object", o.kind)
	}
	return content, nil
}

// annotations refuses those that are no strings, which people forget to quote.
func (o *object) annotations() (map[string]string, error) {
	metadata, err := members(o.field("metadata"), "metadata")
	if err != nil {
		return nil, err
	}
	for _, m := range metadata {
		if m.key == "annotations" {
			return textMap(m.value, "metadata.annotations")
		}
	}
	return nil, nil //nolint:nilnil // there are none
}

// marks returns the annotations that say what the object is for. No right depends on them: where they are no strings,
// an inventory is refused, and a snapshot has none.
func (o *object) marks() map[string]string {
	all, err := o.annotations()
	if err != nil {
		return nil
	}
	return marksAmong(all)
}

func (u *unfolding) value(node *yaml.Node, path string, depth int) (any, error) {
	node = resolve(node)
	if u.values++; u.values > maxValues {
		return nil, atLine(node.Line, "%smore than %d values in one object", in(path), maxValues)
	}
	if depth > maxDepth {
		return nil, atLine(node.Line, "%snested deeper than %d", in(path), maxDepth)
	}
	switch node.Kind {
	case yaml.MappingNode:
		return u.object(node, path, depth)
	case yaml.SequenceNode:
		out := make([]any, 0, len(node.Content))
		for i, n := range node.Content {
			v, err := u.value(n, fmt.Sprintf("%s[%d]", path, i), depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case yaml.ScalarNode:
		return scalar(node, path)
	case yaml.DocumentNode, yaml.AliasNode:
	}
	return nil, nil //nolint:nilnil // nothing at all is null
}

func (u *unfolding) object(node *yaml.Node, path string, depth int) (any, error) {
	all, err := members(node, path)
	if err != nil {
		return nil, err
	}
	out := make(map[string]any, len(all))
	for _, m := range all {
		at := m.key
		if path != "" {
			at = path + "." + m.key
		}
		if out[m.key], err = u.value(m.value, at, depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// scalar reads a single value as kubectl does, which takes more words for booleans than YAML 1.2.
func scalar(node *yaml.Node, path string) (any, error) {
	switch node.ShortTag() {
	case "!!null":
		return nil, nil //nolint:nilnil // null is null
	case "!!bool":
		return strings.EqualFold(node.Value, "true"), nil
	case "!!int", "!!float":
		return number(node, path)
	case "!!str":
		if node.Style == 0 && isOldBoolean(node.Value) {
			word := strings.ToLower(node.Value)
			return word == "y" || word == "yes" || word == "on", nil
		}
	}
	return node.Value, nil
}

func number(node *yaml.Node, path string) (any, error) {
	plain := strings.TrimPrefix(node.Value, "-")
	if len(plain) == 1 || !strings.HasPrefix(plain, "0") {
		if n, err := strconv.ParseInt(node.Value, 10, 64); err == nil {
			return n, nil
		}
	}
	if f, err := strconv.ParseFloat(node.Value, 64); err == nil && !strings.ContainsAny(plain, "xX_") &&
		(!strings.HasPrefix(plain, "0") || strings.Contains(plain, ".")) {
		return finite(node, path, f)
	}
	// Octal, hexadecimal, underscores: the parser knows.
	var value any
	if err := node.Decode(&value); err != nil {
		return nil, atLine(node.Line, "%s%q is not a number", in(path), node.Value)
	}
	switch n := value.(type) {
	case int:
		return int64(n), nil
	case int64:
		return n, nil
	case uint64:
		return finite(node, path, float64(n))
	case float64:
		return finite(node, path, n)
	}
	return nil, atLine(node.Line, "%s%q is not a number", in(path), node.Value)
}

func finite(node *yaml.Node, path string, f float64) (any, error) {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return nil, atLine(node.Line, "%s%q is not a number that JSON has", in(path), node.Value)
	}
	if f == math.Trunc(f) && math.Abs(f) < maxWhole {
		return int64(f), nil // JSON has no other way to write it
	}
	return f, nil
}
