package rbac

import (
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Strength is a set of ways in which a role allows more than it looks. It tells which roles deserve a look; what somebody
// may do is another question.
type Strength uint16

// The strengths, strongest first. Rules that are limited to object names count for Escalates, Binds, Impersonates and Tokens
// only: of secrets and pods that are named nobody has many.
const (
	// Everything is every verb on every resource.
	Everything Strength = 1 << iota
	// Escalates may write roles that hold more than their writer has.
	Escalates
	// Binds may give roles that their giver does not have.
	Binds
	// Impersonates may act as other users, groups or service accounts.
	Impersonates
	// Tokens may get tokens of service accounts, and so act as they.
	Tokens
	// Grants may write bindings, and so give what it holds to others.
	Grants
	// Secrets may read them.
	Secrets
	// Executes may run commands in pods.
	Executes
	// Wild has a wildcard among its verbs, groups or resources: it grows with what the cluster serves.
	Wild
)

// Strongest returns the strongest one alone; 0 of none.
func (s Strength) Strongest() Strength { return s & -s }

// Words names the strengths, strongest first. Everything includes all others, which are left out then.
func (s Strength) Words() []string {
	if s&Everything != 0 {
		return []string{"everything"}
	}
	var out []string
	for i, word := range []string{"escalate", "bind", "impersonate", "tokens", "write bindings", "secrets", "exec", "wildcards"} {
		if s&(Escalates<<i) != 0 {
			out = append(out, word)
		}
	}
	return out
}

// Strengths returns the strength of each of [Index.Roles].
func (ix *Index) Strengths() []Strength {
	telling := tellingRights()
	rules := make([]Strength, len(ix.rules))
	for i := range ix.rules {
		rules[i] = strengthOf(ix.rules[i].policy, telling)
	}
	out := make([]Strength, len(ix.roles))
	for i := range ix.roles {
		for _, n := range ix.roles[i].rules {
			out[i] |= rules[n]
		}
	}
	return out
}

func strengthOf(p *rbacv1.PolicyRule, telling []tellingRight) Strength {
	var s Strength
	for _, one := range telling {
		matches := func(verb string) bool { return matchesVerb(p, verb) }
		if (len(p.ResourceNames) == 0 || one.strength <= Tokens) && slices.ContainsFunc(one.verbs, matches) &&
			matchesGroup(p, one.group) && matchesResource(p, one.resource, one.subresource) {
			s |= one.strength
		}
	}
	stars := 0
	for _, list := range [][]string{p.Verbs, p.APIGroups, p.Resources} {
		if slices.Contains(list, "*") {
			stars++
		}
	}
	switch {
	case len(p.ResourceNames) > 0, len(p.Resources) == 0:
	case stars == 3:
		s |= Everything | Wild
	case stars > 0:
		s |= Wild
	}
	return s
}

// tellingRight is what gives a role a strength: any of the verbs on the resource.
type tellingRight struct {
	strength                     Strength
	group, resource, subresource string
	verbs                        []string
}

func tellingRights() []tellingRight {
	impersonate, write := []string{"impersonate"}, []string{"create", "update", "patch"}
	return []tellingRight{
		{Escalates, rbacv1.GroupName, "roles", "", []string{"escalate"}},
		{Escalates, rbacv1.GroupName, "clusterroles", "", []string{"escalate"}},
		{Binds, rbacv1.GroupName, "roles", "", []string{"bind"}},
		{Binds, rbacv1.GroupName, "clusterroles", "", []string{"bind"}},
		{Impersonates, "", "users", "", impersonate},
		{Impersonates, "", "groups", "", impersonate},
		{Impersonates, "", "serviceaccounts", "", impersonate},
		{Tokens, "", "serviceaccounts", "token", []string{"create"}},
		{Grants, rbacv1.GroupName, "rolebindings", "", write},
		{Grants, rbacv1.GroupName, "clusterrolebindings", "", write},
		{Secrets, "", "secrets", "", []string{"get", "list", "watch"}},
		{Executes, "", "pods", "exec", []string{"create", "get"}},
	}
}
