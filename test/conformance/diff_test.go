package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// checkDiff looks at a difference of rights in both directions: every piece of every change has to be a request whose decision differs, and
// every request whose decision differs has to be in a change.
func checkDiff(before, after *probe, sample []rbac.Action) string {
	changes := rbac.Diff(before.ix, after.ix)
	for _, c := range changes {
		has, lacks := after, before
		if !c.Gained {
			has, lacks = before, after
		}
		id := rbac.NewIdentity(c.Subject)
		for _, a := range instances(&c.Right) {
			if !c.Right.Allows(a) || !has.allowed(id, a) || lacks.allowed(id, a) {
				return fmt.Sprintf("Diff: %s, gained %v, %+v: no change for %+v", c.Subject, c.Gained, c.Right, a)
			}
		}
	}
	for _, s := range slices.Concat(before.subjects, after.subjects) {
		id := rbac.NewIdentity(s)
		for _, a := range sample {
			was, is := before.allowed(id, a), after.allowed(id, a)
			if was == is || shown(changes, id, is, a) {
				continue
			}
			has := after
			if was {
				has = before
			}
			if !onlyVoid(has.ix.Rights(id, ""), a) {
				return fmt.Sprintf("Diff: %s %+v: was %v, is %v, and no change says so", s, a, was, is)
			}
		}
	}
	return ""
}

// shown reports whether a change of the identity, or of a group that it always has, holds the request.
func shown(changes []rbac.Change, id rbac.Identity, gained bool, a rbac.Action) bool {
	return slices.ContainsFunc(changes, func(c rbac.Change) bool {
		return c.Gained == gained && isOne(id, c.Subject) && c.Right.Allows(a)
	})
}

func onlyVoid(rights []rbac.Right, a rbac.Action) bool {
	return !slices.ContainsFunc(rights, func(r rbac.Right) bool { return r.Void == "" && r.Allows(a) })
}

// instances returns one request for every piece of the right, as far from anything else as the right lets it be: words that occur nowhere
// stand for stars.
func instances(r *rbac.Right) []rbac.Action {
	concrete := func(word string) string {
		if word == "*" {
			return "zzz"
		}
		return word
	}
	spaces, names := r.Namespaces, r.Names
	if r.Everywhere {
		spaces = []string{""}
	}
	if len(names) == 0 {
		names = []string{"zzz"}
	}
	var list []rbac.Action
	for _, ns := range spaces {
		for _, verb := range r.Verbs {
			a := rbac.Action{Verb: concrete(verb), Namespace: ns}
			if r.Resource == "" && r.Group == "" && r.URL != "" {
				a.Path = r.URL
				if prefix := strings.TrimRight(r.URL, "*"); prefix != r.URL {
					a.Path = prefix + "zzz"
				}
				list = append(list, a)
				continue
			}
			a.Group = concrete(r.Group)
			a.Resource, a.Subresource, _ = strings.Cut(r.Resource, "/")
			a.Resource = concrete(a.Resource)
			for _, name := range names {
				a.Name = name
				list = append(list, a)
			}
		}
	}
	return list
}
