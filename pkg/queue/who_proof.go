package queue

import (
	"slices"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// Proofs returns the paths (binding, role, rule) that open a way to a subject, each once: in the first so many of its
// namespaces, or in all for a number below 1. A superuser may have none.
func (s *State) Proofs(subject rbac.Subject, w *Way, namespaces int) []rbac.Proof {
	id, where := rbac.NewIdentity(subject), w.Namespaces
	if namespaces > 0 && namespaces < len(where) {
		where = where[:namespaces]
	}
	type path struct {
		binding *rbac.Binding
		role    *rbac.Role
		rule    int
	}
	var out []rbac.Proof
	seen := map[path]struct{}{}
	prove := func(a rbac.Action) {
		for _, p := range s.Rights.Can(id, a).Proofs {
			key := path{p.Binding, p.Role, p.Rule}
			if _, known := seen[key]; !known {
				seen[key] = struct{}{}
				out = append(out, p)
			}
		}
	}
	for _, ns := range where {
		for i, kind := range w.Kinds {
			actions := w.Actions(ns, kind)
			if i > 0 {
				actions = actions[:1] // what it takes beside is the same for all kinds
			}
			for _, a := range actions {
				prove(a)
			}
		}
	}
	return out
}

// In returns the submitters who have a way in one namespace, with these ways only, for that namespace.
func (a *Answer) In(namespace string) []Submitter {
	var out []Submitter
	for _, one := range a.Submitters {
		var ways []Way
		for _, w := range one.Ways {
			if _, found := slices.BinarySearch(w.Namespaces, namespace); found {
				w.Namespaces = []string{namespace}
				ways = append(ways, w)
			}
		}
		if len(ways) > 0 {
			one.Ways = ways
			out = append(out, one)
		}
	}
	return out
}
