package conformance

import (
	"fmt"
	"math/rand/v2"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
	"github.com/kubegatehouse/gatehouse/test/objects"
)

// grammar makes random objects and requests out of few words, so that they meet often. Its words hold what is easy to get wrong: stars that
// are wildcards and stars that are not, empty strings, subresources, names that are spelled like something else.
type grammar struct {
	*rand.Rand
	// valid leaves out what an API server refuses to store.
	valid bool
}

func newGrammar(seed uint64, valid bool) *grammar {
	return &grammar{rand.New(rand.NewPCG(seed, 1)), valid} //nolint:gosec // has to be repeatable
}

// oneIn is true once in n times.
func (g *grammar) oneIn(n int) bool { return g.IntN(n) == 0 }

func (g *grammar) pick(words ...string) string { return words[g.IntN(len(words))] }

// some returns up to most words, now and then one of them twice, rarely none.
func (g *grammar) some(most int, word func() string) []string {
	if !g.valid && g.oneIn(25) {
		return nil
	}
	list := []string{word()}
	for len(list) < most && g.oneIn(2) {
		list = append(list, word())
	}
	return list
}

func (g *grammar) namespace() string { return g.pick("dev", "qa", "prod") }

func (g *grammar) verb() string {
	return g.pick("get", "get", "list", "watch", "create", "update", "patch", "delete", "deletecollection", "bind", "impersonate", "GET", "",
		"*", "*")
}

func (g *grammar) group() string {
	return g.pick("", "", "", "apps", "apps", rbacv1.GroupName, "core", "*", "*")
}

func (g *grammar) heldResource() string {
	return g.pick("pods", "pods", "secrets", "pods/exec", "pods/log", "nodes", "namespaces", "namespaces/status", "deployments/scale",
		"clusterroles", "roles", "*", "*", "*/exec", "*/scale", "*/*", "pods/*", "pods/", "*/", "/exec", "a/b/c", "*/b/c", "", "**", "exec")
}

func (g *grammar) objectName() string { return g.pick("db", "web-0", "dev", "qa", "r1", "c1", "", "*") }

func (g *grammar) heldURL() string {
	return g.pick("/healthz", "/healthz/*", "/healthz*", "/metrics", "*", "/*", "**", "/a*b", "/a**", "/a/*/b", "", "healthz", "/metrics/")
}

func (g *grammar) rule(namespaced bool) rbacv1.PolicyRule {
	rule := rbacv1.PolicyRule{Verbs: g.some(3, g.verb)}
	urls := g.oneIn(5) && (!g.valid || !namespaced)
	if urls {
		rule.NonResourceURLs = g.some(2, g.heldURL)
	}
	if !urls || !g.valid && g.oneIn(3) {
		rule.APIGroups, rule.Resources = g.some(2, g.group), g.some(3, g.heldResource)
		if g.oneIn(3) {
			rule.ResourceNames = g.some(3, g.objectName)
		}
	}
	return rule
}

// rules returns a few rules, among them some that the world has already.
func (g *grammar) rules(namespaced bool, known *[]rbacv1.PolicyRule) []rbacv1.PolicyRule {
	var list []rbacv1.PolicyRule
	for n := g.IntN(4); n > 0; n-- {
		if len(*known) > 0 && g.oneIn(3) {
			rule := (*known)[g.IntN(len(*known))]
			if !namespaced || !g.valid || len(rule.NonResourceURLs) == 0 {
				list = append(list, rule)
				continue
			}
		}
		rule := g.rule(namespaced)
		*known = append(*known, rule)
		list = append(list, rule)
	}
	return list
}

func (g *grammar) userName() string {
	return g.pick("alice", "alice", "bob", "Alice", "ops", "dev:bot", "system:anonymous", "system:serviceaccount:dev:bot",
		"system:serviceaccount:qa:bot", "system:serviceaccount:dev:a:b", "system:serviceaccount:dev:", "system:serviceaccount::bot",
		"system:serviceaccount:dev/bot", "system:serviceaccount:", "bot")
}

func (g *grammar) groupName() string {
	return g.pick("ops", "ops", "alice", rbac.GroupAuthenticated, rbac.GroupUnauthenticated, rbac.GroupServiceAccounts,
		rbac.GroupServiceAccounts+":dev", rbac.GroupServiceAccounts+":", rbac.GroupMasters, "system:serviceaccount:dev:bot", "Ops")
}

func (g *grammar) subject(namespaced bool) rbacv1.Subject {
	switch g.IntN(8) {
	case 0, 1, 2:
		return rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: g.userName()}
	case 3, 4:
		return rbacv1.Subject{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: g.groupName()}
	case 5:
		if !g.valid && g.oneIn(3) { // a kind, a group or a namespace that has no meaning
			return rbacv1.Subject{
				Kind: g.pick("Robot", "user", rbacv1.UserKind, rbacv1.GroupKind), APIGroup: g.pick("", "x"), Namespace: "dev",
				Name: g.pick("alice", "ops"),
			}
		}
	}
	s := rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: g.pick("dev", "dev", "qa", ""), Name: g.pick("bot", "bot", "default")}
	switch {
	case g.valid && !namespaced && s.Namespace == "":
		s.Namespace = "dev"
	case !g.valid && g.oneIn(6):
		s.Namespace, s.Name = g.pick("dev:a", "dev", "dev/x"), g.pick("a:b", "b", "", "x/y")
	}
	return s
}

