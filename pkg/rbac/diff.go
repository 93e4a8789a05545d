package rbac

import (
	"encoding/binary"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// Change is a right that a subject gained or lost between two snapshots.
type Change struct {
	Subject Subject
	Gained  bool
	// Right holds what changed and where; its sources are those in the snapshot that has the right.
	Right Right
}

// Diff compares effective rights: what subjects may do now and could not before, and the other way round. Changes of
// objects that change nobody's rights do not show, such as a second binding to the same role. A subject's rights
// include those of the groups that the API server gives to everybody of his kind.
func Diff(before, after *Index) []Change {
	d := differ{before: before, after: after, numbers: map[string]int64{}}
	oldSigns, newSigns := d.signatures(before), d.signatures(after)
	var out []Change
	for s, sign := range newSigns {
		if oldSigns[s] != sign {
			out = append(out, d.side(s, after, before, true)...)
		}
	}
	for s, sign := range oldSigns {
		if newSigns[s] != sign {
			out = append(out, d.side(s, before, after, false)...)
		}
	}
	slices.SortFunc(out, func(a, b Change) int {
		if r := CompareSubjects(a.Subject, b.Subject); r != 0 {
			return r
		}
		if r := boolRank(b.Gained) - boolRank(a.Gained); r != 0 {
			return r
		}
		return compareRights(a.Right, b.Right)
	})
	return out
}

type differ struct {
	before, after *Index
	numbers       map[string]int64
}

// number gives equal strings of both snapshots the same number.
func (d *differ) number(s string) int64 {
	n, ok := d.numbers[s]
	if !ok {
		n = int64(len(d.numbers))
		d.numbers[s] = n
	}
	return n
}

// signatures returns for every subject what its bindings give it, in a form in which equal means no change at all.
func (d *differ) signatures(ix *Index) map[Subject]string {
	rules := make([]int64, len(ix.rules))
	for i := range ix.rules {
		rules[i] = d.number(ruleText(ix.rules[i].policy))
	}
	roles := make([]int64, len(ix.roles))
	for i := range ix.roles {
		roles[i] = d.number("role " + packed(ix.roles[i].rules, rules))
	}
	out := make(map[Subject]string, len(ix.subjects))
	for i := range ix.subjects {
		var pairs []string
		for _, b := range ix.subjects[i].bindings {
			if r := ix.bindings[b].role; r != noRole {
				pair := binary.AppendVarint([]byte(ix.bindings[b].Namespace+"\x00"), roles[r])
				pairs = append(pairs, string(pair))
			}
		}
		out[ix.subjects[i].Subject] = strings.Join(sortedUnique(pairs), "\x01")
	}
	return out
}

func packed(list []int32, as []int64) string {
	numbers := make([]int64, len(list))
	for i, n := range list {
		numbers[i] = as[n]
	}
	slices.Sort(numbers)
	var b []byte
	for _, n := range slices.Compact(numbers) {
		b = binary.AppendVarint(b, n)
	}
	return string(b)
}

func ruleText(p *rbacv1.PolicyRule) string {
	var b strings.Builder
	b.WriteString("rule ")
	for _, list := range [...][]string{p.Verbs, p.APIGroups, p.Resources, p.ResourceNames, p.NonResourceURLs} {
		b.WriteString(strings.Join(list, "\x00") + "\x02")
		if len(list) > 0 {
			b.WriteString("\x03")
		}
	}
	return b.String()
}

// side lists the rights that the subject has in one index beyond those in the other.
func (d *differ) side(s Subject, has, lacks *Index, gained bool) []Change {
	only := Identity{Subject: s, User: s.UserName()}
	if s.Kind == rbacv1.GroupKind {
		only.Groups = []string{s.Name}
	}
	whole := NewIdentity(s)
	if whole.Superuser() {
		return nil
	}
	held := map[string][]rbacv1.PolicyRule{}
	lines := map[string]*Change{}
	for _, right := range has.Rights(only, "") {
		if right.Void != "" {
			continue
		}
		for _, place := range right.places() {
			if _, ok := held[place]; !ok {
				held[place] = splitURLs(lacks.Rules(whole, place))
			}
			for _, missing := range Covers(held[place], []rbacv1.PolicyRule{right.policy()}) {
				key := ruleText(&missing)
				if right.Everywhere {
					key += "everywhere"
				}
				c := lines[key]
				if c == nil {
					c = &Change{Subject: s, Gained: gained, Right: right}
					c.Right.Namespaces, c.Right.Sources = nil, nil
					c.Right.Verbs, c.Right.Names = missing.Verbs, missing.ResourceNames
					lines[key] = c
				}
				if place != "" {
					c.Right.Namespaces = append(c.Right.Namespaces, place)
				}
				c.Right.Sources = append(c.Right.Sources, right.sourcesIn(place)...)
			}
		}
	}
	out := make([]Change, 0, len(lines))
	for _, c := range lines {
		c.Right.Namespaces = sortedUnique(c.Right.Namespaces)
		out = append(out, *c)
	}
	return out
}

// splitURLs gives the URLs of rules that also have names a rule of their own: names never limit URLs, but in a rule with
// both, which an API server would not store, [Covers] does not count them.
func splitURLs(rules []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	for _, p := range rules {
		if len(p.NonResourceURLs) > 0 && len(p.ResourceNames) > 0 {
			rules = append(rules, rbacv1.PolicyRule{Verbs: p.Verbs, NonResourceURLs: p.NonResourceURLs})
		}
	}
	return rules
}

// places lists the namespaces of the right, or "" when it holds everywhere.
func (r *Right) places() []string {
	if r.Everywhere {
		return []string{""}
	}
	return r.Namespaces
}

// sourcesIn lists the sources that give the right in one place.
func (r *Right) sourcesIn(namespace string) []Source {
	return slices.DeleteFunc(slices.Clone(r.Sources), func(s Source) bool { return s.Binding.Namespace != namespace })
}

// policy returns the right as a rule.
func (r *Right) policy() rbacv1.PolicyRule {
	if r.URL != "" {
		return rbacv1.PolicyRule{Verbs: r.Verbs, NonResourceURLs: []string{r.URL}}
	}
	return rbacv1.PolicyRule{
		Verbs: r.Verbs, APIGroups: []string{r.Group}, Resources: []string{r.Resource}, ResourceNames: r.Names,
	}
}
