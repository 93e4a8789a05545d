package expect

import (
	"slices"
	"strings"

	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/kubegatehouse/gatehouse/pkg/rbac"
)

// world is what words can mean: the index, and everybody and every namespace that is known.
type world struct {
	index      *rbac.Index
	groups     map[string][]string
	subjects   []rbac.Subject
	namespaces []string
	// unlisted are the resources that rules name and the catalog does not have; see named.
	unlisted []rbac.Resource
}

func newWorld(ix *rbac.Index, groups map[string][]string) *world {
	w := &world{index: ix, groups: groups, namespaces: ix.Namespaces()}
	w.subjects = append(w.subjects, ix.Subjects()...)
	for _, sa := range ix.Snapshot().ServiceAccounts {
		w.subjects = append(w.subjects, rbac.ServiceAccount(sa.Namespace, sa.Name))
	}
	for user, list := range groups {
		w.subjects = append(w.subjects, rbac.User(user))
		for _, g := range list {
			w.subjects = append(w.subjects, rbac.Group(g))
		}
	}
	slices.SortFunc(w.subjects, rbac.CompareSubjects)
	w.subjects = slices.Compact(w.subjects)
	w.unlisted = named(ix)
	return w
}

// identity returns who the subject is, with the groups that he is known to be in.
func (w *world) identity(s rbac.Subject) rbac.Identity {
	return rbac.NewIdentity(s, w.groups[s.UserName()]...)
}

// builtin reports whether patterns and exemptions leave the subject alone: superusers, and what Kubernetes itself made
// up.
func (w *world) builtin(s rbac.Subject) bool { return s.IsSystem() || w.identity(s).Superuser() }

// meant lists the known subjects that the pattern matches.
func (w *world) meant(p pattern, includeSystem bool) []rbac.Subject {
	if !p.many {
		return []rbac.Subject{p.subject}
	}
	var out []rbac.Subject
	for _, s := range w.subjects {
		if p.matches(s) && (includeSystem || p.system() || !w.builtin(s)) {
			out = append(out, s)
		}
	}
	return out
}

// known reports whether the subject occurs anywhere.
func (w *world) known(s rbac.Subject) bool {
	_, found := slices.BinarySearchFunc(w.subjects, s, rbac.CompareSubjects)
	return found
}

// lookAlikes lists known subjects of the same kind whose names are so near that one may be a slip of the finger. What
// two names share behind an at sign or in front of a slash tells nothing.
func (w *world) lookAlikes(s rbac.Subject) []string {
	own, domain, _ := strings.Cut(s.Name, "@")
	short := map[string]string{}
	for _, other := range w.subjects {
		name, theirs, _ := strings.Cut(other.Name, "@")
		if other.Kind == s.Kind && other.Namespace == s.Namespace && strings.EqualFold(theirs, domain) {
			short[strings.ToLower(name)] = other.String()
		}
		// An account of the same name in a namespace with a name like the one that was written.
		if s.Kind == rbacv1.ServiceAccountKind && other.Kind == s.Kind && other.Name == s.Name &&
			len(rbac.Nearest(s.Namespace, []string{other.Namespace})) > 0 {
			short[strings.ToLower(own)] = other.String()
		}
	}
	names := make([]string, 0, len(short))
	for name := range short {
		names = append(names, name)
	}
	var out []string
	for _, name := range rbac.Nearest(strings.ToLower(own), names) {
		out = append(out, short[name])
	}
	return out
}

// inPlaces lists the known namespaces that the pattern matches.
func (w *world) inPlaces(pattern string) []string {
	var out []string
	for _, ns := range w.namespaces {
		if glob(pattern, ns) {
			out = append(out, ns)
		}
	}
	return out
}

// hiding lists what could not be read and may hide rights that hold in one of the places, or everywhere. Lists of
// namespaces, service accounts and resources say nothing about rights.
func (w *world) hiding(places []string) []rbac.Gap {
	return slices.DeleteFunc(w.partial(append([]string{}, places...)), func(gap rbac.Gap) bool {
		what := subjectOf(gap)
		return what == "namespaces" || what == "serviceaccounts" || what == "resources"
	})
}

// unlistedIn lists what could not be read and may hide that a word means something: a resource, or anything else.
func (w *world) unlistedIn(resources bool) []rbac.Gap {
	return slices.DeleteFunc(w.partial(nil), func(gap rbac.Gap) bool { return subjectOf(gap) == "resources" != resources })
}

// subjectOf is the first word of what is missing: "roles", "namespaces", "resources".
func subjectOf(gap rbac.Gap) string {
	what, _, _ := strings.Cut(gap.What, " ")
	return what
}

// partial reports whether something could not be read that may matter in the places; nil stands for all of them.
func (w *world) partial(places []string) []rbac.Gap {
	var out []rbac.Gap
	for _, gap := range w.index.Snapshot().Gaps {
		if gap.Namespace == "" || places == nil || slices.Contains(places, gap.Namespace) {
			out = append(out, gap)
		}
	}
	return out
}