func (g *grammar) subjects(namespaced bool) []rbacv1.Subject {
	var list []rbacv1.Subject
	for n := g.IntN(4); n > 0; n-- {
		list = append(list, g.subject(namespaced))
	}
	if len(list) > 0 && g.oneIn(6) {
		list = append(list, list[0])
	}
	return list
}

func (g *grammar) roleRef(namespaced bool) rbacv1.RoleRef {
	ref := rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: g.pick("c0", "c1", "c2", "c3", "c4", "r1", "gone")}
	if namespaced && g.oneIn(2) {
		ref.Kind, ref.Name = "Role", g.pick("r0", "r1", "r1", "c1", "gone")
	}
	if !g.valid && g.oneIn(15) {
		ref.Kind = g.pick("Role", "Foo", "")
	}
	if !g.valid && g.oneIn(15) {
		ref.APIGroup = g.pick("", "apps")
	}
	return ref
}

// world returns a few objects.
func (g *grammar) world() *objects.Set {
	set := &objects.Set{}
	var known []rbacv1.PolicyRule
	for i := range 1 + g.IntN(5) {
		r := &rbacv1.ClusterRole{Rules: g.rules(false, &known)}
		r.Name, r.Labels = fmt.Sprintf("c%d", i), g.labels()
		if g.oneIn(4) {
			r.AggregationRule = &rbacv1.AggregationRule{ClusterRoleSelectors: []metav1.LabelSelector{g.selector()}}
			if g.oneIn(3) {
				r.AggregationRule.ClusterRoleSelectors = append(r.AggregationRule.ClusterRoleSelectors, g.selector())
			}
		}
		set.ClusterRoles = append(set.ClusterRoles, r)
	}
	if set.Circular() {
		for _, r := range set.ClusterRoles {
			if r.AggregationRule != nil {
				r.Rules = nil // what becomes of them is left to chance
			}
		}
	}
	for _, ns := range []string{"dev", "qa", "prod"} {
		for _, name := range []string{"r0", "r1", "c1"} {
			if g.oneIn(2) {
				r := &rbacv1.Role{Rules: g.rules(true, &known)}
				r.Namespace, r.Name = ns, name
				set.Roles = append(set.Roles, r)
			}
		}
	}
	for i := range g.IntN(5) {
		b := &rbacv1.ClusterRoleBinding{RoleRef: g.roleRef(false), Subjects: g.subjects(false)}
		b.Name = fmt.Sprintf("b%d", i)
		set.ClusterRoleBindings = append(set.ClusterRoleBindings, b)
	}
	for i := range g.IntN(8) {
		b := &rbacv1.RoleBinding{RoleRef: g.roleRef(true), Subjects: g.subjects(true)}
		b.Namespace, b.Name = g.namespace(), fmt.Sprintf("b%d", i)
		set.RoleBindings = append(set.RoleBindings, b)
	}
	return set
}

func (g *grammar) labels() map[string]string {
	labels := map[string]string{}
	for g.oneIn(2) && len(labels) < 2 {
		labels[g.pick("to", "tier")] = g.pick("a", "b")
	}
	return labels
}

func (g *grammar) selector() metav1.LabelSelector {
	var s metav1.LabelSelector
	if !g.oneIn(4) {
		s.MatchLabels = map[string]string{g.pick("to", "tier"): g.pick("a", "b")}
		if g.oneIn(4) {
			s.MatchLabels[g.pick("to", "tier")] = g.pick("a", "b")
		}
	}
	if g.oneIn(4) {
		e := metav1.LabelSelectorRequirement{Key: g.pick("to", "tier"), Operator: metav1.LabelSelectorOperator(g.pick("Exists", "DoesNotExist"))}
		if g.oneIn(2) {
			e.Operator, e.Values = metav1.LabelSelectorOperator(g.pick("In", "NotIn")), []string{g.pick("a", "b")}
		}
		s.MatchExpressions = append(s.MatchExpressions, e)
	}
	return s
}

// change returns the set with one thing taken away or replaced, for comparing before and after.
func (g *grammar) change(set *objects.Set) *objects.Set {
	out := *set
	switch g.IntN(5) {
	case 0:
		if n := len(set.RoleBindings); n > 0 {
			i := g.IntN(n)
			out.RoleBindings = slices.Delete(slices.Clone(set.RoleBindings), i, i+1)
		}
	case 1:
		if n := len(set.ClusterRoleBindings); n > 0 {
			i := g.IntN(n)
			out.ClusterRoleBindings = slices.Delete(slices.Clone(set.ClusterRoleBindings), i, i+1)
		}
	case 2:
		b := &rbacv1.RoleBinding{RoleRef: g.roleRef(true), Subjects: g.subjects(true)}
		b.Namespace, b.Name = g.namespace(), "added"
		out.RoleBindings = append(slices.Clip(set.RoleBindings), b)
	case 3:
		b := &rbacv1.ClusterRoleBinding{RoleRef: g.roleRef(false), Subjects: g.subjects(false)}
		b.Name = "added"
		out.ClusterRoleBindings = append(slices.Clip(set.ClusterRoleBindings), b)
	case 4:
		i := g.IntN(len(set.ClusterRoles))
		changed := *set.ClusterRoles[i]
		if changed.AggregationRule != nil {
			changed.AggregationRule, changed.Rules = nil, nil
		}
		changed.Rules = append(slices.Clip(changed.Rules[:len(changed.Rules)/2]), g.rule(false))
		out.ClusterRoles = slices.Clone(set.ClusterRoles)
		out.ClusterRoles[i] = &changed
	}
	return &out
}
