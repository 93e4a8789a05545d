package question

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// SuperuserText says through what system:masters may do everything.
const SuperuserText = "superuser (not checked against RBAC)"

// Paths writes the proofs of a subject; those that differ by their namespace only once. A path through a group starts with
// it.
func Paths(s rbac.Subject, proofs []rbac.Proof) []string {
	var paths []string
	for i := range proofs {
		p := proofs[i].String()
		if proofs[i].Subject != s {
			p = proofs[i].Subject.String() + " > " + p
		}
		if !slices.Contains(paths, p) {
			paths = append(paths, p)
		}
	}
	return paths
}

// Via says through what a grant comes: the first paths, at most so many, and how many more there are.
func Via(g *rbac.Grant, most int) string {
	paths := Paths(g.Subject, g.Proofs)
	if g.Superuser {
		paths = append([]string{SuperuserText}, paths...)
		if most == 1 {
			return SuperuserText
		}
	}
	text := strings.Join(paths[:min(most, len(paths))], "; ")
	if more := len(paths) - most; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}

// Where says where a grant holds: "everywhere", or its namespaces, at most so many by name.
func Where(g *rbac.Grant, most int) string {
	var text string
	switch {
	case g.Everywhere:
		text = "everywhere"
	default:
		text = List(g.Namespaces, most)
	}
	if len(g.Names) > 0 {
		text += " (only " + List(g.Names, 3) + ")"
	}
	return text
}

// RuleLine says which rule of which role a proof rests on: "rule 2 of clusterrole/edit: get pods  # roles.yaml:12". Rules
// are counted from 0. Of what the API server told, nothing is known but the rule.
func RuleLine(p *rbac.Proof) string {
	if p.Binding.Told() {
		return "a rule: " + rbac.RuleText(p.Policy())
	}
	n := p.Rule
	if p.Part != nil {
		n = p.PartRule
	}
	return fmt.Sprintf("rule %d of %s: %s%s", n, holder(p).KindName(), rbac.RuleText(p.Policy()), origin(holder(p).Origin))
}

// holder is the role in which the rule was written.
func holder(p *rbac.Proof) *rbac.Role {
	if p.Part != nil {
		return p.Part
	}
	return p.Role
}

func origin(text string) string {
	if text == "" || text == "built-in" {
		return ""
	}
	return "  # " + text
}

// Through says by which group a path counts, with a blank in front; nothing when it names the subject itself.
func Through(via rbac.Via, s rbac.Subject) string {
	switch via {
	case rbac.ViaDirect:
		return ""
	case rbac.ViaEveryone:
		return " (via " + s.String() + ", everyone)"
	default:
		return " (via " + s.String() + ")"
	}
}

// List joins names and cuts a long list: "a, b, c and 12 more".
func List(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// Plural returns "1 subject", "2 subjects".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
