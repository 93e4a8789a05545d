package expect

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/finding"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// reader reads the nodes of one file and collects what is wrong with them, so that one run shows all of it.
type reader struct {
	file string
	errs []error
}

// field is a key that a mapping may have, and what reads its value.
type field struct {
	name string
	read func(*yaml.Node)
}

func (r *reader) fail(line int, format string, args ...any) {
	at := finding.Location{File: r.file, Line: line}
	r.errs = append(r.errs, fmt.Errorf("%s: %s", at, fmt.Sprintf(format, args...)))
}

func (r *reader) err() error { return errors.Join(r.errs...) }

// mapping reads a mapping that has no keys but those of fields, each once, and reports which it has.
func (r *reader) mapping(n *yaml.Node, what string, fields ...field) map[string]bool {
	given := map[string]bool{}
	n = follow(n)
	if n.Kind != yaml.MappingNode {
		r.fail(n.Line, "%s: want a mapping, not %s", what, describe(n))
		return given
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		f := lookup(fields, key.Value)
		switch {
		case f == nil:
			r.fail(key.Line, "%s: unknown field %q%s", what, key.Value, didYouMean(key.Value, fields))
		case given[key.Value]:
			r.fail(key.Line, "%s: field %q is there twice", what, key.Value)
		default:
			given[key.Value] = true
			f.read(value)
		}
	}
	return given
}

func lookup(fields []field, name string) *field {
	for i := range fields {
		if fields[i].name == name {
			return &fields[i]
		}
	}
	return nil
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
		if w, ok := r.word(n, what); ok {
			*to = w.Text
		}
	}
}

// boolean returns a reader of true or false.
func (r *reader) boolean(what string, to *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		n = follow(n)
		if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
			r.fail(n.Line, "%s: want true or false, not %s", what, describe(n))
			return
		}
		*to = n.Value == "true" || n.Value == "True" || n.Value == "TRUE"
	}
}

// words returns a reader of a list of strings. An empty list becomes one that is not nil.
func (r *reader) words(what string, to *[]Word) func(*yaml.Node) {
	return func(n *yaml.Node) {
		items := r.list(n, what)
		if items != nil && len(items) == 0 {
			*to = []Word{}
		}
		for _, item := range items {
			if w, ok := r.word(item, what); ok {
				*to = append(*to, w)
			}
		}
	}
}

// list returns the items of a list, and nil for anything else.
func (r *reader) list(n *yaml.Node, what string) []*yaml.Node {
	n = follow(n)
	if n.Kind != yaml.SequenceNode {
		r.fail(n.Line, "%s: want a list, not %s", what, describe(n))
		return nil
	}
	return append([]*yaml.Node{}, n.Content...)
}

// word reads a string that is not empty.
func (r *reader) word(n *yaml.Node, what string) (Word, bool) {
	n = follow(n)
	switch {
	case n.Kind != yaml.ScalarNode:
		r.fail(n.Line, "%s: want a string, not %s", what, describe(n))
	case n.Tag == "!!null" || n.Value == "":
		r.fail(n.Line, "%s: it is empty", what)
	case n.Tag != "!!str":
		r.fail(n.Line, "%s: want a string, not %s: put %s into quotes", what, describe(n), n.Value)
	default:
		return Word{Text: n.Value, Line: n.Line}, true
	}
	return Word{}, false
}

// follow returns what an alias stands for.
func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

func describe(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return "an alias"
	case yaml.ScalarNode, yaml.DocumentNode:
	}
	switch n.Tag {
	case "!!null":
		return "nothing"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "a truth value"
	case "!!timestamp":
		return "a date"
	}
	return "a string"
}
