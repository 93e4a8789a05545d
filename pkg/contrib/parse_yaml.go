package contrib

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"

	"go.yaml.in/yaml/v3"
)

func (p *parser) yaml(content []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	for {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return p.fail(yamlLine(err), "read YAML: %w", err)
		}
		for _, node := range document.Content {
			if err := p.document(node); err != nil {
				return err
			}
		}
	}
}

// yamlLine finds the line in an error of the YAML reader, which gives it in words only.
func yamlLine(err error) int {
	found := regexp.MustCompile(`line (\d+)`).FindStringSubmatch(err.Error())
	if found == nil {
		return 1
	}
	line, err := strconv.Atoi(found[1])
	if err != nil {
		return 1
	}
	return line
}

// plain follows an alias.
func plain(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// empty reports whether a node is null: a key without a value.
func empty(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func (p *parser) document(n *yaml.Node) error {
	n = plain(n)
	switch {
	case empty(n):
		return nil
	case n.Kind == yaml.SequenceNode:
		return p.list(n, "")
	case n.Kind == yaml.MappingNode:
		return p.pairs(n, func(key, value *yaml.Node) error { return p.members(key, value) })
	}
	return p.fail(n.Line, "read members: want a list of members, or workspaces with their members")
}

// members reads what stands under the name of a workspace.
func (p *parser) members(workspace, n *yaml.Node) error {
	switch {
	case empty(n):
		return nil
	case n.Kind == yaml.SequenceNode:
		return p.list(n, workspace.Value)
	case n.Kind != yaml.MappingNode:
		return p.fail(n.Line, "read members of %q: want subjects with their roles, or a list of members", workspace.Value)
	}
	return p.pairs(n, func(subject, value *yaml.Node) error {
		f := row{workspace: workspace.Value, subject: subject.Value}
		switch value.Kind {
		case yaml.ScalarNode:
			if !empty(value) {
				f.role = value.Value
			}
		case yaml.MappingNode:
			if err := p.fields(value, &f, "workspace", "subject"); err != nil {
				return err
			}
		default:
			return p.fail(value.Line, "read member %q: want a role, or role, expires, http and name", subject.Value)
		}
		return p.add(subject.Line, f)
	})
}

func (p *parser) list(n *yaml.Node, workspace string) error {
	for _, item := range n.Content {
		item = plain(item)
		if item.Kind != yaml.MappingNode {
			return p.fail(item.Line, "read member: want workspace, subject, role, expires, http and name")
		}
		f := row{workspace: workspace}
		taken := ""
		if workspace != "" {
			taken = "workspace"
		}
		if err := p.fields(item, &f, taken); err != nil {
			return err
		}
		if err := p.add(item.Line, f); err != nil {
			return err
		}
	}
	return nil
}

// fields reads the fields of one member, without those that stand elsewhere already.
func (p *parser) fields(n *yaml.Node, f *row, without ...string) error {
	return p.pairs(n, func(key, value *yaml.Node) error {
		field := f.field(key.Value)
		for _, other := range without {
			if key.Value == other {
				field = nil
			}
		}
		if field == nil {
			return p.fail(key.Line, "read member: unknown field %q", key.Value)
		}
		if value.Kind != yaml.ScalarNode {
			return p.fail(value.Line, "read member: field %s: want a text", key.Value)
		}
		if !empty(value) {
			*field = value.Value
		}
		return nil
	})
}

// pairs goes through a mapping, and refuses keys that are there twice.
func (p *parser) pairs(n *yaml.Node, do func(key, value *yaml.Node) error) error {
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := plain(n.Content[i]), plain(n.Content[i+1])
		if key.Kind != yaml.ScalarNode {
			return p.fail(key.Line, "read members: a name is no text")
		}
		if line, twice := seen[key.Value]; twice {
			return p.fail(key.Line, "%q is there already, in line %d", key.Value, line)
		}
		seen[key.Value] = key.Line
		if err := do(key, value); err != nil {
			return err
		}
	}
	return nil
}
