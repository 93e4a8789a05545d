package contrib

import (
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/kubegatehouse/gatehouse/pkg/document"
)

// document reads one document of YAML or JSON: a list of members, or workspaces with their members.
func (p *parser) document(n *yaml.Node) {
	switch n = document.Target(n); n.Kind {
	case yaml.SequenceNode:
		p.list(n, "")
	case yaml.MappingNode:
		if isManifest(n) {
			// One of a file says it all.
			if !p.manifest {
				p.Fail(n.Line, "read members: it holds objects of Kubernetes, and no members: kubectl contrib export --from writes their members")
			}
			p.manifest = true
			return
		}
		for _, m := range p.Members(n, "read members") {
			p.members(m.Name, document.Target(m.Value))
		}
	default:
		p.Fail(n.Line, "read members: want a list of members, or workspaces with their members")
	}
}

// isManifest reports whether a mapping is an object of Kubernetes.
func isManifest(n *yaml.Node) bool {
	found := 0
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key, value := n.Content[i].Value, n.Content[i+1]; (key == "apiVersion" || key == "kind") && value.Kind == yaml.ScalarNode {
			found++
		}
	}
	return found == 2
}

// members reads what stands under the name of a workspace.
func (p *parser) members(workspace string, n *yaml.Node) {
	if (n.Kind == yaml.SequenceNode || n.Kind == yaml.MappingNode) && len(n.Content) == 0 || document.IsNull(n) {
		p.name(n.Line, workspace)
		return
	}
	switch {
	case n.Kind == yaml.SequenceNode:
		p.list(n, workspace)
		return
	case n.Kind != yaml.MappingNode:
		p.Fail(n.Line, "read members of %q: want subjects with their roles, or a list of members", workspace)
		return
	}
	for _, m := range p.Members(n, "read members") {
		f, value := row{workspace: workspace, subject: m.Name}, document.Target(m.Value)
		var ok bool
		switch value.Kind {
		case yaml.ScalarNode:
			f.role, ok = p.Scalar(value, "read member")
		case yaml.MappingNode:
			ok = p.fields(value, &f, "workspace", "subject")
		default:
			p.Fail(value.Line, "read member %q: want a role, or role, expires, http and name", m.Name)
			continue
		}
		if ok {
			p.add(m.Line, f)
		}
	}
}

// list reads a list of members, of a workspace unless that is empty.
func (p *parser) list(n *yaml.Node, workspace string) {
	for _, item := range p.List(n, "read members") {
		item = document.Target(item)
		if item.Kind != yaml.MappingNode {
			p.Fail(item.Line, "read member: want workspace, subject, role, expires, http and name")
			continue
		}
		f := row{workspace: workspace}
		taken := ""
		if workspace != "" {
			taken = "workspace"
		}
		if p.fields(item, &f, taken) {
			p.add(item.Line, f)
		}
	}
}

// fields reads the fields of one member, without those that stand elsewhere already. It reports whether all is well.
func (p *parser) fields(n *yaml.Node, f *row, without ...string) bool {
	before := p.Mistakes()
	var fields []document.Field
	for _, column := range columns {
		if slices.Contains(without, column) {
			continue
		}
		fields = append(fields, document.Key(column, func(n *yaml.Node) {
			*f.field(column), _ = p.Scalar(n, "read member: "+column)
		}))
	}
	p.Mapping(n, "read member", fields...)
	return p.Mistakes() == before
}
