package conformance

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"

	"github.com/kubegatehouse/gatehouse/test/objects"
)

// shrink takes pieces away from a set for as long as it still fails, and returns what is left: objects, subjects, rules, words of rules. The
// set it is given is not changed.
func shrink(set *objects.Set, fails func(*objects.Set) bool) *objects.Set {
	for {
		smaller := slices.IndexFunc(pieces(set), func(without *objects.Set) bool { return fails(without) })
		if smaller < 0 {
			return set
		}
		set = pieces(set)[smaller]
	}
}

// pieces returns the set without each of its pieces in turn, large ones first.
func pieces(set *objects.Set) []*objects.Set {
	var out []*objects.Set
	vary := func(change func(s *objects.Set)) {
		without := *set
		change(&without)
		out = append(out, &without)
	}
	less(set.RoleBindings, func(l []*rbacv1.RoleBinding) { vary(func(s *objects.Set) { s.RoleBindings = l }) })
	less(set.ClusterRoleBindings, func(l []*rbacv1.ClusterRoleBinding) { vary(func(s *objects.Set) { s.ClusterRoleBindings = l }) })
	less(set.Roles, func(l []*rbacv1.Role) { vary(func(s *objects.Set) { s.Roles = l }) })
	less(set.ClusterRoles, func(l []*rbacv1.ClusterRole) { vary(func(s *objects.Set) { s.ClusterRoles = l }) })
	for i, b := range set.RoleBindings {
		less(b.Subjects, func(l []rbacv1.Subject) {
			vary(func(s *objects.Set) { at(&s.RoleBindings, i).Subjects = l })
		})
	}
	for i, b := range set.ClusterRoleBindings {
		less(b.Subjects, func(l []rbacv1.Subject) {
			vary(func(s *objects.Set) { at(&s.ClusterRoleBindings, i).Subjects = l })
		})
	}
	for i, r := range set.Roles {
		lessRules(r.Rules, func(l []rbacv1.PolicyRule) { vary(func(s *objects.Set) { at(&s.Roles, i).Rules = l }) })
	}
	for i, r := range set.ClusterRoles {
		lessRules(r.Rules, func(l []rbacv1.PolicyRule) { vary(func(s *objects.Set) { at(&s.ClusterRoles, i).Rules = l }) })
		if r.AggregationRule != nil {
			vary(func(s *objects.Set) { at(&s.ClusterRoles, i).AggregationRule = nil })
		}
		if len(r.Labels) > 0 {
			vary(func(s *objects.Set) { at(&s.ClusterRoles, i).Labels = nil })
		}
	}
	return out
}

// at replaces element i by a copy that may be changed, in a copy of the list, and returns it.
func at[T any](list *[]*T, i int) *T {
	*list = slices.Clone(*list)
	changed := *(*list)[i]
	(*list)[i] = &changed
	return &changed
}

// less gives the list without each of its elements in turn.
func less[T any](list []T, take func([]T)) {
	for i := range list {
		take(slices.Delete(slices.Clone(list), i, i+1))
	}
}

func lessRules(rules []rbacv1.PolicyRule, take func([]rbacv1.PolicyRule)) {
	less(rules, take)
	for i, rule := range rules {
		for _, field := range []func(*rbacv1.PolicyRule) *[]string{
			func(r *rbacv1.PolicyRule) *[]string { return &r.Verbs },
			func(r *rbacv1.PolicyRule) *[]string { return &r.APIGroups },
			func(r *rbacv1.PolicyRule) *[]string { return &r.Resources },
			func(r *rbacv1.PolicyRule) *[]string { return &r.ResourceNames },
			func(r *rbacv1.PolicyRule) *[]string { return &r.NonResourceURLs },
		} {
			less(*field(&rule), func(words []string) {
				changed := slices.Clone(rules)
				*field(&changed[i]) = words
				take(changed)
			})
		}
	}
}

// text prints the set as manifests.
func text(set *objects.Set) string {
	var b strings.Builder
	write := func(kind string, object any) {
		data, err := yaml.Marshal(object)
		if err != nil {
			data = []byte(err.Error())
		}
		fmt.Fprintf(&b, "--- %s\n%s", kind, data)
	}
	for _, o := range set.ClusterRoles {
		write("ClusterRole", o)
	}
	for _, o := range set.Roles {
		write("Role", o)
	}
	for _, o := range set.ClusterRoleBindings {
		write("ClusterRoleBinding", o)
	}
	for _, o := range set.RoleBindings {
		write("RoleBinding", o)
	}
	return b.String()
}

// TestShrink checks that what is left is the smallest set, and that the set it came from is whole.
func TestShrink(t *testing.T) {
	t.Parallel()
	set := newGrammar(7, false).world()
	set.RoleBindings = append(set.RoleBindings, &rbacv1.RoleBinding{Subjects: []rbacv1.Subject{{Name: "alice"}, {Name: "wanted"}}})
	whole := text(set)
	small := shrink(set, func(s *objects.Set) bool { return strings.Contains(text(s), "name: wanted") })
	if got, want := text(small), text(&objects.Set{RoleBindings: []*rbacv1.RoleBinding{{Subjects: []rbacv1.Subject{{Name: "wanted"}}}}}); got != want {
		t.Errorf("left:\n%s\nwant:\n%s", got, want)
	}
	if text(set) != whole {
		t.Error("the set was changed")
	}
}
