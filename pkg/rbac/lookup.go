package rbac

import rbacv1 "k8s.io/api/rbac/v1"

// lookup finds the rules of ClusterRoleBindings by what they are about. Every query has to look at all of these bindings,
// while RoleBindings are narrowed by their namespace.
type lookup struct {
	bound      []clusterBound
	rules      []boundRule
	byResource map[string][]int32 // numbers into rules, by resource as a rule has it
	byGroup    map[string][]int32 // the same for rules with all resources of an API group
	byURL      []int32
}

// clusterBound is a role with the ClusterRoleBindings that name somebody for it, ascending.
type clusterBound struct {
	role     int32
	bindings []int32
}

// boundRule is a distinct rule with the places where it stands: numbers into lookup.bound, and positions in that role.
type boundRule struct {
	rule   int32
	places []rulePlace
}

type rulePlace struct{ bound, position int32 }

func (ix *Index) compileLookup() {
	l := &ix.lookup
	l.byResource, l.byGroup = map[string][]int32{}, map[string][]int32{}
	_, end := ix.bindingsIn("")
	numberOf, ruleOf := map[int32]int32{}, map[int32]int32{}
	for b := range end {
		r := ix.bindings[b].role
		if r == noRole || len(ix.bindings[b].subjects) == 0 {
			continue
		}
		n, known := numberOf[r]
		if !known {
			n = int32(len(l.bound))
			numberOf[r] = n
			l.bound = append(l.bound, clusterBound{role: r})
			for position, rule := range ix.roles[r].rules {
				m, known := ruleOf[rule]
				if !known {
					m = int32(len(l.rules))
					ruleOf[rule] = m
					l.rules = append(l.rules, boundRule{rule: rule})
					l.enter(ix.rules[rule].policy, m)
				}
				l.rules[m].places = append(l.rules[m].places, rulePlace{n, int32(position)})
			}
		}
		l.bound[n].bindings = append(l.bound[n].bindings, b)
	}
}

func (l *lookup) enter(p *rbacv1.PolicyRule, n int32) {
	for _, resource := range p.Resources {
		if resource != rbacv1.ResourceAll {
			l.byResource[resource] = appendOnce(l.byResource[resource], n)
			continue
		}
		for _, group := range p.APIGroups {
			l.byGroup[group] = appendOnce(l.byGroup[group], n)
		}
	}
	if len(p.NonResourceURLs) > 0 {
		l.byURL = append(l.byURL, n)
	}
}

// appendOnce appends to an ascending list.
func appendOnce(list []int32, n int32) []int32 {
	if len(list) > 0 && list[len(list)-1] == n {
		return list
	}
	return append(list, n)
}

// lists returns where the rules are that may allow the action. A rule may be in several of them.
func (l *lookup) lists(a *Action) [4][]int32 {
	if a.IsURL() {
		return [4][]int32{l.byURL}
	}
	lists := [4][]int32{l.byResource[a.ResourceName()], l.byGroup[a.Group], l.byGroup[rbacv1.APIGroupAll]}
	if a.Subresource != "" {
		lists[3] = l.byResource["*/"+a.Subresource]
	}
	return lists
}
