package rbac

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// rule is one distinct policy rule. Roles that carry equal rules share it.
type rule struct {
	policy   *rbacv1.PolicyRule
	sieve    sieve
	anyVerb  bool
	anyGroup bool
	anyRes   bool
}

func newRule(p *rbacv1.PolicyRule) rule {
	return rule{
		policy:   p,
		sieve:    ruleSieve(p),
		anyVerb:  slices.Contains(p.Verbs, rbacv1.VerbAll),
		anyGroup: slices.Contains(p.APIGroups, rbacv1.APIGroupAll),
		anyRes:   slices.Contains(p.Resources, rbacv1.ResourceAll),
	}
}

// allows decides as the RBAC authorizer's RuleAllows does: verb, group, resource and name all have to match, or verb
// and path for a URL.
func (r *rule) allows(a *Action) bool {
	return r.allowsSomeName(a) && (a.IsURL() || matchesName(r.policy, a.Name))
}

// allowsSomeName is allows without the comparison of names.
func (r *rule) allowsSomeName(a *Action) bool {
	if !r.anyVerb && !slices.Contains(r.policy.Verbs, a.Verb) {
		return false
	}
	if a.IsURL() {
		return matchesURL(r.policy, a.Path)
	}
	return (r.anyGroup || slices.Contains(r.policy.APIGroups, a.Group)) &&
		(r.anyRes || matchesResource(r.policy, a.Resource, a.Subresource))
}

// matchesVerb reports whether the rule holds the verb. "*" is the only wildcard.
func matchesVerb(p *rbacv1.PolicyRule, verb string) bool {
	return slices.Contains(p.Verbs, rbacv1.VerbAll) || slices.Contains(p.Verbs, verb)
}

// matchesGroup reports whether the rule holds the API group. "*" is the only wildcard; "" is the core group.
func matchesGroup(p *rbacv1.PolicyRule, group string) bool {
	return slices.Contains(p.APIGroups, rbacv1.APIGroupAll) || slices.Contains(p.APIGroups, group)
}

// matchesResource reports whether the rule holds the resource: "*" for everything, the exact "res" or "res/sub", or
// "*/sub" for that subresource of anything. "pods/*" and "*/*" are no wildcards: nothing has such a name.
func matchesResource(p *rbacv1.PolicyRule, resource, subresource string) bool {
	return slices.ContainsFunc(p.Resources, func(r string) bool { return resourceCovers(r, resource, subresource) })
}

func resourceCovers(held, resource, subresource string) bool {
	if held == rbacv1.ResourceAll {
		return true
	}
	if subresource == "" {
		return held == resource
	}
	head, ok := strings.CutSuffix(held, subresource)
	if !ok {
		return false
	}
	head, ok = strings.CutSuffix(head, "/")
	return ok && (head == resource || head == "*")
}

// matchesName reports whether the rule reaches an object of that name. No names means any; a request without a name
// needs a rule without names, or one that lists the empty name.
func matchesName(p *rbacv1.PolicyRule, name string) bool {
	return len(p.ResourceNames) == 0 || slices.Contains(p.ResourceNames, name)
}

// matchesURL reports whether the rule holds the path: "*", the exact path, or a prefix followed by stars, all of which
// are trimmed. A star elsewhere is a plain character.
func matchesURL(p *rbacv1.PolicyRule, path string) bool {
	return slices.ContainsFunc(p.NonResourceURLs, func(u string) bool { return urlCovers(u, path) })
}

func urlCovers(held, path string) bool {
	if held == rbacv1.NonResourceAll || held == path {
		return true
	}
	return strings.HasSuffix(held, "*") && strings.HasPrefix(path, strings.TrimRight(held, "*"))
}

// equalRules compares two rules as the aggregation controller does: the same strings in the same order, where no list
// and an empty one are the same.
func equalRules(a, b *rbacv1.PolicyRule) bool {
	return slices.Equal(a.Verbs, b.Verbs) && slices.Equal(a.APIGroups, b.APIGroups) &&
		slices.Equal(a.Resources, b.Resources) && slices.Equal(a.ResourceNames, b.ResourceNames) &&
		slices.Equal(a.NonResourceURLs, b.NonResourceURLs)
}
