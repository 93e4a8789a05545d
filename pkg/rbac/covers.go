package rbac

import (
	"cmp"
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"
)

// atom is the smallest piece of a rule: one verb on one resource of one group, or on one URL.
type atom struct {
	verb, group, resource string
	name                  string
	named                 bool // limited to name; else any name
	url                   string
	isURL                 bool // even an empty one, which a rule may hold though no request has it
}

// atoms breaks a rule into its pieces. A rule without verbs has none.
func atoms(p *rbacv1.PolicyRule) []atom {
	var out []atom
	for _, verb := range p.Verbs {
		for _, url := range p.NonResourceURLs {
			out = append(out, atom{verb: verb, url: url, isURL: true})
		}
		for _, group := range p.APIGroups {
			for _, resource := range p.Resources {
				if len(p.ResourceNames) == 0 {
					out = append(out, atom{verb: verb, group: group, resource: resource})
				}
				for _, name := range p.ResourceNames {
					out = append(out, atom{verb: verb, group: group, resource: resource, name: name, named: true})
				}
			}
		}
	}
	return out
}

// covers reports whether the rule allows all that the atom does. It is upstream's rule against escalation: wildcards of
// the atom need the same or a wider wildcard, and a URL pattern is covered by a shorter prefix.
func covers(p *rbacv1.PolicyRule, a atom) bool {
	if !matchesVerb(p, a.verb) {
		return false
	}
	if a.isURL {
		return len(p.ResourceNames) == 0 && slices.ContainsFunc(p.NonResourceURLs, func(u string) bool {
			return urlCovers(u, a.url)
		})
	}
	return matchesGroup(p, a.group) && coversResource(p, a.resource) &&
		(len(p.ResourceNames) == 0 || a.named && slices.Contains(p.ResourceNames, a.name))
}

func coversResource(p *rbacv1.PolicyRule, resource string) bool {
	return slices.ContainsFunc(p.Resources, func(held string) bool {
		if held == rbacv1.ResourceAll || held == resource {
			return true
		}
		_, sub, ok := strings.Cut(resource, "/")
		return ok && held == "*/"+sub
	})
}

// Covers returns what of the wanted rules the held ones do not cover, as few rules as possible; nothing when all is
// covered. It decides as the API server does before it lets somebody write a role (Covers in
// k8s.io/component-helpers/auth/rbac/validation).
func Covers(held, wanted []rbacv1.PolicyRule) []rbacv1.PolicyRule {
	var missing []atom
	for i := range wanted {
		for _, a := range atoms(&wanted[i]) {
			if !slices.ContainsFunc(held, func(p rbacv1.PolicyRule) bool { return covers(&p, a) }) {
				missing = append(missing, a)
			}
		}
	}
	return mergeAtoms(missing)
}

// mergeAtoms puts atoms that differ in their verb, then those that differ in their name, into one rule.
func mergeAtoms(list []atom) []rbacv1.PolicyRule {
	type key struct {
		group, resource, names, url string
		isURL                       bool
	}
	verbs := map[key][]string{}
	names := map[atom][]string{}
	for _, a := range list {
		bare := a
		bare.name = ""
		names[bare] = append(names[bare], a.name)
	}
	for a, list := range names {
		k := key{group: a.group, resource: a.resource, url: a.url, isURL: a.isURL}
		if a.named {
			k.names = strings.Join(sortedUnique(list), "\x00") + "\x00"
		}
		verbs[k] = append(verbs[k], a.verb)
	}
	out := make([]rbacv1.PolicyRule, 0, len(verbs))
	for k, list := range verbs {
		p := rbacv1.PolicyRule{Verbs: SortVerbs(list)}
		if k.isURL {
			p.NonResourceURLs = []string{k.url}
		} else {
			p.APIGroups, p.Resources = []string{k.group}, []string{k.resource}
			if k.names != "" {
				p.ResourceNames = strings.Split(strings.TrimSuffix(k.names, "\x00"), "\x00")
			}
		}
		out = append(out, p)
	}
	slices.SortFunc(out, compareRules)
	return out
}

func compareRules(a, b rbacv1.PolicyRule) int {
	return cmp.Or(slices.Compare(a.NonResourceURLs, b.NonResourceURLs), slices.Compare(a.APIGroups, b.APIGroups),
		slices.Compare(a.Resources, b.Resources), slices.Compare(a.ResourceNames, b.ResourceNames),
		slices.Compare(a.Verbs, b.Verbs))
}

// StandardVerbs are the verbs of ordinary resources in the order in which people read them.
func StandardVerbs() []string {
	return []string{"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"}
}

// SortVerbs returns the distinct verbs in reading order: the standard ones first, others by name. "*" stands for all.
func SortVerbs(verbs []string) []string {
	if slices.Contains(verbs, rbacv1.VerbAll) {
		return []string{rbacv1.VerbAll}
	}
	standard := StandardVerbs()
	rank := func(v string) int {
		if i := slices.Index(standard, v); i >= 0 {
			return i
		}
		return len(standard)
	}
	out := sortedUnique(verbs)
	slices.SortStableFunc(out, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	return out
}
