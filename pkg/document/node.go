package document

import (
	"fmt"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Target returns what an alias stands for, and any other node as it is.
func Target(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// IsNull reports whether a node is nothing at all, such as the value of a key without one.
func IsNull(n *yaml.Node) bool {
	return n.Kind == 0 || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// Describe says what a node is, for messages: "a list", "a number", or a string in quotes.
func Describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.ScalarNode:
		switch n.ShortTag() {
		case "!!null":
			return "nothing"
		case "!!bool":
			return "a boolean"
		case "!!int", "!!float":
			return "a number"
		case "!!timestamp":
			return "a date"
		}
		return fmt.Sprintf("%q", n.Value)
	case yaml.DocumentNode, yaml.AliasNode:
	}
	return "something else"
}

// Word reads a string that is not empty, and reports whether it is one.
func (r *Reader) Word(n *yaml.Node, what string) (string, bool) {
	n = Target(n)
	if n.Kind == yaml.ScalarNode && (IsNull(n) || n.Value == "") {
		r.Fail(n.Line, "%s: it is empty", what)
		return "", false
	}
	return r.string(n, what)
}

// string reads a string, which may be empty.
func (r *Reader) string(n *yaml.Node, what string) (string, bool) {
	switch {
	case n.Kind != yaml.ScalarNode || IsNull(n):
		r.Fail(n.Line, "%s: want a string, not %s", what, Describe(n))
	case n.ShortTag() != "!!str" && (n.ShortTag() != "!!timestamp" || !r.Lenient):
		r.Fail(n.Line, "%s: want a string, not %s: put %s into quotes", what, Describe(n), n.Value)
	default:
		return n.Value, true
	}
	return "", false
}

// Scalar reads a value as it is written, whatever YAML takes it for: a string, a number, a date. Nothing at all is an
// empty text. It reports false for a mapping and a list.
func (r *Reader) Scalar(n *yaml.Node, what string) (string, bool) {
	n = Target(n)
	switch {
	case n.Kind != yaml.ScalarNode:
		r.Fail(n.Line, "%s: want a string, not %s", what, Describe(n))
		return "", false
	case IsNull(n):
		return "", true
	}
	return n.Value, true
}

// List returns the items of a list, not nil for an empty one, and nil for anything else.
func (r *Reader) List(n *yaml.Node, what string) []*yaml.Node {
	n = Target(n)
	switch {
	case r.Lenient && IsNull(n):
		return []*yaml.Node{}
	case n.Kind != yaml.SequenceNode:
		r.Fail(n.Line, "%s: want a list, not %s", what, Describe(n))
		return nil
	}
	return append([]*yaml.Node{}, n.Content...)
}

// Date reads a time as files have it: in RFC 3339, or as a day, which stands for its beginning in UTC. The result is in
// UTC. A span of time is none: it would end later each time that the file is read.
func Date(text string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no date: want one such as 2030-01-31 or 2030-01-31T18:00:00Z", text)
}

// Text returns a reader of a string that is not empty, for a [Field].
func (r *Reader) Text(what string, to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if word, ok := r.Word(n, what); ok {
			*to = word
		}
	}
}

// Texts returns a reader of a mapping of strings, which may be empty, for a [Field]. What it sets is not nil.
func (r *Reader) Texts(what string, to *map[string]string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*to = map[string]string{}
		for _, m := range r.Members(n, what) {
			if text, ok := r.string(Target(m.Value), what+": "+m.Name); ok {
				(*to)[m.Name] = text
			}
		}
	}
}

// Bool returns a reader of true or false, for a [Field].
func (r *Reader) Bool(what string, to *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		n = Target(n)
		if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
			r.Fail(n.Line, "%s: want true or false, not %s", what, Describe(n))
			return
		}
		*to = strings.EqualFold(n.Value, "true")
	}
}
