package kalm

import (
	"slices"
	"strings"
	"time"
)

// World is all that Kalm's API makes its policy of.
type World struct {
	Namespaces []Namespace
	Bindings   []Binding
	Tokens     []Token
	// Now decides what has run out.
	Now time.Time
}

// Namespace is a namespace, and whether it carries [EnabledLabel].
type Namespace struct {
	Name    string
	Enabled bool
}

// Subject is whom a policy names.
type Subject struct {
	// Name is an e-mail address, the name of a group, or that of an AccessToken.
	Name  string
	Group bool
	// Token is set when an AccessToken has the name. Such a name is that of a user also.
	Token bool
}

// Request is what Kalm's API asks its policy.
type Request struct {
	Action Action
	// Namespace is [All], or empty, for the cluster.
	Namespace string
	// Kind is that of the objects as Kalm spells it: components, applications, httpRoutes. [All], or empty, asks for the
	// namespace as a whole.
	Kind string
	// Name is [All], or empty, for the kind as a whole.
	Name string
}

// Object returns the text by which the policy knows the object.
func (r Request) Object() string {
	if r.Kind == "" || r.Kind == All {
		return All
	}
	if r.Name == "" {
		return r.Kind + "/" + All
	}
	return r.Kind + "/" + r.Name
}

func (r Request) place() string {
	if r.Namespace == "" {
		return All
	}
	return r.Namespace
}

// Line is one line of the policy: who has a role ("g"), or what a role or a subject may ("p"). What made it is one of the rest;
// the lines of the cluster's own roles have none of them.
type Line struct {
	Section string
	Fields  []string
	// Namespace is the application whose roles the line defines.
	Namespace string
	Binding   *Binding
	Token     *Token
	Rule      int
	// Injected says that the line is not the one that was meant: text of the object broke out of its place.
	Injected bool
}

// String returns the line as the policy spells it, fit for a terminal.
func (l Line) String() string {
	parts := []string{l.Section}
	for _, field := range l.Fields {
		parts = append(parts, plain(field))
	}
	return strings.Join(parts, ", ")
}

// Policy is the policy of Kalm's API, compiled. It decides as that does, with its defects.
//
// Source: api/client/standard_manager.go and format.go, api/rbac/model.go, and github.com/casbin/casbin/v2 at v2.11.2, which
// reads each line as comma-separated values and drops what it cannot read.
type Policy struct {
	world World
	text  []string
	// grants are the lines of p; links those of g, by who has the role, and holders the same by the role.
	grants         []Line
	links, holders map[string][]Line
	tokens         map[string]*Token
	bindings       map[string][]*Binding
	// broken makes every answer no; stopped says that there is no answer at all.
	broken, stopped bool
	flags           []Flag
}

// NewPolicy compiles the policy that Kalm's API would make of the world. The order of what is in it does not matter.
func NewPolicy(w World) *Policy {
	p := &Policy{
		world: w, links: map[string][]Line{}, holders: map[string][]Line{}, tokens: map[string]*Token{}, bindings: map[string][]*Binding{},
	}
	p.cluster()
	for _, ns := range w.Namespaces {
		if ns.Enabled {
			p.application(ns.Name)
		}
	}
	for i := range w.Tokens {
		p.token(&w.Tokens[i])
	}
	p.bind()
	p.flag()
	return p
}

// Text returns the policy as Kalm's API writes it, without its comments; a line for each, in the order of the world.
func (p *Policy) Text() []string { return slices.Clone(p.text) }

// Lines returns how the policy is understood: first what may be done, then who has which role.
func (p *Policy) Lines() []Line {
	lines := slices.Clone(p.grants)
	for _, from := range sorted(p.links) {
		lines = append(lines, p.links[from]...)
	}
	return lines
}

// The roles of the cluster. Source: BuildClusterRolePolicies.
func (p *Policy) cluster() {
	p.grant(Line{}, role("cluster", Viewer), View, All, All)
	p.grant(Line{}, role("cluster", Editor), Edit, All, All)
	p.grant(Line{}, role("cluster", Owner), Manage, All, All)
	p.link(Line{}, role("cluster", Editor), role("cluster", Viewer))
	p.link(Line{}, role("cluster", Owner), role("cluster", Editor))
}

// The roles of an application. Source: BuildRolePoliciesForNamespace.
func (p *Policy) application(ns string) {
	made := Line{Namespace: ns}
	p.grant(made, role(ns, Viewer), View, ns, All)
	p.grant(made, role(ns, Viewer), View, All, "storageClasses/*")
	p.grant(made, role(ns, Editor), Edit, ns, All)
	p.grant(made, role(ns, Editor), View, All, "registries/*")
	p.grant(made, role(ns, Owner), Manage, ns, All)
	p.link(made, role(ns, Editor), role(ns, Viewer))
	p.link(made, role(ns, Owner), role(ns, Editor))
}

func (p *Policy) token(t *Token) {
	p.tokens[t.Name] = t
	if t.Expired(p.world.Now) {
		return
	}
	for i, rule := range t.Rules {
		made := Line{Token: t, Rule: i}
		p.grant(made, userName(t.Name), Action(rule.Verb), rule.Namespace, rule.Kind+"/"+rule.Name)
	}
}

// bind adds the lines of all bindings. Suspension counts also when it has run out, and wherever it stands.
func (p *Policy) bind() {
	suspended := map[string]bool{}
	for i := range p.world.Bindings {
		b := &p.world.Bindings[i]
		name := subjectName(b.Subject, b.Group)
		p.bindings[name] = append(p.bindings[name], b)
		if b.Role == Suspended {
			suspended[name] = true
		}
	}
	for i := range p.world.Bindings {
		b := &p.world.Bindings[i]
		name := subjectName(b.Subject, b.Group)
		if b.Expired(p.world.Now) || b.Role == Placeholder || suspended[name] {
			continue
		}
		p.link(Line{Binding: b}, name, roleName(b.Namespace, b.Role))
	}
}

func (p *Policy) grant(made Line, subject string, action Action, place, object string) {
	p.write(made, "p", subject, string(action), place, object)
}

func (p *Policy) link(made Line, subject, role string) { p.write(made, "g", subject, role) }

// userName returns how the policy names a user. Line breaks are the only thing that Kalm takes out. Source: format.go.
func userName(name string) string { return "user-" + strings.ReplaceAll(name, "\n", "") }

func subjectName(name string, group bool) string {
	if group {
		return "group-" + strings.ReplaceAll(name, "\n", "")
	}
	return userName(name)
}

func role(place string, r Role) string { return "role_" + place + "_" + string(r) }

// roleName returns how the policy names the role of a binding.
func roleName(namespace string, r Role) string {
	if r.everywhere() {
		return role("cluster", Role(r.Word()))
	}
	return role(namespace, r)
}
