package document

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// maxMerges limits the merge keys ("<<") of a file: a few lines of them that name each other stand for any number of
// fields, or never end.
const maxMerges = 1000

// Field is a key that a mapping may have. [Key] makes it.
type Field struct {
	name string
	read func(*yaml.Node)
}

// Key returns a field, with what reads its value. A nil read takes any value, and ignores it.
func Key(name string, read func(*yaml.Node)) Field { return Field{name, read} }

// Ignored returns fields that may have any value, which nobody reads.
func Ignored(names ...string) []Field {
	out := make([]Field, len(names))
	for i, name := range names {
		out[i] = Key(name, nil)
	}
	return out
}

// Mapping reads a mapping that has no keys but those of fields, and reports which it has.
func (r *Reader) Mapping(n *yaml.Node, what string, fields ...Field) map[string]bool {
	given := map[string]bool{}
	for _, m := range r.Members(n, what) {
		i := slices.IndexFunc(fields, func(f Field) bool { return f.name == m.Name })
		if i < 0 {
			r.Fail(m.Line, "%s: unknown field %q%s", what, m.Name, didYouMean(m.Name, fields))
			continue
		}
		given[m.Name] = true
		if read := fields[i].read; read != nil {
			read(m.Value)
		}
	}
	return given
}

func didYouMean(word string, fields []Field) string {
	names := make([]string, 0, len(fields))
	for _, f := range fields {
		names = append(names, f.name)
	}
	if near := rbac.Nearest(word, names); len(near) > 0 {
		return "; did you mean " + strings.Join(near, ", ") + "?"
	}
	return "; want one of " + strings.Join(names, ", ")
}

// Member is one key of a mapping, with its value.
type Member struct {
	// Name is the key as it is written, and Line where it stands.
	Name string
	Line int
	// Key is a scalar of any kind; the value may be an alias.
	Key, Value *yaml.Node
}

// Members returns the keys of a mapping in their order, each once, and merge keys ("<<") resolved: what a mapping says
// itself wins over them. A key that is there twice keeps its first value.
func (r *Reader) Members(n *yaml.Node, what string) []Member {
	n = Target(n)
	switch {
	case r.Lenient && IsNull(n):
		return nil
	case n.Kind != yaml.MappingNode:
		r.Fail(n.Line, "%s: want a mapping, not %s", what, Describe(n))
		return nil
	}
	var own, merged []Member
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		line, key, value := n.Content[i].Line, Target(n.Content[i]), n.Content[i+1]
		first, twice := lines[key.Value]
		switch {
		case key.ShortTag() == "!!merge":
			more, ok := r.merge(value, what)
			if !ok {
				return nil
			}
			merged = append(merged, more...)
		case key.Kind != yaml.ScalarNode:
			r.Fail(line, "%s: want a string as a key, not %s", what, Describe(key))
		case twice:
			r.Fail(line, "%s: %q is there twice, first on line %d", what, key.Value, first)
		default:
			lines[key.Value] = line
			own = append(own, Member{Name: key.Value, Line: line, Key: key, Value: value})
		}
	}
	for _, m := range merged {
		if _, has := lines[m.Name]; !has {
			lines[m.Name] = m.Line
			own = append(own, m)
		}
	}
	return own
}

// merge returns what the value of a merge key brings in: the keys of a mapping, or of a list of mappings. It reports
// false once there are too many.
func (r *Reader) merge(value *yaml.Node, what string) ([]Member, bool) {
	sources := []*yaml.Node{value}
	if list := Target(value); list.Kind == yaml.SequenceNode {
		sources = list.Content
	}
	var out []Member
	for _, source := range sources {
		if r.merges++; r.merges >= maxMerges {
			if r.merges == maxMerges {
				r.Fail(value.Line, "%s: more than %d merge keys, or one that names itself", what, maxMerges)
			}
			return nil, false
		}
		out = append(out, r.Members(source, what)...)
	}
	return out, true
}
