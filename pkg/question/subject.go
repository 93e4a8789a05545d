package question

import (
	"iter"
	"slices"
	"strings"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Known reports whether a binding names the subject, and who it may have been meant to be when none does: one of another
// kind, one whose name begins alike ("bob" and "bob@example.com"), one that differs by a slip of the finger. Beside those
// whom bindings name, the caller may know of more people; they come in any order, and more than once.
func Known(ix *rbac.Index, wanted rbac.Subject, more ...iter.Seq[rbac.Subject]) (bool, []string) {
	const most = 3
	if _, named := ix.SubjectNumber(wanted); named {
		return true, nil
	}
	var near, others, longer []string
	add := func(to *[]string, s rbac.Subject) {
		if text := s.String(); len(*to) < most && !slices.Contains(*to, text) {
			*to = append(*to, text)
		}
	}
	look := func(s rbac.Subject) {
		switch {
		case s == wanted:
		case s.Kind != wanted.Kind && s.Name == wanted.Name:
			add(&others, s)
		case s.Kind == wanted.Kind && len(s.Name) > len(wanted.Name) && strings.EqualFold(s.Name[:len(wanted.Name)], wanted.Name):
			add(&longer, s)
		case s.Kind == wanted.Kind && len(rbac.Nearest(local(wanted), []string{local(s)})) > 0:
			add(&near, s)
		}
	}
	for _, s := range ix.Subjects() {
		look(s)
	}
	for _, people := range more {
		for s := range people {
			look(s)
		}
	}
	alike := slices.Concat(others, longer, near)
	return false, alike[:min(most, len(alike))]
}

// local is what tells a name from its like: without the domain of an e-mail address, with a service account's namespace.
func local(s rbac.Subject) string {
	name, _, _ := strings.Cut(s.Name, "@")
	if s.Namespace != "" {
		return s.Namespace + "/" + name
	}
	return name
}
