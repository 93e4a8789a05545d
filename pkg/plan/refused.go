package plan

import (
	"cmp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Refused is a rule that the caller lacks for a plan.
type Refused struct {
	// Rule is what is missing: one resource, the verbs on it, and its names when other names are allowed.
	Rule rbacv1.PolicyRule
	// Namespace is where it has to be granted; empty for objects of the cluster.
	Namespace string
	// Steps are those that would fail for it, in the order of the plan.
	Steps []Step
	// Reason is what the server said about it; it may be empty.
	Reason string
}

// rules folds refused rights into rules: verbs on the same objects of one namespace become one.
func rules(p Plan, refused []question) []Refused {
	out := []Refused{}
	index := map[string]int{}
	for _, q := range merged(p, refused) {
		key := strings.Join(append([]string{q.namespace, q.group, q.resource}, q.names...), "\x00")
		at, known := index[key]
		if !known {
			at = len(out)
			index[key] = at
			out = append(out, Refused{Namespace: q.namespace, Reason: q.reason, Rule: rbacv1.PolicyRule{
				APIGroups: []string{q.group}, Resources: []string{q.resource}, ResourceNames: q.names,
			}})
		}
		out[at].Rule.Verbs = append(out[at].Rule.Verbs, q.verb)
		for _, i := range q.steps {
			out[at].Steps = append(out[at].Steps, p.Steps[i])
		}
	}
	for i := range out {
		slices.Sort(out[i].Rule.Verbs)
	}
	return out
}

// denied is a right that is refused for some names; for all when there are none.
type denied struct {
	question
	names []string
}

// merged joins what is refused name by name, sorted, and drops the names when no other name is allowed.
func merged(p Plan, refused []question) []denied {
	needed := map[right]int{}
	for _, q := range questions(p) {
		needed[q.right] = len(q.steps)
	}
	var out []denied
	index := map[right]int{}
	for _, q := range refused {
		r := q.right
		r.name = ""
		at, known := index[r]
		if !known {
			at = len(out)
			index[r] = at
			out = append(out, denied{question: question{right: r, reason: q.reason}})
		}
		out[at].steps = append(out[at].steps, q.steps...)
		if q.name != "" {
			out[at].names = append(out[at].names, q.name)
		}
	}
	for i, d := range out {
		slices.Sort(out[i].steps)
		slices.Sort(out[i].names)
		if len(d.steps) == needed[d.right] {
			out[i].names = nil
		}
	}
	slices.SortFunc(out, func(a, b denied) int {
		return cmp.Or(cmp.Compare(a.namespace, b.namespace), cmp.Compare(a.group, b.group),
			cmp.Compare(a.resource, b.resource), slices.Compare(a.names, b.names), cmp.Compare(a.verb, b.verb))
	})
	return out
}
