package rbac

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Resolution is what a resource argument means.
type Resolution struct {
	Group, Resource, Subresource string
	// Name is set when the argument was "pod/NAME".
	Name       string
	Namespaced bool
	// Known is false when no resource of that name is in the catalog: then the text is taken as it is written.
	Known bool
	// Notes say what was taken where the argument could mean several things. One sentence each, for stderr.
	Notes []string
	// Suggestions are known resources with a name near to one that is not known.
	Suggestions []string
}

// Resolve reads a resource as people write it: "pods", "po", "Pod", "deployments.apps", "deploy.v1.apps", "pods/exec",
// "deployments/scale.apps", "deployments.apps/scale", "pod/web-0", "*", "*/scale". What comes after the slash is a
// subresource when the resource has one of that name, else the name of an object; with named set a name is given
// elsewhere, so that it can only be a subresource. A second slash is an error, but in the keys of userextras. Of several resources of that name the one that has the verb is taken,
// so that "impersonate groups" never means a custom resource; the verb may be empty.
func (c *Catalog) Resolve(text, verb string, named bool) (Resolution, error) {
	word, tail, slash := strings.Cut(text, "/")
	if word == "" || slash && tail == "" {
		return Resolution{}, errors.New("parse resource " + fmt.Sprintf("%q", text) + ": want RESOURCE[/SUBRESOURCE][.GROUP]")
	}
	r, known := c.find(word, verb)
	if sub, name, deeper := strings.Cut(tail, "/"); deeper && r.Resource != "userextras" {
		return Resolution{}, fmt.Errorf("parse resource %q: want %s/%s %s", text, word, sub, cmp.Or(name, "NAME"))
	}
	if known {
		return c.complete(r, tail, named), nil
	}
	if slash && !strings.Contains(word, ".") {
		// pods/exec.GROUP: the group stands after the subresource.
		if sub, group, ok := strings.Cut(tail, "."); ok {
			if r, ok := c.find(word+"."+group, verb); ok && (named || slices.Contains(c.Subresources(r.Group, r.Resource), sub)) {
				return c.complete(r, sub, named), nil
			}
		}
	}
	r = Resolution{Subresource: tail, Namespaced: true, Suggestions: c.near(word)}
	r.Resource, r.Group, _ = strings.Cut(word, ".")
	if sub, group, _ := strings.Cut(tail, "."); sub != "" && group != "" && !strings.Contains(word, ".") {
		r.Subresource, r.Group = sub, group
	}
	if r.Resource == "*" {
		r.Known, r.Suggestions = true, nil
	}
	return r, nil
}

// complete adds what stands after the slash.
func (c *Catalog) complete(r Resolution, tail string, named bool) Resolution {
	if tail == "" {
		return r
	}
	subs := c.Subresources(r.Group, r.Resource)
	sub, group, dotted := strings.Cut(tail, ".")
	switch {
	case slices.Contains(subs, tail), r.Resource == "userextras":
		r.Subresource = tail
	case dotted && slices.Contains(subs, sub) && group == r.Group:
		r.Subresource = sub
	case dotted && slices.Contains(c.Subresources(group, r.Resource), sub):
		r.Group, r.Subresource = group, sub
		r.Namespaced, _ = c.Namespaced(group, r.Resource+"/"+sub)
		r.Notes = nil
	case named:
		r.Subresource = tail
		r.Notes = append(r.Notes, fmt.Sprintf("%s has no subresource %q that is known here: asked as written", r.Resource, tail))
	default:
		r.Name = tail
		note := fmt.Sprintf("took %q as the name of one of the %s", tail, r.Resource)
		if near := Nearest(tail, subs); len(near) > 0 {
			note += "; did you mean " + r.Resource + "/" + strings.Join(near, ", "+r.Resource+"/") + "?"
		} else {
			note += ", which have no subresource of that name"
		}
		r.Notes = append(r.Notes, note)
	}
	return r
}

// find looks a word up, with or without a group: "pods", "deployments.apps", "deployments.v1.apps".
func (c *Catalog) find(word, verb string) (Resolution, bool) {
	name, group, dotted := strings.Cut(word, ".")
	found := c.matches(strings.ToLower(name))
	if dotted {
		found = slices.DeleteFunc(found, func(r Resource) bool {
			return r.Group != group && r.Version+"."+r.Group != group
		})
	}
	if len(found) == 0 {
		return Resolution{}, false
	}
	first := found[0]
	if i := slices.IndexFunc(found, func(r Resource) bool { return slices.Contains(c.Verbs(r.Group, r.Name), verb) }); i > 0 {
		first = found[i]
		found = slices.Insert(slices.Delete(found, i, i+1), 0, first)
	}
	r := Resolution{Group: first.Group, Resource: first.Name, Namespaced: first.Namespaced, Known: true}
	if len(found) > 1 && !dotted && first.Group != "" {
		r.Notes = append(r.Notes, fmt.Sprintf("took %s for %q; it is also served as %s",
			qualified(first), word, strings.Join(qualifiedAll(found[1:]), ", ")))
	}
	return r, true
}

// matches returns the resources with that word among their names. A plural counts before other names, as it can only
// mean itself.
func (c *Catalog) matches(word string) []Resource {
	var found []Resource
	for _, n := range c.byWord[word] {
		found = append(found, c.list[n])
	}
	slices.SortStableFunc(found, func(a, b Resource) int { return cmp.Compare(boolRank(b.Name == word), boolRank(a.Name == word)) })
	return found
}

func qualified(r Resource) string {
	if r.Group == "" {
		return r.Name
	}
	return r.Name + "." + r.Group
}

func qualifiedAll(list []Resource) []string {
	out := make([]string, 0, len(list))
	for _, r := range list {
		out = append(out, qualified(r))
	}
	return sortedUnique(out)
}

// near returns up to three resources with a similar name.
func (c *Catalog) near(word string) []string {
	name, _, _ := strings.Cut(strings.ToLower(word), ".")
	words := make([]string, 0, len(c.byWord))
	for w := range c.byWord {
		words = append(words, w)
	}
	var out []string
	for _, w := range Nearest(name, words) {
		if q := qualified(c.matches(w)[0]); !slices.Contains(out, q) {
			out = append(out, q)
		}
	}
	return out
}

// Nearest returns up to three of the known words that are so near to the given one that it may be a slip of the
// finger, nearest first.
func Nearest(word string, known []string) []string {
	type candidate struct {
		word     string
		distance int
	}
	var found []candidate
	limit := 1 + len(word)/4
	for _, k := range known {
		if max(len(k)-len(word), len(word)-len(k)) > limit {
			continue // the distance is at least that, and takes time to find
		}
		if d := distance(word, k); d <= limit && d < len(k) {
			found = append(found, candidate{k, d})
		}
	}
	slices.SortFunc(found, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), strings.Compare(a.word, b.word))
	})
	var out []string
	for _, f := range found[:min(3, len(found))] {
		out = append(out, f.word)
	}
	return out
}

// distance counts the letters to insert, delete, replace or swap with their neighbour to get from a to b.
func distance(a, b string) int {
	before, row := make([]int, len(b)+1), make([]int, len(b)+1)
	next := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		next[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			next[j] = min(row[j]+1, next[j-1]+1, row[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				next[j] = min(next[j], before[j-2]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}
