package whocan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/printer"
	"github.com/kubegatehouse/gatehouse/pkg/question"
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

// nodeView is a box: a subject, a binding, a role, the action, or what the API server told, which is in no object that
// could be read.
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

func viewGraph(d *drawing, id *rbac.Identity, req question.Request, clusters []*cluster) graphView {
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

// actionNode is the ID and the kind of the box to which all paths lead; toldNode is the kind of boxes in place of a binding
// and a role.
const (
	actionNode = "action"
	toldNode   = "told"
)

// toldID is the ID of the box for what was told of one namespace, or of the whole cluster.
func toldID(b *rbac.Binding) string { return inNamespace(toldNode, b.Namespace) }

// draw draws the paths of the grants; with an identity, from its subject.
func draw(grants []rbac.Grant, id *rbac.Identity, req question.Request) *drawing {
	d := &drawing{action: req.Action.String() + " " + req.Where(), seen: map[string]bool{}}
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

// path draws subjects -> binding -> role (-> part) -> action, or subjects -> what was told -> action.
func (d *drawing) path(b *drawnBinding) {
	p := &b.proof
	if p.Binding.Told() {
		told := nodeView{ID: toldID(p.Binding), Kind: toldNode, Name: rbac.ToldText, Namespaces: b.namespaces}
		d.node(told)
		for _, s := range b.subjects {
			d.edge(s, told.ID, "")
		}
		d.edge(told.ID, actionNode, b.label(p.Rule))
		return
	}
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
	d.edge(last, actionNode, b.label(rule))
}

// label is the text of the arrow to the action: the number of the rule, and the names that it is limited to.
func (b *drawnBinding) label(rule int) string {
	label := fmt.Sprintf("rule %d", rule)
	if b.limited {
		label += ", only " + question.List(b.proof.Policy().ResourceNames, 3)
	}
	return label
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
			label += " in " + question.List(n.Namespaces, 2)
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
