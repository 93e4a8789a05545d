package rbac

import rbacv1 "k8s.io/api/rbac/v1"

// Proof is one path that allows an action: a subject, the binding that names it, the role, and the rule in it.
type Proof struct {
	// Subject is the one that the binding names: who was asked about, or a group of his.
	Subject Subject
	Via     Via
	Binding *Binding
	Role    *Role
	// Rule is the number of the rule in Role.Rules.
	Rule int
	// Part is the ClusterRole out of which an aggregated role got the rule, nil when the rule is the role's own.
	Part *Role
	// PartRule is the number of the rule in Part.Rules.
	PartRule int
}

// Policy returns the rule that allows the action.
func (p *Proof) Policy() *rbacv1.PolicyRule { return &p.Role.Rules[p.Rule] }

// ToldText stands for the path of a proof of which nothing but the rule is known.
const ToldText = "by what the API server tells you"

// String writes the proof in one line, without its subject: "rolebinding/x > clusterrole/edit < part", or [ToldText].
func (p *Proof) String() string {
	if p.Binding.Told() {
		return ToldText
	}
	text := p.Binding.KindName() + " > " + p.Role.KindName()
	if p.Part != nil {
		text += " < " + p.Part.Name
	}
	return text
}

// KindName returns the kind of the role and its name as a command takes them: "clusterrole/edit", "role/deployer".
func (r *Role) KindName() string {
	if r.Namespace == "" {
		return "clusterrole/" + r.Name
	}
	return "role/" + r.Name
}

// KindName returns the kind of the binding and its name as a command takes them: "rolebinding/alice".
func (b *Binding) KindName() string {
	if b.Namespace == "" {
		return "clusterrolebinding/" + b.Name
	}
	return "rolebinding/" + b.Name
}

// RoleKindName returns the kind and name of the role that the binding refers to, whether or not it exists.
func (b *Binding) RoleKindName() string {
	switch b.RoleRef.Kind {
	case "ClusterRole":
		return "clusterrole/" + b.RoleRef.Name
	case "Role":
		return "role/" + b.RoleRef.Name
	}
	return b.RoleRef.Kind + "/" + b.RoleRef.Name
}

// prover makes proofs within one query, in which the same rule of the same role turns up again and again.
type prover struct {
	ix    *Index
	parts map[[2]int32]partRule
}

type partRule struct {
	role *Role
	rule int
}

func (ix *Index) newProver() *prover { return &prover{ix: ix} }

// prove makes the proof, in to, of the rule with that position in the binding's role.
func (p *prover) prove(to *Proof, subject int32, via Via, binding int32, position int) {
	b := &p.ix.bindings[binding]
	r := &p.ix.roles[b.role]
	to.Subject, to.Via, to.Binding, to.Role, to.Rule = p.ix.subjects[subject].Subject, via, b.Binding, r.Role, position
	if len(r.parts) > 0 {
		part := p.part(b.role, r.rules[position])
		to.Part, to.PartRule = part.role, part.rule
	}
}

func (p *prover) part(role, rule int32) partRule {
	key := [2]int32{role, rule}
	if known, ok := p.parts[key]; ok {
		return known
	}
	found := partRule{role: p.ix.partOf(role, rule)}
	if found.role != nil {
		n := p.ix.roleOf[ObjectRef{Name: found.role.Name}]
		for i, r := range p.ix.roles[n].rules {
			if r == rule {
				found.rule = i
				break
			}
		}
	}
	if p.parts == nil {
		p.parts = map[[2]int32]partRule{}
	}
	p.parts[key] = found
	return found
}
