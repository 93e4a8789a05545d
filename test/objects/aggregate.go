package objects

import (
	"cmp"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac/bootstrappolicy"
)

// Bootstrap returns the ClusterRoles and ClusterRoleBindings that kube-apiserver makes when it starts, aggregated ones filled in.
func Bootstrap() *Set {
	set := &Set{}
	roles := append(bootstrappolicy.ClusterRoles(), bootstrappolicy.ControllerRoles()...)
	for i := range roles {
		set.ClusterRoles = append(set.ClusterRoles, &roles[i])
	}
	bindings := append(bootstrappolicy.ClusterRoleBindings(), bootstrappolicy.ControllerRoleBindings()...)
	for i := range bindings {
		set.ClusterRoleBindings = append(set.ClusterRoleBindings, &bindings[i])
	}
	return set.Aggregated()
}

// Aggregated returns the set with the rules of aggregated ClusterRoles as the aggregation controller of Kubernetes 1.36 leaves them: its
// step, written down here with its own selectors and comparison, is repeated until nothing changes but the order of rules, which has no end
// when roles aggregate each other in a circle. As with the controller's server-side apply, a step that finds no rules leaves those that
// somebody else wrote. What becomes of rules written into the roles of a circle depends on the order of the steps; see [Set.Circular]. The
// receiver is not changed.
func (s *Set) Aggregated() *Set {
	out := *s
	out.ClusterRoles = slices.Clone(s.ClusterRoles)
	slices.SortFunc(out.ClusterRoles, func(a, b *rbacv1.ClusterRole) int { return cmp.Compare(a.Name, b.Name) })
	for i, r := range out.ClusterRoles {
		copied := *r
		out.ClusterRoles[i] = &copied
	}
	for changed := true; changed; {
		changed = false
		for _, r := range out.ClusterRoles {
			if r.AggregationRule == nil {
				continue
			}
			if rules := aggregate(r, out.ClusterRoles); len(rules) > 0 {
				changed = changed || !sameRules(rules, r.Rules)
				r.Rules = rules
			}
		}
	}
	return &out
}

// Circular reports whether a ClusterRole aggregates itself by way of others.
func (s *Set) Circular() bool {
	visiting := map[string]bool{}
	var circular func(r *rbacv1.ClusterRole) bool
	circular = func(r *rbacv1.ClusterRole) bool {
		if r.AggregationRule == nil {
			return false
		}
		if visiting[r.Name] {
			return true
		}
		visiting[r.Name] = true
		defer delete(visiting, r.Name)
		return slices.ContainsFunc(partsOf(r, s.ClusterRoles), circular)
	}
	return slices.ContainsFunc(s.ClusterRoles, circular)
}

// aggregate is one step of the controller for one role. sorted are all ClusterRoles by name.
func aggregate(r *rbacv1.ClusterRole, sorted []*rbacv1.ClusterRole) []rbacv1.PolicyRule {
	var rules []rbacv1.PolicyRule
	for _, part := range partsOf(r, sorted) {
		for _, rule := range part.Rules {
			if !contains(rules, rule) {
				rules = append(rules, rule)
			}
		}
	}
	return rules
}

// partsOf lists the ClusterRoles that the role's selectors find, selector by selector.
func partsOf(r *rbacv1.ClusterRole, sorted []*rbacv1.ClusterRole) []*rbacv1.ClusterRole {
	var parts []*rbacv1.ClusterRole
	for i := range r.AggregationRule.ClusterRoleSelectors {
		selector, err := metav1.LabelSelectorAsSelector(&r.AggregationRule.ClusterRoleSelectors[i])
		if err != nil {
			return nil
		}
		for _, part := range sorted {
			if part.Name != r.Name && selector.Matches(labels.Set(part.Labels)) {
				parts = append(parts, part)
			}
		}
	}
	return parts
}

func contains(rules []rbacv1.PolicyRule, rule rbacv1.PolicyRule) bool {
	return slices.ContainsFunc(rules, func(have rbacv1.PolicyRule) bool { return equality.Semantic.DeepEqual(have, rule) })
}

// sameRules compares without order. Neither list holds a rule twice, unless somebody wrote it so.
func sameRules(a, b []rbacv1.PolicyRule) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(rule rbacv1.PolicyRule) bool { return !contains(b, rule) })
}
