package profile

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Limits of what a file may make of a few lines, by aliases that name each other.
const (
	maxMerges    = 1000 // of "<<"
	maxDocuments = 100_000
	maxLists     = 8 // in lists
)

// reader reads the nodes of one file and collects what is wrong with them, so that one run shows all of it.
type reader struct {
	file   string
	errs   []error
	merges int
}

// field is a key that a mapping may have, and what reads its value. A nil read ignores the value.
type field struct {
	name string
	read func(*yaml.Node)
}

func (r *reader) fail(line int, format string, args ...any) {
	at := finding.Location{File: r.file, Line: line}
	r.errs = append(r.errs, fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)))
}

func (r *reader) err() error { return errors.Join(r.errs...) }

// mapping reads a mapping that has no keys but those of fields, each once, and reports which it has. Nothing at all
// counts as an empty mapping.
func (r *reader) mapping(n *yaml.Node, what string, fields ...field) map[string]bool {
	given := map[string]bool{}
	for _, m := range r.members(n, what) {
		i := indexOf(fields, m.key)
		if i < 0 {
			r.fail(m.line, "%s: unknown field %q%s", what, m.key, didYouMean(m.key, fields))
			continue
		}
		given[m.key] = true
		if read := fields[i].read; read != nil {
			read(m.value)
		}
	}
	return given
}

// member is one key of a mapping, with its value.
type member struct {
	key   string
	line  int
	value *yaml.Node
}

// members returns the keys of a mapping in their order, merge keys ("<<") resolved: what a mapping says itself wins.
func (r *reader) members(n *yaml.Node, what string) []member {
	n = follow(n)
	switch {
	case isNull(n):
		return nil
	case n.Kind != yaml.MappingNode:
		r.fail(n.Line, "%s: want a mapping, not %s", what, describe(n))
		return nil
	}
	var out, more []member
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		switch {
		case key.ShortTag() == "!!merge":
			sources := []*yaml.Node{value}
			if list := follow(value); list.Kind == yaml.SequenceNode {
				sources = list.Content
			}
			for _, source := range sources {
				switch r.merges++; {
				case r.merges == maxMerges:
					r.fail(n.Line, "%s: more than %d merge keys, or one that names itself", what, maxMerges)
					return nil
				case r.merges > maxMerges:
					return nil
				}
				more = append(more, r.members(source, what)...)
			}
		case key.Kind != yaml.ScalarNode:
			r.fail(key.Line, "%s: want a word as the name of a field, not %s", what, describe(key))
		case seen[key.Value]:
			r.fail(key.Line, "%s: field %q is there twice", what, key.Value)
		default:
			seen[key.Value] = true
			out = append(out, member{key.Value, key.Line, value})
		}
	}
	for _, m := range more {
		if !seen[m.key] {
			seen[m.key] = true
			out = append(out, m)
		}
	}
	return out
}

func indexOf(fields []field, name string) int {
	for i := range fields {
		if fields[i].name == name {
			return i
		}
	}
	return -1
}

func didYouMean(word string, fields []field) string {
	names := make([]string, 0, len(fields))
	for _, f := range fields {
		names = append(names, f.name)
	}
	if near := rbac.Nearest(word, names); len(near) > 0 {
		return "; did you mean " + strings.Join(near, ", ") + "?"
	}
	return "; want one of " + strings.Join(names, ", ")
}

// text returns a reader of a string that is not empty.
func (r *reader) text(what string, to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if word, ok := r.word(n, what); ok {
			*to = word
		}
	}
}

// word reads a string that is not empty.
func (r *reader) word(n *yaml.Node, what string) (string, bool) {
	n = follow(n)
	switch {
	case n.Kind != yaml.ScalarNode:
		r.fail(n.Line, "%s: want a string, not %s", what, describe(n))
	case isNull(n) || n.Value == "":
		r.fail(n.Line, "%s: it is empty", what)
	case n.ShortTag() != "!!str" && n.ShortTag() != "!!timestamp":
		r.fail(n.Line, "%s: want a string, not %s: put %s into quotes", what, describe(n), n.Value)
	default:
		return n.Value, true
	}
	return "", false
}

// boolean returns a reader of true or false.
func (r *reader) boolean(what string, to *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		n = follow(n)
		if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
			r.fail(n.Line, "%s: want true or false, not %s", what, describe(n))
			return
		}
		*to = strings.EqualFold(n.Value, "true")
	}
}

// list returns the items of a list; nothing at all counts as an empty one.
func (r *reader) list(n *yaml.Node, what string) []*yaml.Node {
	n = follow(n)
	switch {
	case isNull(n):
		return []*yaml.Node{}
	case n.Kind != yaml.SequenceNode:
		r.fail(n.Line, "%s: want a list, not %s", what, describe(n))
		return nil
	}
	return append([]*yaml.Node{}, n.Content...)
}

// texts returns a reader of a mapping of strings, which may be empty.
func (r *reader) texts(what string, to *map[string]string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*to = map[string]string{}
		for _, m := range r.members(n, what) {
			value := follow(m.value)
			if value.Kind != yaml.ScalarNode || value.ShortTag() != "!!str" {
				r.fail(m.line, "%s: %s: want a string, not %s (quotes make it a string)", what, m.key, describe(value))
				continue
			}
			(*to)[m.key] = value.Value
		}
	}
}

// follow returns what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

func isNull(n *yaml.Node) bool {
	return n.Kind == 0 || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

func describe(n *yaml.Node) string {
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
		}
		return fmt.Sprintf("%q", n.Value)
	case yaml.DocumentNode, yaml.AliasNode:
	}
	return "something else"
}
