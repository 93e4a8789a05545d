package whocan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// graphView is the JSON of a graph.
type graphView struct {
	header
	Request requestView `json:"request"`
	// Subject is the one that was asked about, if any.
	Subject *subjectView `json:"subject,omitempty"`
	Nodes   []nodeView   `json:"nodes"`
	Edges   []edgeView   `json:"edges"`
}

// nodeView is a box: a subject, a binding, a role, or the action.
type nodeView struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Namespaces are those of a RoleBinding or Role that is in several, folded into one box.
	Namespaces []string `json:"namespaces,omitempty"`
}

// edgeView is an arrow.
type edgeView struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Label string `json:"label,omitempty"`
}

func viewGraph(d *drawing, id *rbac.Identity, req request, clusters []*cluster) graphView {
	v := graphView{
		header: newHeader("Graph", clusters), Request: viewRequest(req),
		Nodes: slices.Clone(d.nodes), Edges: slices.Clone(d.edges),
	}
	if id != nil {
		subject := viewSubject(id.Subject)
		v.Subject = &subject
	}
	slices.SortFunc(v.Nodes, func(a, b nodeView) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(v.Edges, func(a, b edgeView) int {
		return strings.Compare(a.From+"\x00"+a.To+"\x00"+a.Label, b.From+"\x00"+b.To+"\x00"+b.Label)
	})
	return v
}

// drawing is a graph that is being drawn. Every node and edge is in it once.
type drawing struct {
	// action is what the paths lead to, in words.
	action string
	nodes  []nodeView
	edges  []edgeView
	seen   map[string]bool
}

// actionNode is the ID and the kind of the box to which all paths lead.
const actionNode = "action"

// draw draws the paths of the grants; with an identity, from its subject.
func draw(grants []rbac.Grant, id *rbac.Identity, req request) *drawing {
	d := &drawing{action: req.Action.String() + " " + req.where(), seen: map[string]bool{}}
	d.node(nodeView{ID: actionNode, Kind: actionNode, Name: d.action})
	if id != nil {
		d.node(nodeView{ID: id.Subject.String(), Kind: "subject", Name: id.Subject.String()})
	}
	for i := range grants {
		g := &grants[i]
		subject := g.Subject.String()
		d.node(nodeView{ID: subject, Kind: "subject", Name: subject})
		if id != nil && g.Subject != id.Subject {
			d.edge(id.Subject.String(), subject, "member")
		}
		if g.Superuser {
			d.edge(subject, actionNode, "superuser")
		}
	}
	for _, b := range foldBindings(grants) {
		d.path(b)
	}
	return d
}

// drawnBinding is a binding with what it leads to, and its like in other namespaces.
type drawnBinding struct {
	proof      rbac.Proof
	subjects   []string
	namespaces []string
	limited    bool
}

// foldBindings joins bindings that differ in their namespace only. They are drawn as one box, so that a role bound in
// every namespace stays readable, but never with subjects that one of them does not name.
func foldBindings(grants []rbac.Grant) []*drawnBinding {
	byBinding := map[*rbac.Binding]*drawnBinding{}
	var order []*drawnBinding
	for i := range grants {
		for _, p := range grants[i].Proofs {
			b := byBinding[p.Binding]
			if b == nil {
				b = &drawnBinding{proof: p, limited: grants[i].Names != nil}
				byBinding[p.Binding] = b
				order = append(order, b)
			}
			b.subjects = append(b.subjects, grants[i].Subject.String())
		}
	}
	folded := map[string]*drawnBinding{}
	var out []*drawnBinding
	for _, b := range order {
		p := &b.proof
		key := strings.Join(append([]string{
			p.Binding.KindName(), p.Role.KindName(), partName(p), fmt.Sprint(p.Rule, p.PartRule, b.limited),
		}, b.subjects...), "\x00")
		f := folded[key]
		if f == nil {
			f = b
			folded[key] = f
			out = append(out, f)
		}
		if p.Binding.Namespace != "" {
			f.namespaces = append(f.namespaces, p.Binding.Namespace)
		}
	}
	for _, b := range out {
		slices.Sort(b.namespaces)
	}
	return out
}

func partName(p *rbac.Proof) string {
	if p.Part == nil {
		return ""
	}
	return p.Part.KindName()
}

// path draws subjects -> binding -> role (-> part) -> action.
func (d *drawing) path(b *drawnBinding) {
	p := &b.proof
	binding := nodeView{
		ID: inNamespace(p.Binding.KindName(), p.Binding.Namespace), Kind: "binding", Name: p.Binding.KindName(),
		Namespaces: b.namespaces,
	}
	d.node(binding)
	for _, s := range b.subjects {
		d.edge(s, binding.ID, "")
	}
	role := nodeView{ID: inNamespace(p.Role.KindName(), p.Role.Namespace), Kind: "role", Name: p.Role.KindName()}
	if p.Role.Namespace != "" {
		role.Namespaces = b.namespaces
		if len(b.namespaces) > 1 {
			role.ID += " of " + binding.ID
		}
	}
	d.node(role)
	d.edge(binding.ID, role.ID, "")
	last, rule := role.ID, p.Rule
	if p.Part != nil {
		part := nodeView{ID: p.Part.KindName(), Kind: "role", Name: p.Part.KindName()}
		d.node(part)
		d.edge(role.ID, part.ID, "aggregates")
		last, rule = part.ID, p.PartRule
	}
	label := fmt.Sprintf("rule %d", rule)
	if b.limited {
		label += ", only " + list(p.Policy().ResourceNames, 3)
	}
	d.edge(last, actionNode, label)
}

func (d *drawing) node(n nodeView) {
	if key := "node\x00" + n.ID; !d.seen[key] {
		d.seen[key] = true
		d.nodes = append(d.nodes, n)
	}
}

func (d *drawing) edge(from, to, label string) {
	if key := strings.Join([]string{"edge", from, to, label}, "\x00"); !d.seen[key] {
		d.seen[key] = true
		d.edges = append(d.edges, edgeView{from, to, label})
	}
}

// longestLabel is how many characters of a name a box shows.
const longestLabel = 48

// graph returns the drawing as the printer takes it, with labels of a readable length.
func (d *drawing) graph() printer.Graph {
	var g printer.Graph
	for _, n := range d.nodes {
		label := n.Name
		if n.Kind != actionNode {
			label = shortened(n.Name)
		}
		if len(n.Namespaces) > 0 {
			label += " in " + list(n.Namespaces, 2)
		}
		g.Nodes = append(g.Nodes, printer.GraphNode{ID: n.ID, Label: label, Kind: n.Kind})
	}
	for _, e := range d.edges {
		g.Edges = append(g.Edges, printer.GraphEdge(e))
	}
	return g
}

// shortened cuts the middle out of a long name: names often differ at their ends.
func shortened(name string) string {
	letters := []rune(name)
	if len(letters) <= longestLabel {
		return name
	}
	const tail = 16
	return string(letters[:longestLabel-tail-3]) + "..." + string(letters[len(letters)-tail:])
}
