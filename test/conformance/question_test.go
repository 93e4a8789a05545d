package conformance

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// question returns a request of that identity. Most are made out of a rule that the identity has, with one thing changed in some of them: so
// about as many are allowed as are not.
func (g *grammar) question(p *probe, id rbac.Identity) question {
	a := g.action()
	var mine []*rbacv1.RoleBinding
	for b := range p.bindings() {
		if len(p.rules(b)) > 0 && slices.ContainsFunc(b.Subjects, func(s rbacv1.Subject) bool { return names(id, s, b.Namespace) }) {
			mine = append(mine, b)
		}
	}
	if len(mine) == 0 || g.oneIn(6) {
		return question{id, a}
	}
	b := mine[g.IntN(len(mine))]
	rules := p.rules(b)
	like := g.matching(rules[g.IntN(len(rules))], a)
	if b.Namespace != "" {
		like.Namespace = b.Namespace
	}
	switch g.IntN(20) {
	case 0:
		like.Verb = a.Verb
	case 1:
		like.Group = a.Group
	case 2:
		like.Resource = a.Resource
	case 3:
		like.Subresource = a.Subresource
	case 4:
		like.Name = a.Name
	case 5:
		like.Namespace = a.Namespace
	case 6:
		like.Path = a.Path
	}
	return question{id, like}
}

// matching returns a request that the rule allows, as near to a as it lets it be; a itself when a list of the rule is empty.
func (g *grammar) matching(rule rbacv1.PolicyRule, a rbac.Action) rbac.Action {
	word := func(list []string, star, otherwise string) string {
		if len(list) == 0 {
			return otherwise
		}
		if w := g.pick(list...); w != "*" {
			return w
		}
		return star
	}
	a.Verb = word(rule.Verbs, a.Verb, a.Verb)
	if len(rule.NonResourceURLs) > 0 && (len(rule.Resources) == 0 || g.oneIn(2)) {
		url := word(rule.NonResourceURLs, "/zz", "/")
		if prefix := strings.TrimRight(url, "*"); prefix != url && g.oneIn(2) {
			url = prefix + g.pick("", "x", "*/y")
		}
		return rbac.Action{Verb: a.Verb, Path: url, Namespace: g.pick("", "", "dev")}
	}
	if len(rule.Resources) == 0 {
		return a
	}
	a.Path = ""
	a.Group = word(rule.APIGroups, a.Group, a.Group)
	resource := word(rule.Resources, a.ResourceName(), "")
	main, sub, _ := strings.Cut(resource, "/")
	if main == "*" && sub != "" && sub != "*" {
		main = g.pick("pods", "deployments", "zz")
	}
	a.Resource, a.Subresource = main, sub
	a.Name = word(rule.ResourceNames, "*", a.Name)
	return a
}

// action returns any request. Its namespace is empty, one of the world's, or one that nobody knows.
func (g *grammar) action() rbac.Action {
	if g.oneIn(8) {
		return rbac.Action{
			Verb: g.pick("get", "get", "post", "head", "*"),
			Path: g.pick("/healthz", "/healthz/etcd", "/healthzy", "/metrics", "/metrics/", "/metrics/slis", "/a", "/ab", "/aXb", "/a*b", "/a/x/b",
				"/a/*/b", "/", "*", "/zz", "healthz"),
		}
	}
	a := rbac.Action{
		Verb: g.verb(), Group: g.pick("", "", "", "apps", "apps", rbacv1.GroupName, "core", "zz"),
		Namespace: g.pick("", "dev", "dev", "qa", "prod", "zz"),
	}
	if g.oneIn(12) {
		a.Resource, a.Subresource = g.heldResource(), g.pick("", "*", "exec")
	} else {
		a.Resource = g.pick("pods", "pods", "secrets", "nodes", "namespaces", "deployments", "clusterroles", "roles", "a", "zz")
		a.Subresource = g.pick("", "", "", "exec", "log", "scale", "status", "b/c", "zz")
	}
	if g.oneIn(2) {
		a.Name = g.pick("db", "web-0", "dev", "qa", "r1", "c1", "zz")
	}
	return a
}

// identity returns somebody, most often one whom a binding of the world names; now and then with groups that were told.
func (g *grammar) identity(p *probe) rbac.Identity {
	var groups []string
	for g.oneIn(3) {
		if name := g.groupName(); name != rbac.GroupMasters || g.oneIn(8) {
			groups = append(groups, name)
		}
	}
	subject := rbac.User(g.userName())
	switch g.IntN(8) {
	case 0:
		subject = rbac.Group(g.groupName())
	case 1:
		subject = rbac.ServiceAccount(g.pick("dev", "qa", "zz"), g.pick("bot", "default"))
	case 2:
	default:
		subject = p.subjects[g.IntN(len(p.subjects))]
	}
	return rbac.NewIdentity(subject, groups...)
}
