package whocan

import (
	"fmt"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// mostMisses and mostNamespaces are how many a reader can use; JSON has them all.
const (
	mostMisses     = 8
	mostNamespaces = 12
)

// whyText writes the answer for people: the verdict, then one fact a line.
func whyText(e explanation) []string {
	lines := []string{e.headline()}
	if e.decision.Superuser {
		lines = append(lines, "  superuser (not checked against RBAC): member of "+rbac.GroupMasters)
	}
	for i := range e.decision.Proofs {
		p := &e.decision.Proofs[i]
		lines = append(lines, "  "+path(p)+through(p.Via, p.Subject), "    "+ruleLine(p))
	}
	if e.decision.Allowed {
		return lines
	}
	if len(e.misses) > 0 {
		lines = append(lines, "  nearest")
		lines = append(lines, missLines(e.misses, e.req)...)
	} else {
		lines = append(lines, "  no binding of "+e.id.Subject.String()+" or of its groups comes near")
	}
	if len(e.elsewhere) > 0 {
		lines = append(lines, "  yes in "+list(e.elsewhere, mostNamespaces))
	}
	if len(e.commands) > 0 {
		lines = append(lines, "  would allow it")
		for _, s := range e.commands {
			lines = append(lines, "    # grants "+s.Grants)
			for _, c := range s.Commands {
				lines = append(lines, "    "+c)
			}
		}
	}
	return lines
}

// through says by which group a path counts.
func through(via rbac.Via, s rbac.Subject) string {
	switch via {
	case rbac.ViaDirect:
		return ""
	case rbac.ViaEveryone:
		return " (via " + s.String() + ", everyone)"
	default:
		return " (via " + s.String() + ")"
	}
}

func ruleLine(p *rbac.Proof) string {
	holder, n := p.Role, p.Rule
	if p.Part != nil {
		holder, n = p.Part, p.PartRule
	}
	return fmt.Sprintf("rule %d of %s: %s%s", n, holder.KindName(), rbac.RuleText(p.Policy()), origin(holder.Origin))
}

func origin(text string) string {
	if text == "" || text == "built-in" {
		return ""
	}
	return "  # " + text
}

// missLines aligns what is there with what it lacks.
func missLines(misses []rbac.NearMiss, req request) []string {
	shown := misses[:min(len(misses), mostMisses)]
	width := 0
	left := make([]string, len(shown))
	for i := range shown {
		left[i] = missPath(&shown[i])
		width = max(width, len(left[i]))
	}
	var lines []string
	for i := range shown {
		lines = append(lines, fmt.Sprintf("    %-*s  %s", width, left[i], missText(&shown[i], req)))
	}
	if more := len(misses) - len(shown); more > 0 {
		lines = append(lines, fmt.Sprintf("    and %d more (-o json shows all)", more))
	}
	return lines
}

func missPath(m *rbac.NearMiss) string {
	text := m.Binding.KindName() + " > " + m.Binding.RoleKindName()
	if m.Reason == rbac.ReasonSubject {
		return text
	}
	return text + through(m.Via, m.Subject)
}

// missText says what a near miss lacks.
func missText(m *rbac.NearMiss, req request) string {
	has := list(quoteEmpty(m.Has), 6)
	a := req.Action
	switch m.Reason {
	case rbac.ReasonElsewhere:
		return "allows it, but in " + has + " only"
	case rbac.ReasonClusterScope:
		if a.IsURL() {
			return "is in " + has + ": a RoleBinding can't allow a URL"
		}
		if req.Namespaced {
			return "allows it, but in " + has + " only, not cluster-wide"
		}
		return "is a RoleBinding in " + has + ", but " + a.Resource + " are cluster-scoped: it takes a ClusterRoleBinding"
	case rbac.ReasonName:
		if a.Name == "" {
			return "allows it for certain names only: " + has + "; a request without a name is refused"
		}
		return "allows it for " + has + " only, not " + a.Name
	case rbac.ReasonVerb:
		return "allows " + has + ", not " + a.Verb
	case rbac.ReasonGroup:
		return "has " + a.ResourceName() + " of API group " + has + ", not of " + groupName(a.Group)
	case rbac.ReasonSubresource:
		return "has " + has + ", not " + a.ResourceName()
	case rbac.ReasonRoleMissing:
		return "names a role that does not exist"
	case rbac.ReasonSubject:
		return "allows it to " + m.Subject.String() + ", which is somebody else"
	}
	return string(m.Reason)
}

func groupName(group string) string {
	if group == "" {
		return "core"
	}
	return group
}

func quoteEmpty(names []string) []string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = n
		if n == "" {
			out[i] = "core"
		}
	}
	return out
}

// whyTree is the same as a tree.
func whyTree(e explanation) []printer.Node {
	root := printer.Node{Text: e.headline()}
	for i := range e.decision.Proofs {
		p := &e.decision.Proofs[i]
		binding := printer.Node{Text: p.Binding.KindName() + through(p.Via, p.Subject)}
		role := printer.Node{Text: p.Role.KindName()}
		rule := printer.Node{Text: ruleLine(p)}
		if p.Part != nil {
			role.Children = []printer.Node{{Text: p.Part.KindName() + " (aggregated)", Children: []printer.Node{rule}}}
		} else {
			role.Children = []printer.Node{rule}
		}
		binding.Children = []printer.Node{role}
		root.Children = append(root.Children, binding)
	}
	for i := range e.misses {
		m := &e.misses[i]
		root.Children = append(root.Children, printer.Node{
			Text: missPath(m), Children: []printer.Node{{Text: missText(m, e.req)}},
		})
	}
	return []printer.Node{root}
}

// whyGraph is the paths of a yes as a graph; a no has none.
func whyGraph(e explanation) printer.Graph {
	var g printer.Graph
	seen := map[string]bool{}
	node := func(id, kind string) string {
		if !seen[id] {
			seen[id] = true
			g.Nodes = append(g.Nodes, printer.GraphNode{ID: id, Kind: kind})
		}
		return id
	}
	edge := func(from, to, label string) {
		if key := strings.Join([]string{"edge", from, to, label}, "\x00"); !seen[key] {
			seen[key] = true
			g.Edges = append(g.Edges, printer.GraphEdge{From: from, To: to, Label: label})
		}
	}
	who := node(e.id.Subject.String(), "subject")
	for i := range e.decision.Proofs {
		p := &e.decision.Proofs[i]
		from := who
		if named := p.Subject.String(); named != who {
			edge(who, node(named, "subject"), "member")
			from = named
		}
		binding := node(inNamespace(p.Binding.KindName(), p.Binding.Namespace), "binding")
		role := node(inNamespace(p.Role.KindName(), p.Role.Namespace), "role")
		edge(from, binding, "")
		edge(binding, role, "")
		if p.Part != nil {
			edge(role, node(p.Part.KindName(), "role"), "aggregates")
		}
	}
	return g
}

func inNamespace(name, namespace string) string {
	if namespace == "" {
		return name
	}
	return name + " -n " + namespace
}
