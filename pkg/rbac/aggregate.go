package rbac

import (
	"maps"
	"slices"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
)

// fillAggregated finds the parts of every aggregated ClusterRole, and gives those that no controller has filled the
// rules that the aggregation controller would give them: the rules of its parts, selector by selector, by name, each
// distinct rule once. Rules written by hand into such a role are lost there when the parts have any, and stay when they
// have none, because the controller applies no rules then and leaves those that are another's; the same here.
func (ix *Index) fillAggregated() {
	byLabel := map[[2]string][]int32{}
	var aggregated []int32
	end, _ := slices.BinarySearchFunc(ix.roles, "\x00", func(r role, ns string) int {
		return compareNames(r.Namespace, "", ns, "")
	})
	clusterRoles := ix.roles[:end]
	for i := range clusterRoles {
		for k, v := range clusterRoles[i].Labels {
			byLabel[[2]string{k, v}] = append(byLabel[[2]string{k, v}], int32(i))
		}
		if len(clusterRoles[i].Aggregates) > 0 {
			aggregated = append(aggregated, int32(i))
		}
	}
	for _, n := range aggregated {
		ix.roles[n].parts = partsOf(clusterRoles, n, byLabel)
	}
	ix.settle(aggregated)
}

// settle gives the open roles their rules: first what parts give, then, where that is nothing, what is written. Written
// rules can reach other roles, so those come first that wait for no other; in a circle the first by name.
func (ix *Index) settle(aggregated []int32) {
	var open []int32
	written := map[int32][]rbacv1.PolicyRule{}
	for _, n := range aggregated {
		if !ix.roles[n].Stored {
			if len(ix.roles[n].Rules) > 0 {
				written[n] = ix.roles[n].Rules
			}
			filled := *ix.roles[n].Role
			filled.Rules = nil
			ix.roles[n].Role = &filled
			open = append(open, n)
		}
	}
	for {
		ix.fill(open)
		maps.DeleteFunc(written, func(n int32, _ []rbacv1.PolicyRule) bool { return len(ix.roles[n].Rules) > 0 })
		if len(written) == 0 {
			return
		}
		var next []int32
		for n := range written {
			if !ix.waits(n, written, map[int32]bool{n: true}) {
				next = append(next, n)
			}
		}
		if len(next) == 0 {
			next = []int32{slices.Min(slices.Collect(maps.Keys(written)))}
		}
		for _, n := range next {
			ix.roles[n].Rules = written[n]
		}
	}
}

// waits reports whether a role that has no rules yet selects, through others that have none, one whose rules are written.
func (ix *Index) waits(n int32, written map[int32][]rbacv1.PolicyRule, seen map[int32]bool) bool {
	for _, part := range ix.roles[n].parts {
		if seen[part] || len(ix.roles[part].Rules) > 0 {
			continue
		}
		seen[part] = true
		if written[part] != nil || ix.waits(part, written, seen) {
			return true
		}
	}
	return false
}

// fill repeats the controller's step until no role gets a further rule: aggregated roles may be parts of others, in
// circles too. Sets of rules only grow, so it ends; their order may go round in a circle for ever, so it doesn't count.
func (ix *Index) fill(open []int32) {
	for changed := true; changed; {
		changed = false
		for _, n := range open {
			if rules := ix.gather(n); len(rules) > 0 {
				changed = changed || len(rules) != len(ix.roles[n].Rules)
				ix.roles[n].Rules = rules
			}
		}
	}
}

func (ix *Index) gather(n int32) []rbacv1.PolicyRule {
	var rules []rbacv1.PolicyRule
	for _, part := range ix.roles[n].parts {
		for i := range ix.roles[part].Rules {
			p := &ix.roles[part].Rules[i]
			if !slices.ContainsFunc(rules, func(have rbacv1.PolicyRule) bool { return equalRules(&have, p) }) {
				rules = append(rules, *p)
			}
		}
	}
	return rules
}

// partsOf lists the ClusterRoles that the selectors of role n find. With a selector that is not valid there are none: the
// controller gives up on such a role.
func partsOf(clusterRoles []role, n int32, byLabel map[[2]string][]int32) []int32 {
	var parts []int32
	for i := range clusterRoles[n].Aggregates {
		selector := &clusterRoles[n].Aggregates[i]
		compiled, err := metav1.LabelSelectorAsSelector(selector)
		if err != nil {
			return nil
		}
		for _, c := range candidates(selector, byLabel, len(clusterRoles)) {
			if c != n && !slices.Contains(parts, c) && compiled.Matches(labels.Set(clusterRoles[c].Labels)) {
				parts = append(parts, c)
			}
		}
	}
	return parts
}

// candidates narrows the ClusterRoles by one of the selector's labels where it has any.
func candidates(selector *metav1.LabelSelector, byLabel map[[2]string][]int32, count int) []int32 {
	for k, v := range selector.MatchLabels {
		return byLabel[[2]string{k, v}]
	}
	all := make([]int32, count)
	for i := range all {
		all[i] = int32(i)
	}
	return all
}

// partOf returns the ClusterRole out of which an aggregated role got the rule, following parts that are aggregated
// themselves. It returns nil when the role is not aggregated, or nothing of it holds the rule: then it is the role's own.
func (ix *Index) partOf(n, rule int32) *Role {
	found := ix.origin(n, rule, nil)
	if found == noRole || found == n {
		return nil
	}
	return ix.roles[found].Role
}

func (ix *Index) origin(n, rule int32, visited []int32) int32 {
	if len(ix.roles[n].Aggregates) == 0 {
		return n
	}
	visited = append(visited, n)
	own := true
	for _, part := range ix.roles[n].parts {
		if !slices.Contains(ix.roles[part].rules, rule) {
			continue
		}
		own = false
		if slices.Contains(visited, part) {
			continue
		}
		if found := ix.origin(part, rule, visited); found != noRole {
			return found
		}
	}
	if own {
		return n
	}
	return noRole
}
